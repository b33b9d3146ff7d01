import { join } from 'node:path';
import { checkEnvironment, INHERITED_ENVIRONMENT } from '../core/attempt/environment.ts';
import type { RunPorts } from '../core/context.ts';
import { RunFold } from '../core/journal/fold.ts';
import { Journal } from '../core/journal/journal.ts';
import { OrchestratorError } from '../core/model/error.ts';
import { redactor, secretValues } from '../core/model/redact.ts';
import type { RunState } from '../core/model/run.ts';
import type { Approvals } from '../core/ports/approvals.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { Parsers } from '../core/ports/parsers.ts';
import type { Repository } from '../core/ports/repository.ts';
import type { Sessions } from '../core/ports/sessions.ts';
import { checkFiles } from '../core/validation/syntax.ts';
import { projectChecks } from '../node/checks/run-check.ts';
import { sessionArchives } from '../node/claude/sessions.ts';
import { controlInbox } from '../node/control/inbox.ts';
import { TEMPORARY_INDEXES } from '../node/git/temporary-index.ts';
import { openJournal } from '../node/journal/writer.ts';
import { thisMachine } from '../node/machine.ts';
import { removeDrafts } from '../node/process/drafts.ts';
import { learnedFigures } from '../node/state/catalog.ts';
import { acquireLock } from '../node/state/lock.ts';
import {
  attemptFolder,
  controlFile,
  journalFolder,
  makePrivateFolder,
  type StatePaths,
  sessionsFolder,
  writingState,
} from '../node/state/paths.ts';
import { earlierRuns, RunsReader } from '../node/state/runs.ts';
import { installSupervisor } from '../node/supervisor-script.ts';
import { sha256, systemClock, systemRandom } from '../node/system.ts';
import { attemptWorkers, type StartSupervisor } from '../node/workers/attempt-workers.ts';

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
  readonly parsers: Parsers & {
    /** Texts come soon: what takes its time and is the same for every text may be done meanwhile. */
    expect(): void;
  };
  readonly approvals: Approvals;
  readonly logger: Logger;
}

/** An opened repository. */
export interface Opened {
  readonly options: HostOptions;
  readonly paths: StatePaths;
  readonly repository: Repository;
  /** Journals of the runs that this process drives now. */
  readonly driven: Map<string, Journal>;
}

/** What the core drives a run with. */
export function contextOf({ options, paths, repository }: Opened, journal: Journal, claude: string): RunPorts {
  const script = installSupervisor(paths, options.supervisorScript);
  const { id } = journal.state;
  return {
    journal,
    repository,
    workers: attemptWorkers((attempt) => attemptFolder(paths, id, attempt), options.startWith(script)),
    sessions: sessionsOf({ options, paths }, id),
    history: {
      earlierRuns: async () => earlierRuns(paths, id),
      figures: async () => learnedFigures(paths, id),
    },
    hash: sha256,
    approvals: options.approvals,
    checks: projectChecks([...checkEnvironment(), ...journal.state.settings.environment], options.env),
    inbox: controlInbox(controlFile(paths, id), (message) => options.logger.warn(message)),
    clock: systemClock,
    machine: thisMachine(),
    random: systemRandom,
    logger: options.logger,
    claude,
    checkSyntax: (files, signal) => checkFiles(files, options.parsers, signal),
  };
}

/** Archived sessions of a run. */
export function sessionsOf({ options, paths }: Pick<Opened, 'options' | 'paths'>, run: string): Sessions {
  return sessionArchives(run, {
    env: options.env,
    archivesOf: (id) => sessionsFolder(paths, id),
    attemptFolder: (attempt) => attemptFolder(paths, run, attempt),
  });
}

/** Does something as the one owner of the repository and of the run's journal. */
export async function owning<T>(
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
    // What earlier owners had to leave behind.
    const indexes = join(paths.worktrees, TEMPORARY_INDEXES);
    for (const folder of [paths.locks, indexes, journalFolder(paths, id), sessionsFolder(paths, id)])
      removeDrafts(folder);
    const fold = new RunFold();
    const opened = await openJournal(journalFolder(paths, id), fold, systemClock.now);
    for (const warning of opened.warnings) options.logger.warn(warning);
    const redact = redactor(secretValues([...INHERITED_ENVIRONMENT, ...environment], options.env));
    const journal = new Journal(opened.writer, fold, onChange, redact);
    try {
      return await use(journal);
    } finally {
      journal.rest();
      await opened.writer.close();
    }
  } finally {
    lock.release();
  }
}

/** A run by its id; throws `run-not-found`. */
export function knownRun(paths: StatePaths, id: string): RunState {
  const found = new RunsReader(paths).find(id);
  if (found) return found;
  throw new OrchestratorError('run-not-found', `There is no run "${id}" in this repository.`, {
    fix: 'See "claude-orchestrator status".',
  });
}
