import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Folding } from '../../../src/core/ports/journal-store.ts';
import { readJournal } from '../../../src/node/journal/read.ts';
import { repairJournal } from '../../../src/node/journal/repair.ts';
import { encodeBatch } from '../../../src/node/journal/segment.ts';
import { bytesOf, said, scratchFolder, segment, wordsOf, write } from './scratch-journal.ts';

const words = (folder: string) => wordsOf(readJournal(folder).records);

async function repair(folder: string) {
  const folding: Folding = {
    version: '',
    apply: () => undefined,
    image: () => undefined,
    restore: () => undefined,
    clear: () => undefined,
  };
  return repairJournal(folder, folding, 1);
}

/** Three owners: "a b", "c d", "e f". */
async function journal(): Promise<string> {
  const folder = scratchFolder();
  await write(folder, 'a', 'b');
  await write(folder, 'c', 'd');
  await write(folder, 'e', 'f');
  return folder;
}

function flip(folder: string, epoch: number, at: (bytes: Buffer) => number): void {
  const bytes = bytesOf(folder, epoch);
  const place = at(bytes);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  writeFileSync(segment(folder, epoch), bytes);
}

describe('a journal that is repaired', () => {
  it.each<[string, (folder: string) => void, string[]]>([
    [
      'a batch in the middle',
      (folder) => flip(folder, 2, (bytes) => bytes.lastIndexOf('{"batch"') + 3),
      ['a', 'b', 'c'],
    ],
    ['the first batch of a segment', (folder) => flip(folder, 2, (bytes) => bytes.indexOf('{"batch"')), ['a', 'b']],
    ['the header of a segment', (folder) => flip(folder, 2, () => 3), ['a', 'b']],
    ['the header of the last segment', (folder) => flip(folder, 3, () => 3), ['a', 'b', 'c', 'd']],
    ['a segment that is gone', (folder) => rmSync(segment(folder, 2)), ['a', 'b']],
  ])('is what came before: %s', async (_, damage, kept) => {
    const folder = await journal();
    damage(folder);
    expect(() => readJournal(folder)).toThrow(/damaged/);
    const before = bytesOf(folder, 3);
    expect(await repair(folder)).toMatchObject({ events: kept.length });
    expect(bytesOf(folder, 3)).toEqual(before);
    expect(words(folder)).toEqual(kept);
    await write(folder, 'next');
    expect(words(folder)).toEqual([...kept, 'next']);
    expect(await repair(folder)).toBeUndefined();
  });

  it('is left alone where nothing is damaged, also with a torn tail', async () => {
    const folder = await journal();
    writeFileSync(segment(folder, 3), bytesOf(folder, 3).subarray(0, -3));
    expect(await repair(folder)).toBeUndefined();
    expect(words(folder)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('is left alone where nothing comes before the damage', async () => {
    const folder = scratchFolder();
    await write(folder, 'a', 'b');
    flip(folder, 1, (bytes) => bytes.indexOf('{"batch"'));
    await expect(repair(folder)).rejects.toMatchObject({ code: 'journal-damaged' });
    renameSync(segment(folder, 1), join(folder, 'kept'));
    expect(await repair(folder)).toBeUndefined();
  });

  it('is not cut where a newer version has written', async () => {
    const folder = await journal();
    const event = { ...said('x'), type: 'tomorrow' };
    writeFileSync(
      segment(folder, 3),
      Buffer.concat([bytesOf(folder, 3), encodeBatch([JSON.stringify({ seq: 7, at: 1, epoch: 3, event })])]),
    );
    await expect(repair(folder)).rejects.toMatchObject({ code: 'journal-newer' });
    writeFileSync(segment(folder, 3), bytesOf(folder, 3).toString().replace('{"segment":1', '{"segment":2'));
    await expect(repair(folder)).rejects.toMatchObject({ code: 'journal-newer' });
  });
});
