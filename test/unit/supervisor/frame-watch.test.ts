import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Allowance } from '../../../src/node/supervisor/allowance.ts';
import { FrameWatch } from '../../../src/node/supervisor/frame-watch.ts';

const ask = (id: string) =>
  `${JSON.stringify({ type: 'control_request', request_id: id, request: { subtype: 'can_use_tool', tool_name: 'Bash', input: {} } })}\n`;
const result = `${JSON.stringify({ type: 'result', subtype: 'success', is_error: false })}\n`;

describe('what the supervisor sees in a stream', () => {
  it('knows whether an answer is waited for and whether a turn has ended', () => {
    const watch = new FrameWatch();
    watch.push(Buffer.from(ask('1') + ask('2')), 10);
    watch.answered('1');
    expect(watch.asking).toBe(true);
    watch.answered('2');
    expect(watch.asking).toBe(false);
    watch.push(Buffer.from(result), 20);
    expect(watch.idleSince).toBe(20);
    watch.turnBegins();
    expect(watch.idleSince).toBeUndefined();
  });

  it('does not wait for ever for an answer to a question that its turn has left behind', () => {
    const watch = new FrameWatch();
    watch.push(Buffer.from(ask('1') + result), 10);
    expect(watch.asking).toBe(false);
  });

  it('sees the same in pieces of any size', () => {
    const bytes = readFileSync(new URL('../../fixtures/frames/worker.ndjson', import.meta.url));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 30 }), (sizes) => {
        const watch = new FrameWatch();
        let asked = 0;
        for (let at = 0, index = 0; at < bytes.length; index += 1) {
          const size = sizes[index % sizes.length] ?? 1;
          const before = watch.asking;
          watch.push(bytes.subarray(at, at + size), at);
          if (watch.asking && !before) asked += 1;
          at += size;
        }
        expect(watch.idleSince).toBeDefined();
        expect(watch.asking).toBe(false);
        expect(asked).toBeLessThanOrEqual(1);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the time a worker may use', () => {
  it('passes while it works, and not while somebody is asked', () => {
    const allowance = new Allowance(1_000, 1_000, 0);
    expect(allowance.tick(500, false)).toBe(false);
    expect(allowance.tick(10_000, true)).toBe(false);
    expect(allowance.tick(10_400, false)).toBe(false);
    expect(allowance.tick(10_500, false)).toBe(true);
  });

  it('does not pass while the machine sleeps, nor when the clock is set back', () => {
    const allowance = new Allowance(1_000, 500, 0);
    expect(allowance.tick(3_600_000, false)).toBe(false);
    expect(allowance.tick(0, false)).toBe(false);
    expect(allowance.tick(400, false)).toBe(false);
    expect(allowance.tick(500, false)).toBe(true);
  });

  it('begins anew with a new deadline', () => {
    const allowance = new Allowance(100, 1_000, 0);
    expect(allowance.tick(100, false)).toBe(true);
    allowance.renew(100);
    expect(allowance.tick(150, false)).toBe(false);
    expect(allowance.tick(200, false)).toBe(true);
  });
});
