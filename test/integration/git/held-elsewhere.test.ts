import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SLOT_RECORDS } from '../../../src/node/git/slot-record.ts';
import { identify, ownIdentity } from '../../../src/node/process/identity.ts';
import { otherOwner } from './other-owner.ts';
import { NEVER, type ScratchRepository, scratchRepository } from './scratch-repository.ts';

const heldElsewhere = async (scratch: ScratchRepository): Promise<string[]> =>
  (await scratch.slots()).flatMap((slot) => (slot.heldElsewhere ? [slot.name] : []));

/** A slot of which a file says who holds it. */
async function heldBy(holder: string): Promise<ScratchRepository> {
  const scratch = await scratchRepository();
  const repository = await scratch.open();
  await repository.openWorktree('one', (await repository.head(NEVER)).commit, NEVER);
  await writeFile(join(scratch.worktreesDir, SLOT_RECORDS, 'one', 'holder'), holder);
  return scratch;
}

describe('a worktree that another process holds', () => {
  it('is left alone by whoever takes the repository over, until that process is dead', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const { commit } = await repository.head(NEVER);
    const [live, dead] = [await otherOwner(scratch), await otherOwner(scratch)];
    await live.slots.make('of-one-that-lives', commit, NEVER);
    const path = await dead.slots.make('of-one-that-is-dead', commit, NEVER);
    await writeFile(join(path, 'kept.txt'), 'kept\n');
    await dead.kill();
    await repository.sweepWorktrees(new Set(), 1e9);
    expect((await scratch.slots()).map(({ name }) => name)).toEqual(['of-one-that-lives']);
    expect(await heldElsewhere(scratch)).toEqual(['of-one-that-lives']);
    const ref = await scratch.git('for-each-ref', '--format=%(refname)', 'refs/claude-orchestrator/snapshots');
    expect(await scratch.git('show', `${ref}:kept.txt`)).toBe('kept');
    await live.kill();
    await repository.sweepWorktrees(new Set(), 1e9);
    expect(await scratch.slots()).toEqual([]);
  });

  it('goes over to whoever needs it from one that is dead, and is held by that one then', async () => {
    const scratch = await scratchRepository();
    const repository = await scratch.open();
    const { commit } = await repository.head(NEVER);
    const [dead, looks] = [await otherOwner(scratch), await otherOwner(scratch)];
    await dead.slots.make('needed', commit, NEVER);
    await dead.kill();
    expect(await looks.slots.list()).toEqual([{ name: 'needed', heldElsewhere: false }]);
    await repository.sweepWorktrees(new Set(['needed']), 1e9);
    expect(await looks.slots.list()).toEqual([{ name: 'needed', heldElsewhere: true }]);
    expect(await heldElsewhere(scratch)).toEqual([]);
  });

  it('is told by who that process is: another one of the same pid, or of before the last boot, is dead', async () => {
    const other = identify(process.ppid) ?? ownIdentity();
    expect(await heldElsewhere(await heldBy(JSON.stringify(other)))).toEqual(['one']);
    expect(await heldElsewhere(await heldBy(JSON.stringify({ ...other, bootId: 'before' })))).toEqual([]);
    // Where the system does not say when a process started, its pid has to do.
    const isTold = other.startTime !== '';
    expect(await heldElsewhere(await heldBy(JSON.stringify({ ...other, startTime: '1' })))).toEqual(
      isTold ? [] : ['one'],
    );
  });

  it('is held where that process is on another machine, since nobody here can tell', async () => {
    // Its pid may be the same as this one's, as in containers.
    for (const pid of [process.ppid, process.pid]) {
      const elsewhere = { pid, startTime: '1', bootId: 'theirs', host: 'elsewhere' };
      expect(await heldElsewhere(await heldBy(JSON.stringify(elsewhere)))).toEqual(['one']);
    }
  });

  it('is not held where the file that should say by whom says nothing', async () => {
    for (const nonsense of ['', '{}', 'x', 'null']) expect(await heldElsewhere(await heldBy(nonsense))).toEqual([]);
  });
});
