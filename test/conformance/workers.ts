import { describe, expect, it } from 'vitest';
import type { AttemptSpec } from '../../src/core/model/attempt-files.ts';
import type { StreamLine, WorkerHandle, Workers } from '../../src/core/ports/workers.ts';

/**
 * What a worker does: `works` through its first message and every further one, `asks` before it works, or `hangs`
 * without ending a turn.
 */
export type WorkerScript = 'works' | 'asks' | 'hangs';

/** One implementation of the port with what the suite needs besides. */
export interface WorkersPlace {
  readonly workers: Workers;
  spec(script: WorkerScript, more?: Partial<AttemptSpec>): AttemptSpec;
  /** Lets time pass until it settles. */
  settle<T>(promise: Promise<T>): Promise<T>;
  /** The attempt's files are written and nobody has claimed it yet; resolves with what lets its supervisor come. */
  prepare(spec: AttemptSpec): Promise<() => Promise<void>>;
  killSupervisor(spec: AttemptSpec): void;
  /** How many messages its worker got, the first one included. */
  heard(spec: AttemptSpec): number;
  isRunning(spec: AttemptSpec): boolean;
}

const NEVER = new AbortController().signal;
const FINISH = { id: 'finish', type: 'finish' } as const;
const CANCEL = { id: 'cancel', type: 'cancel' } as const;

/** Waits for the nth line of a kind. */
async function nth(handle: WorkerHandle, type: string, n = 1): Promise<StreamLine> {
  let seen = 0;
  for await (const line of handle.lines(0, NEVER)) {
    if ((JSON.parse(line.text) as { type: string }).type === type) seen += 1;
    if (seen === n) return line;
  }
  throw new Error(`There were ${seen} lines "${type}".`);
}

async function linesOf(handle: WorkerHandle, from = 0): Promise<StreamLine[]> {
  const lines: StreamLine[] = [];
  for await (const line of handle.lines(from, NEVER)) lines.push(line);
  return lines;
}

