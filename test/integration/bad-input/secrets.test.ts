import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeExecutable, ended, jobPlace, subtask } from '../main-job/job-place.ts';

/** Put together here, so that nothing in this file looks like a key. */
const ANTHROPIC = `sk-ant-${'api03-verysecretverysecret'}`;
const GITHUB = `ghp_${'Zz09'.repeat(9)}`;
const FOREIGN = 'correct-horse-battery';
const LOGIN = 'a-login-token-of-the-person';
const PEM = `-----BEGIN ${'PRIVATE KEY-----'}\nMIIEsecretsecret\n-----END PRIVATE KEY-----`;
const SECRETS = [ANTHROPIC, GITHUB, LOGIN, 'MIIEsecretsecret', 'verysecret', 'Zz09Zz09'];

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());

describe('secrets that a worker sees and says', { timeout: 120_000 }, () => {
  it('stay in the raw files of its attempt: no journal, log, question or status has them', async () => {
    const said = `Keys: ${ANTHROPIC} ${GITHUB} ${LOGIN} ${PEM}`;
    const long = `curl -H "x-api-key: ${'x'.repeat(150)} ${ANTHROPIC}" https://example.org`;
    const place = await jobPlace([
      {
        name: 'plans',
        when: { role: 'planner' },
        answer: {
          structured: {
            version: 1,
            title: `Use ${GITHUB}`,
            subtasks: [subtask('a', { instructions: `Log in with ${ANTHROPIC}.` })],
          },
        },
      },
      {
        name: 'works',
        when: { role: 'worker', attempt: 1, turn: '>= 4' },
        answer: { error: { status: 400, type: 'invalid_request_error', message: `bad header ${GITHUB} ${LOGIN}` } },
      },
      {
        name: 'talks',
        when: { role: 'worker', attempt: 1 },
        answer: [{ text: said, bash: long }, { bash: `echo ${GITHUB}` }, { bash: 'sh print.sh' }, said],
      },
      { name: 'ends', when: { role: 'worker' }, answer: [{ write: { 'a.js': 'export {};\n' } }, said] },
    ]);
    place.write('print.sh', 'env\n');
    place.write('.keep', '');
    place.git('add', '-A');
    place.git('commit', '--quiet', '-m', 'print');
    const args = ['run', 'A task', '--yes', '--json', '--claude', claudeExecutable, '--check-command', 'sh print.sh'];
    const extra = { CLAUDE_CODE_OAUTH_TOKEN: LOGIN };
    place.write(
      '.claude-orchestrator/config.jsonc',
      '{ "checkCommands": ["sh print.sh"], "infrastructureRetries": 1 }',
    );
    const result = await ended(place.start(args, extra));
    expect(result.code, result.stderr).toBe(0);
    expect(result.stderr).toContain('[redacted]');
    const status = await place.command('status', '--json');
    const everywhere = [result.stdout, result.stderr, status.stdout, (await place.command('status')).stdout];
    const raw = filesBelow(place.state).filter((path) => path.includes(`${sep}attempts${sep}`));
    // They were really said, and the raw files are the person's alone.
    expect(raw.some((path) => readFileSync(path, 'utf8').includes(ANTHROPIC))).toBe(true);
    for (const path of raw) expect(statSync(path).mode & 0o077, path).toBe(0);
    for (const path of filesBelow(place.state)) if (!raw.includes(path)) everywhere.push(readFileSync(path, 'latin1'));
    for (const text of everywhere) for (const secret of SECRETS) expect(text).not.toContain(secret);
  });

  it("hands on no variable of the person's that is not on the list", async () => {
    const place = await jobPlace([
      {
        name: 'works',
        when: { role: 'worker' },
        answer: [{ bash: 'sh print.sh' }, { write: { 'a.js': '' } }, 'Done.'],
      },
    ]);
    place.write('print.sh', 'env\n');
    place.git('add', '-A');
    place.git('commit', '--quiet', '-m', 'print');
    const plan = place.writePlan(subtask('a'));
    const args = ['run', '--yes', '--claude', claudeExecutable, '--check-command', 'sh print.sh', '--plan', plan];
    const extra = { AWS_SECRET_ACCESS_KEY: FOREIGN, GIT_DIR: '/nowhere', NODE_OPTIONS: '', ELECTRON_RUN_AS_NODE: '1' };
    const result = await ended(place.start(args, extra));
    expect(result.code, result.stderr).toBe(0);
    const printed = place.server
      .requests()
      .find(({ toolResult }) => toolResult?.includes('CLAUDE_ORCHESTRATOR_ATTEMPT='));
    expect(printed?.toolResult).toContain('HOME=');
    expect(printed?.toolResult).not.toMatch(
      /AWS_SECRET_ACCESS_KEY|GIT_DIR|ELECTRON_RUN_AS_NODE|CLAUDE_ORCHESTRATOR_STATE_HOME/,
    );
  });
});
