import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeExecutable, jobPlace, subtask, writes } from '../main-job/job-place.ts';

type Place = Awaited<ReturnType<typeof jobPlace>>;

const runArgs = (place: Place) => [
  ...['run', '--yes', '--json', '--claude', claudeExecutable, '--plan', place.writePlan(subtask('a'))],
];
const gitIn = (place: Place, folder: string, ...args: string[]) =>
  execFileSync(
    'git',
    ['-c', 'user.name=P', '-c', 'user.email=p@example.org', '-c', 'protocol.file.allow=always', ...args],
    {
      cwd: join(place.root, folder),
      env: place.env(),
      encoding: 'utf8',
    },
  ).trimEnd();

describe('a folder that is not fit for a run', { timeout: 120_000 }, () => {
  it.each<[string, (place: Place) => string, string[]]>([
    [
      'no repository',
      (place) => {
        mkdirSync(join(place.root, '..', 'plain'));
        return '../plain';
      },
      ['is not in a git repository', 'git init'],
    ],
    [
      'a repository without a commit',
      (place) => {
        gitIn(place, '..', 'init', '--quiet', 'empty');
        return '../empty';
      },
      ['has no commit yet', 'Make a first commit'],
    ],
    [
      'a bare repository',
      (place) => {
        gitIn(place, '..', 'clone', '--quiet', '--bare', place.root, 'bare.git');
        return '../bare.git';
      },
      ["git can't work in", 'working tree'],
    ],
    ['the inside of .git', () => '.git', ["git can't work in", 'working tree']],
  ])('which is %s, gets a message with what to do, and nothing is started', async (_name, make, messages) => {
    const place = await jobPlace([writes('a')]);
    const folder = make(place);
    const { code, stdout, stderr } = await place.commandIn(folder, ...runArgs(place));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    for (const message of messages) expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(place.server.requests()).toEqual([]);
  });
});

