import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import type { WorkerHandle } from '../../../src/core/ports/workers.ts';
import { readClaim } from '../../../src/node/supervisor/attempt-folder.ts';
import { attemptPlace, NEVER, runWorkerScript, until } from './attempt-place.ts';

const cancel = { id: 'cancel', type: 'cancel' } as const;

async function linesOf(handle: WorkerHandle): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of handle.lines(0, NEVER)) lines.push(line.text);
  return lines;
}

describe.skipIf(process.platform !== 'linux')('whoever looks at a worker', { timeout: 60_000 }, () => {
  it('sees it to its end and ends with its exit code', async () => {
    const place = attemptPlace();
    place.writeSpec(place.spec(['say 5', 'result', 'exit 7']));
    const viewer = runWorkerScript('run', place.folder);
    const [output, [code]] = await Promise.all([text(viewer.stdout ?? process.stdin), once(viewer, 'exit')]);
    expect(code).toBe(7);
    expect(output).toContain('A test');
    expect(output).toContain('xxxxx');
    expect(output).toContain('The worker ended with code 7.');
    const later = runWorkerScript('view', place.folder);
    expect((await once(later, 'exit'))[0]).toBe(7);
  });

  it('can go away without the worker noticing, and come back', async () => {
    const place = attemptPlace();
    place.writeSpec(place.spec(['say 5', 'result', 'next', 'say 6', 'exit 0']));
    const viewer = runWorkerScript('run', place.folder);
    await until('the start', () => place.notes().some((note) => note.startsWith('heard')));
    viewer.kill('SIGKILL');
    await once(viewer, 'exit');
    const handle = await place.workers.attach(place.attempt, NEVER);
    await handle?.send({ id: 'm', type: 'message', text: 'go on' });
    expect(await handle?.exited(NEVER)).toMatchObject({ code: 0 });
    expect((await linesOf(handle as WorkerHandle)).length).toBe(3);
  });

  it('sees nothing that steers the terminal', async () => {
    const place = attemptPlace();
    place.writeSpec({ ...place.spec(['exit 0']), title: '\u001b]0;owned\u0007title' });
    const viewer = runWorkerScript('run', place.folder);
    const output = await text(viewer.stdout ?? process.stdin);
    expect(output).toContain('title');
    expect(output).not.toContain('\u001b]');
    expect(output).not.toContain('\u0007');
  });

  it('wins an attempt that was never started, so that nobody starts it later', async () => {
    const place = attemptPlace();
    expect(await place.workers.attach(place.attempt, NEVER)).toBeUndefined();
    place.writeSpec(place.spec(['exit 0']));
    expect(await place.workers.attach(place.attempt, NEVER)).toBeUndefined();
    expect(readClaim(place.folder)).toMatchObject({ by: 'abandoned' });
    await once(runWorkerScript('supervise', place.folder), 'exit');
    expect(place.notes()).toEqual([]);
    expect(await place.workers.attach(place.attempt, NEVER)).toBeUndefined();
    const viewer = runWorkerScript('view', place.folder);
    expect((await once(viewer, 'exit'))[0]).toBe(1);
  });

  it('does not wait for ever for an attempt that somebody took away while it was being started', async () => {
    const place = attemptPlace();
    place.writeSpec(place.spec([]));
    await place.workers.attach(place.attempt, NEVER);
    await expect(place.workers.launch(place.spec(['exit 0']), NEVER)).rejects.toMatchObject({ code: 'claude-failed' });
  });

  it('stops looking when told, at once', async () => {
    const place = attemptPlace();
    const { handle } = await place.workers.launch(place.spec(['next']), NEVER);
    const stop = new AbortController();
    const reading = linesUntil(handle, stop.signal);
    const waiting = handle.exited(stop.signal);
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    await expect(waiting).rejects.toThrow('enough');
    await handle.send(cancel);
    await handle.exited(NEVER);
  });
});

async function linesUntil(handle: WorkerHandle, signal: AbortSignal): Promise<void> {
  for await (const line of handle.lines(0, signal)) expect(line.text).not.toBe('');
}
