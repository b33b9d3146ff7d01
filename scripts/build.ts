import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');

/** Bundles everything to dist/, about a second. Rejects with what esbuild says. */
export async function build(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(root, 'esbuild.config.mjs')], { cwd: root });
}