/** The laws of the port `Workers`, for the real one and the simulated one alike. */
export function describeWorkers(name: string, make: () => WorkersPlace): void {
  describe(`the workers' port, ${name}`, () => {
    const launched = async (script: WorkerScript, more: Partial<AttemptSpec> = {}) => {
      const place = make();
      const spec = place.spec(script, more);
      const { pid, handle } = await place.settle(place.workers.launch(spec, NEVER));
      return { place, spec, handle, pid };
    };

    it('runs an attempt to its end once it is told that nothing more comes', async () => {
      const { place, spec, handle, pid } = await launched('works');
      expect(pid).toBeGreaterThan(0);
      await place.settle(nth(handle, 'result'));
      expect(place.isRunning(spec)).toBe(true);
      await place.settle(handle.send(FINISH));
      expect(await place.settle(handle.exited(NEVER))).toMatchObject({ code: 0, reason: 'exited' });
      expect(await place.settle(linesOf(handle))).not.toEqual([]);
    });

    it('gives its lines in order, without gaps, and from any of them on', async () => {
      const { place, handle } = await launched('works');
      await place.settle(handle.send({ id: 'm', type: 'message', text: 'again' }));
      await place.settle(nth(handle, 'result', 2));
      await place.settle(handle.send(FINISH));
      const lines = await place.settle(linesOf(handle));
      expect(lines.map(({ from }) => from)).toEqual([0, ...lines.slice(0, -1).map(({ to }) => to)]);
      expect(lines.every(({ from, to, text }) => to - from === Buffer.byteLength(text) + 1)).toBe(true);
      const [, second] = lines;
      expect(await place.settle(linesOf(handle, second?.from))).toEqual(lines.slice(1));
    });

    it('shows a second reader what it showed the first, also after the end', async () => {
      const { place, spec, handle } = await launched('works');
      await place.settle(nth(handle, 'result'));
      const other = await place.settle(place.workers.attach(spec.attempt, NEVER));
      await place.settle(other?.send(FINISH) ?? Promise.reject(new Error('It is not found.')));
      const lines = await place.settle(linesOf(handle));
      expect(await place.settle(linesOf(other ?? handle))).toEqual(lines);
      const late = await place.settle(place.workers.attach(spec.attempt, NEVER));
      expect(await place.settle(linesOf(late ?? handle))).toEqual(lines);
      expect(await place.settle((late ?? handle).exited(NEVER))).toMatchObject({ code: 0 });
    });

    it('does not find an attempt that was never launched', async () => {
      const place = make();
      expect(await place.settle(place.workers.attach(place.spec('works').attempt, NEVER))).toBeUndefined();
    });

    it('takes an attempt away for good whose supervisor has not come', async () => {
      const place = make();
      const spec = place.spec('works');
      const come = await place.prepare(spec);
      expect(await place.settle(place.workers.attach(spec.attempt, NEVER))).toBeUndefined();
      await place.settle(come());
      expect(place.heard(spec)).toBe(0);
      expect(await place.settle(place.workers.attach(spec.attempt, NEVER))).toBeUndefined();
    });

    it('obeys the same word once, however often it is sent', async () => {
      const { place, spec, handle } = await launched('works');
      await place.settle(nth(handle, 'result'));
      for (let time = 0; time < 3; time += 1)
        await place.settle(handle.send({ id: 'm', type: 'message', text: 'again' }));
      await place.settle(nth(handle, 'result', 2));
      await place.settle(handle.send(FINISH));
      await place.settle(handle.exited(NEVER));
      expect(place.heard(spec)).toBe(2);
    });

    it('waits for the answer to a question', async () => {
      const { place, handle } = await launched('asks');
      const line = await place.settle(nth(handle, 'control_request'));
      const { request_id: requestId } = JSON.parse(line.text) as { request_id: string };
      const decision = { behavior: 'allow', updatedInput: {} } as const;
      await place.settle(handle.send({ id: 'p', type: 'permission', requestId, decision }));
      await place.settle(nth(handle, 'result'));
      await place.settle(handle.send(FINISH));
      expect(await place.settle(handle.exited(NEVER))).toMatchObject({ code: 0, reason: 'exited' });
    });

    it('is cancelled at any time, also twice', async () => {
      const { place, spec, handle } = await launched('hangs');
      await place.settle(handle.send(CANCEL));
      await place.settle(handle.send(CANCEL));
      expect(await place.settle(handle.exited(NEVER))).toMatchObject({ reason: 'cancelled' });
      await place.settle(linesOf(handle));
      expect(place.isRunning(spec)).toBe(false);
    });

    it('says that a supervisor is lost whose process is gone', async () => {
      const { place, spec, handle } = await launched('hangs');
      const end = handle.exited(NEVER);
      place.killSupervisor(spec);
      expect(await place.settle(end)).toMatchObject({ code: null, reason: 'lost' });
      await place.settle(linesOf(handle));
      const late = await place.settle(place.workers.attach(spec.attempt, NEVER));
      expect(await place.settle((late ?? handle).exited(NEVER))).toMatchObject({ reason: 'lost' });
      expect(place.isRunning(spec)).toBe(false);
    });

    it('tells at a look whether a worker lives, and when it ended where anybody knows', async () => {
      const { place, spec, handle } = await launched('hangs');
      const look = (attempt: string) => place.settle(place.workers.look(attempt));
      const { startedAt } = await look(spec.attempt);
      expect(startedAt).toBeGreaterThan(0);
      expect(await look(spec.attempt)).toEqual({ lives: true, startedAt, endedAt: undefined });
      await place.settle(handle.send(CANCEL));
      const { endedAt } = await place.settle(handle.exited(NEVER));
      expect(await look(spec.attempt)).toEqual({ lives: false, startedAt, endedAt });
      expect(endedAt).toBeGreaterThanOrEqual(startedAt ?? Number.POSITIVE_INFINITY);
    });

    it('tells nothing of one that was lost or never started', async () => {
      const { place, spec, handle } = await launched('hangs');
      const nothing = { lives: false, endedAt: undefined };
      const end = handle.exited(NEVER);
      place.killSupervisor(spec);
      await place.settle(end);
      expect(await place.settle(place.workers.look(spec.attempt))).toMatchObject(nothing);
      const another = make();
      expect(await another.settle(another.workers.look(another.spec('works').attempt))).toEqual({
        ...nothing,
        startedAt: undefined,
      });
    });

    it('ends one that does not finish within its time', async () => {
      const { place, handle } = await launched('hangs', { deadlineMs: 600 });
      expect(await place.settle(handle.exited(NEVER))).toMatchObject({ reason: 'deadline' });
    });

    it('ends one to which nobody speaks any more', async () => {
      const { place, handle } = await launched('works', { idleMs: 600 });
      expect(await place.settle(handle.exited(NEVER))).toMatchObject({ reason: 'exited' });
    });

    it('goes on when whoever reads it stops', async () => {
      const { place, spec, handle } = await launched('works');
      const stop = new AbortController();
      const reason = new Error('It stops.');
      const reading = (async () => {
        for await (const { text } of handle.lines(0, stop.signal)) if (text.includes('"result"')) stop.abort(reason);
      })();
      await expect(place.settle(reading)).rejects.toBe(reason);
      await expect(place.settle(handle.exited(stop.signal))).rejects.toBe(reason);
      expect(place.isRunning(spec)).toBe(true);
      await place.settle(handle.send(FINISH));
      expect(await place.settle(handle.exited(NEVER))).toMatchObject({ code: 0 });
    });
  });
}
