import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ingest } from '../../../src/core/attempt/ingest.ts';
import type { RunEvent } from '../../../src/core/model/events.ts';
import { runEventSchema } from '../../../src/core/model/events.ts';
import type { StreamLine } from '../../../src/core/ports/workers.ts';
import { foldOf, launching, planOf, started, subtask } from '../recorded-run.ts';

/** Frames as the real CLI printed them. */
function recorded(name: string): StreamLine[] {
  const bytes = readFileSync(new URL(`../../fixtures/frames/${name}.ndjson`, import.meta.url));
  let from = 0;
  return bytes
    .toString('utf8')
    .split('\n')
    .slice(0, -1)
    .map((text) => {
      const line = { from, to: from + Buffer.byteLength(text) + 1, text };
      from = line.to;
      return line;
    });
}

function eventsOf(lines: readonly StreamLine[]): RunEvent[] {
  let turns = 0;
  return lines.flatMap((line) => {
    const event = ingest(line, 'a-1', turns)?.event;
    if (event?.type === 'attempt.turn-ended') turns = event.turn;
    return event ? [event] : [];
  });
}

const brief = (events: readonly RunEvent[]) =>
  events.map((event) => {
    if (event.type === 'attempt.tool-called' || event.type === 'permission.requested')
      return [event.type, event.summary];
    if (event.type === 'attempt.turn-ended') return [event.type, event.turn, event.failure, event.detail];
    if (event.type === 'attempt.api-retried') return [event.type, event.status, event.error];
    return [event.type];
  });

const lineOf = (frame: object): StreamLine => ({ from: 0, to: 10, text: JSON.stringify(frame) });

describe('what a worker says', () => {
  it('becomes events of tools, questions and turns', () => {
    expect(brief(eventsOf(recorded('worker')))).toEqual([
      ['attempt.session'],
      ['attempt.tool-called', 'Write: /worktree/a.txt'],
      ['attempt.tool-called', 'Bash: sh -c "npm test"'],
      ['permission.requested', 'Bash: sh -c "npm test"'],
      ['attempt.turn-ended', 1, null, 'It is there.'],
      ['attempt.session'],
      ['attempt.tool-called', 'Read: /worktree/a.txt'],
      ['attempt.tool-called', 'Write: /worktree/a.txt'],
      ['attempt.turn-ended', 2, null, 'Mended.'],
    ]);
  });

  it.each([
    ['overloaded', 'api', 'HTTP 529'],
    ['no-login', 'auth', 'HTTP 401'],
    ['budget', 'budget', 'error_max_budget_usd'],
  ])('tells %s by its fields', (name, failure, detail) => {
    const last = eventsOf(recorded(name)).at(-1);
    expect(last).toMatchObject({ type: 'attempt.turn-ended', failure, detail: expect.stringContaining(detail) });
  });

  it('tells of the API being asked again', () => {
    expect(brief(eventsOf(recorded('overloaded')))).toContainEqual(['attempt.api-retried', 529, 'overloaded']);
  });

  it('can be journalled as it is, and taken in twice', () => {
    for (const name of ['worker', 'overloaded', 'no-login', 'budget', 'planner']) {
      const events = eventsOf(recorded(name));
      for (const event of events) expect(runEventSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
      const before = [...started(planOf(subtask('a'))), launching('a')];
      const once = foldOf(...before, ...events).state;
      const twice = foldOf(...before, ...events, ...events).state;
      // The records themselves are there, and when they were made.
      const aside = { lastSeq: 0, drivenAt: 0 };
      expect({ ...twice, ...aside }).toEqual({ ...once, ...aside });
    }
  });

  it('counts cost and tokens of the whole session', () => {
    const turns = eventsOf(recorded('worker')).filter((event) => event.type === 'attempt.turn-ended');
    const [first, second] = turns.map(({ usage }) => usage);
    expect(first?.costUsd).toBeGreaterThan(0);
    expect(second?.costUsd).toBeGreaterThan(first?.costUsd ?? Number.POSITIVE_INFINITY);
    expect(second?.inputTokens).toBeGreaterThan(first?.inputTokens ?? Number.POSITIVE_INFINITY);
  });

  it('means nothing where nothing is known of it', () => {
    const unknown = [
      '',
      'no JSON',
      '{"type":"result"',
      'null',
      '[]',
      '{"type":"tomorrow"}',
      '{"type":"system","subtype":"tomorrow"}',
      '{"type":"control_request","request_id":"1","request":{"subtype":"hook_callback"}}',
      '{"type":"result","subtype":7,"is_error":false}',
      '{"type":"assistant","message":{"content":"text"}}',
    ];
    for (const text of unknown) expect(ingest({ from: 0, to: 1, text }, 'a-1', 0), text).toBeUndefined();
  });

  it('is not thrown off by any JSON', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.constantFrom('system', 'assistant', 'result', 'control_request', 'user'),
        (value, type) => {
          const frame =
            typeof value === 'object' && value !== null ? { ...value, type } : { type, message: value, request: value };
          ingest(lineOf(frame), 'a-1', 0);
        },
      ),
    );
  });

  it('is an ended turn also with fields missing or of another kind', () => {
    expect(
      ingest(lineOf({ type: 'result', subtype: 'success', is_error: false, total_cost_usd: 'free' }), 'a', 4)?.event,
    ).toEqual({
      type: 'attempt.turn-ended',
      attempt: 'a',
      bytes: { from: 0, to: 10 },
      turn: 5,
      failure: null,
      detail: '',
      usage: { costUsd: 0, inputTokens: 0, outputTokens: 0 },
    });
    expect(
      ingest(lineOf({ type: 'result', subtype: 'error_during_execution', is_error: true }), 'a', 0)?.event,
    ).toMatchObject({ failure: 'other' });
  });
});

describe('a usage limit', () => {
  const line = (info: object) => ({
    from: 0,
    to: 1,
    text: JSON.stringify({ type: 'rate_limit_event', rate_limit_info: info }),
  });

  it('is known with the time at which it is lifted', () => {
    const found = ingest(line({ status: 'rejected', resetsAt: 1_700_000_000, rateLimitType: 'five_hour' }), 'a-1', 0);
    expect(found?.event).toEqual({
      type: 'attempt.api-limited',
      attempt: 'a-1',
      bytes: { from: 0, to: 1 },
      until: 1_700_000_000_000,
    });
  });

  it('is none while requests are allowed, or where no time is said', () => {
    for (const info of [
      { status: 'allowed_warning', resetsAt: 1 },
      { status: 'rejected' },
      { status: 'rejected', resetsAt: 'soon' },
    ])
      expect(ingest(line(info), 'a-1', 0)).toBeUndefined();
  });
});
