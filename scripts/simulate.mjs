import { runPrepared } from './bootstrap.mjs';

await runPrepared('scripts/simulate/main.ts', process.argv.slice(2));
