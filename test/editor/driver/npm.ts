import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { basename, delimiter, dirname, join } from 'node:path';
import { exists } from './cache-folder.ts';

/** What the npm that runs us says about our own package must not reach an npm that works elsewhere. */
const OF_THE_RUNNING_SCRIPT = /^(npm_package_|npm_lifecycle_|npm_config_local_prefix$|npm_config_prefix$|INIT_CWD$)/i;

interface NpmCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * How npm is started without a shell: its script under this Node where it can be found, else `npm` from PATH.
 * Throws when there is no npm.
 */
async function findNpm(env: NodeJS.ProcessEnv = process.env): Promise<NpmCommand> {
  const running = env['npm_execpath'];
  if (running !== undefined && basename(running) === 'npm-cli.js' && (await exists(running))) {
    return { command: process.execPath, args: [running] };
  }
  const folders = (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of [dirname(process.execPath), ...folders]) {
    // Windows keeps npm's script beside npm.cmd, which cannot be started without a shell.
    const script = join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js');
    if (await exists(script)) return { command: process.execPath, args: [script] };
    if (process.platform === 'win32') continue;
    const npm = join(folder, 'npm');
    const executable = await access(npm, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (executable) return { command: npm, args: [] };
  }
  throw new Error('npm was not found: neither npm_execpath nor a folder of PATH has it. Install Node.js with npm.');
}

/**
 * Runs `npm <args>` in `folder`, which is also its prefix. Resolves when it ended with 0; otherwise throws with the
 * last lines it wrote. The environment is the person's own (proxy, registry, certificates).
 */
export async function runNpm(folder: string, args: readonly string[], signal?: AbortSignal): Promise<void> {
  const npm = await findNpm();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !OF_THE_RUNNING_SCRIPT.test(name)));
  const child = spawn(npm.command, [...npm.args, ...args, '--prefix', folder, '--no-fund', '--no-audit'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
  let tail = '';
  const keep = (chunk: Buffer) => {
    tail = (tail + chunk.toString('utf8')).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`npm ${args.join(' ')} in ${folder} ended with ${code}:\n${tail.trim()}`);
}
