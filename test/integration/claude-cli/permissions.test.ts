import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defineScenario } from '../../model-server/scenario.ts';
import { startModelServer } from '../../model-server/server.ts';
import { asksPermission, isResult, startCli, talkFlags, temporaryPlace } from './cli-run.ts';

// Not a plain file command such as touch: acceptEdits runs those inside the working folder without asking.
const command = 'sh -c "echo ok > checked.txt"';

const scenario = defineScenario({
  rules: [
    { name: 'told no', when: { lastTool: 'Bash', lastToolError: true }, answer: 'It was refused.' },
    { name: 'check', when: { prompt: 'check' }, answer: [{ bash: command }, 'It was run.'] },
    { name: 'findings', when: { prompt: '/finding/i' }, answer: [{ write: { 'fixed.txt': 'fixed' } }, 'Fixed.'] },
  ],
});

describe('permission requests on the standard streams', { timeout: 30_000 }, () => {
  it('asks before a command and runs it when the answer is allow', async () => {
    using place = temporaryPlace();
    const cwd = join(place.root, 'work');
    mkdirSync(cwd);
    await using server = await startModelServer(scenario);
    await using run = startCli({ server, home: place.home, cwd, stdin: 'pipe', args: talkFlags });
    run.say('check it');
    const asked = await run.frame(asksPermission);
    expect(asked.request).toMatchObject({ tool_name: 'Bash', input: { command } });
    expect(existsSync(join(cwd, 'checked.txt'))).toBe(false);
    run.answer(asked.request_id, { behavior: 'allow', updatedInput: asked.request?.['input'] });
    expect(await run.frame(isResult)).toMatchObject({ is_error: false, result: 'It was run.', permission_denials: [] });
    expect(existsSync(join(cwd, 'checked.txt'))).toBe(true);
    run.endInput();
    expect(await run.exit).toMatchObject({ code: 0 });
    server.assertNoUnmatched();
  });

  it('tells the model when the answer is deny, and goes on', async () => {
    using place = temporaryPlace();
    const cwd = join(place.root, 'work');
    mkdirSync(cwd);
    await using server = await startModelServer(scenario);
    await using run = startCli({ server, home: place.home, cwd, stdin: 'pipe', args: talkFlags });
    run.say('check it');
    const asked = await run.frame(asksPermission);
    run.answer(asked.request_id, { behavior: 'deny', message: 'Not in this project.' });
    expect(await run.frame(isResult)).toMatchObject({
      subtype: 'success',
      is_error: false,
      result: 'It was refused.',
      permission_denials: [{ tool_name: 'Bash' }],
    });
    expect(existsSync(join(cwd, 'checked.txt'))).toBe(false);
    expect(server.requests({ rule: 'told no' })[0]?.toolResult).toContain('Not in this project.');
    run.endInput();
    expect(await run.exit).toMatchObject({ code: 0 });
  });

  it('does not ask before writing inside the working folder, also for a second message of the same process', async () => {
    using place = temporaryPlace();
    const cwd = join(place.root, 'work');
    mkdirSync(cwd);
    await using server = await startModelServer(
      defineScenario({
        rules: [
          { name: 'findings', when: { userTurn: 2 }, answer: [{ write: { 'fixed.txt': 'fixed' } }, 'Fixed.'] },
          { name: 'work', when: { userTurn: 1 }, answer: [{ write: { 'made.txt': 'made' } }, 'Made.'] },
        ],
      }),
    );
    await using run = startCli({ server, home: place.home, cwd, stdin: 'pipe', args: talkFlags });
    run.say('make it');
    const first = await run.frame(isResult);
    run.say('These findings remain.');
    const second = await run.frame(isResult, 2);
    run.endInput();
    expect(await run.exit).toMatchObject({ code: 0 });
    expect([first.result, second.result]).toEqual(['Made.', 'Fixed.']);
    expect(existsSync(join(cwd, 'made.txt')) && existsSync(join(cwd, 'fixed.txt'))).toBe(true);
    expect(second.total_cost_usd).toBeGreaterThan(first.total_cost_usd ?? Number.POSITIVE_INFINITY);
    expect(run.frames.filter(asksPermission)).toEqual([]);
    expect(run.frames.filter((frame) => frame.subtype === 'init')).toHaveLength(2);
    expect(server.sessions()).toHaveLength(1);
    expect(server.requests().map(({ turn, userTurn }) => [turn, userTurn])).toEqual([
      [1, 1],
      [2, 1],
      [3, 2],
      [4, 2],
    ]);
  });
});
