import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const entries = z.record(z.string(), z.unknown()).optional().catch(undefined);
const packageSchema = z.object({
  dependencies: entries,
  devDependencies: entries,
  optionalDependencies: entries,
  workspaces: z.unknown().optional(),
});

/** Lock files and what installs exactly what they say; the first of a group that is there counts. */
const NODE: readonly (readonly [file: string, command: readonly string[]])[] = [
  ['pnpm-lock.yaml', ['pnpm', 'install', '--frozen-lockfile']],
  ['bun.lock', ['bun', 'install', '--frozen-lockfile']],
  ['bun.lockb', ['bun', 'install', '--frozen-lockfile']],
  ['npm-shrinkwrap.json', ['npm', 'ci', '--no-audit', '--no-fund']],
  ['package-lock.json', ['npm', 'ci', '--no-audit', '--no-fund']],
];
const PYTHON: typeof NODE = [
  ['uv.lock', ['uv', 'sync', '--frozen']],
  ['poetry.lock', ['poetry', 'install', '--no-interaction']],
];

/**
 * What a new worktree needs before somebody works in it, as the lock files in the top folder tell: commands as argument
 * arrays, run one after the other. A repository without lock files has its own ways; nothing is guessed then.
 */
export async function detectSetupCommands(
  root: string,
  platform: NodeJS.Platform = process.platform,
): Promise<string[][]> {
  const there = (name: string): Promise<boolean> =>
    access(join(root, name)).then(
      () => true,
      () => false,
    );
  const firstOf = async (group: typeof NODE): Promise<string[][]> => {
    for (const [file, command] of group) if (await there(file)) return [[...command]];
    return [];
  };
  const node = (await dependsOnPackages(root)) ? await nodeCommand(there, firstOf) : [];
  const python = await firstOf(PYTHON);
  return [...node, ...(python.length > 0 || !(await isPinned(root)) ? python : pipCommands(platform))];
}

/** A virtual environment of its own in each worktree, with what `requirements.txt` says. */
function pipCommands(platform: NodeJS.Platform): string[][] {
  const isWindows = platform === 'win32';
  const python = isWindows ? '.venv\\Scripts\\python.exe' : '.venv/bin/python';
  const install = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '-r', 'requirements.txt'];
  return [
    [isWindows ? 'python' : 'python3', '-m', 'venv', '.venv'],
    [python, ...install],
  ];
}

/** Only where each line names one version it is a lock file; others are wishes. */
async function isPinned(root: string): Promise<boolean> {
  const text = await readFile(join(root, 'requirements.txt'), 'utf8').catch(() => '');
  const lines = text
    .replaceAll(/\\\r?\n/g, ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('--hash'));
  return (
    lines.length > 0 && lines.every((line) => /^[A-Za-z0-9][\w.-]*(\[[\w., -]*\])?\s*==\s*[\w.!+]+(\s|;|$)/.test(line))
  );
}

async function nodeCommand(
  there: (name: string) => Promise<boolean>,
  firstOf: (group: typeof NODE) => Promise<string[][]>,
): Promise<string[][]> {
  if (!(await there('yarn.lock'))) return firstOf(NODE);
  // The versions of yarn name the same thing differently.
  return [['yarn', 'install', (await there('.yarnrc.yml')) ? '--immutable' : '--frozen-lockfile']];
}

async function dependsOnPackages(root: string): Promise<boolean> {
  try {
    const found = packageSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
    const { dependencies, devDependencies, optionalDependencies, workspaces } = found;
    const named = { ...dependencies, ...devDependencies, ...optionalDependencies };
    return Object.keys(named).length > 0 || workspaces !== undefined;
  } catch {
    return false;
  }
}
