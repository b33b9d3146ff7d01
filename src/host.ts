import type { RunContext } from './core/context.ts';
import { applyRun, planApply } from './core/integration/apply.ts';
import { Journal } from './core/journal/journal.ts';
import { OrchestratorError } from './core/model/error.ts';
import type { EventOf } from './core/model/events.ts';
import type { Plan } from './core/model/plan.ts';
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
import { openJournal } from './node/journal/writer.ts';
import { acquireLock } from './node/state/lock.ts';
import { attemptFolder, journalFolder, makePrivateFolder, type StatePaths, statePaths } from './node/state/paths.ts';
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
}

/** Opens a repository for orchestration. Throws with a code and a fix when git or the repository is not fit for it. */
export async function openHost(options: HostOptions, signal: AbortSignal): Promise<Host> {
  const { env } = options;
  const { commonDir } = await findRepository(options.folder, { signal, environment: env });
  const paths = statePaths(options.stateHome, commonDir);
  const repository = await openRepository(options.folder, { worktreesDir: paths.worktrees, signal, environment: env });
  return {
    repository,
    paths,
    runs: () => readRuns(paths),
    run: (request, onChange, runSignal) => run(options, paths, repository, request, onChange, runSignal),
    planApply: async (id, applySignal) => planApply(knownRun(paths, id), repository, applySignal),
    apply: (id, applySignal) =>
      withJournal(options, paths, id, (journal) => applyRun(journal, repository, applySignal)),
  };
}

async function run(
  options: HostOptions,
  paths: StatePaths,
  repository: Repository,
  request: RunRequest,
  onChange: (state: RunState) => void,
  signal: AbortSignal,
): Promise<RunState> {
  const claude = await locateClaude(options.claude, options.env, signal);
  const head = await repository.head(signal);
  const checkCommands =
    request.settings.checkCommands.length > 0
      ? request.settings.checkCommands
      : await detectCheckCommands(repository.root);
  makePrivateFolder(paths.root);
  const lock = acquireLock(paths.locks, options.holder);
  try {
    const id = runId();
    const opened = await openJournal(journalFolder(paths, id), systemClock.now);
    try {
      const journal = new Journal(opened.writer, opened.records, onChange);
      await journal.record({
        type: 'run.created',
        run: id,
        task: request.task,
        repository: repository.root,
        branch: head.branch,
        base: head.commit,
        settings: { ...request.settings, checkCommands: [...checkCommands] },
      });
      const script = installSupervisor(paths, options.supervisorScript);
      const context: RunContext = {
        journal,
        repository,
        workers: attemptWorkers((attempt) => attemptFolder(paths, id, attempt), options.startWith(script)),
        approvals: options.approvals,
        clock: systemClock,
        random: systemRandom,
        logger: options.logger,
        claude: claude.path,
        checkSyntax: (files, checkSignal) => checkFiles(files, options.parsers, checkSignal),
      };
      return await orchestrate(context, { plan: request.plan, planOnly: request.planOnly }, signal);
    } finally {
      await opened.writer.close();
    }
  } finally {
    lock.release();
  }
}

async function withJournal<T>(
  options: HostOptions,
  paths: StatePaths,
  id: string,
  use: (journal: Journal) => Promise<T>,
): Promise<T> {
  knownRun(paths, id);
  const lock = acquireLock(paths.locks, options.holder);
  try {
    const opened = await openJournal(journalFolder(paths, id), systemClock.now);
    try {
      return await use(new Journal(opened.writer, opened.records, () => undefined));
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

/** Sorts by time when sorted by name. */
function runId(): string {
  return `${new Date(systemClock.now()).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')}-${systemRandom.id()}`;
}
