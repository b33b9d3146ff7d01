import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defineScenario } from '../../model-server/scenario.ts';
import type { StepInput } from '../../model-server/schema.ts';
import { startModelServer } from '../../model-server/server.ts';
import { asksPermission, printFlags, startCli, talkFlags, temporaryPlace } from './cli-run.ts';

/** Runs the CLI once against a model that answers everything with the given steps. */
async function runAgainst(steps: readonly StepInput[], maxRetries = 0) {
  using place = temporaryPlace();
  const cwd = join(place.root, 'work');
  mkdirSync(cwd);
  await using server = await startModelServer(defineScenario({ rules: [{ name: 'all', answer: steps }] }));
  await using run = startCli({
    server,
    home: place.home,
    cwd,
    args: ['-p', 'go', ...printFlags],
    extra: { CLAUDE_CODE_MAX_RETRIES: String(maxRetries) },
  });
  const exit = await run.exit;
  return { exit, result: run.results().at(-1), frames: run.frames, requests: server.requests() };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const apiFailure = { subtype: 'success', is_error: true, terminal_reason: 'api_error' };

describe('failures of the API as the CLI reports them', { timeout: 60_000 }, () => {
  it('reports an overloaded API after no retry with status 529 and exit code 1', async () => {
    const { exit, result, requests } = await runAgainst([{ error: { status: 529 } }]);
    expect(exit).toEqual({ code: 1, signal: null });
    expect(result).toMatchObject({ ...apiFailure, api_error_status: 529 });
    expect(requests.map((request) => request.outcome)).toEqual(['error']);
  });

  it('retries by itself when it may, with a frame for each retry', async () => {
    const { exit, result, frames } = await runAgainst([{ error: { status: 529 } }, { text: 'Back again.' }], 1);
    expect(exit).toMatchObject({ code: 0 });
    expect(result).toMatchObject({ subtype: 'success', is_error: false, result: 'Back again.' });
    expect(frames.filter((frame) => frame.subtype === 'api_retry')).toMatchObject([
      { attempt: 1, max_retries: 1, error_status: 529, error: 'overloaded' },
    ]);
  });

  it('reports a rejected key with status 401', async () => {
    const { exit, result } = await runAgainst([{ error: { status: 401, message: 'invalid x-api-key' } }]);
    expect(exit).toMatchObject({ code: 1 });
    expect(result).toMatchObject({ ...apiFailure, api_error_status: 401 });
  });

  it('reports a rate limit with status 429', async () => {
    const { exit, result } = await runAgainst([{ error: { status: 429, headers: { 'retry-after': '1' } } }]);
    expect(exit).toMatchObject({ code: 1 });
    expect(result).toMatchObject({ ...apiFailure, api_error_status: 429 });
  });

  it('reports a connection dropped before the answer without a status', async () => {
    const { exit, result, requests } = await runAgainst([{ drop: 'before' }]);
    expect(exit).toMatchObject({ code: 1 });
    expect(result).toMatchObject({ ...apiFailure, api_error_status: null });
    expect(requests.every((request) => request.outcome === 'dropped')).toBe(true);
  });

  it('asks again for a plain answer after a broken stream, even when it may not retry', async () => {
    const { exit, result, requests } = await runAgainst([
      { write: { 'lost.txt': 'never complete' }, chunk: 1, drop: 'during' },
      { text: 'Whole.' },
    ]);
    expect(exit).toMatchObject({ code: 0 });
    expect(result).toMatchObject({ is_error: false, result: 'Whole.' });
    expect(requests.map(({ streamed, outcome }) => [streamed, outcome])).toEqual([
      [true, 'dropped'],
      [false, 'answered'],
    ]);
  });

  it.each<[string, StepInput]>([
    ['dropped in the middle of an answer', { text: 'half an answer', chunk: 1, drop: 'during' }],
    ['malformed in the middle of an answer', { text: 'half an answer', chunk: 1, malformed: true }],
  ])('never reports success for an API that is always %s', async (_name, step) => {
    const { exit, result } = await runAgainst([step]);
    expect(exit).toMatchObject({ code: 1 });
    expect(result).toMatchObject(apiFailure);
  });
});

describe('a CLI that is ended', { timeout: 60_000 }, () => {
  it('exits 143 without a result on SIGTERM while the model never answers', async () => {
    using place = temporaryPlace();
    mkdirSync(join(place.root, 'work'));
    await using server = await startModelServer(defineScenario({ rules: [{ name: 'never', answer: { hang: true } }] }));
    await using run = startCli({
      server,
      home: place.home,
      cwd: join(place.root, 'work'),
      args: ['-p', 'go', ...printFlags],
    });
    await server.waitForRequest({ rule: 'never' });
    run.kill('SIGTERM');
    expect(await run.exit).toEqual({ code: 143, signal: null });
    expect(run.results()).toEqual([]);
    await server.waitForRequest({ rule: 'never', outcome: 'aborted' });
  });

  it('takes its running command along on SIGTERM', async () => {
    using place = temporaryPlace();
    const cwd = join(place.root, 'work');
    mkdirSync(cwd);
    await using server = await startModelServer(
      defineScenario({ rules: [{ name: 'long', answer: { bash: 'echo $$ > pid.txt; exec sleep 300' } }] }),
    );
    await using run = startCli({ server, home: place.home, cwd, stdin: 'pipe', args: talkFlags });
    run.say('go');
    const asked = await run.frame(asksPermission);
    run.answer(asked.request_id, { behavior: 'allow', updatedInput: asked.request?.['input'] });
    const pidFile = join(cwd, 'pid.txt');
    await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n')).toBe(true);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    run.kill('SIGTERM');
    expect(await run.exit).toEqual({ code: 143, signal: null });
    await expect.poll(() => isAlive(pid)).toBe(false);
  });
});
