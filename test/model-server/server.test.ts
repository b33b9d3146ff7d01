import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ask, spoken } from './ask.ts';
import { readRecord } from './request-log.ts';
import { defineScenario } from './scenario.ts';
import type { RuleInput } from './schema.ts';
import { startModelServer } from './server.ts';

const start = (rules: readonly RuleInput[], options = {}) => startModelServer(defineScenario({ rules }), options);
const worker = '[claude-orchestrator role=worker subtask=api attempt=2]';

describe('the scripted model server', () => {
  it('answers by role, subtask and attempt with placeholders filled in', async () => {
    await using server = await start([
      { name: 'other attempt', when: { role: 'worker', attempt: 1 }, answer: 'first' },
      {
        name: 'work',
        when: { role: 'worker', subtask: '/^a/', attempt: '>= 2' },
        answer: { write: { 'a/b.txt': `{{subtask}} {{attempt}} \\{{cwd}} ${'$'}{{cwd}}` } },
      },
    ]);
    const { text: stream } = await ask(server, { marker: worker });
    expect(JSON.parse(spoken(stream))).toEqual({
      file_path: '/place/of work/a/b.txt',
      content: `api 2 {{cwd}} ${'$'}{{cwd}}`,
    });
    expect(stream).toContain('"stop_reason":"tool_use"');
    expect(server.requests({ role: 'worker', subtask: 'api' })).toMatchObject([
      { rule: 'work', attempt: 2, cwd: '/place/of work', tools: ['Write'], credential: 'test', outcome: 'answered' },
    ]);
    expect(server.unusedRules()).toEqual(['other attempt']);
  });

  it('goes through the steps of a rule in each session by itself, and ends tool calls with a text', async () => {
    await using server = await start([{ name: 'steps', answer: ['one', { bash: 'ls' }] }]);
    const said = async (session: string) => spoken((await ask(server, { session })).text);
    expect(await said('a')).toBe('one');
    expect(await said('a')).toContain('ls');
    expect(await said('b')).toBe('one');
    expect(await said('a')).toBe('Done.');
    expect(server.sessions()).toEqual(['a', 'b']);
  });

  it('counts the requests that meet a rule across sessions', async () => {
    await using server = await start([
      { name: 'overloaded first', when: { nth: 1 }, answer: { error: { status: 529 } } },
      { name: 'then', answer: 'fine' },
    ]);
    expect((await ask(server, { session: 'a' })).status).toBe(529);
    expect((await ask(server, { session: 'b' })).status).toBe(200);
  });

  it('tells prompts from tool results and reminders', async () => {
    await using server = await start([{ name: 'all', answer: 'x' }]);
    const call = { type: 'tool_use', id: 't1', name: 'Bash', input: {} };
    const result = { type: 'tool_result', tool_use_id: 't1', content: 'exit 1', is_error: true };
    const reminder = { type: 'text', text: '<system-reminder>\nmind\n</system-reminder>' };
    const messages = [
      { role: 'user', content: [reminder, { type: 'text', text: 'first' }] },
      { role: 'assistant', content: [call] },
      { role: 'user', content: [result, reminder] },
    ];
    await ask(server, { messages });
    await ask(server, {
      messages: [...messages.slice(0, 2), { role: 'user', content: [result, { type: 'text', text: 'second' }] }],
    });
    expect(server.requests()).toMatchObject([
      { turn: 2, userTurn: 1, prompt: 'first', lastTools: ['Bash'], lastToolError: true, toolResult: 'exit 1' },
      { turn: 2, userTurn: 2, prompt: 'second', lastTools: [], lastToolError: undefined },
    ]);
  });

  it('explains a request that no rule answers', async () => {
    await using server = await start([
      { name: 'plan', when: { role: 'planner' }, answer: 'x' },
      { name: 'late', when: { turn: '> 1', prompt: ['mend', 'fix'] }, answer: 'x' },
    ]);
    const { status, text: body } = await ask(server, { marker: worker, prompt: 'do it' });
    expect(status).toBe(400);
    expect(JSON.parse(body).error.message).toBe(
      [
        'No rule of the scenario answers this request: role=worker subtask=api attempt=2 turn=1 userTurn=1 prompt="do it"',
        '  - rule "plan": role is "worker", wanted "planner"',
        '  - rule "late": turn is 1, wanted "> 1"; prompt is "do it", wanted ["mend","fix"]',
      ].join('\n'),
    );
    expect(() => server.assertNoUnmatched()).toThrow('rule "plan": role is "worker"');
    expect(server.requests({ outcome: 'unmatched' })).toHaveLength(1);
  });

  it('fails the way a scenario says', async () => {
    await using server = await start([
      { name: 'limit', when: { prompt: 'limit' }, answer: { error: { status: 429, headers: { 'retry-after': '7' } } } },
      { name: 'before', when: { prompt: 'before' }, answer: { drop: 'before' } },
      { name: 'during', when: { prompt: 'during' }, answer: { text: 'cut', chunk: 1, drop: 'during' } },
      { name: 'malformed', when: { prompt: 'malformed' }, answer: { malformed: true } },
    ]);
    const limit = await ask(server, { prompt: 'limit' });
    expect([limit.status, limit.headers.get('retry-after')]).toEqual([429, '7']);
    expect(JSON.parse(limit.text)).toMatchObject({ type: 'error', error: { type: 'rate_limit_error' } });
    await expect(ask(server, { prompt: 'before' })).rejects.toThrow();
    await expect(ask(server, { prompt: 'during' })).rejects.toThrow();
    await expect(ask(server, { prompt: 'during', stream: false })).rejects.toThrow();
    const malformed = await ask(server, { prompt: 'malformed' });
    expect(() => spoken(malformed.text)).toThrow(SyntaxError);
    expect(server.requests().map((request) => request.outcome)).toEqual([
      'error',
      'dropped',
      'dropped',
      'dropped',
      'malformed',
    ]);
  });

  it('holds answers at a gate, and so shows what runs at the same time', async () => {
    await using server = await start([{ name: 'held', answer: { text: 'go on', gate: 'both' } }]);
    const answers = [ask(server, { session: 'a' }), ask(server, { session: 'b' })];
    await Promise.all([server.waitForRequest({ session: 'a' }), server.waitForRequest({ session: 'b' })]);
    expect(server.requests({ outcome: 'waiting' })).toHaveLength(2);
    server.open('both');
    expect((await Promise.all(answers)).map((answer) => spoken(answer.text))).toEqual(['go on', 'go on']);
    expect(server.maxConcurrent()).toBe(2);
  });

  it('notices a client that leaves, and lets go of hanging answers when it closes', async () => {
    const server = await start([{ name: 'never', answer: { hang: true } }]);
    const leaving = new AbortController();
    const left = ask(server, { session: 'leaver', signal: leaving.signal });
    await server.waitForRequest({ session: 'leaver' });
    leaving.abort();
    await expect(left).rejects.toThrow();
    await server.waitForRequest({ session: 'leaver', outcome: 'aborted' });
    const stayed = ask(server, { session: 'stayer' });
    await server.waitForRequest({ session: 'stayer' });
    await Promise.all([expect(stayed).rejects.toThrow(), server.close()]);
    expect(server.requests({ session: 'stayer' })).toMatchObject([{ outcome: 'closed' }]);
  });

  it('says what there was when an awaited request does not come', async () => {
    await using server = await start([{ name: 'all', answer: 'x' }]);
    await ask(server, { marker: worker });
    await expect(server.waitForRequest({ role: 'planner' }, 10)).rejects.toThrow('worker api #2 turn 1: all, answered');
  });

  it('sends large texts and counts tokens as a prompt cache would', async () => {
    await using server = await start([{ name: 'large', answer: { text: { repeat: 'word ', times: 50_000 } } }]);
    const usage = async () => JSON.parse((await ask(server, { stream: false })).text).usage;
    const first = await usage();
    expect(first).toMatchObject({ output_tokens: 62_500, cache_read_input_tokens: 0 });
    expect(await usage()).toMatchObject({ cache_read_input_tokens: first.cache_creation_input_tokens + 4 });
    expect(spoken((await ask(server)).text)).toHaveLength(250_000);
  });

  it('records for other processes, without credentials', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'record-'));
    const file = join(folder, 'requests.ndjson');
    await using server = await start([{ name: 'all', answer: 'x' }], { recordTo: file });
    await ask(server, { marker: worker });
    await server.waitForRequest({ outcome: 'answered' });
    expect(readRecord(file)).toMatchObject([{ number: 1, role: 'worker', rule: 'all', outcome: 'answered' }]);
    expect(JSON.stringify([readRecord(file), server.requests()])).not.toContain('dummy');
    rmSync(folder, { recursive: true });
  });
});

describe('the model server as a program', () => {
  const program = fileURLToPath(new URL('./main.ts', import.meta.url));
  const example = fileURLToPath(new URL('./example.yaml', import.meta.url));

  it('prints its address and nothing else until it is told to end', async () => {
    const child = spawn(process.execPath, [program, example], { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
    const errors = text(child.stderr);
    const url = (await output).trim();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    const ended = new Promise((resolve) => child.once('close', resolve));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(await errors).toBe('');
  });

  it('ends with code 2 and the reason when it is used wrongly', async () => {
    const wrong = promisify(execFile)(process.execPath, [program, 'missing.yaml']);
    await expect(wrong).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('missing.yaml: ENOENT') });
  });
});
