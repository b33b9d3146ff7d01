import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RuleInput } from '../../model-server/schema.ts';
import { jobPlace, subtask, writes } from './job-place.ts';

/** A project whose check fails as long as a file with "bad" in it, or both a.js and b.js as first written, are there. */
const CHECK = `import { existsSync, readFileSync, readdirSync } from 'node:fs';
const all = readdirSync('.').filter((name) => /^[a-z]\\.js$/.test(name)).map((name) => readFileSync(name, 'utf8'));
const broken = all.filter((text) => text.includes('bad'));
if (all.filter((text) => text.includes('clash')).length > 1) broken.push('two that clash');
for (const text of broken) console.error('expected no such thing: ' + text.trim());
process.exit(broken.length > 0 ? 1 : 0);
`;

async function place(rules: readonly RuleInput[], config: object) {
  const made = await jobPlace(rules);
  made.write('check.mjs', CHECK);
  made.write('.claude-orchestrator/config.jsonc', JSON.stringify(config));
  made.git('add', '-A');
  made.git('commit', '--quiet', '-m', 'check');
  return made;
}
const configured = { checks: [{ name: 'whole', command: ['node', 'check.mjs'] }] };

/** Writes one thing at first, and another when its result has come back. */
const writesThen = (id: string, first: string, then: string): RuleInput[] => [
  {
    name: `${id} mends`,
    when: { role: 'worker', subtask: id, prompt: 'merged with what others have finished' },
    answer: [{ overwrite: { [`${id}.js`]: then } }, 'Mended.'],
  },
  writes(id, first),
];

