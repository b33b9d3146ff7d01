import { INHERITED_ENVIRONMENT } from './core/attempt/environment.ts';
import { type RunContext, uncancelled } from './core/context.ts';
import { applyRun, planApply } from './core/integration/apply.ts';
import { Journal } from './core/journal/journal.ts';
import { explain, OrchestratorError } from './core/model/error.ts';
import type { EventOf } from './core/model/events.ts';
import type { Plan } from './core/model/plan.ts';
import { redactor, secretValues } from './core/model/redact.ts';
import type { RunState } from './core/model/run.ts';
import type { RunSettings } from './core/model/settings.ts';
import { orchestrate } from './core/orchestrator.ts';
import type { Approvals } from './core/ports/approvals.ts';
import type { Logger } from './core/ports/logger.ts';
import type { Parsers } from './core/ports/parsers.ts';
import type { ApplyPlan, Repository } from './core/ports/repository.ts';
import { checkFiles } from './core/validation/syntax.ts';
import { detectCheckCommands } from './node/check-commands.ts';
import { locateClaude } from './node/claude/locate.ts';
import { findRepository } from './node/git/locate.ts';
import { openRepository } from './node/git/repository.ts';
import { openTraces, type Traces } from './node/git/traces.ts';
import { openJournal } from './node/journal/writer.ts';
import { acquireLock } from './node/state/lock.ts';
import {
  attemptFolder,
  journalFolder,
  makePrivateFolder,
  type StatePaths,
  statePaths,
  writingState,
} from './node/state/paths.ts';
import { type Belongings, belongings, removeAll, removeRun } from './node/state/removal.ts';
import { readRuns } from './node/state/runs.ts';
import { installSupervisor } from './node/supervisor-script.ts';
import { systemClock, systemRandom } from './node/system.ts';
import { attemptWorkers, type StartSupervisor } from './node/workers/attempt-workers.ts';

/** What the editor and the command line each bring to the same core. */
export interface HostOptions {
  /** Folder somewhere in the person's repository. */
  readonly folder: string;
  /** Folder of all state, see `stateHome`. */
  readonly stateHome: string;
  /** What this process calls itself to others who want the repository. */
  readonly holder: string;
  /** Setting: path or name of the CLI; empty for `claude` on PATH. */
  readonly claude: string;
  readonly env: NodeJS.ProcessEnv;
  /** Bundled supervisor. */
  readonly supervisorScript: string;
  readonly startWith: (script: string) => StartSupervisor;
  readonly parsers: Parsers;
  readonly approvals: Approvals;
  readonly logger: Logger;
}

export interface Host {
  readonly repository: Repository;
  readonly paths: StatePaths;
  runs(): ReturnType<typeof readRuns>;
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
   * Pauses or resumes launches of a run that this process drives; what is in work goes on. False: it does not drive it,
   * or it is as wanted already.
   */
  setPaused(run: string, paused: boolean): Promise<boolean>;
  /**
   * Removes a run for good: its journal, results, refs and worktrees. Ends what of it still runs first. Throws while
   * somebody works on the repository.
   */
  discard(run: string, signal: AbortSignal): Promise<void>;
  /** What the product has made for this repository. */
  belongings(signal: AbortSignal): Promise<Belongings>;
  /** Removes all of that. Throws while somebody works on the repository or a worker lives. */
  cleanUp(signal: AbortSignal): Promise<Belongings>;
  planApply(run: string, signal: AbortSignal): Promise<ApplyPlan>;
  apply(run: string, signal: AbortSignal): Promise<EventOf<'apply.done'>>;
}

export interface RunRequest {
  readonly task: string;
  /** A given plan needs no planner. */
  readonly plan: Plan | undefined;
  readonly settings: RunSettings;
  /** Ends with the plan: nothing is asked, started or written to the repository. */
  readonly planOnly: boolean;
  /** Starts from a snapshot of the person's files instead of HEAD. */
  readonly includeUncommitted?: boolean;
}

