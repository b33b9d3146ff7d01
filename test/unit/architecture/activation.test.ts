import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');

it('evaluates no package at activation: what needs zod is loaded on first use', async () => {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['src/extension.ts'],
    bundle: true,
    write: false,
    metafile: true,
    format: 'cjs',
    platform: 'node',
    outfile: 'extension.cjs',
    external: ['vscode'],
    logLevel: 'silent',
    plugins: [
      {
        name: 'on first use',
        setup({ onResolve }) {
          onResolve({ filter: /.*/ }, ({ kind }) => (kind === 'dynamic-import' ? { external: true } : undefined));
        },
      },
    ],
  });
  const inputs = Object.keys(metafile.inputs);
  expect(inputs).toContain('src/vscode/register-commands.ts');
  expect(inputs.filter((input) => input.includes('node_modules/'))).toEqual([]);
});
