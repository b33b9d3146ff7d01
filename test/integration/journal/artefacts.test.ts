import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunEvent } from '../../../src/core/model/events.ts';
import { readJournal } from '../../../src/node/journal/read.ts';
import { captured, planOf, started, subtask } from '../../unit/recorded-run.ts';
import { append, openRecords, scratchFolder, segment } from './scratch-journal.ts';

const files = Array.from({ length: 1_000 }, (_, index) => ({ path: `src/file-${index}.js`, change: 'added' as const }));
const many: RunEvent = { ...captured('a-1'), files } as RunEvent;
const long: RunEvent = {
  type: 'attempt.ended',
  attempt: 'a-1',
  exitCode: 1,
  outcome: 'rejected',
  detail: 'ö'.repeat(20_000),
};

async function journalWith(...events: readonly RunEvent[]): Promise<{ folder: string; artefacts: string }> {
  const run = scratchFolder();
  const folder = join(run, 'journal');
  mkdirSync(folder);
  const { writer } = await openRecords(folder);
  for (const event of events) await append(writer, event);
  await writer.close();
  return { folder, artefacts: join(run, 'artefacts') };
}

describe('an outcome that is large', () => {
  it('lies in a private file beside the journal, once for the same content, and reads as if it did not', async () => {
    const { folder, artefacts } = await journalWith(many, many, long);
    expect(readJournal(folder)).toMatchObject({
      warnings: [],
      records: [{ event: many }, { event: many }, { event: long }],
    });
    const names = readdirSync(artefacts);
    expect(names).toHaveLength(2);
    for (const name of names) expect(statSync(join(artefacts, name)).mode & 0o777).toBe(0o600);
    expect(statSync(segment(folder, 1)).size).toBeLessThan(3_000);
  });

  it('stays in the journal when a run can not go on without it', async () => {
    const plan = planOf({ ...subtask('a'), instructions: 'x'.repeat(50_000) });
    const { folder } = await journalWith(...started(plan));
    expect(readFileSync(segment(folder, 1), 'utf8')).toContain('x'.repeat(50_000));
  });

  it('is told to be gone when its file is damaged or missing, and harms nothing else', async () => {
    const { folder, artefacts } = await journalWith(many, long);
    const [one = ''] = readdirSync(artefacts);
    const path = join(artefacts, one);
    writeFileSync(path, readFileSync(path).subarray(1));
    const spoilt = readJournal(folder);
    expect(spoilt.warnings).toEqual([expect.stringContaining(`${one} of the journal is damaged`)]);
    expect(spoilt.records).toHaveLength(2);
    for (const name of readdirSync(artefacts)) writeFileSync(join(artefacts, name), '');
    const { records, warnings } = readJournal(folder);
    expect(warnings).toHaveLength(2);
    expect(records[0]?.event).toMatchObject({ type: 'attempt.captured', files: [] });
    expect(records[1]?.event).toMatchObject({ detail: expect.stringContaining('is not shown') });
  });

  it('may say what a reference looks like without being taken for one', async () => {
    const detail = JSON.stringify({ $artefact: { sha256: '0'.repeat(64), bytes: 1, holds: 'text' } });
    const event: RunEvent = { type: 'run.ended', outcome: 'failed', detail };
    const { folder } = await journalWith(event);
    expect(readJournal(folder)).toMatchObject({ warnings: [], records: [{ event }] });
  });
});
