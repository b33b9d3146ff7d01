import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SAMPLE = join(import.meta.dirname, '..', '..', 'test', 'sample');

export const SAMPLE_SCENARIO = join(SAMPLE, 'scenario.yaml');
export const SAMPLE_TASK = 'Add farewells and formal greetings, with one entry point, tests and a line in the README.';

/** Makes the sample a git repository with one commit in `folder`. `env` is git's whole environment. */
export async function makeSampleRepository(folder: string, env: Readonly<Record<string, string>>): Promise<void> {
  await cp(join(SAMPLE, 'repository'), folder, { recursive: true });
  await git(folder, env, 'init', '--quiet', '--initial-branch=main');
  await git(folder, env, 'config', 'user.name', 'Sample Person');
  await git(folder, env, 'config', 'user.email', 'sample@example.invalid');
  await git(folder, env, 'add', '--all');
  await git(folder, env, 'commit', '--quiet', '--message=First greetings');
}

/** Paths that the last commit on the checked out branch changed; `count` commits in all. */
export async function lastCommit(
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<{ files: string[]; count: number }> {
  const count = Number((await git(folder, env, 'rev-list', '--count', 'HEAD')).trim());
  const names = count > 1 ? await git(folder, env, 'diff', '--name-only', '-z', 'HEAD~1', 'HEAD') : '';
  return { files: names.split('\0').filter((name) => name !== ''), count };
}

async function git(folder: string, env: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, { cwd: folder, env });
  return stdout;
}
