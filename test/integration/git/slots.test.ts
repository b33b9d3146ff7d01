import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NEVER, scratchRepository } from './scratch-repository.ts';

describe('slots', () => {
  it('are those with a worktree, also where its folder or its record is missing', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const slots = async () => (await scratch.slots()).map(({ name }) => name);
    expect(await slots()).toEqual([]);
    const base = (await repository.head(NEVER)).commit;
    await repository.openWorktree('whole', base, NEVER);
    const gone = await repository.openWorktree('folder-gone', base, NEVER);
    await rm(gone, { recursive: true });
    await mkdir(join(scratch.worktreesDir, 'no-record'));
    expect(await slots()).toEqual(['folder-gone', 'no-record', 'whole']);
    await repository.sweepWorktrees(new Set(), 1e9);
    expect(await slots()).toEqual([]);
  });
});
