import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJournal } from '../../../src/node/journal/read.ts';
import { encodeBatch } from '../../../src/node/journal/segment.ts';
import { append, bytesOf, openRecords, said, scratchFolder, segment, wordsOf, write } from './scratch-journal.ts';

const damaged = (folder: string, epoch: number, offset: number) =>
  expect.objectContaining({
    code: 'journal-damaged',
    message: expect.stringContaining(`${segment(folder, epoch)} is damaged at byte ${offset}`),
  });
const words = (folder: string) => wordsOf(readJournal(folder).records);

describe('a journal on disk', () => {
  it('gives back what was written, in order, numbered without a gap over all owners', async () => {
    const folder = scratchFolder();
    await write(folder, 'a', 'b');
    await write(folder);
    await write(folder, 'c');
    const { records, warnings, nextEpoch } = readJournal(folder);
    expect(records.map(({ seq, epoch }) => [seq, epoch])).toEqual([
      [1, 1],
      [2, 1],
      [3, 3],
    ]);
    expect(words(folder)).toEqual(['a', 'b', 'c']);
    expect({ warnings, nextEpoch }).toEqual({ warnings: [], nextEpoch: 4 });
  });

  it('is empty where there is nothing', () => {
    expect(readJournal(join(scratchFolder(), 'none'))).toMatchObject({ records: [], nextEpoch: 1 });
  });

  it('lies in a folder and files that only the person can read, without drafts', async () => {
    const folder = join(scratchFolder(), 'runs', 'journal');
    await write(folder, 'a');
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(statSync(segment(folder, 1)).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['000001.ndjson']);
  });

  it('writes what comes while it syncs as one batch, and answers each with its own records', async () => {
    const folder = scratchFolder();
    const { writer } = await openRecords(folder);
    const answers = await Promise.all([
      ...Array.from({ length: 50 }, (_, index) => append(writer, said(`${index}a`), said(`${index}b`))),
      append(writer),
    ]);
    await writer.close();
    expect(answers.map((records) => records.map(({ seq }) => seq))).toEqual([
      ...Array.from({ length: 50 }, (_, index) => [2 * index + 1, 2 * index + 2]),
      [],
    ]);
    const batches = bytesOf(folder, 1)
      .toString()
      .split('\n')
      .filter((line) => line.startsWith('{"batch"'));
    expect(batches.length).toBeLessThan(10);
    expect(readJournal(folder).records).toEqual(answers.flat());
  });

  it('writes nothing for no events', async () => {
    const folder = scratchFolder();
    const { writer } = await openRecords(folder);
    expect(await append(writer)).toEqual([]);
    await append(writer, said('a'));
    await writer.close();
    expect(words(folder)).toEqual(['a']);
    await expect(append(writer, said('late'))).rejects.toMatchObject({ code: 'journal-failed' });
  });

  it('cuts a torn tail, at whatever byte it is torn, and goes on from there', async () => {
    const folder = scratchFolder();
    await write(folder, 'a', 'b');
    const two = bytesOf(folder, 1);
    const whole =
      two.length - Buffer.byteLength(encodeBatch([JSON.stringify({ seq: 2, at: 1, epoch: 1, event: said('b') })]));
    for (let length = whole; length < two.length; length += 1) {
      writeFileSync(segment(folder, 1), two.subarray(0, length));
      const { records, warnings, last } = readJournal(folder);
      expect(wordsOf(records), `torn at byte ${length}`).toEqual(['a']);
      expect(warnings).toHaveLength(length === whole ? 0 : 1);
      expect(last).toEqual({ epoch: 1, offset: whole });
    }
    await write(folder, 'c');
    expect(words(folder)).toEqual(['a', 'c']);
    expect(readJournal(folder).warnings).toEqual([]);
  });

  it('cuts a last batch whose bytes are wrong', async () => {
    const folder = scratchFolder();
    await write(folder, 'a', 'b');
    const bytes = bytesOf(folder, 1);
    bytes[bytes.length - 5] = 0;
    writeFileSync(segment(folder, 1), bytes);
    expect(words(folder)).toEqual(['a']);
    expect(readJournal(folder).warnings).toEqual([expect.stringContaining('000001.ndjson')]);
  });

  it('reports damage that later events rest on, wherever it is, naming file and offset', async () => {
    const folder = scratchFolder();
    await write(folder, 'a', 'b', 'c');
    const good = bytesOf(folder, 1);
    const first = good.indexOf('{"batch"');
    const second = good.indexOf('{"batch"', first + 1);
    const third = good.indexOf('{"batch"', second + 1);
    for (let at = second; at < third; at += 1) {
      const bytes = Buffer.from(good);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(segment(folder, 1), bytes);
      expect(() => readJournal(folder), `byte ${at}`).toThrow(damaged(folder, 1, second));
    }
  });

  it('reports whole batches that are missing, doubled or moved', async () => {
    const folder = scratchFolder();
    await write(folder, 'a', 'b', 'c', 'd');
    const good = bytesOf(folder, 1);
    const starts: number[] = [];
    for (let at = good.indexOf('{"batch"'); at >= 0; at = good.indexOf('{"batch"', at + 1)) starts.push(at);
    const [a = '', b = '', c = '', d = ''] = starts.map((from, index) =>
      good.toString('utf8', from, starts[index + 1]),
    );
    const header = good.toString('utf8', 0, starts[0]);
    for (const batches of [
      [b, c, d],
      [a, c, d],
      [a, b, b, c, d],
      [a, c, b, d],
      [a, b, d],
    ]) {
      writeFileSync(segment(folder, 1), header + batches.join(''));
      expect(() => readJournal(folder)).toThrow(
        expect.objectContaining({ code: 'journal-damaged', message: expect.stringContaining('belongs') }),
      );
    }
    writeFileSync(segment(folder, 1), header + a + b);
    expect(words(folder)).toEqual(['a', 'b']);
  });

  it('reports a segment under the name of another', async () => {
    const folder = scratchFolder();
    await write(folder, 'a');
    renameSync(segment(folder, 1), segment(folder, 2));
    expect(() => readJournal(folder)).toThrow(damaged(folder, 2, 0));
  });

  it('reports a damaged header before events, and does not take the journal for an empty one', async () => {
    const folder = scratchFolder();
    await write(folder, 'a');
    const bytes = bytesOf(folder, 1);
    bytes[3] = 0;
    writeFileSync(segment(folder, 1), bytes);
    expect(() => readJournal(folder)).toThrow(damaged(folder, 1, 0));
    await expect(openRecords(folder)).rejects.toThrow(damaged(folder, 1, 0));
  });

  it('leaves out a segment whose owner died before its header was whole', async () => {
    const folder = scratchFolder();
    await write(folder, 'a');
    for (const rest of ['', '{"segm', '\n']) {
      writeFileSync(segment(folder, 2), rest);
      expect(words(folder)).toEqual(['a']);
    }
    await write(folder, 'b');
    expect(words(folder)).toEqual(['a', 'b']);
  });

  it('reports a segment that is gone, and one that is shorter than its seal says', async () => {
    const folder = scratchFolder();
    await write(folder, 'a', 'b');
    await write(folder, 'c');
    const bytes = bytesOf(folder, 1);
    const last = bytes.lastIndexOf('{"batch"');
    writeFileSync(segment(folder, 1), bytes.subarray(0, last));
    expect(() => readJournal(folder)).toThrow(damaged(folder, 1, last));
    rmSync(segment(folder, 1));
    expect(() => readJournal(folder)).toThrow(damaged(folder, 1, 0));
  });

  it('names file and offset of an event that this version does not know', async () => {
    const folder = scratchFolder();
    await write(folder, 'a');
    const size = bytesOf(folder, 1).length;
    appendFileSync(
      segment(folder, 1),
      encodeBatch([JSON.stringify({ seq: 2, at: 1, epoch: 1, event: { type: 'tomorrow' } as never })]),
    );
    expect(() => readJournal(folder)).toThrow(
      expect.objectContaining({
        code: 'journal-newer',
        message: expect.stringMatching(new RegExp(`000001.ndjson.* ${size} `)),
      }),
    );
  });

  it('opens no journal with an event that it does not know, and looks closely at what other code wrote', async () => {
    const odd = { type: 'run.ended', outcome: 'odd', detail: 'a' };
    for (const [writtenBy, event] of [
      ['records', { type: 'tomorrow' }],
      ['other code', odd],
      [undefined, odd],
    ] as const) {
      const folder = scratchFolder();
      await write(folder, 'a');
      const bytes = bytesOf(folder, 1).toString();
      const by = writtenBy === undefined ? '' : `"by":"${writtenBy}",`;
      writeFileSync(segment(folder, 1), bytes.replace('"by":"records",', by));
      const size = bytesOf(folder, 1).length;
      appendFileSync(segment(folder, 1), encodeBatch([JSON.stringify({ seq: 2, at: 1, epoch: 1, event })]));
      await expect(openRecords(folder), `${writtenBy} ${event.type}`).rejects.toMatchObject({
        code: 'journal-newer',
        message: expect.stringMatching(new RegExp(`000001.ndjson.* ${size} `)),
      });
    }
  });

  it('ignores what a zombie writes after the next owner sealed its segment', async () => {
    const folder = scratchFolder();
    const zombie = await openRecords(folder);
    await append(zombie.writer, said('a'));
    const next = await openRecords(folder);
    await append(zombie.writer, said('zombie'));
    await append(next.writer, said('b'));
    await append(zombie.writer, said('zombie'));
    expect(words(folder)).toEqual(['a', 'b']);
    const last = await openRecords(folder);
    await append(next.writer, said('zombie too'));
    await append(last.writer, said('c'));
    expect(words(folder)).toEqual(['a', 'b', 'c']);
    expect(last.records.map(({ seq }) => seq)).toEqual([1, 2]);
    for (const { writer } of [zombie, next, last]) await writer.close();
  });

  it('gives an epoch to one of those who race for it', async () => {
    const folder = scratchFolder();
    for (let round = 1; round <= 20; round += 1) {
      const opened = await Promise.allSettled(Array.from({ length: 4 }, () => openRecords(folder)));
      const won = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value.writer] : []));
      expect(new Set(won.map(({ epoch }) => epoch)).size).toBe(won.length);
      for (const one of opened)
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'repository-owned' });
      const last = won.sort((a, b) => a.epoch - b.epoch).at(-1);
      for (const writer of won) await append(writer, said(writer === last ? `${round}` : 'zombie'));
      for (const writer of won) await writer.close();
    }
    expect(words(folder)).toEqual(Array.from({ length: 20 }, (_, index) => `${index + 1}`));
  });

  it('says that it can not be begun where nothing can be written', async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, 'file'), '');
    await expect(openRecords(join(folder, 'file', 'journal'))).rejects.toThrow();
    mkdirSync(join(folder, '000001.ndjson.d'));
    expect(readJournal(folder).records).toEqual([]);
  });
});
