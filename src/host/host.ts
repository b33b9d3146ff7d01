import { planQuestion } from '../core/control/approve-plan.ts';
import { applyRun, planApply, undoRun } from '../core/integration/apply.ts';
import { checkSlot } from '../core/integration/check-tree.ts';
import type { ControlOrder } from '../core/model/control.ts';
import type { EventOf } from '../core/model/events.ts';
import { applySlot, resolutionSlot } from '../core/model/needed-worktrees.ts';
import type { Plan } from '../core/model/plan.ts';
import type { RunState } from '../core/model/run.ts';
import type { PlanQuestion } from '../core/ports/approvals.ts';
import type { ApplyPlan, Repository } from '../core/ports/repository.ts';
import { estimateRun } from '../core/scheduling/estimate.ts';
import { estimateText } from '../core/scheduling/estimate-text.ts';
import { pooledRepository } from '../core/worktrees/pooled-repository.ts';
import { findRepository } from '../node/git/locate.ts';
import { openRepository } from '../node/git/repository.ts';
import { openTraces, type Traces } from '../node/git/traces.ts';
import type { Repaired } from '../node/journal/repair.ts';
import { learnedFigures } from '../node/state/catalog.ts';
import { makePrivateFolder, type StatePaths, statePaths } from '../node/state/paths.ts';
import { type Belongings, belongings, removeAll, removeRun } from '../node/state/removal.ts';
import { type KnownRuns, RunsReader } from '../node/state/runs.ts';
import { type Asked, ask } from './ask.ts';
import type { RunRequest } from './drive.ts';
import { ended, ignore, restore, resume, run } from './drive.ts';
import type { HostOptions, Opened } from './opened.ts';
import { knownRun, owning } from './opened.ts';
import { type Limits, type Pruned, pruneCheckpoints } from './prune.ts';
import { repairRun } from './repair.ts';

export interface Host {
  readonly repository: Repository;
  readonly paths: StatePaths;
  /** As the journals say; each time only what has come since is read. */
  runs(): KnownRuns;
  /**
   * Runs a task to its end, or until `signal` is aborted. `onChange` sees the state after every event.
   * Throws before anything is journalled when git, the CLI or another owner stands in the way.
   */
  run(request: RunRequest, onChange: (state: RunState) => void, signal: AbortSignal): Promise<RunState>;
  /**
   * Goes on with a run whose owner is gone: what has ended is not done again, what still runs is followed. A run that
   * has ended is returned as it is.
   */
  resume(run: string, onChange: (state: RunState) => void, signal: AbortSignal): Promise<RunState>;
  /**
   * Makes a new run that goes on from a checkpoint (its id in its run) of another run, and runs that to its end. What
   * was merged by then is not done again; the other run stays as it is. Throws `wrong-use` where there is nothing to go
   * on from.
   */
  restore(
    from: { readonly run: string; readonly checkpoint: string },
    onChange: (state: RunState) => void,
    signal: AbortSignal,
  ): Promise<RunState>;
  /**
   * Asks something of a run, whoever drives it: this process, another one, or nobody, in which case it is done here.
   * Resolves once the journal says what came of it. A cancel of a run that nobody drives ends what of it still runs.
   */
  ask(run: string, order: ControlOrder, signal: AbortSignal): Promise<Asked>;
  /**
   * Removes a run for good: its journal, results, refs and worktrees. Ends what of it still runs first. Throws while
   * somebody works on the repository.
   */
  discard(run: string, signal: AbortSignal): Promise<void>;
  /**
   * Cuts the damaged journal of a run before its damage; undefined where it is whole. What came after that is forgotten,
   * not removed. Throws while somebody works on the repository or a worker of the run lives.
   */
  repair(run: string): Promise<Repaired | undefined>;
  /**
   * Removes what is kept for old checkpoints and nothing needs, see `retention`; with `dryRun` only says what that would
   * be. Throws while somebody works on the repository.
   */
  pruneCheckpoints(limits: Limits, dryRun: boolean, signal: AbortSignal): Promise<Pruned>;
  /** A sentence or two on how long a plan will take with so many workers and what it will cost, judging by earlier runs. */
  estimate(plan: Plan, workers: number): string;
  /** What the product has made for this repository. */
  belongings(signal: AbortSignal): Promise<Belongings>;
  /** Removes all of that. Throws while somebody works on the repository or a worker lives. */
  cleanUp(signal: AbortSignal): Promise<Belongings>;
  /** What is asked of whoever is to approve the plan of a run; undefined where no plan waits for that. */
  planQuestion(run: string, signal: AbortSignal): Promise<PlanQuestion | undefined>;
  planApply(run: string, signal: AbortSignal): Promise<ApplyPlan>;
  /** With `hooks` only what the person's own hooks of a commit let pass. */
  apply(run: string, signal: AbortSignal, how?: { readonly hooks: boolean }): Promise<EventOf<'apply.done'>>;
  /** Takes back what `apply` did. Throws `undo-blocked` when the person has gone on since. */
  undo(run: string, signal: AbortSignal): Promise<EventOf<'apply.undone'>>;
}

