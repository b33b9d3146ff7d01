import { runPrepared } from './bootstrap.mjs';

await runPrepared('scripts/start/main.ts', process.argv.slice(2));
