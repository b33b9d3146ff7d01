import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defineScenario } from '../../model-server/scenario.ts';
import { startModelServer } from '../../model-server/server.ts';
import { isResult, printFlags, startCli, talkFlags, temporaryPlace } from './cli-run.ts';

const schema = JSON.stringify({
  type: 'object',
  properties: { verdict: { type: 'string' } },
  required: ['verdict'],
  additionalProperties: false,
});

describe('the real CLI against the scripted model', { timeout: 30_000 }, () => {
  it('prints a text answer with its cost and exits 0', async () => {
    using place = temporaryPlace();
    mkdirSync(join(place.root, 'work'));
    await using server = await startModelServer(
      defineScenario({ rules: [{ name: 'hello', when: { prompt: 'hello' }, answer: 'Hello yourself.' }] }),
    );
    await using run = startCli({
      server,
      home: place.home,
      cwd: join(place.root, 'work'),
      args: ['-p', 'say hello', ...printFlags],
    });
    expect(await run.exit).toEqual({ code: 0, signal: null });
    expect(run.results()).toMatchObject([{ subtype: 'success', is_error: false, result: 'Hello yourself.' }]);
    expect(run.results()[0]?.total_cost_usd).toBeGreaterThan(0);
    expect(server.requests()).toMatchObject([{ role: 'other', turn: 1, userTurn: 1, prompt: 'say hello', step: 1 }]);
    server.assertNoUnmatched();
  });

  it('writes, overwrites and edits files of its working folder', async () => {
    using place = temporaryPlace();
    const cwd = join(place.root, 'work');
    mkdirSync(cwd);
    writeFileSync(join(cwd, 'old.txt'), 'before\n');
    writeFileSync(join(cwd, 'code.ts'), 'const a = 1;\n');
    await using server = await startModelServer(
      defineScenario({
        rules: [
          {
            name: 'work',
            when: { role: 'worker', subtask: 'files', attempt: 2, lastToolError: false },
            answer: 'Never asked',
          },
          {
            name: 'files',
            when: { role: 'worker', subtask: 'files', attempt: 2 },
            answer: [
              { write: { 'src/new-{{subtask}}.txt': 'attempt {{attempt}}' } },
              { overwrite: { 'old.txt': 'after\n' }, edit: { path: 'code.ts', old: 'a = 1', new: 'a = 2' } },
            ],
          },
        ].reverse(),
      }),
    );
    await using run = startCli({
      server,
      home: place.home,
      cwd,
      args: [
        '-p',
        'work',
        ...printFlags,
        '--append-system-prompt',
        '[claude-orchestrator role=worker subtask=files attempt=2]',
      ],
    });
    expect(await run.exit).toMatchObject({ code: 0 });
    expect(readFileSync(join(cwd, 'src/new-files.txt'), 'utf8')).toBe('attempt 2');
    expect(readFileSync(join(cwd, 'old.txt'), 'utf8')).toBe('after\n');
    expect(readFileSync(join(cwd, 'code.ts'), 'utf8')).toBe('const a = 2;\n');
    expect(run.results()[0]?.result).toBe('Done.');
    expect(
      server.requests().map(({ turn, step, lastTools, lastToolError }) => ({ turn, step, lastTools, lastToolError })),
    ).toEqual([
      { turn: 1, step: 1, lastTools: [], lastToolError: undefined },
      { turn: 2, step: 2, lastTools: ['Write'], lastToolError: false },
      { turn: 3, step: 0, lastTools: ['Read', 'Write', 'Read', 'Edit'], lastToolError: false },
    ]);
    expect(server.unusedRules()).toEqual(['work']);
  });

  it('returns structured output for a prompt given as an argument', async () => {
    using place = temporaryPlace();
    mkdirSync(join(place.root, 'work'));
    await using server = await startModelServer(
      defineScenario({
        rules: [{ name: 'verdict', when: { offers: 'StructuredOutput' }, answer: { structured: { verdict: 'good' } } }],
      }),
    );
    await using run = startCli({
      server,
      home: place.home,
      cwd: join(place.root, 'work'),
      args: ['-p', 'judge', ...printFlags, '--json-schema', schema],
    });
    expect(await run.exit).toMatchObject({ code: 0 });
    expect(run.results()).toMatchObject([
      { subtype: 'success', is_error: false, structured_output: { verdict: 'good' } },
    ]);
    expect(server.requests()).toHaveLength(1);
  });

  it('returns structured output for each message of a session that stays open', async () => {
    using place = temporaryPlace();
    mkdirSync(join(place.root, 'work'));
    await using server = await startModelServer(
      defineScenario({
        rules: [
          { name: 'first', when: { userTurn: 1 }, answer: { structured: { verdict: 'first' } } },
          { name: 'second', when: { userTurn: 2 }, answer: { structured: { verdict: 'second' } } },
        ],
      }),
    );
    await using run = startCli({
      server,
      home: place.home,
      cwd: join(place.root, 'work'),
      stdin: 'pipe',
      args: [...talkFlags, '--json-schema', schema],
    });
    run.say('judge once');
    expect(await run.frame(isResult)).toMatchObject({ is_error: false, structured_output: { verdict: 'first' } });
    run.say('judge again');
    expect(await run.frame(isResult, 2)).toMatchObject({ is_error: false, structured_output: { verdict: 'second' } });
    run.endInput();
    expect(await run.exit).toMatchObject({ code: 0 });
    expect(server.requests().map((request) => request.prompt)).toEqual(['judge once', 'judge again']);
    expect(server.sessions()).toHaveLength(1);
    server.assertNoUnmatched();
  });
});
