import { describe, expect, it } from 'vitest';
import { RunFold } from '../../src/core/journal/fold.ts';
import { Journal } from '../../src/core/journal/journal.ts';
import type { JournalRecord, RunEvent } from '../../src/core/model/events.ts';
import type { JournalWriter } from '../../src/core/ports/journal-store.ts';
import { workedMs } from '../../src/core/scheduling/admission/budgets.ts';
import { WakefulClock } from '../../src/core/sleep.ts';
import { ended, launching, planOf, started, subtask } from './recorded-run.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function tick(clock: WakefulClock): Promise<void> {
  void clock.tick(new AbortController().signal);
  await settled();
}

/** A wall clock that is moved by hand, and the run that it tells when the machine slept. */
function place(...events: readonly RunEvent[]) {
  let now = HOUR;
  let wake = (): void => undefined;
  const fold = new RunFold();
  let seq = 0;
  const record = async (...more: RunEvent[]): Promise<void> => {
    for (const event of more) fold.apply({ seq: ++seq, at: now, epoch: 1, event });
  };
  void record(...started(planOf(subtask('a')), { maxMinutes: 60 }), ...events);
  const sleep = (_ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      wake = resolve;
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  const journal = {
    record,
    until: async () => undefined,
    get state() {
      return fold.state;
    },
  };
  const clock = new WakefulClock({ now: () => now, sleep }, journal);
  return {
    clock,
    /** So much passes; `ticks`: the clock is looked at in the end. */
    pass: async (ms: number, ticks = true): Promise<void> => {
      now += ms;
      if (!ticks) return;
      wake();
      await settled();
    },
    worked: () => workedMs(fold.state, clock.now()),
  };
}

describe('the time that a run works', () => {
  it('goes on minute by minute', async () => {
    const { clock, pass, worked } = place(launching('a'));
    await tick(clock);
    for (let minute = 0; minute < 30; minute += 1) await pass(MINUTE + 500);
    expect(worked()).toBe(30 * (MINUTE + 500));
  });

  it('is not used up while the machine sleeps, whoever looks first', async () => {
    for (const ticks of [true, false]) {
      const { clock, pass, worked } = place(launching('a'));
      await tick(clock);
      await pass(MINUTE);
      await pass(8 * HOUR, ticks);
      expect(worked()).toBe(2 * MINUTE);
      await pass(MINUTE);
      expect(worked()).toBe(3 * MINUTE);
    }
  });

  it('does not shrink when somebody sets the clock back', async () => {
    const { clock, pass, worked } = place(launching('a'));
    await tick(clock);
    for (let minute = 0; minute < 10; minute += 1) await pass(MINUTE);
    await pass(-5 * HOUR);
    expect(worked()).toBe(10 * MINUTE);
  });

  it('is none where nothing is in work', async () => {
    const { clock, pass, worked } = place();
    await tick(clock);
    await pass(8 * HOUR);
    expect(worked()).toBe(0);
  });

  it('is looked at before anything is recorded after a sleep: an attempt that is found ended did not work through it', async () => {
    let now = HOUR;
    const fold = new RunFold();
    let seq = 0;
    const take = (events: readonly RunEvent[]): JournalRecord[] =>
      events.map((event) => ({ seq: ++seq, at: now, epoch: 1, event }));
    const begun = take([...started(planOf(subtask('a')), { maxMinutes: 60 }), launching('a')]);
    for (const record of begun) fold.apply(record);
    const done = Promise.resolve();
    const writer: JournalWriter = {
      epoch: 1,
      append: (events) => ({ records: take(events), written: done, durable: done }),
      keepImage: () => undefined,
      close: async () => undefined,
    };
    const journal = new Journal(writer, fold, () => undefined);
    const clock = new WakefulClock({ now: () => now, sleep: () => new Promise(() => undefined) }, journal);
    journal.beforeEvents = () => void clock.now();
    now += 8 * HOUR;
    await journal.record(ended('a-1', 'interrupted'));
    expect(journal.state.attempts.get('a-1')).toMatchObject({ sleptMs: 8 * HOUR - MINUTE });
    expect(journal.state.workedMs).toBe(MINUTE);
    // Set back, too.
    await journal.record({ ...launching('a', 'a-2', 2) });
    now -= 2 * HOUR;
    await journal.record(ended('a-2', 'interrupted'));
    expect(journal.state.workedMs).toBe(MINUTE);
  });
});
