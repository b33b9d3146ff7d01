import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { JournalRecord, RunEvent } from '../../../src/core/model/events.ts';
import type { Folding, JournalWriter } from '../../../src/core/ports/journal-store.ts';
import { type OpenedJournal, openJournal } from '../../../src/node/journal/writer.ts';

/** A temporary folder; removed when the test ends. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'journal-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An event that is told from others by its text, in many bytes a letter. */
export const said = (text: string): RunEvent => ({ type: 'run.ended', outcome: 'failed', detail: `${text} äöü 🙂` });

export const wordsOf = (records: readonly { event: RunEvent }[]): string[] =>
  records.map(({ event }) => (event.type === 'run.ended' ? event.detail.replace(' äöü 🙂', '') : event.type));

/** Opens a journal as its next owner, with the records that are in it. */
export async function openRecords(folder: string): Promise<OpenedJournal & { records: JournalRecord[] }> {
  const records: JournalRecord[] = [];
  const folding: Folding = {
    version: 'records',
    apply: (record) => records.push(record),
    image: () => records,
    restore: (image) => records.push(...(image as JournalRecord[])),
    clear: () => records.splice(0),
  };
  return { ...(await openJournal(folder, folding, () => 1)), records };
}

/** Resolves with the records of events once they are on disk. */
export async function append(writer: JournalWriter, ...events: readonly RunEvent[]): Promise<readonly JournalRecord[]> {
  const { records, durable } = writer.append(events);
  await durable;
  return records;
}

/** Writes each text as a batch of its own, as the next owner. */
export async function write(folder: string, ...texts: readonly string[]): Promise<void> {
  const { writer } = await openRecords(folder);
  for (const text of texts) await append(writer, said(text));
  await writer.close();
}

export const segment = (folder: string, epoch: number): string =>
  join(folder, `${String(epoch).padStart(6, '0')}.ndjson`);
export const bytesOf = (folder: string, epoch: number): Buffer => readFileSync(segment(folder, epoch));
