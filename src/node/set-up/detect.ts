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
export async function detectSetupCommands(root: string): Promise<string[][]> {
  const there = (name: string): Promise<boolean> =>
    access(join(root, name)).then(
      () => true,
      () => false,
    );
  const firstOf = async (group: typeof NODE): Promise<string[][]> => {
    for (const [file, command] of group) if (await there(file)) return [[...command]];
    return [];
  };
  return [...((await dependsOnPackages(root)) ? await nodeCommand(there, firstOf) : []), ...(await firstOf(PYTHON))];
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
