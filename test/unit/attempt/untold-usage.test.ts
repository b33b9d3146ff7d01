import { describe, expect, it } from 'vitest';
import { untoldUsage } from '../../../src/core/attempt/untold-usage.ts';
import type { RunContext } from '../../../src/core/context.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import { tokensOf } from '../../../src/core/model/tokens.ts';
import type { WorkerHandle } from '../../../src/core/ports/workers.ts';
import { journalAfter } from '../journal-in-memory.ts';
import { ended, foldOf, launching, planOf, started, subtask, turnEnded } from '../recorded-run.ts';

const message = (id: string, input: number, output = 0): string =>
  JSON.stringify({
    type: 'assistant',
    message: { id, model: 'm', content: [], usage: { input_tokens: input, output_tokens: output } },
  });
const RESULT = JSON.stringify({
  ...{ type: 'result', subtype: 'success', is_error: false, session_id: 's', num_turns: 1, duration_ms: 0 },
  ...{ result: 'Done.', total_cost_usd: 0, modelUsage: {} },
});

const launched = (name: string, id = `${name}-1`): RunEvent =>
  ({ ...launching(name, id), budgetUsd: 2, budgetTokens: 1_000_000 }) as RunEvent;
const plan = started(planOf(subtask('a'), subtask('b')));

/** What the attempt `a-1` of a run with these events has used besides, where its worker has said this. */
async function untold(events: readonly RunEvent[], lines: readonly string[]) {
  const journal = journalAfter([...plan, launched('a'), ...events]);
  const handle: Pick<WorkerHandle, 'lines'> = {
    async *lines() {
      for (const text of lines) yield { from: 0, to: 0, text };
    },
  };
  const context = { journal, detached: new AbortController().signal } as unknown as RunContext;
  return untoldUsage(context, 'a-1', handle as WorkerHandle);
}

describe('what a worker used in a turn that was broken off', () => {
  it('is what its messages say, at the rate of its shares where no turn of the run has ended', async () => {
    expect(await untold([], [message('1', 90_000, 10_000), message('2', 50_000)])).toEqual({
      inputTokens: 140_000,
      outputTokens: 10_000,
      costUsd: (2 / 1_000_000) * 150_000,
    });
  });

  it('costs what tokens have cost in turns that did end', async () => {
    // Eleven tokens for 22 cents.
    const events = [launched('b'), turnEnded('b-1', 1, [0, 1], 0.22)];
    expect((await untold(events, [message('1', 10)]))?.costUsd).toBeCloseTo(0.2);
  });

  it('leaves out what the turns before have used, however often it is read', async () => {
    const events: RunEvent[] = [turnEnded('a-1', 1, [0, 1]), { type: 'attempt.sent-back', attempt: 'a-1', turn: 1 }];
    const lines = [message('1', 70_000), RESULT, message('2', 30)];
    expect(await untold(events, lines)).toMatchObject({ inputTokens: 30 });
    expect(await untold(events, lines)).toMatchObject({ inputTokens: 30 });
    // A power cut took the end of the turn that the journal knows.
    expect(await untold(events, [message('1', 70_000)])).toBeUndefined();
  });

  it('is nothing where no turn goes on, and never costs more than it had left', async () => {
    expect(await untold([turnEnded('a-1', 1, [0, 1])], [message('1', 70_000), RESULT])).toBeUndefined();
    expect(await untold([], [])).toBeUndefined();
    expect(await untold([], [message('1', 9_000_000)])).toMatchObject({ inputTokens: 9_000_000, costUsd: 2 });
  });
});

describe('the journal of a run', () => {
  const used = { costUsd: 1.5, inputTokens: 300, outputTokens: 20 };
  const broken: RunEvent = { ...ended('a-1', 'rejected'), untold: used } as RunEvent;

  it('settles what nobody told with the end of its attempt, once, and gives the rest back', () => {
    const before = [launched('a'), turnEnded('a-1', 1, [0, 1], 0.25)];
    for (const events of [
      [...before, broken],
      [...before, broken, broken],
    ]) {
      const { state } = foldOf(...plan, ...events);
      expect(state).toMatchObject({ costUsd: 1.75, committedUsd: 1.75, tokens: 331, committedTokens: 331 });
      const attempt = state.attempts.get('a-1');
      expect(attempt).toMatchObject({ untold: used, usage: { costUsd: 1.75 } });
      expect(tokensOf(attempt?.usage ?? used)).toBe(331);
    }
  });

  it('takes none of it for what the session had told, should another attempt go on with that', () => {
    const session = (attempt: string): RunEvent => ({
      ...{ type: 'attempt.session', attempt, bytes: { from: 0, to: 1 }, session: 's', model: 'm' },
    });
    const goesOn = { ...launched('a', 'a-2'), continues: 'a-1' } as RunEvent;
    const { state } = foldOf(
      ...[...plan, launched('a'), session('a-1'), turnEnded('a-1', 1, [1, 2], 0.25), broken],
      ...[goesOn, session('a-2'), turnEnded('a-2', 1, [1, 2], 0.75)],
    );
    expect(state.attempts.get('a-2')?.usage.costUsd).toBe(0.5);
  });
});