describe('a repository in an unusual state', { timeout: 120_000 }, () => {
  it('with a subfolder opened is worked on as a whole, with the same state', async () => {
    const place = await jobPlace([writes('a')]);
    const { code, stderr } = await place.commandIn('src', ...runArgs(place));
    expect(code, stderr).toBe(0);
    expect(place.read('a.js')).toBe('export const a = 1;\n');
    expect((await place.command('status')).stdout).toContain('completed');
  });

  it('with a linked worktree opened gets the result in that worktree alone, with the same state', async () => {
    const place = await jobPlace([writes('a')]);
    place.git('worktree', 'add', '--quiet', '-b', 'side', '../linked tree');
    const { code, stderr } = await place.commandIn('../linked tree', ...runArgs(place));
    expect(code, stderr).toBe(0);
    expect(readdirSync(join(place.root, '..', 'linked tree'))).toContain('a.js');
    expect(readdirSync(place.root)).not.toContain('a.js');
    expect(stderr).toContain('Applied to side');
    expect((await place.command('status')).stdout).toContain('completed');
  });

  it('with submodules keeps them as they are', async () => {
    const place = await jobPlace([writes('a')]);
    gitIn(place, '..', 'clone', '--quiet', place.root, 'library');
    gitIn(place, '.', 'submodule', '--quiet', 'add', '../library', 'lib');
    place.git('commit', '--quiet', '-m', 'submodule');
    const before = place.git('ls-tree', 'HEAD', 'lib');
    const { code, run, stderr } = await place.run('--plan', place.writePlan(subtask('a')));
    expect(code, stderr).toBe(0);
    expect(run.applied?.files.map(({ path }) => path)).toEqual(['a.js']);
    expect(place.git('ls-tree', 'HEAD', 'lib')).toBe(before);
    expect(place.git('status', '--porcelain')).toBe('');
  });

  it('without a branch is worked on, and applied once there is one', async () => {
    const place = await jobPlace([writes('a')]);
    place.git('checkout', '--quiet', '--detach');
    const { code, run, stderr } = await place.run('--plan', place.writePlan(subtask('a')));
    expect(code).toBe(1);
    expect(run).toMatchObject({ status: 'completed', applied: null });
    expect(stderr).toContain('Check out the branch that should get the changes, then apply again.');
    expect(stderr).toContain(`claude-orchestrator apply ${run.run}`);
    place.git('checkout', '--quiet', 'main');
    expect((await place.command('apply', run.run)).code).toBe(0);
    expect(place.read('a.js')).toBe('export const a = 1;\n');
  });

  it.each([
    ['spaces and quotes', `it's a "quoted" $HOME \`x\` ;&| (name) %PATH%`],
    ['other alphabets and emoji', 'проект 项目 équipe ﷽ 🦀'],
    ['a leading dash and a star', '-rf *'],
    ['240 characters', 'p'.repeat(240)],
  ])('in a folder with %s is worked on like any other', async (_name, name) => {
    const odd = "odd 'näme' $(x).js";
    const place = await jobPlace(
      [{ name: 'writes', when: { role: 'worker' }, answer: [{ write: { [odd]: 'export {};\n' } }, 'Done.'] }],
      { name },
    );
    const plan = place.writePlan(subtask('a', { scope: [odd], produces: [odd] }));
    const { code, run, stderr } = await place.run('--plan', plan);
    expect(code, stderr).toBe(0);
    expect(run.applied?.files.map(({ path }) => path)).toEqual([odd]);
    expect(place.read(odd)).toBe('export {};\n');
    expect(place.worktrees()).toEqual([]);
  });

  it('whose branch moved meanwhile gets the result on top of what is new', async () => {
    const place = await jobPlace([writes('a')]);
    place.write('a.js', 'in the way for now\n');
    const { run } = await place.run('--plan', place.writePlan(subtask('a')));
    place.git('clean', '--quiet', '-f');
    place.write('new.txt', 'new\n');
    place.git('add', '-A');
    place.git('commit', '--quiet', '-m', 'meanwhile');
    expect((await place.command('apply', run.run)).code).toBe(0);
    expect(place.git('log', '-2', '--format=%s')).toContain('meanwhile');
    expect([place.read('a.js'), place.read('new.txt')]).toEqual(['export const a = 1;\n', 'new\n']);
  });

  it('whose branch moved into a conflict is told so, with the files, and nothing is changed', async () => {
    const place = await jobPlace([writes('a')]);
    place.write('a.js', 'in the way for now\n');
    const { run } = await place.run('--plan', place.writePlan(subtask('a')));
    place.write('a.js', 'committed by the person\n');
    place.git('add', '-A');
    place.git('commit', '--quiet', '-m', 'meanwhile');
    const { code, stderr } = await place.command('apply', run.run);
    expect(code).toBe(1);
    expect(stderr).toContain('has changes that conflict with the result: a.js');
    expect(place.read('a.js')).toBe('committed by the person\n');
    expect(place.git('status', '--porcelain')).toBe('');
  });
});

