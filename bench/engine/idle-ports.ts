import type { RunPorts } from '../../src/core/context.ts';
import type { Journal } from '../../src/core/journal/journal.ts';
import { OrchestratorError } from '../../src/core/model/error.ts';
import type { ChangedFile } from '../../src/core/model/event-fields.ts';
import type { Repository } from '../../src/core/ports/repository.ts';
import type { WorkerHandle } from '../../src/core/ports/workers.ts';
import { sha256, systemClock } from '../../src/node/system.ts';

export const COMMIT = 'c'.repeat(40);

/** The file that a subtask is to change: of no language, so that no parser has to look at it. */
export const fileOf = (subtask: string): string => `src/${subtask}.txt`;

/**
 * Everything that a run works with besides its journal, answering at once: workers that only say that they are done,
 * and a repository without files. What is left is what the orchestrator itself does for a subtask.
 */
export function idleContext(journal: Journal): RunPorts {
  let ids = 0;
  return {
    journal,
    repository: idleRepository(),
    workers: {
      expect: () => undefined,
      launch: async ({ attempt }) => ({ pid: 1, handle: idleWorker(attempt) }),
      attach: async (attempt) => idleWorker(attempt),
      look: async () => ({ lives: false, startedAt: undefined, endedAt: undefined }),
      stderrTail: async () => '',
    },
    sessions: {
      archive: async () => undefined,
      bringBack: async () => undefined,
      adopt: async () => undefined,
      putAway: async () => undefined,
    },
    history: { earlierRuns: async () => [], figures: async () => [] },
    hash: sha256,
    approvals: {
      approvePlan: async () => ({ approved: true, by: 'setting' }),
      decidePermission: async () => ({ allow: true, reason: '' }),
      resolveConflict: async () => 'later',
    },
    checks: { run: () => neverAsked('checks.run') },
    inbox: { requests: nothingIsAsked, present: async () => [] },
    clock: systemClock,
    machine: { freeMemoryMb: () => undefined },
    random: {
      id: () => {
        ids += 1;
        return ids.toString(36);
      },
      fraction: () => 0.5,
    },
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    claude: '/usr/bin/claude',
    checkSyntax: async () => [],
  };
}

function idleRepository(): Repository {
  const refs = new Map<string, string>();
  const changed = new Map<string, string>();
  const filesOf = (worktree: string): ChangedFile[] => [{ path: changed.get(worktree) ?? 'none', change: 'added' }];
  return {
    root: '/repository',
    head: async () => ({ commit: COMMIT, branch: 'main' }),
    openWorktree: async (name) => {
      changed.set(`/state/${name}`, fileOf(name.slice(0, name.lastIndexOf('-'))));
      return `/state/${name}`;
    },
    closeWorktree: async (name) => void changed.delete(`/state/${name}`),
    hasWorktree: async () => true,
    releaseWorktrees: async () => undefined,
    sweepWorktrees: async () => undefined,
    prepareWorktree: async () => undefined,
    dirtyPaths: async () => [],
    capture: async (worktree) => ({ commit: COMMIT, tree: COMMIT, files: filesOf(worktree), oversized: undefined }),
    changedSharedCode: async () => new Map(),
    merge: async () => ({ ok: true, commit: COMMIT, tree: COMMIT }),
    transplant: () => neverAsked('transplant'),
    listFiles: async () => new Map(),
    moveRef: async (ref, next) => void refs.set(ref, next),
    readRef: async (ref) => refs.get(ref),
    changedFiles: async () => [],
    readFiles: async () => new Map(),
    entries: async (_, paths) =>
      new Map(paths.map((path) => [path, { kind: 'file', object: COMMIT, bytes: 1, target: undefined }])),
    treeOf: async () => COMMIT,
    snapshotFiles: () => neverAsked('snapshotFiles'),
    planInPlace: () => neverAsked('planInPlace'),
    planApply: () => neverAsked('planApply'),
    runCommitHooks: () => neverAsked('runCommitHooks'),
    apply: () => neverAsked('apply'),
    undo: () => neverAsked('undo'),
  };
}

const INIT = JSON.stringify({ type: 'system', subtype: 'init', session_id: 's', model: 'none' });
const RESULT = JSON.stringify({
  ...{ type: 'result', subtype: 'success', is_error: false, session_id: 's', num_turns: 1, duration_ms: 0 },
  ...{ result: 'Done.', total_cost_usd: 0, modelUsage: {} },
});

/** Begins a session, is done with its turn and ends when it is told to. */
function idleWorker(attempt: string): WorkerHandle {
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return {
    async *lines() {
      yield { from: 0, to: INIT.length, text: INIT };
      yield { from: INIT.length, to: INIT.length + RESULT.length, text: RESULT };
      await finished;
    },
    send: async ({ type }) => {
      if (type !== 'finish') throw new Error(`${attempt} was sent "${type}".`);
      finish();
    },
    exited: async () => {
      const times = { startedAt: 0, endedAt: 0 };
      return { version: 1, code: 0, signal: null, reason: 'exited', message: '', ...times };
    },
  };
}

async function* nothingIsAsked(signal: AbortSignal): AsyncIterable<never> {
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

function neverAsked(what: string): Promise<never> {
  return Promise.reject(new OrchestratorError('internal', `Nothing here asks for ${what}.`));
}
