import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

// Everything that ships is in these bundles: the extension, the command line, the supervisor and the parsers' thread.
const dist = join(import.meta.dirname, 'dist');
const shared = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  minify: true,
  legalComments: 'none',
  // The ESM builds of some dependencies can be bundled where their UMD builds can not.
  mainFields: ['module', 'main'],
  logLevel: 'warning',
  define: { 'import.meta.dirname': '__dirname' },
};

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
// The package is ESM, its bundles are not.
await writeFile(join(dist, 'package.json'), '{"type":"commonjs"}\n');
await Promise.all([
  build({
    ...shared,
    entryPoints: ['src/cli.ts'],
    outfile: join(dist, 'cli.js'),
    banner: { js: '#!/usr/bin/env node' },
  }),
  build({ ...shared, entryPoints: ['src/worker.ts'], outfile: join(dist, 'worker.js') }),
  build({ ...shared, entryPoints: ['src/node/parsers/thread.ts'], outfile: join(dist, 'parser-thread.js') }),
  build({ ...shared, entryPoints: ['src/extension.ts'], outfile: join(dist, 'extension.cjs'), external: ['vscode'] }),
  copyWasm(),
]);

/** The Python parser's module is read from beside the bundle. */
async function copyWasm() {
  const entry = createRequire(import.meta.url).resolve('@astral-sh/ruff-wasm-nodejs');
  await cp(join(dirname(entry), 'ruff_wasm_bg.wasm'), join(dist, 'ruff_wasm_bg.wasm'));
}
