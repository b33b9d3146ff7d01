import { runPrepared } from './bootstrap.mjs';

await runPrepared('bench/main.ts', process.argv.slice(2));
