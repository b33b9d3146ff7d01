import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createVSIX } from '@vscode/vsce';
import * as z from 'zod';
import { build } from '../build.ts';

const root = join(import.meta.dirname, '..', '..');

/**
 * Builds and makes the .vsix, in `file` or in the top folder. Everything it needs is bundled, so no node_modules.
 * @param other a version other than the manifest's
 */
export async function makePackage(file?: string, other?: string): Promise<{ file: string; bytes: number }> {
  await build();
  const { name, version } = z
    .object({ name: z.string(), version: z.string() })
    .parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const packagePath = file ?? join(root, `${name}-${version}.vsix`);
  await createVSIX({
    cwd: root,
    packagePath,
    dependencies: false,
    allowMissingRepository: true,
    rewriteRelativeLinks: false,
    ...(other === undefined ? {} : { version: other, updatePackageJson: false }),
  });
  return { file: packagePath, bytes: (await stat(packagePath)).size };
}
