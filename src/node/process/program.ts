import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { OrchestratorError } from '../../core/model/error.ts';

export interface Program {
  readonly file: string;
  readonly args: readonly string[];
}

/** What npm's own batch files start, beside them; they find that out by running node first. */
const OF_NPM: Readonly<Record<string, string>> = {
  npm: 'node_modules/npm/bin/npm-cli.js',
  npx: 'node_modules/npm/bin/npx-cli.js',
};

/** The script that a batch file made by a package manager hands on to node. */
const SCRIPT = /%(?:~dp0|dp0%)[\\/]([^"%\r\n]+?\.[cm]?js)"/;

/**
 * How a command is started without a shell. On Windows most tools of Node are batch files, which only a shell can start:
 * there it is node with the script that the batch file stands for. Throws `wrong-use` for a batch file that stands for
 * anything else.
 */
export function programOf(
  [name = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): Program {
  if (platform !== 'win32' || /[\\/]/.test(name) || /\.(exe|com)$/i.test(name)) return { file: name, args };
  const bare = name.replace(/\.(cmd|bat)$/i, '');
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of folders) {
    if (bare === name && existsSync(join(folder, `${name}.exe`))) return { file: name, args };
    const batch = ['cmd', 'bat'].map((end) => join(folder, `${bare}.${end}`)).find((path) => existsSync(path));
    if (batch !== undefined) return { file: nodeOf(folders, batch), args: [scriptOf(batch, bare), ...args] };
  }
  return { file: name, args };
}

function scriptOf(batch: string, name: string): string {
  const known = OF_NPM[name.toLowerCase()];
  const named = known ?? SCRIPT.exec(readFileSync(batch, 'utf8'))?.[1]?.replaceAll('\\', '/');
  const script = named === undefined ? undefined : join(dirname(batch), named);
  if (script !== undefined && existsSync(script)) return script;
  throw new OrchestratorError('wrong-use', `${batch} is a batch file, which can not be started without a shell.`, {
    fix: `Name what it starts instead of "${name}": an .exe, or node with a script.`,
  });
}

/** The one beside the batch file, as that would take it, else the first on the PATH. */
function nodeOf(folders: readonly string[], batch: string): string {
  const found = [dirname(batch), ...folders].map((folder) => join(folder, 'node.exe')).find((path) => existsSync(path));
  return found ?? 'node.exe';
}
