import type { RestoredRun } from '../../src/core/checkpoints/restored-run.ts';
import { RunFold } from '../../src/core/journal/fold.ts';
import { type JournalRecord, journalRecordSchema } from '../../src/core/model/events.ts';
import type { RunState } from '../../src/core/model/run.ts';
import { Broken, type Invariant } from './broken.ts';
import type { Case } from './case.ts';
import { checkGraph } from './check-asked.ts';
import { checkBreaker } from './check-breaker.ts';
import { checkRef, checkSend } from './check-effect.ts';
import { checkEnd } from './check-end.ts';
import { checkIndexes } from './check-index.ts';
import { checkLimits } from './check-limits.ts';
import { checkLost } from './check-outcome.ts';
import { checkRecord } from './check-record.ts';
import { checkRestored } from './check-restored.ts';
import { checkStart } from './check-start.ts';
import { checkWorkTime } from './check-work-time.ts';
import { IDLE_MS, IdleWatch } from './idle-watch.ts';
import { Ledger } from './ledger.ts';
import type { Lock } from './lock.ts';
import { Outages } from './outages.ts';
import type { SimulatedGit } from './repository.ts';
import type { AttemptFolder } from './supervisor.ts';
import type { AskedRequest, ConflictAnswer, Truth } from './truth.ts';
import { WorkTime } from './work-time.ts';
import type { SimulatedMachine } from './workers.ts';

/**
 * Knows what is true, as opposed to what an owner of the run believes: what is on disk, which workers live, where refs
 * are. Every check is against that, and the first thing that is wrong is kept.
 */
export class Oracle implements Truth {
  readonly given: Case;
  readonly restored: RestoredRun | undefined;
  readonly earlier: readonly RunState[];
  broken: Broken | undefined;
  readonly now: () => number;
  cancelled = false;
  openedAt = 0;
  readonly openings = new Map<number, number>();
  readonly launchers = new Map<string, number>();
  jumpedAt = Number.NEGATIVE_INFINITY;
  readonly endedAt = new Map<string, { readonly now: number; readonly at: number }>();
  #world: { readonly git: SimulatedGit; readonly machine: SimulatedMachine } | undefined;
  #fold: RunFold | undefined;
  readonly #durable: string[] = [];
  /** What owners have tried to write, by its text. */
  readonly #offered = new Set<string>();
  readonly #ingested = new Set<string>();
  /** Subtask → the commit with which it is about to be merged. */
  readonly #integrating = new Map<string, string>();
  readonly requests: AskedRequest[] = [];
  ownedSince = 0;
  /** When something was launched last. */
  launchedAt = 0;
  noRoomAt = Number.NEGATIVE_INFINITY;
  /** When a sync failed last: its owner only waits for its workers' end. */
  journalFailedAt = Number.NEGATIVE_INFINITY;
  readonly #idle = new IdleWatch();
  readonly outages = new Outages();
  readonly ledger = new Ledger();
  readonly workTime = new WorkTime();
  /** Who wrote the last record. */
  #epoch = 0;
  readonly asked = new Map<string, number>();
  readonly conflicts = new Map<string, ConflictAnswer>();
  readonly forgotten = new Set<string>();

  constructor(given: Case, now: () => number, { restored, earlier }: Pick<Truth, 'restored' | 'earlier'>) {
    this.given = given;
    this.now = now;
    this.restored = restored;
    this.earlier = earlier;
  }

  sees(git: SimulatedGit, machine: SimulatedMachine): void {
    this.#world = { git, machine };
  }

  get git(): SimulatedGit {
    return this.#seen.git;
  }

  get machine(): SimulatedMachine {
    return this.#seen.machine;
  }

  get #seen(): { readonly git: SimulatedGit; readonly machine: SimulatedMachine } {
    if (!this.#world) throw new Error('The oracle sees nothing yet.');
    return this.#world;
  }

  /** The fold of what is on disk for good; undefined before the first record. */
  get state(): RunState | undefined {
    return this.#fold?.state;
  }

  /** All that is on disk for good. */
  get records(): JournalRecord[] {
    return this.#durable.map((text) => journalRecordSchema.parse(JSON.parse(text)));
  }

  /** Number of the last record that is on disk for good. */
  get lastSeq(): number {
    return this.#durable.length;
  }

