import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { claudeExecutable, ended, jobPlace, parseRun, subtask, writes } from '../main-job/job-place.ts';
import { journalOf } from './journal-of.ts';

/** A worker that runs one script, which it may, and mends its result with another when findings come back. */
async function misbehaving(script: string, mend?: string) {
  const place = await jobPlace([
    ...(mend === undefined
      ? []
      : [
          {
            name: 'mends',
            when: { role: 'worker', userTurn: '>= 2' },
            answer: [{ bash: 'sh mend.sh' }, 'Mended.'],
          },
        ]),
    { name: 'misbehaves', when: { role: 'worker' }, answer: [{ bash: 'sh script.sh' }, 'Done.'] },
  ]);
  place.write('script.sh', script);
  place.write('mend.sh', mend ?? '');
  place.git('add', '-A');
  place.git('commit', '--quiet', '-m', 'scripts');
  const checks = ['--check-command', 'sh script.sh', '--check-command', 'sh mend.sh'];
  return { place, checks, run: (...args: readonly string[]) => place.run(...checks, ...args) };
}

const A = "echo 'export const a = 1;' > a.js\n";
const anything = { scope: [], produces: [] };

describe('a result of a worker', { timeout: 120_000 }, () => {
  it('that changes files outside of its scope goes back, and is taken once they are restored', async () => {
    const { place, run } = await misbehaving(
      `${A}echo x > other.txt\necho changed >> README.md\n`,
      'rm other.txt\ngit checkout-index --force README.md',
    );
    const { code, run: result, stderr } = await run('--plan', place.writePlan(subtask('a')));
    expect(code, stderr).toBe(0);
    expect(result.applied?.files.map(({ path }) => path)).toEqual(['a.js']);
    const told = place.server.requests({ rule: 'mends' })[0]?.prompt;
    expect(told).toContain('- other.txt:1:1 "other.txt" is outside of what this subtask may change ("a.js")');
    expect(told).toContain('- README.md:1:1');
    expect(told).toContain('(scope/outside)');
  });

  it('that changes files outside of its scope and never mends them is not merged', async () => {
    const { place, run } = await misbehaving(`${A}echo x > other.txt\n`);
    const { code, run: result } = await run('--plan', place.writePlan(subtask('a')));
    expect(code).toBe(1);
    expect(result.subtasks[0]).toMatchObject({ status: 'failed', reason: expect.stringContaining('other.txt') });
    expect(result.integrated).toBe(result.base);
  });

  it('may change anything where its subtask has no scope', async () => {
    const { place, run } = await misbehaving('mkdir -p deep/er\necho x > deep/er/new.txt\n');
    expect((await run('--plan', place.writePlan(subtask('a', anything)))).code).toBe(0);
    expect(place.read('deep/er/new.txt')).toBe('x\n');
  });

  it('that makes later processes run code is not taken unless a person says so', async () => {
    const { place, run } = await misbehaving(
      `${A}mkdir -p .github/workflows .husky .claude\necho 'on: push' > .github/workflows/ci.yml\necho evil > .husky/pre-commit\necho '{}' > .claude/settings.json\necho '{}' > .mcp.json\n`,
      'rm -r .github .husky .claude .mcp.json',
    );
    const { code, run: result, stderr } = await run('--plan', place.writePlan(subtask('a', anything)));
    expect(code, stderr).toBe(0);
    expect(result.applied?.files.map(({ path }) => path)).toEqual(['a.js']);
    expect(stderr.match(/"a" asks: Change protected files/g)).toHaveLength(1);
    const told = place.server.requests({ rule: 'mends' })[0]?.prompt ?? '';
    for (const path of ['.github/workflows/ci.yml', '.husky/pre-commit', '.claude/settings.json', '.mcp.json'])
      expect(told).toContain(`"${path}" makes later processes run code and its change was not approved: remove it.`);
    const journal = journalOf(place.state, result.run);
    expect(journal.filter(({ type, tool }) => type === 'permission.requested' && /protected/.test(`${tool}`))).toEqual([
      expect.objectContaining({ summary: expect.stringContaining('.husky/pre-commit (added)') }),
    ]);
    expect(journal.filter(({ type, by }) => type === 'permission.decided' && by === 'person')).toEqual([
      expect.objectContaining({ behavior: 'deny' }),
    ]);
  });

  it('with a link that leads out of the repository goes back', async () => {
    const { place, run } = await misbehaving(
      `${A}ln -s /etc/passwd absolute\nln -s ../../outside up\nln -s a.js fine\n`,
      'rm absolute up',
    );
    const { code, run: result, stderr } = await run('--plan', place.writePlan(subtask('a', anything)));
    expect(code, stderr).toBe(0);
    expect(result.applied?.files.map(({ path }) => path)).toEqual(['a.js', 'fine']);
    const told = place.server.requests({ rule: 'mends' })[0]?.prompt;
    expect(told).toContain('The link "absolute" leads out of the repository, to "/etc/passwd"');
    expect(told).toContain('The link "up"');
    expect(told).not.toContain('"fine"');
  });

  it('of 200 MB goes back, and is never read into memory', async () => {
    const { place, checks } = await misbehaving(
      `${A}for n in 1 2 3 4; do head -c 50000000 /dev/zero > big-$n.js; done\n`,
      'rm big-*',
    );
    const plan = place.writePlan(subtask('a', anything));
    const child = place.start(['run', '--yes', '--json', '--claude', claudeExecutable, ...checks, '--plan', plan]);
    let peakKb = 0;
    const timer = setInterval(() => {
      peakKb = Math.max(peakKb, peakMemoryKb(child.pid));
    }, 20);
    const result = await ended(child).finally(() => clearInterval(timer));
    expect(result.code, result.stderr).toBe(0);
    expect(parseRun(result).applied?.files.map(({ path }) => path)).toEqual(['a.js']);
    expect(place.server.requests({ rule: 'mends' })[0]?.prompt).toMatch(
      /The changed files have 200 MB together, 100 MB are allowed: remove "big-\d.js" \(50 MB\)/,
    );
    if (process.platform === 'linux') expect(peakKb).toBeGreaterThan(0);
    expect(peakKb).toBeLessThan(400_000);
  });

  it('with one file of 60 MB goes back with its name before git has stored it', async () => {
    const large = 'head -c 60000000 /dev/zero > big.bin\n';
    const { place, run } = await misbehaving(
      `${A}${large}git hash-object big.bin > id.txt\n`,
      'git cat-file -e $(cat id.txt) 2> /dev/null && echo stored > id.txt\nrm big.bin',
    );
    expect((await run('--plan', place.writePlan(subtask('a', anything)))).code).toBe(0);
    expect(place.server.requests({ rule: 'mends' })[0]?.prompt).toContain(
      '"big.bin" has 60 MB, a file may have 50 MB: remove it or make it smaller. (size/too-large)',
    );
    expect(place.git('show', 'HEAD:id.txt')).toMatch(/^[0-9a-f]{40}$/);
    expect(() => place.git('show', 'HEAD:big.bin')).toThrow();
  });

  it('that makes a tracked file too large goes back, the others are captured', async () => {
    const { place, run } = await misbehaving(
      `${A}head -c 60000000 /dev/zero >> README.md\n`,
      'git checkout-index --force README.md',
    );
    const { code, run: result, stderr } = await run('--plan', place.writePlan(subtask('a', anything)));
    expect(code, stderr).toBe(0);
    expect(result.applied?.files.map(({ path }) => path)).toEqual(['a.js']);
    expect(place.server.requests({ rule: 'mends' })[0]?.prompt).toContain('"README.md" has 60 MB');
  });

  it('that changes nothing fails where the subtask says what it changes, and is taken where it does not', async () => {
    const place = await jobPlace([{ name: 'talks', when: { role: 'worker' }, answer: 'It was done already.' }]);
    const plan = place.writePlan(
      subtask('says', { scope: ['README.md'], produces: ['README.md'] }),
      subtask('looks', anything),
    );
    const { code, run } = await place.run('--plan', plan);
    expect(code).toBe(1);
    expect(run.subtasks).toMatchObject([
      { status: 'failed', reason: 'README.md: Nothing was changed. Do what the subtask says, in "README.md".' },
      { status: 'completed' },
    ]);
  });
});

