import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { installEditor } from '../driver/installation.ts';

/** Installs a .vsix into an editor's data folder with VS Code's own installer; returns the extension's folder. */
export async function installExtension(
  file: string,
  dataDir: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const { serverMain } = await installEditor(() => undefined);
  const extensions = join(dataDir, 'extensions');
  const folders = ['--extensions-dir', extensions, '--server-data-dir', join(dataDir, 'server')];
  const args = [serverMain, '--accept-server-license-terms', ...folders, '--install-extension', file];
  await promisify(execFile)(process.execPath, args, { cwd: dataDir, env: { ...env } });
  const [folder] = (await readdir(extensions)).filter((name) => name.startsWith('claude-orchestrator.'));
  if (folder === undefined) throw new Error(`${file} was not installed in ${extensions}.`);
  return join(extensions, folder);
}

/** Paths of all files in a folder, relative to it. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll('\\', '/')).sort();
}