/** Opens a repository for orchestration. Throws with a code and a fix when git or the repository is not fit for it. */
export async function openHost(options: HostOptions, signal: AbortSignal): Promise<Host> {
  const { env } = options;
  const { commonDir } = await findRepository(options.folder, { signal, environment: env });
  const paths = statePaths(options.stateHome, commonDir);
  makePrivateFolder(paths.worktrees);
  const repository = await openRepository(options.folder, { worktreesDir: paths.worktrees, signal, environment: env });
  const opened: Opened = { options, paths, repository, driven: new Map() };
  const traces = (traceSignal: AbortSignal): Promise<Traces> =>
    openTraces(repository.root, { worktreesDir: paths.worktrees, signal: traceSignal, environment: env });
  return {
    repository,
    paths,
    runs: () => readRuns(paths),
    run: (request, onChange, runSignal) => run(opened, request, onChange, runSignal),
    setPaused: (id, paused) => setPaused(opened, id, paused),
    discard: async (id, removalSignal) => {
      const state = await ended(opened, id);
      const attempts = [...(state?.attempts.keys() ?? [])];
      const order = { run: id, attempts, holder: options.holder };
      await removeRun(paths, await traces(removalSignal), order, removalSignal);
    },
    belongings: async (askSignal) => belongings(paths, await traces(askSignal), askSignal),
    cleanUp: async (removalSignal) => removeAll(paths, await traces(removalSignal), options.holder, removalSignal),
    planApply: async (id, applySignal) => planApply(knownRun(paths, id), repository, applySignal),
    resume: (id, onChange, runSignal) => resume(opened, id, onChange, runSignal),
    apply: async (id, applySignal) => {
      knownRun(paths, id);
      return owning(opened, id, [], ignore, (journal) => applyRun(journal, repository, applySignal));
    },
  };
}

/** An opened repository. */
interface Opened {
  readonly options: HostOptions;
  readonly paths: StatePaths;
  readonly repository: Repository;
  /** Journals of the runs that this process drives now. */
  readonly driven: Map<string, Journal>;
}

async function run(
  opened: Opened,
  request: RunRequest,
  onChange: (state: RunState) => void,
  signal: AbortSignal,
): Promise<RunState> {
  const { options, repository } = opened;
  const claude = await locateClaude(options.claude, options.env, signal);
  const head = await repository.head(signal);
  const { settings } = request;
  const checkCommands =
    settings.checkCommands.length > 0 ? settings.checkCommands : await detectCheckCommands(repository.root);
  const id = runId();
  return owning(opened, id, settings.environment, onChange, async (journal) => {
    const base = request.includeUncommitted
      ? await repository.snapshotFiles(snapshotRef(id), `Snapshot of the working tree for run ${id}`, signal)
      : head.commit;
    await journal.record(
      {
        type: 'run.created',
        run: id,
        task: request.task,
        repository: repository.root,
        branch: head.branch,
        base,
        ...(base === head.commit ? {} : { uncommitted: true }),
        settings: { ...settings, checkCommands: [...checkCommands] },
      },
      ...(request.plan ? [{ type: 'plan.proposed', by: 'file', plan: request.plan } as const] : []),
    );
    return drive(opened, journal, claude.path, request.planOnly, signal);
  });
}

async function resume(
  opened: Opened,
  id: string,
  onChange: (state: RunState) => void,
  signal: AbortSignal,
): Promise<RunState> {
  const { options, paths } = opened;
  const known = knownRun(paths, id);
  if (known.endedAt !== undefined) return known;
  // Whoever only wants what runs to be ended needs no CLI for it.
  const claude = signal.aborted ? '' : (await locateClaude(options.claude, options.env, signal)).path;
  return owning(opened, id, known.settings.environment, onChange, async (journal) => {
    // Its owner may have ended it while this waited for the repository.
    if (journal.state.endedAt !== undefined) return journal.state;
    // Said at once: a worker may be silent for a long time.
    onChange(journal.state);
    return drive(opened, journal, claude, false, signal);
  });
}

