import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readClaim } from '../../../src/node/supervisor/attempt-folder.ts';
import { attemptPlace, NEVER, until } from './attempt-place.ts';

describe.skipIf(process.platform !== 'linux')('an attempt whose files were damaged', { timeout: 60_000 }, () => {
  it('leaves no worker behind when its folder is removed', async () => {
    const place = attemptPlace();
    const { handle } = await place.workers.launch(place.spec(['child', 'next']), NEVER);
    await until('the worker and its child', () => place.notes().some((note) => note.startsWith('child')));
    const exited = handle.exited(NEVER);
    rmSync(place.folder, { recursive: true });
    expect(await exited).toMatchObject({ reason: 'lost' });
    await until('everything is gone', () => place.left().length === 0);
  });

  it('counts as lost when its last word can not be understood', async () => {
    const place = attemptPlace();
    const { pid, handle } = await place.workers.launch(place.spec(['next']), NEVER);
    process.kill(pid, 'SIGKILL');
    writeFileSync(join(place.folder, 'exit.json'), 'rubbish');
    expect(await handle.exited(NEVER)).toMatchObject({ reason: 'lost' });
  });

  it('is not begun again when nobody can tell who runs it', async () => {
    const place = attemptPlace();
    place.writeSpec(place.spec(['next']));
    const claim = join(place.folder, 'claim.json');
    writeFileSync(claim, 'rubbish');
    expect(() => readClaim(place.folder)).toThrow(claim);
    await expect(place.workers.attach(place.attempt, NEVER)).rejects.toThrow(claim);
  });
});
