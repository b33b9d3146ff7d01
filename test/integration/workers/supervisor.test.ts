import { once } from 'node:events';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { WorkerHandle } from '../../../src/core/ports/workers.ts';
import { readClaim } from '../../../src/node/supervisor/attempt-folder.ts';
import { attemptPlace, NEVER, runWorkerScript, until } from './attempt-place.ts';

const cancel = { id: 'cancel', type: 'cancel' } as const;
const finish = { id: 'finish', type: 'finish' } as const;

async function linesOf(handle: WorkerHandle): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of handle.lines(0, NEVER)) lines.push(line.text);
  return lines;
}

/** Processes that this one has started and that run. */
function childrenOf(parent: number) {
  return readdirSync('/proc').flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const [state, of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(of) !== parent || state === 'Z') return [];
      return [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0') }];
    } catch {
      return [];
    }
  });
}

describe.skipIf(process.platform !== 'linux')('a supervised worker', { timeout: 60_000 }, () => {
  it('gets the prompt by stdin, is written down completely, and ends when told that nothing more comes', async () => {
    const place = attemptPlace();
    const { pid, handle } = await place.workers.launch(place.spec(['say 5000000', 'say 10', 'result', 'next']), NEVER);
    await handle.send(finish);
    const lines = await linesOf(handle);
    expect(lines.map((line) => line.length > 5_000_000)).toEqual([true, false, false]);
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      'assistant',
      'assistant',
      'result',
    ]);
    expect(await handle.exited(NEVER)).toMatchObject({ code: 0, signal: null, reason: 'exited' });
    expect(readClaim(place.folder)).toMatchObject({ by: 'supervisor', owner: { pid } });
    expect(place.notes()[1]).toBe(
      'heard {"type":"user","message":{"role":"user","content":"Do it."},"parent_tool_use_id":null}',
    );
    expect(place.left()).toEqual([]);
  });

  it('is supervised by a process that waited for it, once, and by another where that one is gone', async () => {
    const place = attemptPlace();
    place.workers.expect();
    const { pid, handle } = await place.workers.launch(place.spec(['result', 'next']), NEVER);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    expect(command.slice(-2)).toEqual(['wait', '']);
    await handle.send(finish);
    expect(await handle.exited(NEVER)).toMatchObject({ code: 0, reason: 'exited' });
    expect(place.notes().filter((note) => note.startsWith('heard'))).toHaveLength(1);

    const other = attemptPlace();
    other.workers.expect();
    const waiting = childrenOf(process.pid).filter((child) => child.command.includes('wait'));
    for (const child of waiting) process.kill(child.pid, 'SIGKILL');
    await until('they are gone', () => childrenOf(process.pid).every((child) => !child.command.includes('wait')));
    const second = await other.workers.launch(other.spec(['result', 'next']), NEVER);
    await second.handle.send(finish);
    expect(await second.handle.exited(NEVER)).toMatchObject({ code: 0, reason: 'exited' });
  });

  it('leaves lines with their places, and can be read from any of them', async () => {
    const place = attemptPlace();
    const { handle } = await place.workers.launch(place.spec(['say 7', 'say 300000', 'result', 'exit 0']), NEVER);
    const lines = [];
    for await (const line of handle.lines(0, NEVER)) lines.push(line);
    const bytes = readFileSync(join(place.folder, 'stream.ndjson'));
    for (const { from, to, text: said } of lines) expect(bytes.subarray(from, to).toString()).toBe(`${said}\n`);
    const again = [];
    for await (const line of handle.lines(lines[1]?.from ?? 0, NEVER)) again.push(line);
    expect(again).toEqual(lines.slice(1));
  });

  it('leaves out a last line that it did not finish, and keeps what it said on stderr', async () => {
    const place = attemptPlace();
    const { handle } = await place.workers.launch(place.spec(['say 1', 'stderr trouble', 'partial', 'exit 3']), NEVER);
    expect(await linesOf(handle)).toHaveLength(1);
    expect(await handle.exited(NEVER)).toMatchObject({
      code: 3,
      reason: 'exited',
      message: 'The worker ended with code 3.',
    });
    expect(await place.workers.stderrTail(place.attempt)).toBe('trouble\n');
  });

  it('inherits the allowed variables and nothing else', async () => {
    const place = attemptPlace();
    place.writeSpec(
      place.spec(['environment', 'exit 0'], {
        environmentNames: ['PATH', 'ANTHROPIC_BASE_URL', 'NOT_THERE'],
        environment: { CLAUDE_ORCHESTRATOR_ATTEMPT: place.attempt, EXTRA: '1' },
      }),
    );
    const env = {
      PATH: process.env['PATH'],
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:1',
      SECRET: 'x',
      ELECTRON_RUN_AS_NODE: '1',
    };
    await once(runWorkerScript('supervise', place.folder, env), 'exit');
    const seen = JSON.parse(readFileSync(join(place.root, 'environment.json'), 'utf8')) as Record<string, string>;
    expect(Object.keys(seen).sort()).toEqual(['ANTHROPIC_BASE_URL', 'CLAUDE_ORCHESTRATOR_ATTEMPT', 'EXTRA', 'PATH']);
  });

  it('obeys each control line once, whatever stands between them', async () => {
    const place = attemptPlace();
    const { handle } = await place.workers.launch(
      place.spec(['result', 'next', 'result', 'next', 'result', 'next']),
      NEVER,
    );
    const heard = () => place.notes().filter((note) => note.startsWith('heard')).length;
    await until('the first turn', () => heard() === 1);
    await handle.send({ id: 'm1', type: 'message', text: 'again' });
    await handle.send({ id: 'm1', type: 'message', text: 'again' });
    const control = join(place.folder, 'control.ndjson');
    appendFileSync(control, 'nonsense\n\n{"id":"x","type":"tomorrow"}\n{"id":"torn","type":"mess');
    await handle.send({ id: 'm2', type: 'message', text: 'and again' });
    await handle.send({ id: 'm1', type: 'message', text: 'again' });
    await handle.send(finish);
    expect(await handle.exited(NEVER)).toMatchObject({ code: 0 });
    expect(place.notes().filter((note) => note.includes('again'))).toHaveLength(2);
    expect(heard()).toBe(3);
  });

  it('passes the answer to a question on as the CLI wants it', async () => {
    const place = attemptPlace();
    const { handle } = await place.workers.launch(place.spec(['ask', 'result', 'exit 0']), NEVER);
    await until('the question', () => existsSync(join(place.folder, 'stream.ndjson')) && place.stream().includes('r1'));
    const decision = { behavior: 'allow', updatedInput: { command: 'ls' } } as const;
    await handle.send({ id: 'p', type: 'permission', requestId: 'r1', decision });
    expect(await handle.exited(NEVER)).toMatchObject({ code: 0 });
    expect(JSON.parse(place.notes()[2]?.slice(6) ?? '')).toEqual({
      type: 'control_response',
      response: { subtype: 'success', request_id: 'r1', response: decision },
    });
  });

  it('is cancelled with all that it started, also what is deaf and in a session of its own', async () => {
    const place = attemptPlace();
    const { handle } = await place.workers.launch(place.spec(['stubborn', 'child', 'next']), NEVER);
    await until('the child', () => place.notes().some((note) => note.startsWith('child')));
    expect(place.left().length).toBeGreaterThan(1);
    await handle.send(cancel);
    expect(await handle.exited(NEVER)).toMatchObject({ code: null, signal: 'SIGKILL', reason: 'cancelled' });
    expect(place.notes()).toContain('was asked to end');
    expect(place.left()).toEqual([]);
  });

  it('leaves nothing running when it ends by itself', async () => {
    const place = attemptPlace();
    const { handle } = await place.workers.launch(place.spec(['child', 'result', 'next']), NEVER);
    await until('the child', () => place.notes().some((note) => note.startsWith('child')));
    await handle.send(finish);
    expect(await handle.exited(NEVER)).toMatchObject({ code: 0, reason: 'exited' });
    expect(place.left()).toEqual([]);
  });

  it('is ended at its deadline', async () => {
    const place = attemptPlace();
    const { handle } = await place.workers.launch(place.spec(['next'], { deadlineMs: 700 }), NEVER);
    expect(await handle.exited(NEVER)).toMatchObject({ reason: 'deadline' });
    expect(place.left()).toEqual([]);
  });

  it('is interrupted at its deadline first, so that it says what it has used, and ended then', async () => {
    const place = attemptPlace();
    const { handle } = await place.workers.launch(place.spec(['next', 'result', 'next'], { deadlineMs: 700 }), NEVER);
    const lines = await linesOf(handle);
    expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual(['result']);
    expect(await handle.exited(NEVER)).toMatchObject({ reason: 'deadline' });
    expect(JSON.parse(place.notes()[2]?.slice(6) ?? '')).toEqual({
      ...{ type: 'control_request', request_id: 'deadline', request: { subtype: 'interrupt' } },
    });
    expect(place.left()).toEqual([]);
  });

  it('uses up no time while it asks, and gets a new deadline when told', async () => {
    const place = attemptPlace();
    const { handle } = await place.workers.launch(place.spec(['ask', 'next'], { deadlineMs: 1_200 }), NEVER);
    await until('the question', () => existsSync(join(place.folder, 'stream.ndjson')) && place.stream().includes('r1'));
    const asked = Date.now();
    await until('three seconds', () => Date.now() - asked > 3_000);
    expect(existsSync(join(place.folder, 'exit.json'))).toBe(false);
    await handle.send({ id: 'p', type: 'permission', requestId: 'r1', decision: { behavior: 'deny', message: 'no' } });
    expect(await handle.exited(NEVER)).toMatchObject({ reason: 'deadline' });
  });

  it('is let go when nothing is said to it for long after its turn', async () => {
    const place = attemptPlace();
    const { handle } = await place.workers.launch(
      place.spec(['result', 'next'], { idleMs: 600, deadlineMs: 100 }),
      NEVER,
    );
    expect(await handle.exited(NEVER)).toMatchObject({ code: 0, reason: 'exited' });
    expect(place.notes()).toContain('input ended');
  });

  it('has one supervisor, however many are started', async () => {
    const place = attemptPlace();
    place.writeSpec(place.spec(['result', 'exit 0']));
    const supervisors = Array.from({ length: 5 }, () => runWorkerScript('supervise', place.folder));
    const codes = await Promise.all(supervisors.map(async (child) => (await once(child, 'exit'))[0] as number));
    expect(codes).toEqual([0, 0, 0, 0, 0]);
    expect(place.notes().filter((note) => note.startsWith('started'))).toHaveLength(1);
    expect(place.exit()).toMatchObject({ code: 0 });
  });

  it.each([
    ['a spec of another version', { version: 2 }, 'is no spec that this supervisor understands'],
    ['an executable that is not there', { command: '/nowhere/claude' }, 'ENOENT'],
    ['a folder that is not there', { cwd: '/nowhere' }, 'ENOENT'],
    ['an executable that is none', { command: '/etc/passwd' }, 'EACCES'],
  ])('is not started for %s, and says so', async (_name, change, message) => {
    const place = attemptPlace();
    place.writeSpec({ ...place.spec(['exit 0']), ...change });
    await once(runWorkerScript('supervise', place.folder), 'exit');
    expect(place.exit()).toMatchObject({
      code: null,
      reason: 'not-started',
      message: expect.stringContaining(message),
    });
    expect(place.notes()).toEqual([]);
  });

  it('ends when its supervisor is told to end', async () => {
    const place = attemptPlace();
    const { pid, handle } = await place.workers.launch(place.spec(['child', 'next']), NEVER);
    await until('the child', () => place.notes().some((note) => note.startsWith('child')));
    process.kill(pid, 'SIGTERM');
    expect(await handle.exited(NEVER)).toMatchObject({
      reason: 'exited',
      message: 'The supervisor was told to end (SIGTERM).',
    });
    expect(place.left()).toEqual([]);
  });

  it('counts as ended, and is ended, when its supervisor was killed', async () => {
    const place = attemptPlace();
    const { pid, handle } = await place.workers.launch(place.spec(['child', 'result', 'next']), NEVER);
    await until('the child', () => place.notes().some((note) => note.startsWith('child')));
    process.kill(pid, 'SIGKILL');
    const lines = await linesOf(handle);
    expect(await handle.exited(NEVER)).toMatchObject({ code: null, message: 'The supervisor of the worker is gone.' });
    expect(lines.length).toBeLessThanOrEqual(1);
    await until('nothing is left', () => place.left().length === 0);
  });
});
