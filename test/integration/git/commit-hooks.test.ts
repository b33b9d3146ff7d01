import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { everything, FILES, resultOfRun, write } from './result-of-run.ts';
import { NEVER } from './scratch-repository.ts';

async function hook(file: string, ...lines: readonly string[]): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  await chmod(file, 0o755);
}

/** A result to be applied, and its commit as the person's hooks let it pass. */
async function place() {
  const run = await resultOfRun(write('new.txt', 'new\n'), { files: FILES });
  const plan = await run.ready();
  const through = async (): Promise<string> => {
    const worktree = await run.repository.openWorktree('apply', plan.to, NEVER);
    try {
      return await run.repository.runCommitHooks(worktree, plan, NEVER);
    } finally {
      await run.repository.closeWorktree('apply');
      await run.repository.releaseWorktrees();
    }
  };
  return { ...run, plan, through, hooks: join(run.scratch.root, '.git', 'hooks') };
}

describe("the person's hooks of a commit", () => {
  it('see the change as it is staged, on the branch as it is', async () => {
    const { plan, through, hooks, scratch } = await place();
    const seen = join(scratch.root, '.git', 'seen');
    await hook(
      join(hooks, 'pre-commit'),
      `git diff --cached --name-status > '${seen}'`,
      `git rev-parse HEAD >> '${seen}'`,
    );
    expect(await through()).toBe(plan.to);
    expect(await scratch.read('.git/seen')).toBe(`A\tnew.txt\n${plan.from}\n`);
  });

  it('stop it when one fails, and nothing is changed', async () => {
    const { through, hooks, scratch } = await place();
    await scratch.write('a.txt', 'of the person\n');
    await hook(join(hooks, 'pre-commit'), 'echo "line 3: no tabs, please"', 'exit 7');
    const before = await everything(scratch);
    await expect(through()).rejects.toMatchObject({
      code: 'apply-blocked',
      message: expect.stringMatching(/pre-commit failed with code 7:\nline 3: no tabs, please\n Nothing was changed/),
      fix: expect.stringContaining('--hooks'),
    });
    expect(await everything(scratch)).toEqual(before);
    expect(await scratch.git('for-each-ref', 'refs/claude-orchestrator/snapshots')).toBe('');
  });

  it('stop it when one changes files, which no check was run on', async () => {
    const { through, hooks, scratch } = await place();
    await hook(join(hooks, 'pre-commit'), 'echo more >> new.txt', 'git add new.txt');
    const before = await everything(scratch);
    await expect(through()).rejects.toMatchObject({
      code: 'apply-blocked',
      message: expect.stringContaining('no check was run on: new.txt'),
    });
    expect(await everything(scratch)).toEqual(before);
  });

  it('lie where the person has set, relative to their own working tree, and may change the message', async () => {
    const { plan, through, scratch, repository } = await place();
    await scratch.git('config', 'core.hooksPath', '.husky/_');
    await hook(join(scratch.root, '.husky', '_', 'commit-msg'), 'echo "Change-Id: I1" >> "$1"');
    const commit = await through();
    expect(commit).not.toBe(plan.to);
    expect(await scratch.git('log', '-1', '--format=%B', commit)).toMatch(/^Add it\n+Change-Id: I1/);
    await repository.apply({ ...plan, to: commit }, NEVER);
    expect(await scratch.git('rev-parse', 'HEAD')).toBe(commit);
  });
});
