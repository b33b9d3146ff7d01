import { describe, expect, it } from 'vitest';
import { passOverAbsence } from '../../src/core/absence.ts';
import type { RunPorts } from '../../src/core/context.ts';
import { RunFold } from '../../src/core/journal/fold.ts';
import type { RunEvent } from '../../src/core/model/events.ts';
import type { WorkerSeen } from '../../src/core/ports/workers.ts';
import { workedMs } from '../../src/core/scheduling/admission/budgets.ts';
import { ended, launching, planOf, started, subtask } from './recorded-run.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const FRIDAY = 1_000 * HOUR;
/** Nobody is there for so long. */
const WEEKEND = 63 * HOUR;

const LIVES: WorkerSeen = { lives: true, startedAt: FRIDAY, endedAt: undefined };
const LOST: WorkerSeen = { lives: false, startedAt: FRIDAY, endedAt: undefined };
const endedAt = (at: number): WorkerSeen => ({ lives: false, startedAt: FRIDAY, endedAt: at });

const launched = (name: string): RunEvent => ({ ...launching(name), budgetMs: 2 * HOUR }) as RunEvent;
const changed: RunEvent[] = [
  { type: 'subtask.paused', subtask: 'a' },
  { type: 'control.handled', request: 'r', by: 'A person', order: 'pause', outcome: 'accepted', reason: '' },
];

/** A run that was driven for ten minutes on Friday, and whose workers are found like this after the weekend. */
function place(workers: Readonly<Record<string, WorkerSeen>>, meanwhile: readonly RunEvent[] = []) {
  let now = FRIDAY;
  let seq = 0;
  let epoch = 1;
  const fold = new RunFold();
  const record = async (...events: RunEvent[]): Promise<void> => {
    for (const event of events) fold.apply({ seq: ++seq, at: now, epoch, event });
  };
  const names = Object.keys(workers).map((id) => id.replace(/-1$/, ''));
  void record(...started(planOf(subtask('a'), subtask('b'))), ...names.map(launched));
  now += 10 * MINUTE;
  for (const id of Object.keys(workers)) void record({ type: 'attempt.launched', attempt: id, pid: 1 });
  now += WEEKEND / 2;
  epoch += 1;
  void record(...meanwhile);
  epoch += 1;
  now += WEEKEND / 2;
  const ports = {
    journal: { record, state: fold.state },
    workers: { look: async (attempt: string) => workers[attempt] },
    clock: { now: () => now },
  } as unknown as RunPorts;
  return {
    takeOver: (at = now): Promise<number> => {
      now = at;
      return passOverAbsence(ports);
    },
    worked: () => workedMs(fold.state, now),
    /** Ends an attempt and says how long it took. */
    end: async (attempt: string) => {
      await record(ended(attempt, 'interrupted'));
      const { startedAt, sleptMs, ended: end } = fold.state.attempts.get(attempt) ?? {};
      return (end?.at ?? 0) - (startedAt ?? 0) - (sleptMs ?? 0);
    },
  };
}

describe('the time in which nobody drove a run', () => {
  it('is none in which it worked where its workers were lost', async () => {
    const { takeOver, worked, end } = place({ 'a-1': LOST });
    await takeOver();
    expect(worked()).toBe(10 * MINUTE);
    expect(await end('a-1')).toBe(10 * MINUTE);
    expect(worked()).toBe(10 * MINUTE);
  });

  it('counts until a worker ended that had gone on alone', async () => {
    const { takeOver, worked, end } = place({ 'a-1': endedAt(FRIDAY + 15 * MINUTE) });
    await takeOver();
    expect(worked()).toBe(15 * MINUTE);
    expect(await end('a-1')).toBe(15 * MINUTE);
  });

  it('counts for each of several workers as it worked, and for the run while one of them did', async () => {
    const { takeOver, worked, end } = place({ 'a-1': endedAt(FRIDAY + 15 * MINUTE), 'b-1': LOST });
    await takeOver();
    expect(worked()).toBe(15 * MINUTE);
    expect(await end('b-1')).toBe(10 * MINUTE);
    expect(await end('a-1')).toBe(15 * MINUTE);
  });

  it('counts while a worker lives, but for no longer than its deadline lets it work', async () => {
    const awake = place({ 'a-1': LIVES });
    await awake.takeOver(FRIDAY + 70 * MINUTE);
    expect(awake.worked()).toBe(70 * MINUTE);
    const asked = place({ 'a-1': LIVES });
    await asked.takeOver();
    expect(asked.worked()).toBe(10 * MINUTE + 2 * HOUR);
  });

  it('counts from when a worker began: the machine may have slept after its launch was written down', async () => {
    const [startedAt, at] = [FRIDAY + 60 * MINUTE, FRIDAY + 75 * MINUTE];
    const { takeOver, worked } = place({ 'a-1': { lives: false, startedAt, endedAt: at } });
    await takeOver();
    expect(worked()).toBe(25 * MINUTE);
  });

  it('ends neither with a word of somebody who only asked something of the run, nor with a worker that ended before', async () => {
    const { takeOver, worked } = place({ 'a-1': endedAt(FRIDAY + 9 * MINUTE) }, changed);
    await takeOver();
    expect(worked()).toBe(10 * MINUTE);
  });

  it('takes nothing away where somebody has set the clock back meanwhile', async () => {
    const { takeOver, worked } = place({ 'a-1': LIVES });
    await takeOver(FRIDAY - HOUR);
    expect(worked()).toBe(10 * MINUTE);
  });
});
