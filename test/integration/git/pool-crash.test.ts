import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type ScratchRepository, scratchRepository } from './scratch-repository.ts';

const WORKER = fileURLToPath(new URL('./pool-worker.ts', import.meta.url));

/**
 * Lets an owner work until the `nth` git command after it has left something first, and kills it before that command
 * or right after it. What it said that it left.
 */
async function killedOwner(scratch: ScratchRepository, nth: number, when: 'before' | 'after'): Promise<string[]> {
  const { environment, root, worktreesDir } = scratch;
  const place = await mkdtemp(join(root, '..', 'killed-'));
  const git = (await promisify(execFile)('which', ['git'])).stdout.trim();
  const [started, count] = [join(place, 'started'), join(place, 'count')];
  const kill = `if [ -e '${started}' ]; then echo >> '${count}'; [ "$(wc -l < '${count}')" -eq ${nth} ] && kill -9 $PPID; fi`;
  const command = `'${git}' "$@"; code=$?`;
  const lines = when === 'before' ? [kill, command] : [command, kill];
  await writeFile(join(place, 'git'), ['#!/bin/sh', ...lines, 'exit $code', ''].join('\n'), { mode: 0o755 });
  const env = { ...environment, PATH: `${place}:${process.env['PATH']}` };
  const child = spawn(process.execPath, [WORKER, root, worktreesDir, started], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const left: string[] = [];
  const said = createInterface({ input: child.stdout });
  said.on('line', (line) => {
    if (line.startsWith('left ')) left.push(line.slice(5));
  });
  await Promise.all([once(child, 'close'), once(said, 'close')]);
  return left;
}

describe('an owner that is killed while worktrees are used again', () => {
  it.each(['before', 'after'] as const)(
    'loses nothing and leaves nothing, %s any of its commands',
    async (when) => {
      const scratch = await scratchRepository({ files: { 'a.txt': 'a\n', 'src/b.txt': 'b\n' } });
      const all: string[] = [];
      // A whole round of snapshot, reset and checks.
      for (let nth = 1; nth <= 13; nth += 1) {
        const left = await killedOwner(scratch, nth, when);
        const repository = await scratch.open();
        await repository.sweepWorktrees(new Set(), 1e9);
        const refs = (await scratch.git('for-each-ref', '--format=%(refname)', 'refs/claude-orchestrator')).split('\n');
        const kept = await Promise.all(refs.map((ref) => scratch.git('ls-tree', '--name-only', ref)));
        for (const number of left) expect(kept.join('\n').split('\n')).toContain(`left-by-${number}.txt`);
        // Each in a snapshot of its own: nothing of one slot gets into the next.
        for (const files of kept)
          expect(files.split('\n').filter((name) => name.startsWith('left-by-'))).toHaveLength(1);
        expect((await scratch.git('worktree', 'list')).split('\n')).toHaveLength(1);
        expect((await readdir(scratch.worktreesDir)).filter((name) => !name.startsWith('.'))).toEqual([]);
        expect(await readdir(join(scratch.worktreesDir, '.slots'))).toEqual([]);
        for (const ref of refs) await scratch.git('update-ref', '-d', ref);
        all.push(...left);
      }
      expect(all).toContain('2');
    },
    120_000,
  );
});
