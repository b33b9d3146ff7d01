import { runPrepared } from './bootstrap.mjs';

await runPrepared('scripts/test/main.ts', process.argv.slice(2));
