import { runPrepared } from './bootstrap.mjs';

await runPrepared('scripts/package/main.ts', process.argv.slice(2));
