import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { builtOnce, exists } from './cache-folder.ts';
import { runNpm } from './npm.ts';

const CODE_SERVER = '4.139.1';
const INSTALL = ['install', '--ignore-scripts'] as const;

interface Installation {
  /** Absolute path of VS Code's own server script, to be run with Node 24. */
  readonly serverMain: string;
  /** Seconds the installation took now; 0 when it was there already. */
  readonly seconds: number;
}

/**
 * VS Code's server and workbench from the npm package code-server, installed once in the cache folder. Install
 * scripts stay off: they would build native modules, which needs a compiler, and none of them is needed here.
 */
export async function installEditor(log: (line: string) => void, signal?: AbortSignal): Promise<Installation> {
  const { folder, seconds } = await builtOnce(`vscode-${CODE_SERVER}`, async (target) => {
    log(`VS Code: installing code-server@${CODE_SERVER} from npm (once, about 620 MB)`);
    await writeFile(join(target, 'package.json'), '{"private":true}\n');
    await runNpm(target, [...INSTALL, '--save-exact', `code-server@${CODE_SERVER}`], signal);
    const server = serverFolder(target);
    log('VS Code: installing the server’s own packages');
    await runNpm(server, [...INSTALL, '--omit=dev'], signal);
    log('VS Code: installing TypeScript for its language server');
    await runNpm(join(server, 'extensions'), [...INSTALL, '--omit=dev'], signal);
    await requireFiles(server, ['out/server-main.js', 'node_modules/node-pty', 'extensions/node_modules/typescript']);
  });
  if (seconds > 0) log(`VS Code: installed in ${seconds.toFixed(1)} s (${folder})`);
  return { serverMain: join(serverFolder(folder), 'out', 'server-main.js'), seconds };
}

function serverFolder(installed: string): string {
  return join(installed, 'node_modules', 'code-server', 'lib', 'vscode');
}

async function requireFiles(folder: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    if (!(await exists(join(folder, file)))) {
      throw new Error(`code-server@${CODE_SERVER} was installed, but ${join(folder, file)} is missing.`);
    }
  }
}

/** Makes `folder` and its parents, private to the person. */
export async function privateFolder(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}
