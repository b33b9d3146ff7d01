import { execFileSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openRepository } from '../../../src/node/git/repository.ts';
import { REF, worktree } from './captured-worktree.ts';
import { NEVER } from './scratch-repository.ts';

/** A folder with a `git` that removes a file right before it stores files. */
async function removingGit(folder: string, file: string): Promise<string> {
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const bin = join(folder, 'bin');
  await mkdir(bin);
  await writeFile(
    join(bin, 'git'),
    `#!/bin/sh\nfor word in "$@"; do test "$word" = update-index && rm -f '${file}'; done\nexec '${real}' "$@"\n`,
  );
  await chmod(join(bin, 'git'), 0o755);
  return bin;
}

describe.skipIf(process.platform === 'win32')('a capture while something still writes', () => {
  it('does without a file that is gone before it is stored', async () => {
    const { scratch, base, path, write } = await worktree();
    await write('kept.js', 'kept\n');
    await write('kept.js.tmp.1', 'half\n');
    const bin = await removingGit(join(scratch.root, '..'), join(path, 'kept.js.tmp.1'));
    const environment = { ...scratch.environment, PATH: `${bin}${delimiter}${scratch.environment['PATH'] ?? ''}` };
    const repository = await openRepository(scratch.root, {
      worktreesDir: scratch.worktreesDir,
      signal: NEVER,
      environment,
    });
    const { tree, files } = await repository.capture(path, base, REF, 'captured', NEVER);
    expect(files).toEqual([{ path: 'kept.js', change: 'added' }]);
    expect(await scratch.git('ls-tree', '--name-only', tree)).toBe('a.txt\nkept.js');
  });
});
