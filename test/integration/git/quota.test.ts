import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskUse } from '../../../src/node/disk-use.ts';
import { NEVER, scratchRepository } from './scratch-repository.ts';

describe('a quota for the disk', () => {
  it('counts what a folder uses', async () => {
    const { root } = await scratchRepository();
    const before = await diskUse(root, NEVER);
    await writeFile(join(root, 'more'), Buffer.alloc(1_000_000, 'x'));
    expect((await diskUse(root, NEVER)) - before).toBeGreaterThanOrEqual(1_000_000);
    expect(await diskUse(join(root, 'missing'), NEVER)).toBe(0);
  });

  it('lets a worktree be used again, and has whoever needs another one wait for it', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const { commit } = await repository.head(NEVER);
    const first = await repository.openWorktree('first', commit, NEVER);
    await writeFile(join(first, 'kept.txt'), Buffer.alloc(100_000, 'x'));
    // As another run with less room would do, of which this one is the work.
    await repository.sweepWorktrees(new Set(['first']), 50_000);
    const told: (string | undefined)[] = [];
    const second = repository.openWorktree('second', commit, NEVER, (lack) => told.push(lack));
    const stopped = repository.openWorktree('third', commit, AbortSignal.timeout(50));
    await expect(stopped).rejects.toMatchObject({ name: 'TimeoutError' });
    await repository.closeWorktree('first');
    expect(await second).toBe(join(scratch.worktreesDir, 'second'));
    expect(told).toEqual([expect.stringMatching(/uses 0\.\d GB of the disk/), undefined]);
    // Nothing that was in it is lost for the room.
    expect(await scratch.git('for-each-ref', 'refs/claude-orchestrator/snapshots/first')).not.toBe('');
  });

  it('is named when nobody has a worktree to wait for', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const { commit } = await repository.head(NEVER);
    await writeFile(join(scratch.worktreesDir, '..', 'journal'), Buffer.alloc(100_000, 'x'));
    await repository.sweepWorktrees(new Set(), 50_000);
    const refused = repository.openWorktree('one', commit, NEVER);
    await expect(refused).rejects.toMatchObject({
      code: 'worktree-failed',
      message: expect.stringMatching(/uses 0\.\d GB of the disk, 0\.\d GB are allowed/),
      fix: expect.stringContaining('diskQuotaGb'),
    });
  });
});
