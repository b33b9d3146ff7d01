import { appendFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { RunFold } from '../../../src/core/journal/fold.ts';
import { migrated } from '../../../src/core/model/event-versions.ts';
import type { JournalRecord } from '../../../src/core/model/events.ts';
import { folderFiles } from '../../../src/node/journal/files.ts';
import { readJournal } from '../../../src/node/journal/read.ts';
import { JournalReader } from '../../../src/node/journal/reader.ts';
import { encodeBatch } from '../../../src/node/journal/segment.ts';
import { append, bytesOf, openRecords, said, scratchFolder, segment, wordsOf, write } from './scratch-journal.ts';

function follower(folder: string) {
  const records: JournalRecord[] = [];
  let begun = 0;
  const reader = new JournalReader(folderFiles(folder), {
    version: 'follower',
    apply: (record) => records.push(record),
    image: () => records,
    restore: () => undefined,
    clear: () => {
      begun += 1;
      records.length = 0;
    },
  });
  const look = (): { words: string[]; warnings: readonly string[]; begun: number } => {
    const warnings = reader.catchUp();
    return { words: wordsOf(records), warnings, begun };
  };
  return look;
}

describe('whoever follows a journal', () => {
  it('reads on where they were, also when the run gets another owner', async () => {
    const folder = scratchFolder();
    const look = follower(folder);
    expect(look()).toMatchObject({ words: [] });
    await write(folder, 'a', 'b');
    expect(look().words).toEqual(['a', 'b']);
    const started = look().begun;
    const { writer } = await openRecords(folder);
    await append(writer, said('c'));
    expect(look().words).toEqual(['a', 'b', 'c']);
    await append(writer, said('d'));
    await writer.close();
    await write(folder, 'e');
    await write(folder);
    await write(folder, 'f');
    expect(look()).toEqual({ words: ['a', 'b', 'c', 'd', 'e', 'f'], warnings: [], begun: started });
  });

  it('does not read what was read before', async () => {
    const folder = scratchFolder();
    const look = follower(folder);
    await write(folder, 'a', 'b');
    look();
    const bytes = bytesOf(folder, 1);
    const size = bytes.length;
    bytes.fill(0, size - 20);
    writeFileSync(segment(folder, 1), bytes);
    appendFileSync(segment(folder, 1), encodeBatch([JSON.stringify({ seq: 3, at: 1, epoch: 1, event: said('c') })]));
    expect(look().words).toEqual(['a', 'b', 'c']);
  });

  it('waits for the rest of a batch that is being written', async () => {
    const folder = scratchFolder();
    const look = follower(folder);
    await write(folder, 'a');
    const batch = encodeBatch([JSON.stringify({ seq: 2, at: 1, epoch: 1, event: said('b') })]);
    for (let length = 0; length < batch.length; length += 1) {
      expect(look()).toMatchObject({ words: ['a'], warnings: length === 0 ? [] : [expect.any(String)] });
      appendFileSync(segment(folder, 1), batch.subarray(length, length + 1));
    }
    expect(look()).toMatchObject({ words: ['a', 'b'], warnings: [] });
  });

  it('begins anew when what was read does not count, because the run had another owner by then', async () => {
    const folder = scratchFolder();
    const look = follower(folder);
    const zombie = await openRecords(folder);
    await append(zombie.writer, said('a'));
    const sealedAt = bytesOf(folder, 1).length;
    await append(zombie.writer, said('zombie'));
    expect(look().words).toEqual(['a', 'zombie']);
    // The next owner had read the journal before that was written.
    const owner = { pid: 1, startTime: '1', bootId: 'b', host: 'h' };
    const header = { segment: 1, epoch: 2, owner, createdAt: 1, seals: { epoch: 1, offset: sealedAt } };
    writeFileSync(segment(folder, 2), `${JSON.stringify(header)}\n`);
    appendFileSync(segment(folder, 2), encodeBatch([JSON.stringify({ seq: 2, at: 1, epoch: 2, event: said('b') })]));
    expect(look().words).toEqual(['a', 'b']);
    await zombie.writer.close();
  });
});

describe('a journal of an older version', () => {
  const old = new URL('../../fixtures/journals/version-1/', import.meta.url).pathname;

  it('is read as it was meant', () => {
    const { records, warnings } = readJournal(old);
    expect(warnings).toEqual([]);
    const { state } = RunFold.of(records);
    expect(Object.fromEntries([...state.subtasks].map(([id, { status }]) => [id, status]))).toEqual({
      parser: 'completed',
      printer: 'completed',
      docs: 'failed',
      broken: 'blocked',
    });
    expect(state).toMatchObject({
      status: 'failed',
      costUsd: 0.5,
      integrationOrder: ['parser', 'printer'],
      applied: { branch: 'main', files: [{ path: 'parser.js', change: 'added' }] },
      settings: { concurrency: 2, maxCostUsd: 3, durability: 'strict' },
    });
    expect(state.attempts.get('parser-1')).toMatchObject({
      session: 'session-1',
      turns: 2,
      iterations: 1,
      ingested: 700,
      ended: { outcome: 'accepted' },
    });
  });

  it('passes through every migration since, in order', () => {
    const rename = (from: string, to: string) => (event: Readonly<Record<string, unknown>>) => {
      const { [from]: value, ...rest } = event;
      return { ...rest, [to]: value };
    };
    const migrations = [rename('a', 'b'), rename('b', 'c')];
    expect(migrated({ type: 'x', a: 1 }, 1, migrations)).toEqual({ type: 'x', c: 1 });
    expect(migrated({ type: 'x', b: 1 }, 2, migrations)).toEqual({ type: 'x', c: 1 });
    expect(migrated({ type: 'x', c: 1 }, 3, migrations)).toEqual({ type: 'x', c: 1 });
  });

  it('is not guessed at when it is of a newer version', async () => {
    const folder = scratchFolder();
    await write(folder, 'a');
    const text = bytesOf(folder, 1).toString().replace('"events":1', '"events":999');
    writeFileSync(segment(folder, 1), text);
    expect(() => readJournal(folder)).toThrow(
      expect.objectContaining({ code: 'journal-newer', fix: expect.stringContaining('newer version') }),
    );
  });
});
