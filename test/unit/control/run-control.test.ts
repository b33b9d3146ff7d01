import { describe, expect, it } from 'vitest';
import type { RunContext } from '../../../src/core/context.ts';
import { settleUndriven } from '../../../src/core/control/decide.ts';
import { RunControl } from '../../../src/core/control/run-control.ts';
import { WorkInHand } from '../../../src/core/control/work-in-hand.ts';
import type { ControlOrder, ControlRequest } from '../../../src/core/model/control.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import type { ControlInbox } from '../../../src/core/ports/control-inbox.ts';
import { journalAfter } from '../journal-in-memory.ts';
import { ended, launching, planOf, started, subtask } from '../recorded-run.ts';

const request = (id: string, order: ControlOrder): ControlRequest => ({ version: 1, id, at: 1, by: 'a test', order });

/** Nobody ever hears of its requests as they come. */
const unheard = (...requests: readonly ControlRequest[]): ControlInbox => ({
  async *requests(signal) {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    yield* [];
  },
  present: async () => requests,
});

function controlOf(inbox: ControlInbox) {
  const journal = journalAfter(started(planOf(subtask('a'))));
  const stops: unknown[] = [];
  // Only these three parts of the context are asked.
  const context = { journal, inbox, logger: { error: () => undefined } } as unknown as RunContext;
  return { journal, stops, control: new RunControl(context, new WorkInHand(), (reason) => stops.push(reason)) };
}

describe('what is asked of a run that is done before it read anything', () => {
  const skip = request('1', { type: 'change', change: { type: 'subtask.skipped', subtask: 'a' } });

  it('is obeyed and answered when the control is closed', async () => {
    const { journal, control } = controlOf(unheard(skip));
    control.start();
    await control.close();
    expect(journal.state.subtasks.get('a')?.status).toBe('skipped');
    expect([...journal.state.handled.keys()]).toEqual(['1']);
  });

  it('is obeyed once, and a cancel among it stops the run', async () => {
    const { journal, stops, control } = controlOf(unheard(skip, skip, request('2', { type: 'cancel' })));
    control.start();
    await control.close();
    await control.close();
    expect(journal.state.handled.size).toBe(2);
    expect(stops).toHaveLength(1);
    expect(journal.state.cancelling).toBe(true);
  });

  it('waits for the next owner where this one only stops', async () => {
    const { journal, control } = controlOf(unheard(skip));
    control.start();
    await control.stop();
    expect(journal.state.handled.size).toBe(0);
  });
});

describe('what is asked of a run that nobody drives', () => {
  const cancel = request('1', { type: 'cancel' });
  const retry = request('2', { type: 'change', change: { type: 'subtask.retried', subtask: 'a' } });
  const failed: RunEvent[] = [
    ...[launching('a'), ended('a-1', 'rejected')],
    { type: 'subtask.failed', subtask: 'a', reason: 'Broken.' },
  ];
  const over: RunEvent = { type: 'run.ended', outcome: 'failed', detail: '' };
  const told = { outcome: 'refused', reason: 'The run had ended by then.' };
  const journalOf = (...events: readonly RunEvent[]) => journalAfter([...started(planOf(subtask('a'))), ...events]);

  it('lets a run go on without what came too late for its end, which is refused', async () => {
    const journal = journalOf(...failed, over);
    const answer = await settleUndriven(journal, unheard(cancel, cancel, retry), retry);
    expect(answer).toMatchObject({ outcome: 'accepted' });
    expect(journal.state.endedAt).toBeUndefined();
    expect([...journal.state.handled]).toEqual([
      ['1', told],
      ['2', answer],
    ]);
    // Whoever goes on with it.
    const stops: unknown[] = [];
    const context = { journal, inbox: unheard(cancel, retry), logger: { error: () => undefined } };
    await new RunControl(context as unknown as RunContext, new WorkInHand(), (reason) => stops.push(reason)).close();
    expect([stops, journal.state.cancelling]).toEqual([[], false]);
  });

  it('leaves what makes a run go on to whoever asked it, or to whoever goes on', async () => {
    const journal = journalOf(...failed, over);
    const second = request('3', { type: 'change', change: { type: 'subtask.skipped', subtask: 'a' } });
    const inbox = unheard(cancel, retry, second);
    await settleUndriven(journal, inbox, second);
    expect([...journal.state.handled.keys()]).toEqual(['1', '3']);
    expect(journal.state.subtasks.get('a')?.status).toBe('skipped');
  });

  it('is done once, though its owner had taken it in and was killed', async () => {
    const journal = journalOf(...failed, over);
    await settleUndriven(journal, unheard(retry), retry);
    const before = journal.state.lastSeq;
    expect(await settleUndriven(journal, unheard(retry), retry)).toMatchObject({ outcome: 'accepted' });
    expect(journal.state.lastSeq).toBe(before);
  });

  it('leaves the rest to whoever goes on where the run has not ended', async () => {
    const journal = journalOf(...failed);
    await settleUndriven(journal, unheard(cancel), retry);
    expect([...journal.state.handled.keys()]).toEqual(['2']);
  });
});
