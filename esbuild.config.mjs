import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';

// Everything that ships is in these bundles: the extension, the command line, the supervisor and the parsers' thread.
const root = import.meta.dirname;
const target = join(root, 'dist');
// Made beside it and then moved file by file: what runs from dist meanwhile finds each file whole.
const dist = join(root, `dist-${process.pid}.tmp`);
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
  metafile: true,
  define: { 'import.meta.dirname': '__dirname', FOLD_VERSION: JSON.stringify(await foldVersion()) },
};

await mkdir(dist, { recursive: true });
await mkdir(target, { recursive: true });
// The package is ESM, its bundles are not.
await writeFile(join(dist, 'package.json'), '{"type":"commonjs"}\n');
const wasm = dirname(createRequire(import.meta.url).resolve('@astral-sh/ruff-wasm-nodejs'));
const bundles = await Promise.all([
  build({
    ...shared,
    entryPoints: ['src/cli.ts'],
    outfile: join(dist, 'cli.js'),
    banner: { js: '#!/usr/bin/env node' },
  }),
  build({ ...shared, entryPoints: ['src/worker.ts'], outfile: join(dist, 'worker.js') }),
  build({ ...shared, entryPoints: ['src/node/parsers/thread.ts'], outfile: join(dist, 'parser-thread.js') }),
  // What activation has to load is tiny. Right after it comes the editor's part, and the rest when a repository is opened.
  build({
    ...shared,
    entryPoints: ['src/extension.ts'],
    outfile: join(dist, 'extension.cjs'),
    external: ['vscode'],
    plugins: [beside('./editor.ts', './editor.cjs')],
  }),
  build({
    ...shared,
    entryPoints: ['src/editor.ts'],
    outfile: join(dist, 'editor.cjs'),
    external: ['vscode'],
    plugins: [beside('./editor-host.ts', './editor-host.cjs')],
  }),
  build({
    ...shared,
    entryPoints: ['src/editor-host.ts'],
    outfile: join(dist, 'editor-host.cjs'),
    external: ['vscode'],
  }),
]);
// The Python parser's module is read from beside the bundle.
await cp(join(wasm, 'ruff_wasm_bg.wasm'), join(dist, 'ruff_wasm_bg.wasm'));
// For the benchmark: what each bundle is made of. It does not ship.
await mkdir(join(root, '.test-output'), { recursive: true });
const contents = bundles.flatMap(({ metafile }) =>
  Object.entries(metafile.outputs).map(([file, { bytes, inputs }]) => [
    basename(file),
    { bytes, modules: Object.keys(inputs).length },
  ]),
);
await writeFile(join(root, '.test-output', 'bundles.json'), JSON.stringify(Object.fromEntries(contents)));
await writeFile(join(dist, 'THIRD-PARTY-NOTICES.txt'), await notices(bundles.map(({ metafile }) => metafile)));

const made = await readdir(dist);
for (const file of made) await rename(join(dist, file), join(target, file));
for (const file of await readdir(target)) {
  if (!made.includes(file)) await rm(join(target, file), { recursive: true, force: true });
}
await rm(dist, { recursive: true });

/** Digest of all sources that decide what a journal is folded into. */
async function foldVersion() {
  const hash = createHash('sha256');
  for (const folder of ['src/core/journal', 'src/core/model']) {
    for (const file of (await readdir(join(root, folder))).sort())
      hash.update(await readFile(join(root, folder, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Leaves an import to a bundle that lies beside. */
function beside(path, bundle) {
  return {
    name: 'beside',
    setup({ onResolve }) {
      onResolve({ filter: /^\.\/editor/ }, (found) =>
        found.path === path ? { path: bundle, external: true } : undefined,
      );
    },
  };
}

/** The licence of every package that is in a bundle. */
async function notices(metafiles) {
  const inputs = metafiles.flatMap(({ inputs }) => Object.keys(inputs));
  const names = inputs.flatMap((input) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []);
  const texts = [...new Set(names)].sort().map(async (name) => {
    const folder = join(root, 'node_modules', name);
    const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    const text = file ? await readFile(join(folder, file), 'utf8') : `Licence: ${license}\n`;
    return `${name} ${version}\n\n${text.trim()}\n`;
  });
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`);
}
