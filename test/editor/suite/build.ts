import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const OUTPUT = join(import.meta.dirname, '..', '..', '..', '.test-output', 'suite');

/**
 * Bundles suites for the extension host into `.test-output/suite/<name>` and returns the absolute path of the module
 * with `run`. `suites` are those of `<suite>.suite.ts` in this folder. Every caller that may run at the same time
 * needs its own `name`. Throws for a suite that is not there and for one that does not compile.
 */
export async function buildSuite(name: string, suites: readonly string[]): Promise<string> {
  const files = suites.map((suite) => `${suite}.suite.ts`);
  const outdir = join(OUTPUT, name);
  await rm(outdir, { recursive: true, force: true });
  await build({
    entryPoints: ['index.ts', ...files].map((file) => join(import.meta.dirname, file)),
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    sourcemap: 'inline',
    external: ['vscode', 'mocha'],
    logLevel: 'silent',
  });
  return join(outdir, 'index.cjs');
}
