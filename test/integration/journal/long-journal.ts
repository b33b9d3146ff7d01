import { appendFileSync, writeFileSync } from 'node:fs';
import { RunFold } from '../../../src/core/journal/fold.ts';
import type { JournalRecord, RunEvent } from '../../../src/core/model/events.ts';
import { segmentFile } from '../../../src/node/journal/files.ts';
import { encodeBatch } from '../../../src/node/journal/segment.ts';
import { openJournal } from '../../../src/node/journal/writer.ts';
import { ownIdentity } from '../../../src/node/process/identity.ts';
import { launching, planOf, started, subtask } from '../../unit/recorded-run.ts';

/** How many events come between the last of an attempt and the first of the next one at its subtask. */
const LIFE = 20_000;

/**
 * `node long-journal.ts write FOLDER EVENTS` writes a journal of a run with ten workers that call tools and ask all the
 * time, and now and then end and are followed by others;
 * `node long-journal.ts open FOLDER` opens it as its next owner and prints what it came to.
 */
const [what, folder = '', events = '0'] = process.argv.slice(2);
if (what === 'write') write(Number(events));
else {
  const fold = new RunFold();
  const { writer, warnings } = await openJournal(folder, fold, Date.now);
  const { lastSeq, attempts } = fold.state;
  const ingested = [...attempts.values()].map((attempt) => attempt.ingested);
  writer.keepImage(fold);
  await writer.close();
  process.stdout.write(JSON.stringify({ lastSeq, ingested, warnings }));
}

function write(count: number): void {
  const names = Array.from({ length: 10 }, (_, index) => `s${index}`);
  const first = [...started(planOf(...names.map((name) => subtask(name)))), ...names.map((name) => launching(name))];
  const path = segmentFile(folder, 1);
  const header = { segment: 1, epoch: 1, owner: ownIdentity(), createdAt: 1, seals: null };
  writeFileSync(path, `${JSON.stringify(header)}\n`);
  let batch: JournalRecord[] = [];
  for (let seq = 1; seq <= count; seq += 1) {
    batch.push({ seq, at: seq, epoch: 1, event: first[seq - 1] ?? later(seq) });
    if (batch.length < 1_000 && seq < count) continue;
    appendFileSync(path, encodeBatch(batch.map((record) => JSON.stringify(record))));
    batch = [];
  }
}

/** One in three calls is asked about, which takes two events more. */
function later(seq: number): RunEvent {
  const turn = Math.floor(seq / 10);
  const name = `s${seq % 10}`;
  const life = Math.floor((turn * 10) / LIFE);
  const at = turn % (LIFE / 10);
  const attempt = `${name}-${life + 1}`;
  if (life > 0 && at === 0)
    return { type: 'attempt.ended', attempt: `${name}-${life}`, exitCode: 0, outcome: 'interrupted', detail: '' };
  if (life > 0 && at === 1) return launching(name, attempt, life + 1);
  const request = `q-${attempt}-${at - (at % 5)}`;
  if (at % 5 === 3)
    return {
      type: 'permission.requested',
      attempt,
      bytes: { from: seq * 100, to: seq * 100 + 100 },
      request,
      tool: 'Bash',
      summary: 'Bash: make',
    };
  if (at % 5 === 4)
    return { type: 'permission.decided', attempt, request, behavior: 'allow', by: 'policy', reason: '' };
  return toolCall(seq, attempt);
}

function toolCall(seq: number, attempt: string): RunEvent {
  const bytes = { from: seq * 100, to: seq * 100 + 100 };
  return { type: 'attempt.tool-called', attempt, bytes, tool: 'Read', summary: `Read: src/file-${seq}.ts` };
}
