import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApplyPlan, Repository } from '../../../src/core/ports/repository.ts';
import { NEVER, type ScratchOptions, type ScratchRepository, scratchRepository } from './scratch-repository.ts';

export type Ready = Extract<ApplyPlan, { ok: true }>;

export interface ResultOfRun {
  readonly scratch: ScratchRepository;
  readonly repository: Repository;
  readonly base: string;
  readonly result: string;
  plan(): Promise<ApplyPlan>;
  /** The plan, or an error with what stands in the way. */
  ready(): Promise<Ready>;
}

/** A repository and the result of a run in it: what `change` does to a worktree. */
export async function resultOfRun(
  change: (path: string) => Promise<unknown>,
  options: ScratchOptions = {},
): Promise<ResultOfRun> {
  const scratch = await scratchRepository(options);
  const repository = await scratch.open();
  const { commit: base } = await repository.head(NEVER);
  const path = await repository.openWorktree('1', base, NEVER);
  await change(path);
  const { commit: result } = await repository.capture(path, base, 'refs/claude-orchestrator/r', 'r', NEVER);
  await repository.closeWorktree('1');
  const plan = () => repository.planApply(result, base, 'Add it', NEVER);
  return { scratch, repository, base, result, plan, ready: async () => requireReady(await plan()) };
}

export interface ResultInPlace extends Pick<ResultOfRun, 'scratch' | 'repository'> {
  plan(): Promise<ApplyPlan>;
  ready(): Promise<Ready>;
}

/** A result on the uncommitted changes that `mine` makes, so that it is written beside them. */
export async function resultInPlace(
  theirs: (path: string) => Promise<unknown>,
  mine: (scratch: ScratchRepository) => Promise<unknown> = (scratch) => scratch.write('a.txt', 'mine\n'),
  options: ScratchOptions = { files: FILES },
): Promise<ResultInPlace> {
  const scratch = await scratchRepository(options);
  const repository = await scratch.open();
  await mine(scratch);
  const snapshot = await repository.snapshotFiles('refs/claude-orchestrator/s', 's', NEVER);
  const worktree = await repository.openWorktree('2', snapshot, NEVER);
  await theirs(worktree);
  const { commit } = await repository.capture(worktree, snapshot, 'refs/claude-orchestrator/r2', 'r', NEVER);
  const plan = () => repository.planInPlace(commit, snapshot, NEVER);
  return { scratch, repository, plan, ready: async () => requireReady(await plan()) };
}

function requireReady(plan: ApplyPlan): Ready {
  if (!plan.ok) throw new Error(`${plan.reason}: ${plan.message} ${plan.paths.join(', ')}`);
  return plan;
}

/** What an applied plan is to `undo`. */
export const applied = ({ branch, from, to, inPlace }: Ready) => ({
  ...{ branch, from, to, inPlace: inPlace === true, isUnderWay: false },
});

/** The same where nobody has said how it ended. */
export const cutOff = (plan: Ready) => ({ ...applied(plan), isUnderWay: true });

/** Every file of the working tree with its content, the index and where the branch is. */
export async function everything(scratch: ScratchRepository): Promise<unknown> {
  const files: Record<string, string> = {};
  for (const entry of await readdir(scratch.root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !path.includes('/.git/')) files[path] = await readFile(path, 'latin1');
  }
  const [head, index] = [await scratch.git('rev-parse', 'HEAD'), await scratch.git('ls-files', '--stage')];
  return { files, head, index, branch: await scratch.git('symbolic-ref', 'HEAD') };
}

/** Also what is not tracked, and what is staged. */
export const all = async (scratch: ScratchRepository): Promise<unknown> => [
  await everything(scratch),
  await scratch.git('status', '--porcelain', '--untracked-files=all'),
];

export const FILES = { 'a.txt': 'a\n', 'b.txt': 'b\n', 'c.txt': '1\n2\n3\n4\n5\n6\n7\n8\n9\n' };
/** Writes a file in the folder it is then called with. */
export const write = (name: string, content: string) => async (path: string) => {
  await mkdir(join(path, name, '..'), { recursive: true });
  await writeFile(join(path, name), content);
};

/** What a run does to `FILES`: a file changed, one added and one removed. */
export const change = async (path: string): Promise<void> => {
  await write('a.txt', 'changed a\n')(path);
  await write('z/new.txt', 'new\n')(path);
  await rm(join(path, 'b.txt'));
};
