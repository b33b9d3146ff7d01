import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ownIdentity } from '../../../src/node/process/identity.ts';
import { acquireLock, lockOwner } from '../../../src/node/state/lock.ts';
import { scratchFolder } from './scratch-journal.ts';

const racer = fileURLToPath(new URL('./lock-racer.ts', import.meta.url));
const race = (folder: string, ...more: readonly string[]): ChildProcess =>
  spawn(process.execPath, [racer, join(folder, 'lock'), join(folder, 'witness'), ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

async function result(child: ChildProcess): Promise<{ clashes: number }> {
  if (!child.stdout) throw new Error('The racer has no output.');
  return JSON.parse(await text(child.stdout)) as { clashes: number };
}

const owned = expect.objectContaining({ code: 'repository-owned' });
/** As another process would have left it. */
function leave(folder: string, owner: object): void {
  acquireLock(folder, 'x').release();
  const name = readdirSync(folder).at(-1) ?? '';
  const lock = { version: 1, owner: { ...ownIdentity(), ...owner }, holder: 'The editor', released: false };
  writeFileSync(join(folder, name), JSON.stringify(lock));
}

describe('the lock of a repository', () => {
  it('has one owner at a time, who is named to the others', () => {
    const folder = scratchFolder();
    const lock = acquireLock(folder, 'The command line');
    expect(() => acquireLock(folder, 'The editor')).toThrow(owned);
    expect(() => acquireLock(folder, 'The editor')).toThrow(`The command line (process ${process.pid}`);
    expect(lockOwner(folder)).toMatchObject({ holder: 'The command line', owner: { pid: process.pid } });
    lock.release();
    expect(lockOwner(folder)).toBeUndefined();
    acquireLock(folder, 'The editor').release();
  });

  it('never has two owners when processes race for it', { timeout: 120_000 }, async () => {
    const folder = scratchFolder();
    const results = await Promise.all([race(folder, '200'), race(folder, '200')].map(result));
    expect(results).toEqual([{ clashes: 0 }, { clashes: 0 }]);
    expect(readdirSync(join(folder, 'lock')).length).toBeLessThan(20);
  });

  it('is taken over from an owner that was killed', async () => {
    const folder = scratchFolder();
    const [, signal] = (await once(race(folder, '1', 'die'), 'exit')) as [number, string];
    expect(signal).toBe('SIGKILL');
    expect(lockOwner(join(folder, 'lock'))).toBeUndefined();
    const lock = acquireLock(join(folder, 'lock'), 'The next one');
    expect(() => acquireLock(join(folder, 'lock'), 'another')).toThrow(owned);
    lock.release();
  });

  it('is not held by a process that only has the same pid', () => {
    const folder = scratchFolder();
    leave(folder, { startTime: '1' });
    expect(lockOwner(folder)).toBeUndefined();
    acquireLock(folder, 'x').release();
    leave(folder, { bootId: 'before' });
    acquireLock(folder, 'x').release();
  });

  it('is held by a process of another machine, since nobody here can tell', () => {
    const folder = scratchFolder();
    leave(folder, { host: 'elsewhere', pid: 1 });
    expect(() => acquireLock(folder, 'x')).toThrow('on elsewhere');
  });

  it('is free where its file says nothing', () => {
    const folder = scratchFolder();
    for (const nonsense of ['', '{}', 'x']) {
      acquireLock(folder, 'x').release();
      writeFileSync(join(folder, readdirSync(folder).at(-1) ?? ''), nonsense);
      acquireLock(folder, 'x').release();
    }
  });

  it('forgets old owners, but never starts its numbers again', () => {
    const folder = scratchFolder();
    for (let round = 0; round < 30; round += 1) acquireLock(folder, 'x').release();
    const names = readdirSync(folder);
    expect(names.length).toBeLessThan(12);
    expect(names).toContain('30.json');
    expect(JSON.parse(readFileSync(join(folder, '30.json'), 'utf8'))).toMatchObject({ released: true });
  });
});