async function drive(
  opened: Opened,
  journal: Journal,
  claude: string,
  planOnly: boolean,
  signal: AbortSignal,
): Promise<RunState> {
  const { options, paths, repository, driven } = opened;
  await closeOrphans(paths, repository, options.logger);
  const { id } = journal.state;
  driven.set(id, journal);
  try {
    return await orchestrate(contextOf(opened, journal, claude), { plan: undefined, planOnly }, signal);
  } finally {
    driven.delete(id);
  }
}

async function setPaused({ driven }: Opened, id: string, paused: boolean): Promise<boolean> {
  const journal = driven.get(id);
  if (!journal || journal.state.paused === paused || journal.state.endedAt !== undefined) return false;
  await journal.record({ type: paused ? 'run.paused' : 'run.resumed' });
  return true;
}

/** A run of which nothing runs any more; undefined when its journal can't be read. Throws when there is no such run. */
async function ended(opened: Opened, id: string): Promise<RunState | undefined> {
  const { runs, unreadable } = readRuns(opened.paths);
  if (unreadable.some((run) => run.id === id)) return undefined;
  const known = runs.find((run) => run.id === id) ?? knownRun(opened.paths, id);
  if (known.endedAt !== undefined) return known;
  return resume(opened, id, ignore, AbortSignal.abort(new OrchestratorError('cancelled', 'It was discarded.')));
}

function contextOf({ options, paths, repository }: Opened, journal: Journal, claude: string): RunContext {
  const script = installSupervisor(paths, options.supervisorScript);
  const { id } = journal.state;
  return {
    journal,
    repository,
    workers: attemptWorkers((attempt) => attemptFolder(paths, id, attempt), options.startWith(script)),
    approvals: options.approvals,
    clock: systemClock,
    random: systemRandom,
    logger: options.logger,
    claude,
    checkSyntax: (files, signal) => checkFiles(files, options.parsers, signal),
  };
}

/** Closes worktrees that no unfinished attempt works in; what is in them is snapshot first. Needs the lock. */
async function closeOrphans(paths: StatePaths, repository: Repository, logger: Logger): Promise<void> {
  const slots = await repository.slots();
  if (slots.length === 0) return;
  const attempts = readRuns(paths).runs.flatMap(({ attempts: all }) => [...all.values()]);
  const needed = new Set(attempts.filter(({ ended }) => !ended).map(({ id }) => id));
  for (const slot of slots) {
    if (needed.has(slot)) continue;
    logger.info(`The worktree ${slot} belongs to no attempt any more and is removed.`);
    await repository
      .closeWorktree(slot, uncancelled())
      .catch((error: unknown) => logger.warn(`The worktree ${slot} could not be removed: ${explain(error)}`));
  }
}

/** Does something as the one owner of the repository and of the run's journal. */
async function owning<T>(
  { options, paths }: Opened,
  id: string,
  /** Further variables that reach the run's workers. */
  environment: readonly string[],
  onChange: (state: RunState) => void,
  use: (journal: Journal) => Promise<T>,
): Promise<T> {
  makePrivateFolder(paths.root);
  const lock = writingState(paths.locks, () => acquireLock(paths.locks, options.holder));
  try {
    const opened = await openJournal(journalFolder(paths, id), systemClock.now);
    for (const warning of opened.warnings) options.logger.warn(warning);
    const redact = redactor(secretValues([...INHERITED_ENVIRONMENT, ...environment], options.env));
    try {
      return await use(new Journal(opened.writer, opened.records, onChange, redact));
    } finally {
      await opened.writer.close();
    }
  } finally {
    lock.release();
  }
}

function knownRun(paths: StatePaths, id: string): RunState {
  const found = readRuns(paths).runs.find((known) => known.id === id);
  if (found) return found;
  throw new OrchestratorError('run-not-found', `There is no run "${id}" in this repository.`, {
    fix: 'See "claude-orchestrator status".',
  });
}

const ignore = (): void => undefined;

/** Ref of a snapshot that a run starts from. */
const snapshotRef = (run: string): string => `refs/claude-orchestrator/runs/${run}/base`;

/** Sorts by time when sorted by name. */
function runId(): string {
  return `${new Date(systemClock.now()).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${systemRandom.id()}`;
}
