import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { OrchestratorError } from '../../core/model/error.ts';

/** Older ones lack flags that every session is started with. */
export const MINIMUM_VERSION = '2.1.0';

export interface ClaudeCli {
  /** Absolute path of the real executable. */
  readonly path: string;
  readonly version: string;
}

const run = promisify(execFile);

/**
 * Finds the Claude Code CLI: by the setting (an absolute path or a name), else `claude` on PATH. Throws `claude-missing`
 * or `claude-failed` with what to do.
 */
export async function locateClaude(setting: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<ClaudeCli> {
  const name = setting === '' ? 'claude' : setting;
  const path = /[\\/]/.test(name) ? executable(resolve(name)) : onPath(name, env);
  if (path === undefined) {
    throw new OrchestratorError('claude-missing', `The Claude Code CLI was not found (looked for "${name}").`, {
      fix: 'Install it with "npm install -g @anthropic-ai/claude-code", or name its path in the setting claudeOrchestrator.claudePath.',
    });
  }
  const version = await versionOf(path, env, signal);
  if (isOlder(version, MINIMUM_VERSION)) {
    throw new OrchestratorError(
      'claude-failed',
      `The Claude Code CLI ${path} is version ${version}; ${MINIMUM_VERSION} is needed.`,
      {
        fix: 'Run "claude update".',
      },
    );
  }
  return { path, version };
}

async function versionOf(path: string, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const { ELECTRON_RUN_AS_NODE: _, ...rest } = env;
  try {
    const { stdout } = await run(path, ['--version'], { env: rest, signal, timeout: 30_000, windowsHide: true });
    const version = /^(\d+\.\d+\.\d+)/.exec(stdout.trim())?.[1];
    if (version !== undefined) return version;
    throw new Error(`it printed ${JSON.stringify(stdout.slice(0, 100))}`);
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    throw new OrchestratorError(
      'claude-failed',
      `"${path} --version" did not work: ${cause instanceof Error ? cause.message : String(cause)}.`,
      {
        cause,
        fix: 'Run it by hand to see what is wrong.',
      },
    );
  }
}

function onPath(name: string, env: NodeJS.ProcessEnv): string | undefined {
  const names = process.platform === 'win32' ? [`${name}.exe`, `${name}.cmd`] : [name];
  for (const folder of (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter(isAbsolute)) {
    for (const candidate of names) {
      const found = executable(join(folder, candidate));
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function executable(path: string): string | undefined {
  try {
    if (!statSync(path).isFile()) return undefined;
    if (process.platform !== 'win32') accessSync(path, constants.X_OK);
    return path.toLowerCase().endsWith('.cmd') ? behindCmd(path) : realpathSync(path);
  } catch {
    return undefined;
  }
}

/** npm's `claude.cmd` can't be started without a shell; the executable it stands for lies beside it. */
function behindCmd(path: string): string | undefined {
  const found = join(dirname(path), 'node_modules', '@anthropic-ai', 'claude-code', 'bin', 'claude.exe');
  return existsSync(found) ? found : undefined;
}

function isOlder(version: string, than: string): boolean {
  const a = version.split('.').map(Number);
  const b = than.split('.').map(Number);
  for (let index = 0; index < b.length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