  must(holds: boolean, invariant: Invariant, detail: string): void {
    if (!holds) this.broken ??= new Broken(invariant, detail);
  }

  onOffered(records: readonly JournalRecord[]): void {
    for (const record of records) this.#offered.add(JSON.stringify(record));
  }

  onDurable(records: readonly JournalRecord[]): void {
    for (const record of records) {
      const { event } = record;
      const { state } = this;
      this.must(record.seq === this.#durable.length + 1, 'replay-is-the-truth', `${record.seq} is written out of turn`);
      if ('bytes' in event && event.bytes) {
        const place = `${event.attempt} ${event.bytes.from}`;
        const folder = this.machine.folders.get(event.attempt);
        const line = folder?.stream.find(({ from }) => from === event.bytes?.from);
        // A power loss can take away what was read already.
        const isThere = line ? line.to === event.bytes.to : folder?.truncated === true;
        this.must(!this.#ingested.has(place), 'ingested-once', `${event.type} at ${place} is recorded twice`);
        this.must(isThere, 'ingested-once', `${event.type} at ${place} stands nowhere in the stream`);
        this.#ingested.add(place);
      }
      if (state) checkRecord(this, state, event, record.at);
      if (state) checkWorkTime(this, state, record, record.epoch !== this.#epoch);
      if (state && event.type === 'attempt.ended') checkLost(this, state, event, record.epoch);
      if (event.type === 'attempt.launching') this.launchers.set(event.attempt, record.epoch);
      this.#epoch = record.epoch;
      if (event.type === 'subtask.failed' || event.type === 'attempt.carried') this.conflicts.delete(event.subtask);
      if (event.type === 'attempt.launching' || event.type === 'attempt.carried') this.launchedAt = this.now();
      if (state && event.type === 'attempt.launching') {
        checkLimits(this, state, event, record.at);
        checkBreaker(this, state, event, record.at);
      }
      if ('attempt' in event && event.attempt !== undefined)
        this.outages.note(record, state?.attempts.get(event.attempt)?.startedAt ?? record.at);
      if (event.type === 'integration.started') this.#integrating.set(event.subtask, event.onto);
      this.#durable.push(JSON.stringify(record));
      const { status, returned } = state?.subtasks.get('subtask' in event ? (event.subtask ?? '') : '') ?? {};
      this.#fold ??= new RunFold();
      this.#fold.apply(record);
      this.ledger.note(record, this.now());
      this.workTime.note(record);
      checkGraph(this, this.#fold.state, event, status && { status, returned });
      for (const { request, attempt } of this.state?.permissions.values() ?? [])
        this.must(
          this.state?.attempts.get(attempt)?.decisions.has(request) !== true,
          'nothing-left',
          `${request} is answered and still asked`,
        );
    }
    if (this.state) checkIndexes(this, this.state);
    if (this.state && this.restored) checkRestored(this, this.state, this.restored);
  }

  onAcknowledged(records: readonly JournalRecord[]): void {
    for (const record of records) {
      const durable = this.#durable[record.seq - 1];
      // Reading puts fields in the order of the schema.
      const isDurable =
        durable === JSON.stringify(record) || durable === JSON.stringify(journalRecordSchema.parse(record));
      this.must(isDurable, 'durable-before-acknowledged', `${record.seq} ${record.event.type}`);
    }
  }

  /**
   * What an owner read: all that was durable, and at most what the owner before it was writing. `fold` is what it goes on
   * from, by way of a snapshot perhaps.
   */
  onOpened(records: readonly JournalRecord[], fold: RunFold, epoch: number): void {
    this.openedAt = this.now();
    this.openings.set(epoch, this.openedAt);
    this.ownedSince = this.openedAt;
    const texts = records.map((record) => JSON.stringify(record));
    for (const [index, text] of this.#durable.entries())
      if (texts[index] !== text) {
        this.must(false, 'replay-is-the-truth', `instead of ${text} it reads ${texts[index]}`);
        return;
      }
    const rest = records.slice(this.#durable.length);
    for (const record of rest)
      this.must(this.#offered.has(JSON.stringify(record)), 'replay-is-the-truth', `nobody wrote ${record.seq}`);
    if (!this.broken) this.onDurable(rest);
    const state = fold.hasBegun ? fold.state : undefined;
    this.must(textOf(this.state) === textOf(state), 'snapshot-is-the-replay', 'an owner goes on from another state');
  }

  /** Whether an attempt goes on in this worktree, or a person is asked to, as far as the journal is on disk. */
  isNeeded(slot: string): boolean {
    const { state } = this;
    if (!state || state.cancelling || state.endedAt !== undefined || this.given.nobodyCanBeAsked) return false;
    // An owner that heard of a cancel and can't write it down carries it out.
    if (this.cancelled && this.journalFailedAt >= this.openedAt) return false;
    const attempt = state.attempts.get(slot);
    if (attempt) return !attempt.ended;
    return [...state.subtasks.values()].some(
      ({ status, returned }) =>
        returned?.asks && status === 'integrating' && returned.opened?.worktree === `/worktrees/${slot}`,
    );
  }

  onLock(before: Lock | undefined): void {
    this.must(!before || before.released || !before.owner.alive, 'one-owner', 'a second process takes the lock');
  }

  onLaunching(attempt: string): void {
    const { state } = this;
    this.must(
      state?.attempts.has(attempt) === true,
      'intent-before-effect',
      `${attempt} is launched without an intent`,
    );
    this.must(state?.cancelling !== true, 'cancel-is-final', `${attempt} is launched after the cancel`);
  }

  onStart(folder: AttemptFolder, won: boolean): void {
    this.must(won, 'one-claim', `${folder.spec.attempt} was claimed before`);
    if (this.state) checkStart(this, this.state, folder);
  }

  onLost(folder: AttemptFolder): void {
    this.must(folder.claim?.owner.alive === false, 'lost-is-gone', `${folder.spec.attempt} is taken for lost`);
  }

  onIdle({ spec, claim }: AttemptFolder, lock: Lock | undefined): void {
    const since = this.now() - spec.idleMs;
    const isOwned = lock?.owner.alive === true && !lock.released && lock.since < since;
    const stoodStill = Math.max(lock?.owner.frozenUntil ?? 0, claim?.owner.frozenUntil ?? 0) >= since;
    this.must(!isOwned || stoodStill, 'not-forgotten', `${spec.attempt} waited in vain`);
  }

  onSend(attempt: string, line: AttemptFolder['control'][number]): void {
    checkSend(this, attempt, line);
  }

  onMoveRef(ref: string, next: string): void {
    checkRef(this, this.#integrating, ref, next);
  }

  /** Time has passed. */
  onTime(wallClock: number, lock: Lock | undefined): void {
    this.workTime.pass(this.now());
    const isDriven = lock?.owner.alive === true && !lock.released && lock.owner.frozenUntil <= this.now();
    this.workTime.see(isDriven, (attempt) => this.machine.live.has(attempt));
    // A run that fails, as where a question can't be shown, only waits for its workers' end.
    if (this.given.nobodyCanBeAsked || this.journalFailedAt >= this.openedAt) return;
    const { launchedAt, ownedSince, jumpedAt, noRoomAt } = this;
    const busyAt = Math.max(launchedAt, ownedSince, jumpedAt);
    const freeMb = this.given.freeMemoryMb;
    const now = this.now();
    // One that stands still obeys later.
    const isLive = (attempt: string): boolean =>
      (this.machine.live.get(attempt)?.process.frozenUntil ?? now) < now - IDLE_MS;
    const { backedOff } = this.ledger;
    const isQuiet = this.outages.quiet !== undefined;
    const idle = this.#idle.look(this.state, {
      now,
      wallClock,
      freeMb,
      lock,
      busyAt,
      noRoomAt,
      isLive,
      isQuiet,
      backedOff,
    });
    this.must(idle === undefined, 'starts-when-it-can', idle ?? '');
  }

  /** `orchestrate` came to an end by itself. */
  onSettled(state: RunState): void {
    this.must(state.endedAt !== undefined, 'ends-or-waits', `the run is left as ${state.status}`);
    this.must(
      textOf(this.state) === textOf(state),
      'fold-is-the-replay',
      'the live state differs from the replayed one',
    );
    if (this.state) checkEnd(this, this.state);
  }
}

/** All of a state as text; lists of maps keep their order. */
function textOf(state: RunState | undefined): string {
  return JSON.stringify(state, (_key, value: unknown) =>
    value instanceof Map || value instanceof Set ? [...value] : value,
  );
}