describe("a job with checks of the project's own", { timeout: 120_000 }, () => {
  it('integrates only what they pass on, with evidence, and shows them before it starts', async () => {
    const made = await place([writes('a'), writes('b')], configured);
    const { code, run, stderr } = await made.run('--plan', made.writePlan(subtask('a'), subtask('b')));
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('Runs on what is merged: whole: node check.mjs (must pass)');
    expect(run.checks).toMatchObject([
      { name: 'whole', command: ['node', 'check.mjs'], outcome: 'passed', exitCode: 0 },
    ]);
    expect(run.checks[0]?.tree).toBe(made.git('rev-parse', `${run.integrated}^{tree}`));
    await made.noneLeft();
    expect(made.worktrees()).toEqual([]);
  });

  it('sends the culprit back to its own session with the output, and takes what it mends', async () => {
    const made = await place(
      [...writesThen('a', "export const a = 'bad';\n", 'export const a = 2;\n'), writes('b')],
      configured,
    );
    const { code, run, stderr } = await made.run('--plan', made.writePlan(subtask('a'), subtask('b')));
    expect(code, stderr).toBe(0);
    expect(made.read('a.js')).toBe('export const a = 2;\n');
    expect(run.subtasks).toMatchObject([{ attempts: { length: 2 } }, { attempts: { length: 1 } }]);
    const back = made.server.requests({ rule: 'a mends' })[0];
    expect(back).toMatchObject({ userTurn: 2 });
    expect(back?.prompt).toContain("expected no such thing: export const a = 'bad';");
    expect(stderr).toContain('a: waiting (The check "whole" failed with exit code 1 on the merged files.');
    // Once for the whole session, not twice.
    const [first, second] = run.attempts.filter(({ subtask: id }) => id === 'a');
    expect(run.costUsd).toBeCloseTo(
      run.attempts.reduce((sum, { costUsd }) => sum + costUsd, 0),
      8,
    );
    expect(second?.costUsd).toBeLessThan(2 * (first?.costUsd ?? 0));
  });

  it('sends back the later one of two that pass alone and fail together', async () => {
    const clash = (id: string) => `export const ${id} = 'clash';\n`;
    const rules = ['a', 'b'].flatMap((id) => writesThen(id, clash(id), `export const ${id} = 2;\n`));
    const made = await place(rules, configured);
    const { code, run, stderr } = await made.run('--plan', made.writePlan(subtask('a'), subtask('b')));
    expect(code, stderr).toBe(0);
    expect(run.subtasks.map(({ attempts }) => attempts.length).sort()).toEqual([1, 2]);
    expect([made.read('a.js'), made.read('b.js')].filter((text) => text.includes('clash'))).toHaveLength(1);
  });

  it('gives a result up that never passes, with the evidence, and keeps the rest', async () => {
    const made = await place([writes('a', "export const a = 'bad';\n"), writes('b')], {
      ...configured,
      qualityIterations: 1,
    });
    const { code, run } = await made.run('--plan', made.writePlan(subtask('a'), subtask('b')));
    expect(code).toBe(1);
    expect(run.subtasks).toMatchObject([
      {
        id: 'a',
        status: 'failed',
        reason: expect.stringContaining("expected no such thing: export const a = 'bad'"),
        attempts: { length: 2 },
      },
      { id: 'b', status: 'completed' },
    ]);
    expect(made.git('ls-tree', '--name-only', run.integrated)).not.toContain('a.js');
  });

  it('reports a check that fails and then passes on the same tree as flaky, and goes on', async () => {
    const made = await place([writes('a')], { checks: [{ name: 'moody', command: ['node', 'moody.mjs'] }] });
    const once = `${made.state}-once`;
    made.write(
      'moody.mjs',
      `import { existsSync, writeFileSync } from 'node:fs';
if (!existsSync(${JSON.stringify(once)})) { writeFileSync(${JSON.stringify(once)}, ''); process.exit(3); }
`,
    );
    made.git('add', '-A');
    made.git('commit', '--quiet', '-m', 'moody');
    const { code, run, stderr } = await made.run('--plan', made.writePlan(subtask('a')));
    expect(code, stderr).toBe(0);
    expect(run.checks).toMatchObject([{ name: 'moody', outcome: 'passed', flaky: 1 }]);
    expect(stderr).toContain('The check "moody" is flaky');
    expect((await made.command('status')).stdout).toContain('flaky');
  });

  it('begins each on exactly the tree that it is about: what a check writes lets neither itself nor the next one pass', async () => {
    const checks = [
      { name: 'expected', command: ['node', 'expected.mjs'] },
      { name: 'tidy', command: ['node', 'tidy.mjs'] },
    ];
    const made = await place([writes('a')], { checks, qualityIterations: 0 });
    // As tools do that write down what they see where nothing was expected yet.
    made.write(
      'expected.mjs',
      `import { existsSync, writeFileSync } from 'node:fs';
if (!existsSync('a.js') || existsSync('expected.txt')) process.exit(0);
writeFileSync('expected.txt', 'a');
process.exit(1);
`,
    );
    made.write('tidy.mjs', '');
    made.git('add', '-A');
    made.git('commit', '--quiet', '-m', 'expected');
    const { code, run } = await made.run('--plan', made.writePlan(subtask('a')));
    expect(code).toBe(1);
    expect(run.subtasks).toMatchObject([{ status: 'failed', reason: expect.stringContaining('"expected"') }]);
    expect(run.checks).toMatchObject([{ name: 'expected', outcome: 'failed', flaky: 0 }]);
  });

  it('ends a check that takes too long with all that it started, and says so', async () => {
    const command = ['sh', '-c', 'sleep 600 & sleep 601'];
    const made = await place([writes('a')], {
      checks: [{ name: 'slow', command, timeoutSeconds: 0.5 }],
      qualityIterations: 0,
    });
    const { code, run } = await made.run('--plan', made.writePlan(subtask('a')));
    expect(code).toBe(1);
    expect(run.subtasks[0]?.reason).toContain('The check "slow" took too long');
    await made.noneLeft();
  });

  it('does not blame a result for a check that can not be started', async () => {
    const made = await place([writes('a')], {
      checks: [{ name: 'none', command: ['no-such-program'] }],
      infrastructureRetries: 0,
    });
    const { code, run } = await made.run('--plan', made.writePlan(subtask('a')));
    expect(code).toBe(1);
    expect(run.subtasks).toMatchObject([
      { status: 'failed', reason: expect.stringContaining('could not be started'), attempts: { length: 1 } },
    ]);
  });

  it('keeps the login to Claude and everything else of the person from them', async () => {
    const made = await place([writes('a')], {
      checks: [{ name: 'env', command: ['sh', '-c', 'env; false'] }],
      qualityIterations: 0,
    });
    const { run } = await made.run('--plan', made.writePlan(subtask('a')));
    const { tail = '' } = run.checks[0] ?? {};
    expect(tail).toContain('CI=true');
    expect(tail).not.toMatch(/ANTHROPIC|CLAUDE_CONFIG|CLAUDE_ORCHESTRATOR_STATE/);
  });

  it('finds them in the repository by itself: one that failed before need not pass, one that passed must', async () => {
    const made = await jobPlace([...writesThen('a', "export const a = 'bad';\n", 'export const a = 2;\n')]);
    made.write('check.mjs', CHECK);
    const scripts = { test: 'node check.mjs', typecheck: 'node no-such-file.mjs' };
    made.write('package.json', JSON.stringify({ type: 'module', scripts }));
    made.git('add', '-A');
    made.git('commit', '--quiet', '-m', 'scripts');
    const { code, run, stderr } = await made.run('--plan', made.writePlan(subtask('a')));
    expect(code, stderr).toBe(0);
    expect(run.checks).toMatchObject([
      { name: 'npm run typecheck', outcome: 'failed', known: true },
      { name: 'npm test', outcome: 'passed' },
    ]);
    expect(made.read('a.js')).toBe('export const a = 2;\n');
    expect(stderr).toContain('The check "npm run typecheck" failed before too');
    expect(readFileSync(`${made.root}/check.mjs`, 'utf8')).toBe(CHECK);
  });
});
