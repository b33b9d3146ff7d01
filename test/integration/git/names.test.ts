import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathBytes, pathText } from '../../../src/node/git/path-text.ts';
import { worktree } from './captured-worktree.ts';
import { applied } from './result-of-run.ts';
import { NEVER } from './scratch-repository.ts';

const LATIN = Buffer.from('f\xfc\xff.txt', 'latin1');
const inFolder = (folder: string, name: Buffer): Buffer => Buffer.concat([Buffer.from(`${folder}/`), name]);
const namesIn = (folder: string): string[] => readdirSync(folder, 'latin1').sort();

describe('a name that is no UTF-8', () => {
  it('is the same bytes again, also after JSON, and differs from every other', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), (one, other) => {
        const [a, b] = [Buffer.from(one), Buffer.from(other)];
        const text: unknown = JSON.parse(JSON.stringify(pathText(a)));
        expect(pathBytes(String(text))).toEqual(a);
        expect(pathText(a) === pathText(b)).toBe(a.equals(b));
      }),
    );
    expect(pathBytes('🙂é')).toEqual(Buffer.from('🙂é'));
  });
});

// Other systems refuse such names.
describe.runIf(process.platform === 'linux')('a file whose name is no UTF-8', () => {
  it('is captured, merged, read, snapshot and applied like any other', async () => {
    const { path, base, capture, repository, scratch } = await worktree();
    writeFileSync(inFolder(path, LATIN), 'first');
    const captured = await capture();
    expect(captured.files).toEqual([{ path: pathText(LATIN), change: 'added' }]);
    const read = await repository.readFiles(captured.commit, [pathText(LATIN)], NEVER);
    expect([...read.values()].map((content) => Buffer.from(content).toString())).toEqual(['first']);

    const second = await repository.openWorktree('2', captured.commit, NEVER);
    expect(namesIn(second)).toContain(LATIN.toString('latin1'));
    writeFileSync(inFolder(second, LATIN), 'second');
    writeFileSync(join(second, 'other.txt'), 'other');
    await repository.closeWorktree('2');
    await repository.releaseWorktrees();
    const [snapshot = ''] = (
      await scratch.git('for-each-ref', '--format=%(refname)', 'refs/claude-orchestrator/snapshots')
    )
      .split('\n')
      .filter((ref) => ref.includes('/2/'));
    const changed = await repository.changedFiles(captured.commit, snapshot, NEVER);
    expect(changed.map((file) => file.path).sort()).toEqual([pathText(LATIN), 'other.txt'].sort());

    const plan = await repository.planApply(snapshot, base, 'names', NEVER);
    if (!plan.ok) throw new Error(plan.message);
    await repository.apply(plan, NEVER);
    expect(namesIn(scratch.root)).toContain(LATIN.toString('latin1'));
    await repository.undo(applied(plan), NEVER);
    expect(namesIn(scratch.root)).not.toContain(LATIN.toString('latin1'));
  });
});

describe.skipIf(process.platform === 'win32')('a file deeper than a path can say', () => {
  it('does not keep its worktree from being removed', async () => {
    const { path, repository } = await worktree();
    // A shell would only go as deep as a path can say.
    const script = `const { mkdirSync } = require('node:fs');
      for (let depth = 0; depth < 60; depth += 1) {
        mkdirSync('${'d'.repeat(100)}');
        process.chdir('${'d'.repeat(100)}');
      }`;
    execFileSync(process.execPath, ['-e', script], { cwd: path });
    await repository.closeWorktree('1');
    await repository.releaseWorktrees();
    expect(existsSync(path)).toBe(false);
  });
});
