import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Repository } from '../../../src/core/ports/repository.ts';
import { NEVER, type ScratchOptions, type ScratchRepository, scratchRepository } from './scratch-repository.ts';

/** Ref that keeps what is captured. */
export const REF = 'refs/claude-orchestrator/attempts/one';

/** A worktree of a scratch repository, to be written in and captured. */
export interface Bench {
  readonly scratch: ScratchRepository;
  readonly repository: Repository;
  readonly base: string;
  readonly path: string;
  /** Writes a file in the worktree. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  /** Runs git in the worktree, as a worker would. */
  git(...args: readonly string[]): Promise<string>;
  capture(): ReturnType<Repository['capture']>;
}

export async function worktree(options: ScratchOptions = {}): Promise<Bench> {
  const scratch = await scratchRepository(options);
  const repository = await scratch.open();
  const { commit: base } = await repository.head(NEVER);
  const path = await repository.openWorktree('1', base, NEVER);
  return {
    scratch,
    repository,
    base,
    path,
    write: async (file, content) => {
      await mkdir(join(path, file, '..'), { recursive: true });
      await writeFile(join(path, file), content);
    },
    git: (...args) => scratch.git('-C', path, ...args),
    capture: () => repository.capture(path, base, REF, 'captured', NEVER),
  };
}
