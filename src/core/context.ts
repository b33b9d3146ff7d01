import type { Journal } from './journal/journal.ts';
import type { FileReport } from './model/findings.ts';
import type { Approvals } from './ports/approvals.ts';
import type { Checks } from './ports/checks.ts';
import type { Clock } from './ports/clock.ts';
import type { ControlInbox } from './ports/control-inbox.ts';
import type { Hash } from './ports/hash.ts';
import type { History } from './ports/history.ts';
import type { Logger } from './ports/logger.ts';
import type { Machine } from './ports/machine.ts';
import type { Random } from './ports/random.ts';
import type { Repository } from './ports/repository.ts';
import type { Sessions } from './ports/sessions.ts';
import type { Workers } from './ports/workers.ts';

/** What a run reaches the world through. */
export interface RunPorts {
  readonly journal: Journal;
  readonly repository: Repository;
  readonly workers: Workers;
  readonly sessions: Sessions;
  readonly history: History;
  readonly hash: Hash;
  readonly approvals: Approvals;
  readonly checks: Checks;
  /** What is asked of the run while it goes on. */
  readonly inbox: ControlInbox;
  readonly clock: Clock;
  readonly machine: Machine;
  readonly random: Random;
  readonly logger: Logger;
  /** Absolute path of the `claude` executable. */
  readonly claude: string;
  /** Checks files' syntax; every file given has a report in the answer, in the same order. */
  readonly checkSyntax: (files: ReadonlyMap<string, Uint8Array>, signal: AbortSignal) => Promise<readonly FileReport[]>;
}

/** What a run in progress works with. */
export interface RunContext extends RunPorts {
  /** Aborted, with `Detached`, when the host goes away: nothing waits for a worker's end any longer. */
  readonly detached: AbortSignal;
  /** Called when something waits for room on the disk. */
  readonly onHeld: () => void;
}

/** The editor's two bundles have a copy of the class each. */
const MARK = Symbol.for('claude-orchestrator.detached');

/**
 * The reason an orchestration is stopped with when its host goes away: workers go on, nothing is cancelled, and
 * whoever resumes the run finds them. Any other reason is the person's cancel.
 */
export class Detached extends Error {
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === 'object' && value !== null && MARK in value;
  }

  readonly [MARK] = true;

  constructor() {
    super('The run goes on without this window.');
    this.name = 'Detached';
  }
}

/** For clean-up that must not be cancelled. */
export const uncancelled = (): AbortSignal => new AbortController().signal;
