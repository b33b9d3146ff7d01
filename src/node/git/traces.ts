import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fields, gitIn } from './git.ts';
import { findRepository } from './locate.ts';
import { inTurn } from './queue.ts';
import { removeFolder } from './remove-folder.ts';
import { forgetSlot, isSlotName, requireSlotName, SLOT_RECORDS } from './slot-record.ts';

/** What the product has made in a git repository itself, and how it is taken away again. Nothing is snapshot first. */
export interface Traces {
  /** Full names of the product's refs under this prefix (`refs/claude-orchestrator/…`). */
  refs(prefix: string, signal: AbortSignal): Promise<readonly string[]>;
  removeRefs(refs: readonly string[], signal: AbortSignal): Promise<void>;
  /** Names of the slots that have a worktree, whole, broken or only known to git. */
  worktrees(signal: AbortSignal): Promise<readonly string[]>;
  removeWorktree(slot: string, signal: AbortSignal): Promise<void>;
}

export const ALL_REFS = 'refs/claude-orchestrator';

export async function openTraces(
  folder: string,
  options: { readonly worktreesDir: string; readonly signal: AbortSignal; readonly environment: NodeJS.ProcessEnv },
): Promise<Traces> {
  const { root, commonDir } = await findRepository(folder, options);
  const git = gitIn(root, options.environment);
  // git knows real paths.
  const worktreesDir = await realpath(options.worktreesDir).catch(() => resolve(options.worktreesDir));
  return {
    async refs(prefix, signal) {
      const { stdout } = await git(['for-each-ref', '--format=%(refname)', prefix], { signal });
      return stdout.toString('utf8').split('\n').filter(Boolean);
    },
    async removeRefs(refs, signal) {
      if (refs.length === 0) return;
      const input = refs.map((ref) => `delete ${ref}\n`).join('');
      await git(['update-ref', '--no-deref', '--stdin'], { signal, input });
    },
    async worktrees(signal) {
      const { stdout } = await git(['worktree', 'list', '--porcelain', '-z'], { signal });
      const known = fields(stdout).flatMap((field) => (field.startsWith('worktree ') ? [resolve(field.slice(9))] : []));
      const listed = await Promise.all(
        [worktreesDir, join(worktreesDir, SLOT_RECORDS)].map((path) => readdir(path).catch(() => [])),
      );
      const ours = known.filter((path) => dirname(path) === worktreesDir).map((path) => basename(path));
      return [...new Set([...ours, ...listed.flat()])].filter(isSlotName).sort();
    },
    async removeWorktree(slot, signal) {
      requireSlotName(slot);
      const path = join(worktreesDir, slot);
      // First: git refuses to remove one whose `.git` a worker has broken, but forgets one that is gone.
      if (await lstat(path).catch(() => undefined)) await removeFolder(path);
      await inTurn(commonDir, () => git(['worktree', 'remove', '--force', '--force', path], { signal, accept: [128] }));
      await forgetSlot(worktreesDir, slot);
    },
  };
}
