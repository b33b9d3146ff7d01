import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { readJournal } from '../../../src/node/journal/read.ts';
import { append, openRecords, said, wordsOf } from './scratch-journal.ts';

/** A file system of 64 KiB, where the machine lets us mount one. */
function tinyDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'tiny-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  onTestFinished(() => {
    execFileSync('umount', ['-l', folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

describe('a journal on a disk that fills up', () => {
  it('fails what may not be durable, never writes again, and keeps what was', async ({ skip }) => {
    const disk = tinyDisk();
    if (disk === undefined) return skip('no file system can be mounted here');
    const folder = join(disk, 'journal');
    const { writer } = await openRecords(folder);
    await append(writer, said('a'));
    const big = said('x'.repeat(100_000));
    const failing = [append(writer, big), append(writer, said('behind it'))];
    for (const one of await Promise.allSettled(failing)) expect(one).toMatchObject({ status: 'rejected' });
    await expect(failing[0]).rejects.toMatchObject({
      code: 'journal-failed',
      message: expect.stringContaining('ENOSPC'),
    });
    // Room again changes nothing: what a failed write left behind is unknown to this owner.
    await expect(append(writer, said('later'))).rejects.toMatchObject({ code: 'journal-failed' });
    await writer.close();
    expect(wordsOf(readJournal(folder).records)).toEqual(['a']);
    execFileSync('mount', ['-o', 'remount,size=1m', disk]);
    const next = await openRecords(folder);
    await append(next.writer, said('b'));
    await next.writer.close();
    expect(wordsOf(readJournal(folder).records)).toEqual(['a', 'b']);
  });

  it('is not begun there, and leaves no half segment', async ({ skip }) => {
    const disk = tinyDisk();
    if (disk === undefined) return skip('no file system can be mounted here');
    const folder = join(disk, 'journal');
    mkdirSync(folder);
    try {
      for (let index = 0; ; index += 1) writeFileSync(join(disk, `fill-${index}`), Buffer.alloc(4096));
    } catch {
      // Full now.
    }
    await expect(openRecords(folder)).rejects.toMatchObject({ code: 'journal-failed' });
    expect(readJournal(folder)).toMatchObject({ records: [], nextEpoch: 1 });
  });
});
