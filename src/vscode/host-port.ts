import type { ControlAnswer, ControlOrder } from '../core/model/control.ts';
import type { EventOf } from '../core/model/events.ts';
import type { Plan } from '../core/model/plan.ts';
import type { RunState } from '../core/model/run.ts';
import type { RunSettings } from '../core/model/settings.ts';
import type { WorkspaceConfiguration } from '../core/model/workspace-configuration.ts';
import type { Approvals } from '../core/ports/approvals.ts';
import type { ApplyPlan, Repository } from '../core/ports/repository.ts';
import type { Diagnosis } from './doctor-document.ts';

export interface RunOrder {
  readonly task: string;
  readonly plan: Plan | undefined;
  readonly settings: RunSettings;
  readonly planOnly: boolean;
}

/** What a repository's configuration file says now. */
export interface ReadConfiguration {
  /** Undefined where something is wrong: then none of it counts. */
  readonly values: WorkspaceConfiguration | undefined;
  /** Zero-based places. */
  readonly problems: readonly { readonly line: number; readonly character: number; readonly message: string }[];
}

/** What the product has made for a repository. */
export interface Belongings {
  readonly runs: readonly string[];
  readonly refs: readonly string[];
  readonly worktrees: readonly string[];
  /** Absolute path of the state folder. */
  readonly folder: string;
}

/** One repository as the editor works with it. */
export interface EditorHost {
  readonly repository: Repository;
  readConfiguration(): Promise<ReadConfiguration>;
  /** Every run there is a journal of, newest first. */
  runs(): { readonly runs: readonly RunState[]; readonly unreadable: readonly { id: string; problem: string }[] };
  /** A text that changes when a journal has changed on disk, those of the runs in `except` left out. Cheap. */
  stamp(except: ReadonlySet<string>): string;
  /** Whether another process that lives drives the run. */
  isDrivenElsewhere(run: string): boolean;
  /** Whether the supervisor of the attempt lives. */
  isAlive(run: string, attempt: string): boolean;
  /** Memory that more workers can use, in MB; undefined where the system does not say. */
  freeMemoryMb(): number | undefined;
  run(order: RunOrder, onChange: (state: RunState) => void, signal: AbortSignal): Promise<RunState>;
  /**
   * Goes on with a run that nobody drives. With a signal that is aborted already, ends what runs of it instead. Throws
   * `repository-owned` while another process works on the repository.
   */
  resume(run: string, onChange: (state: RunState) => void, signal: AbortSignal): Promise<RunState>;
  /** Makes a new run that goes on from a checkpoint of another run, and runs that to its end. */
  restore(
    from: { readonly run: string; readonly checkpoint: string },
    onChange: (state: RunState) => void,
    signal: AbortSignal,
  ): Promise<RunState>;
  /**
   * Asks something of a run, whoever drives it; what nobody drives is changed here. Resolves with what came of it.
   */
  ask(run: string, order: ControlOrder, signal: AbortSignal): Promise<ControlAnswer & { readonly driven: boolean }>;
  /** Removes a run for good, and ends what of it still runs first. */
  discard(run: string, signal: AbortSignal): Promise<void>;
  belongings(signal: AbortSignal): Promise<Belongings>;
  /** Removes all of `belongings`. Throws while somebody works on the repository or a worker lives. */
  cleanUp(signal: AbortSignal): Promise<Belongings>;
  planApply(run: string, signal: AbortSignal): Promise<ApplyPlan>;
  apply(run: string, signal: AbortSignal): Promise<EventOf<'apply.done'>>;
  /** Takes back what `apply` did. Throws `undo-blocked` when the person has gone on since. */
  undo(run: string, signal: AbortSignal): Promise<EventOf<'apply.undone'>>;
  /** Absolute paths of the parts of a run's journal, the oldest first: each process that drives a run writes its own. */
  journalFiles(run: string): readonly string[];
  /** Absolute path of the folder with an attempt's files; it may be gone. */
  attemptFolder(run: string, attempt: string): string;
}

export interface HostOrder {
  /** Absolute path of a folder in the repository. */
  readonly folder: string;
  readonly claudePath: string;
  /** Absolute path, or empty for the system's own. */
  readonly stateFolder: string;
  readonly approvals: Approvals;
}

/** Looks at what a run in this folder needs; never throws for what is wrong. */
export type CheckUp = (
  place: Pick<HostOrder, 'folder' | 'claudePath' | 'stateFolder'> & { readonly diskQuotaGb: number },
  signal: AbortSignal,
) => Promise<readonly Diagnosis[]>;

/** Throws with a code and a fix when git or the repository is not fit for orchestration. */
export type OpenEditorHost = (order: HostOrder, signal: AbortSignal) => Promise<EditorHost>;

/** What a folder lacks before work can start from a commit of it. */
export type RepositoryLack =
  | { readonly lacks: 'nothing' }
  | { readonly lacks: 'repository' }
  /** `files`: what a first commit would hold, relative to `root`. */
  | { readonly lacks: 'commit'; readonly root: string; readonly files: readonly string[] };

/** Makes what a folder lacks. Nothing is done that the person has not agreed to. */
export interface NewRepository {
  lack(folder: string, signal: AbortSignal): Promise<RepositoryLack>;
  init(folder: string, signal: AbortSignal): Promise<void>;
  firstCommit(root: string, signal: AbortSignal): Promise<void>;
}