describe('uncommitted changes', { timeout: 120_000 }, () => {
  const edits = {
    name: 'edits',
    when: { role: 'worker' },
    answer: [{ bash: 'sh edit.sh' }, 'Done.'],
  };
  const edit = "sed 's/$/ and more/' notes.txt > notes.new && mv notes.new notes.txt && echo 'export {};' > a.js\n";

  /** A commit, then a staged, an unstaged, an untracked and an ignored change. */
  async function dirtyPlace() {
    const place = await jobPlace([edits]);
    for (const [path, content] of Object.entries({
      'edit.sh': edit,
      '.gitignore': 'ignored.txt\n',
      'notes.txt': 'committed\n',
      'staged.txt': 'old\n',
    }))
      place.write(path, content);
    place.git('add', '-A');
    place.git('commit', '--quiet', '-m', 'notes');
    place.write('staged.txt', 'new\n');
    place.git('add', 'staged.txt');
    place.write('other.txt', 'untracked\n');
    place.write('ignored.txt', 'ignored\n');
    const run = (...args: string[]) =>
      place.run(
        '--check-command',
        'sh edit.sh',
        '--plan',
        place.writePlan(subtask('a', { scope: ['a.js', 'notes.*'] })),
        ...args,
      );
    return { place, run };
  }

  it('are named, and are no part of the run', async () => {
    const { place, run } = await dirtyPlace();
    const { code, stderr } = await run();
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(
      'Not part of the run, because not committed: staged.txt, other.txt (with --include-uncommitted they are).',
    );
    expect(place.git('status', '--porcelain')).toBe('M  staged.txt\n?? other.txt');
  });

  it('can be a part of it, and stay as uncommitted as they were', async () => {
    const { place, run } = await dirtyPlace();
    const { code, run: result, stderr } = await run('--include-uncommitted');
    expect(code, stderr).toBe(0);
    expect(stderr).not.toContain('Not part of the run');
    expect(place.git('show', '--name-only', '--format=', result.base).split('\n').sort()).toEqual([
      'other.txt',
      'staged.txt',
    ]);
    expect(stderr).toContain('Applied to main: 2 changed files.');
    expect(place.git('show', '--name-only', '--format=', 'HEAD').split('\n').sort()).toEqual(['a.js', 'notes.txt']);
    expect(place.git('status', '--porcelain')).toBe('M  staged.txt\n?? other.txt');
    expect(place.read('ignored.txt')).toBe('ignored\n');
  });

  it('that the result builds on get it beside them, and nothing is committed', async () => {
    const { place, run } = await dirtyPlace();
    place.write('notes.txt', 'not committed\n');
    const head = place.git('rev-parse', 'HEAD');
    const index = place.git('ls-files', '--stage');
    const { code, run: result, stderr } = await run('--include-uncommitted');
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('Written beside your uncommitted changes: 2 changed files. Nothing was committed.');
    expect(place.read('notes.txt')).toBe('not committed and more\n');
    expect(place.read('a.js')).toBe('export {};\n');
    expect([place.git('rev-parse', 'HEAD'), place.git('ls-files', '--stage')]).toEqual([head, index]);
    expect(place.git('status', '--porcelain').split('\n')).toEqual(
      ['M notes.txt'.padStart(12), 'M  staged.txt', '?? a.js', '?? other.txt'].map((entry) =>
        entry.replace(/^ +M/, ' M'),
      ),
    );
    // What they were before can be had back.
    expect(place.git('show', `${result.base}:notes.txt`)).toBe('not committed');
    expect((await place.command('apply', result.run)).stderr).toContain('already have everything');
    expect(place.read('notes.txt')).toBe('not committed and more\n');
  });

  it('that went on meanwhile are not written over', async () => {
    const { place, run } = await dirtyPlace();
    place.write('notes.txt', 'not committed\n');
    place.write('a.js', 'also mine\n');
    const first = await run('--include-uncommitted', '--max-cost', '5');
    expect(first.code, first.stderr).toBe(0);
    const { place: other, run: again } = await dirtyPlace();
    other.write('notes.txt', 'not committed\n');
    other.git('checkout', '--quiet', '--detach');
    const { run: result } = await again('--include-uncommitted');
    other.git('checkout', '--quiet', 'main');
    other.write('notes.txt', 'changed once more\n');
    const { code, stderr } = await other.command('apply', result.run);
    expect(code).toBe(1);
    expect(stderr).toContain('notes.txt');
    expect(stderr).toMatch(/commit, stash or move|Merge it by hand: git merge refs\/claude-orchestrator\//);
    expect(other.read('notes.txt')).toBe('changed once more\n');
    expect(place.read('a.js')).toBe('export {};\n');
  });

  it('can not be a part of it while a merge is half done', async () => {
    const { place, run } = await dirtyPlace();
    place.git('reset', '--hard', '--quiet');
    place.git('checkout', '--quiet', '-b', 'side');
    place.write('notes.txt', 'side\n');
    place.git('commit', '--quiet', '-am', 'side');
    place.git('checkout', '--quiet', 'main');
    place.write('notes.txt', 'main\n');
    place.git('commit', '--quiet', '-am', 'main');
    expect(() => place.git('merge', '--quiet', 'side')).toThrow();
    await expect(run('--include-uncommitted')).rejects.toThrow(/conflicts that are not resolved yet/);
    expect(place.server.requests()).toEqual([]);
  });
});