/** Opens a repository for orchestration. Throws with a code and a fix when git or the repository is not fit for it. */
export async function openHost(options: HostOptions, signal: AbortSignal): Promise<Host> {
  const { env } = options;
  const location = await findRepository(options.folder, { signal, environment: env });
  const paths = statePaths(options.stateHome, location.commonDir);
  makePrivateFolder(paths.worktrees);
  const worktreesDir = paths.worktrees;
  const git = await openRepository(options.folder, { worktreesDir, location, signal, environment: env });
  const repository = pooledRepository(git, options.logger);
  const reader = new RunsReader(paths);
  const opened: Opened = { options, paths, repository, driven: new Map() };
  const traces = (traceSignal: AbortSignal): Promise<Traces> =>
    openTraces(repository.root, { worktreesDir: paths.worktrees, signal: traceSignal, environment: env });
  return {
    repository,
    paths,
    runs: () => reader.read(),
    run: (request, onChange, runSignal) => run(opened, request, onChange, runSignal),
    ask: (id, order, askSignal) => ask(opened, id, order, askSignal),
    discard: async (id, removalSignal) => {
      const state = await ended(opened, id);
      const attempts = [...(state?.attempts.keys() ?? [])].flatMap((attempt) => [attempt, resolutionSlot(attempt)]);
      attempts.push(checkSlot(id), applySlot(id));
      const order = { run: id, attempts, holder: options.holder };
      await removeRun(paths, await traces(removalSignal), order, removalSignal);
    },
    repair: (id) => repairRun(opened, id),
    pruneCheckpoints: (limits, dryRun, pruneSignal) => pruneCheckpoints(opened, limits, dryRun, pruneSignal),
    estimate: (plan, workers) => estimateText(estimateRun(plan, workers, learnedFigures(paths, ''))),
    belongings: async (askSignal) => belongings(paths, await traces(askSignal), askSignal),
    cleanUp: async (removalSignal) => removeAll(paths, await traces(removalSignal), options.holder, removalSignal),
    planQuestion: async (id, askSignal) => {
      const state = knownRun(paths, id);
      if (state.status !== 'awaiting-approval' || !state.plan || state.rejected) return undefined;
      const dirtyPaths = state.uncommitted ? [] : await repository.dirtyPaths(askSignal);
      return planQuestion(state, state.plan, { dirtyPaths, figures: learnedFigures(paths, id) });
    },
    planApply: async (id, applySignal) => planApply(knownRun(paths, id), repository, applySignal),
    resume: (id, onChange, runSignal) => resume(opened, id, onChange, runSignal),
    restore: (from, onChange, runSignal) => restore(opened, from, onChange, runSignal),
    apply: async (id, applySignal, how = { hooks: false }) => {
      knownRun(paths, id);
      return owning(opened, id, [], ignore, (journal) => applyRun(journal, repository, how, applySignal));
    },
    undo: async (id, undoSignal) => {
      knownRun(paths, id);
      return owning(opened, id, [], ignore, (journal) => undoRun(journal, repository, undoSignal));
    },
  };
}
