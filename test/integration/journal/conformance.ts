import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RunFold } from '../../../src/core/journal/fold.ts';
import { Journal } from '../../../src/core/journal/journal.ts';
import type { SegmentFiles } from '../../../src/node/journal/files.ts';
import { readSegments } from '../../../src/node/journal/read.ts';
import { openSegments } from '../../../src/node/journal/writer.ts';
import { completed, planOf, started, subtask } from '../../unit/recorded-run.ts';

/** A place for one journal that several processes see. */
export interface JournalPlace {
  /** The files as another process sees them. */
  open(): SegmentFiles;
  /** Resolves with what work comes to, with the time passing that it takes. */
  during<T>(work: Promise<T>): Promise<T>;
}

const text = (value: string): Buffer => Buffer.from(value);
const owner = (pid: number) => ({ pid, startTime: '1', bootId: 'boot', host: 'machine' });

/** What every implementation of a journal's files has to do, and what readers and writers on it then do. */
export function describeJournalFiles(name: string, place: () => JournalPlace): void {
  describe(`journal files ${name}`, () => {
    it('are none at first', () => {
      const files = place().open();
      expect(files.epochs()).toEqual([]);
      expect(files.snapshot()).toBeUndefined();
      expect(files.artefacts.get('0'.repeat(64))).toBeUndefined();
    });

    it('let one of those who create a segment have it, with its first bytes', async () => {
      const { open, during } = place();
      const made = await during(Promise.all(['a', 'b', 'c'].map((bytes) => open().create(3, text(bytes)))));
      expect(made.filter((one) => one !== undefined)).toHaveLength(1);
      const first = ['a', 'b', 'c'][made.findIndex((one) => one !== undefined)];
      expect(await during(open().create(3, text('late')))).toBeUndefined();
      await during(open().create(1, text('older')) as Promise<unknown>);
      expect(open().epochs()).toEqual([1, 3]);
      expect(open().read(3, 0, 99).toString()).toBe(first);
      for (const one of made) await one?.close();
    });

    it('give back any part of a segment, and no more than there is', async () => {
      const { open, during } = place();
      const { writer, fold } = await opened(open(), during, 1);
      await during(new Journal(writer, fold, () => undefined).record(...started(planOf(subtask('a')))));
      const files = open();
      const size = files.size(1);
      const all = files.read(1, 0, size);
      expect(all).toHaveLength(size);
      expect(files.read(1, 10, 20)).toEqual(all.subarray(10, 20));
      expect(files.read(1, size - 5, size + 100)).toEqual(all.subarray(size - 5));
      expect(files.read(1, size + 5, size + 100)).toHaveLength(0);
      await during(writer.close());
    });

    it('replace the snapshot as a whole', async () => {
      const { open, during } = place();
      await during(open().create(1, text('x')) as Promise<unknown>);
      await during(open().saveSnapshot(text('a long first one')));
      await during(open().saveSnapshot(text('second')));
      expect(open().snapshot()?.toString()).toBe('second');
    });

    it('keep artefacts under their names, however often they are put', async () => {
      const { open, during } = place();
      const bytes = text('payload');
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      await during(Promise.all([open().artefacts.put(sha256, bytes), open().artefacts.put(sha256, bytes)]));
      expect(open().artefacts.get(sha256)).toEqual(bytes);
    });

    it('carry a run over its owners, by way of snapshots, and nothing of a zombie', async () => {
      const { open, during } = place();
      const plan = planOf(subtask('a'), subtask('b', ['a']));
      const zombie = await opened(open(), during, 1);
      const first = new Journal(zombie.writer, zombie.fold, () => undefined, undefined, 2);
      await during(first.record(...started(plan)));
      await during(first.durable());
      const next = await opened(open(), during, 2);
      const second = new Journal(next.writer, next.fold, () => undefined, undefined, 2);
      await during(first.record({ type: 'subtask.failed', subtask: 'b', reason: 'A zombie says so.' }));
      for (const event of completed('a')) await during(second.record(event));
      await during(Promise.all([zombie.writer.close(), next.writer.close()]));
      const last = await opened(open(), during, 3);
      const replayed = RunFold.of(readSegments(open()).records);
      expect(last.fold.state).toEqual(replayed.state);
      expect(replayed.state.integrationOrder).toEqual(['a']);
      expect(replayed.state.subtasks.get('b')?.status).toBe('waiting');
      await during(last.writer.close());
    });

    it('carry large outcomes in artefacts', async () => {
      const { open, during } = place();
      const { writer, fold } = await opened(open(), during, 1);
      const journal = new Journal(writer, fold, () => undefined);
      const detail = 'It says very much. '.repeat(5_000);
      const [launching] = completed('a');
      await during(journal.record(...started(planOf(subtask('a'))), ...(launching ? [launching] : [])));
      await during(journal.record({ type: 'attempt.ended', attempt: 'a-1', exitCode: 1, outcome: 'rejected', detail }));
      await during(journal.durable());
      expect(open().size(1)).toBeLessThan(10_000);
      const { records, warnings } = readSegments(open());
      expect(warnings).toEqual([]);
      expect(records.at(-1)?.event).toMatchObject({ type: 'attempt.ended', detail });
      await during(writer.close());
    });
  });
}

async function opened(files: SegmentFiles, during: JournalPlace['during'], pid: number) {
  const fold = new RunFold();
  return { fold, ...(await during(openSegments(files, fold, owner(pid), () => 1))) };
}
