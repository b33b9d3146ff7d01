import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { NEVER, scratchRepository } from './scratch-repository.ts';

const OWN = 'refs/claude-orchestrator/runs/run/integration';

/** As a git command leaves it that was killed in the middle of moving a ref. */
async function leaveLock(root: string, ref: string): Promise<string> {
  const lock = join(root, '.git', `${ref}.lock`);
  await mkdir(dirname(lock), { recursive: true });
  await writeFile(lock, '');
  return lock;
}

it("goes on after a lock of the product's own refs that a killed git command left, not after anybody else's", async () => {
  const scratch = await scratchRepository();
  const repository = await scratch.open();
  const head = await scratch.git('rev-parse', 'HEAD');
  const own = await leaveLock(scratch.root, OWN);
  await repository.moveRef(OWN, head, null, NEVER);
  expect(await repository.readRef(OWN, NEVER)).toBe(head);
  expect(existsSync(own)).toBe(false);

  const foreign = await leaveLock(scratch.root, 'refs/heads/theirs');
  await expect(repository.moveRef('refs/heads/theirs', head, null, NEVER)).rejects.toMatchObject({
    code: 'git-failed',
    fix: expect.stringContaining('theirs.lock'),
  });
  expect(existsSync(foreign)).toBe(true);
});