describe('a worker that handles git itself', { timeout: 120_000 }, () => {
  it.each([
    ['commits', `${A}git add -A\ngit -c user.name=W -c user.email=w@example.org commit --quiet -m own\n`],
    ['switches to a branch of its own', `git checkout --quiet -b own\n${A}`],
    [
      'commits on a branch of its own and goes back',
      `git checkout --quiet -b own\n${A}git add -A\ngit -c user.name=W -c user.email=w@example.org commit --quiet -m own\n`,
    ],
    ['stages and unstages', `${A}git add -A\necho broken > a.js\ngit update-index --assume-unchanged a.js\n${A}`],
    ['removes .git', `rm -rf .git\n${A}`],
    ['makes a repository of its own', `rm -rf .git\ngit init --quiet .\n${A}`],
    ['breaks the index', `echo broken > "$(git rev-parse --git-path index)"\n${A}`],
  ])('%s, and its files count all the same', async (_name, script) => {
    const { place, run } = await misbehaving(script);
    const head = place.git('rev-parse', 'HEAD');
    const { code, run: result, stderr } = await run('--plan', place.writePlan(subtask('a')));
    expect(code, stderr).toBe(0);
    expect(result.applied?.files.map(({ path }) => path)).toEqual(['a.js']);
    expect(place.git('rev-parse', 'HEAD^')).toBe(head);
    expect(place.git('branch', '--show-current')).toBe('main');
    expect(place.git('status', '--porcelain')).toBe('');
    expect(place.worktrees()).toEqual([]);
    expect(place.git('worktree', 'list').split('\n')).toHaveLength(1);
  });

  it.each([
    [
      'a hook',
      'HOOKS="$(git rev-parse --git-common-dir)/hooks"\nmkdir -p "$HOOKS"\necho evil > "$HOOKS/pre-commit"\n',
      '.git/hooks/pre-commit',
    ],
    ['a setting that runs code', 'git config core.hooksPath evil\n', '.git/config: core.hookspath'],
    ['an alias', "git config alias.st '!evil'\n", '.git/config: alias.st'],
  ])('and leaves %s in the shared repository is not taken unless a person says so', async (_name, script, what) => {
    const { place, run } = await misbehaving(`${script}${A}`);
    const { code, run: result, stderr } = await run('--plan', place.writePlan(subtask('a')));
    expect(code).toBe(1);
    expect(stderr.match(/"a" asks: Change protected files/g)).toHaveLength(1);
    expect(result.subtasks[0]).toMatchObject({ status: 'failed', reason: expect.stringContaining(what) });
    expect(place.server.requests({ subtask: 'a' })[2]?.prompt).toContain('in the repository that all share');
  });

  it('and only names a branch or a remote in the settings is taken', async () => {
    const { place, run } = await misbehaving(`git config branch.main.note x\ngit config user.note y\n${A}`);
    expect((await run('--plan', place.writePlan(subtask('a')))).code).toBe(0);
  });

  it('turns a file into a repository, which fails it alone', async () => {
    const script = `rm README.md
git init --quiet README.md
cd README.md
echo x > x
git add x
git -c user.name=W -c user.email=w@example.org commit --quiet -m own
`;
    const place = await jobPlace([
      writes('b'),
      { name: 'misbehaves', when: { role: 'worker' }, answer: [{ bash: 'sh script.sh' }, 'Done.'] },
    ]);
    place.write('script.sh', script);
    place.git('add', '-A');
    place.git('commit', '--quiet', '-m', 'script');
    const plan = place.writePlan(subtask('a', { scope: ['README.md'], produces: [] }), subtask('b'));
    const { code, run } = await place.run('--check-command', 'sh script.sh', '--plan', plan);
    expect(code).toBe(1);
    expect(run.subtasks).toMatchObject([
      {
        status: 'failed',
        attempts: { length: 1 },
        reason: expect.stringMatching(
          /"README.md" was replaced by a git repository of its own. Remove the .git folder/,
        ),
      },
      { status: 'completed' },
    ]);
    expect(place.worktrees()).toEqual([]);
  });
});

describe('results that do not fit together', { timeout: 120_000 }, () => {
  it('are put together by the worker of what came second, and what waits for both goes on', async () => {
    const change = (id: string) => ({
      name: id,
      when: { role: 'worker', subtask: id },
      answer: [{ overwrite: { 'src/greet.js': `export const greet = () => '${id}';\n` } }, 'Done.'],
    });
    const place = await jobPlace([change('first'), change('second'), writes('c'), writes('d')]);
    const scope = { scope: ['src/greet.js'], produces: [] };
    const plan = place.writePlan(
      subtask('first', scope),
      subtask('second', scope),
      subtask('c', { dependsOn: ['first'] }),
      subtask('d', { dependsOn: ['second'] }),
    );
    const { code, run } = await place.run('--no-checks', '--plan', plan);
    expect(code).toBe(0);
    expect(run.subtasks.map(({ id, status }) => [id, status])).toEqual([
      ['first', 'completed'],
      ['second', 'completed'],
      ['c', 'completed'],
      ['d', 'completed'],
    ]);
    expect(place.read('src/greet.js')).toBe("export const greet = () => 'second';\n");
  });
});

/** Highest resident memory of a process so far; 0 where that can't be read. */
function peakMemoryKb(pid: number | undefined): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
