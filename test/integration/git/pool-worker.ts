import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pooledRepository } from '../../../src/core/worktrees/pooled-repository.ts';
import { openRepository } from '../../../src/node/git/repository.ts';

/*
 * An owner that opens one worktree after the other, leaves something in each, and says so, until it is killed.
 * Arguments: the repository, the folder for worktrees, and a file that it makes once it has left something.
 */
const [root = '', worktreesDir = '', started = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const say = (text: string): void => void process.stdout.write(`${text}\n`);
const logger = { info: say, warn: say, error: say };
const repository = pooledRepository(await openRepository(root, { worktreesDir, signal }), logger);
const { commit } = await repository.head(signal);
for (let number = 1; ; number += 1) {
  const path = await repository.openWorktree(`w${number}`, commit, signal);
  await writeFile(join(path, `left-by-${number}.txt`), `${number}\n`);
  say(`left ${number}`);
  await writeFile(started, '');
  await repository.closeWorktree(`w${number}`);
}
