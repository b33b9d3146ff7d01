import { delimiter, dirname, join } from 'node:path';
import { privateFolder } from './installation.ts';

/** What an editor may see of this machine: where programs are, how text is encoded, what Windows cannot do without. */
const ALLOWED = [
  'PATH',
  'LANG',
  'LC_ALL',
  'TZ',
  'SystemRoot',
  'SystemDrive',
  'ComSpec',
  'PATHEXT',
  'windir',
  'ProgramFiles',
];

/**
 * The complete environment for an editor: what is allowed of this process's, a home folder of its own in `dataDir`
 * and `extra`. Git finds neither the person's nor the system's configuration.
 */
export async function editorEnvironment(
  dataDir: string,
  extra: Readonly<Record<string, string>> = {},
  source: NodeJS.ProcessEnv = process.env,
): Promise<Record<string, string>> {
  const home = await privateFolder(join(dataDir, 'home'));
  const temporary = await privateFolder(join(dataDir, 'tmp'));
  const env: Record<string, string> = {};
  for (const name of ALLOWED) {
    const value = source[name];
    if (value !== undefined) env[name] = value;
  }
  // What a task starts as `node` is the Node that runs us.
  env['PATH'] = [dirname(process.execPath), env['PATH']].filter(Boolean).join(delimiter);
  return {
    ...env,
    HOME: home,
    USERPROFILE: home,
    TMPDIR: temporary,
    TEMP: temporary,
    TMP: temporary,
    GIT_CONFIG_NOSYSTEM: '1',
    ...extra,
  };
}
