import { join } from 'node:path';
import { build } from 'esbuild';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..', '..');

/** The modules that are evaluated when `entry` is loaded. */
async function evaluated(entry: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    bundle: true,
    write: false,
    metafile: true,
    format: 'cjs',
    platform: 'node',
    outfile: 'bundle.cjs',
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
  return Object.keys(metafile.inputs);
}

it('evaluates the names of the commands and nothing else at activation', async () => {
  expect(await evaluated('src/extension.ts')).toEqual(['src/vscode/commands.ts', 'src/extension.ts']);
});

it('evaluates no package right after it: what needs zod is loaded on first use', async () => {
  const inputs = await evaluated('src/editor.ts');
  expect(inputs).toContain('src/vscode/run-command.ts');
  expect(inputs.filter((input) => input.includes('node_modules/'))).toEqual([]);
});
