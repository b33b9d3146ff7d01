import type { RunPorts } from '../../src/core/context.ts';
import { settleUndriven } from '../../src/core/control/decide.ts';
import { RunFold } from '../../src/core/journal/fold.ts';
import { Journal } from '../../src/core/journal/journal.ts';
import type { ControlRequest } from '../../src/core/model/control.ts';
import type { RunEvent } from '../../src/core/model/events.ts';
import { figuresOf } from '../../src/core/model/figures.ts';
import { neededWorktrees } from '../../src/core/model/needed-worktrees.ts';
import type { RunState } from '../../src/core/model/run.ts';
import { runSettingsSchema } from '../../src/core/model/settings.ts';
import { orchestrate } from '../../src/core/orchestrator.ts';
import type { Logger } from '../../src/core/ports/logger.ts';
import type { Repository } from '../../src/core/ports/repository.ts';
import { pooledRepository } from '../../src/core/worktrees/pooled-repository.ts';
import { readSegments } from '../../src/node/journal/read.ts';
import { type OpenedJournal, openSegments } from '../../src/node/journal/writer.ts';
import { sha256 } from '../../src/node/system.ts';
import type { Case, Sequel } from './case.ts';
import { simulatedChecks } from './checks.ts';
import type { SimulatedInbox } from './inbox.ts';
import { journalFiles, type StoreOptions, watched } from './journal-files.ts';
import { acquire, type Lock } from './lock.ts';
import { mutated } from './mutated-journal.ts';
import type { Oracle } from './oracle.ts';
import type { PlantedBug } from './planted-bug.ts';
import { BASE, LATER_BASE, type SimulatedGit } from './repository.ts';
import type { Beginning } from './sequel.ts';
import type { SimulatedMachine } from './workers.ts';
import type { Process, World } from './world.ts';

/** Events after which the state is kept: often, so that owners find snapshots. */
const IMAGE_EVERY = 10;

export interface Place {
  readonly given: Case;
  readonly bug: PlantedBug | undefined;
  readonly world: World;
  readonly git: SimulatedGit;
  readonly machine: SimulatedMachine;
  readonly oracle: Oracle;
  readonly store: StoreOptions;
  readonly inbox: SimulatedInbox;
  /** What is asked of the run once it has ended: whoever takes it up then does it. */
  readonly late: ControlRequest[];
  readonly beginning: Beginning;
  lock: Lock | undefined;
}

/**
 * What a host does for a run, from the lock to its release: begins it, or goes on with it. Resolves with the state when
 * the run has ended; rejects like `orchestrate`.
 */
export async function own(
  place: Place,
  process: Process,
  signal: AbortSignal,
  onOpened: (opened: OpenedJournal) => void,
): Promise<RunState> {
  const { world, store, oracle } = place;
  await world.takes('take the lock', process);
  const lock = acquire(place, process);
  try {
    const files = journalFiles(store, process);
    const fold = new RunFold();
    const opening = openSegments(files, fold, process.identity, () => world.wallClock());
    // Where the journal is damaged both say so, and the reader below is the first.
    opening.catch(() => undefined);
    // At the same moment.
    const { records } = readSegments(files);
    const opened = await opening;
    oracle.onOpened(records, fold, opened.writer.epoch);
    onOpened(opened);
    try {
      const writer = watched(opened.writer, store);
      const kept = new Journal(writer, fold, () => undefined, undefined, IMAGE_EVERY);
      const journal = mutated(kept, writer, place.bug);
      const repository = pooledRepository(place.git.for(process), LOGGER);
      if (!fold.hasBegun) await place.beginning.begin(journal, repository, process, signal);
      for (const request of place.late.splice(0)) await settleUndriven(journal, place.inbox.for(process), request);
      if (journal.state.endedAt !== undefined) return journal.state;
      await sweepWorktrees(journal.state, repository);
      await world.point('resume/before', process);
      const order = { plan: undefined, planOnly: false };
      await orchestrate(contextOf(place, process, journal, repository), order, signal);
      oracle.onSettled(kept.state);
      return kept.state;
    } finally {
      await opened.writer.close();
    }
  } finally {
    await world.survive(process);
    lock.released = true;
  }
}

/** What a run of the case begins with. */
export function firstEvents(given: Case, run = 'run', sequel?: Sequel): RunEvent[] {
  return [created(given, run, sequel), ...(given.planner ? [] : [proposed(given)])];
}

function created(given: Case, run: string, { settings, moved }: Partial<Sequel> = {}): RunEvent {
  const { concurrency, infrastructureRetries, qualityIterations, maxCostUsd, maxTokens, maxMinutes, attemptMinutes } =
    given;
  const caps = {
    maxCostUsd,
    maxTokens,
    maxMinutes,
    attemptMinutes,
    ...settings,
    ...(given.relaxed ? { durability: 'relaxed' } : {}),
  };
  const checks = given.check
    ? [{ name: 'test', command: ['npm', 'test'], ...(given.check.detected ? { detected: true as const } : {}) }]
    : [];
  return {
    type: 'run.created',
    run,
    task: 'The task',
    repository: '/repository',
    branch: 'main',
    base: moved ? LATER_BASE : BASE,
    settings: runSettingsSchema.parse({ concurrency, infrastructureRetries, qualityIterations, ...caps, checks }),
  };
}

const proposed = ({ plan }: Case): RunEvent => ({ type: 'plan.proposed', by: 'file', plan });

/** As a host does when it takes a repository over. */
async function sweepWorktrees(state: RunState, repository: Repository): Promise<void> {
  await repository.sweepWorktrees(new Set(neededWorktrees(state)), 1);
}

/** Sessions are what a stream says they are; keeping one takes a while. */
function sessionsOf({ world, oracle }: Place, process: Process): RunPorts['sessions'] {
  return {
    async archive({ session, message }, signal) {
      await world.takes(`archive ${session}`, process, signal);
      await world.point('archive/before', process);
      return { session, message, archive: 'a'.repeat(64), bytes: 1 };
    },
    async bringBack(_archived, attempt) {
      // Now and then it is gone.
      if (!world.random.chance(0.15)) return `/attempts/${attempt}/session.jsonl`;
      oracle.forgotten.add(attempt);
      return undefined;
    },
    putAway: async () => undefined,
    adopt: async () => undefined,
  };
}

const LOGGER: Logger = { info: () => undefined, warn: () => undefined, error: () => undefined };

function contextOf(place: Place, process: Process, journal: Journal, repository: Repository): RunPorts {
  const { world, given } = place;
  return {
    journal,
    repository,
    workers: place.machine.for(process),
    sessions: sessionsOf(place, process),
    checks: simulatedChecks(place, process),
    inbox: place.inbox.for(process),
    history: {
      earlierRuns: async () => place.beginning.earlier,
      figures: async () => place.beginning.earlier.flatMap(figuresOf),
    },
    hash: sha256,
    approvals: {
      async approvePlan(_question, signal) {
        await world.takes('the person approves the plan', process, signal, [1_000, 600_000]);
        if (given.refusesPlan) {
          place.oracle.cancelled = true;
          return { approved: false, by: 'person', includeUncommitted: false };
        }
        return { approved: true, by: 'person', includeUncommitted: world.random.chance(0.2) };
      },
      async decidePermission(question, signal) {
        await world.takes(`the person answers ${question.attempt}`, process, signal, [1_000, 3_600_000]);
        await world.point('ask/before', process);
        if (given.nobodyCanBeAsked) throw new Error('The question could not be shown.');
        return { allow: world.random.chance(0.5), reason: '' };
      },
      async resolveConflict({ subtask, folder }, signal) {
        await world.takes(`the person looks at the conflict of ${subtask}`, process, signal, [1_000, 3_600_000]);
        await world.point('ask/before', process);
        if (given.nobodyCanBeAsked) throw new Error('The question could not be shown.');
        const { oracle } = place;
        const before = oracle.conflicts.get(subtask);
        oracle.must(
          before?.answer !== 'give-up' || before.by !== process,
          'answered-once',
          `${subtask} is asked about again, though it was given up`,
        );
        const answer = world.random.chance(0.7) ? 'use' : world.random.chance(0.3) ? 'give-up' : 'later';
        oracle.conflicts.set(subtask, { answer, by: process });
        if (answer !== 'use') return answer;
        place.git.work(folder, subtask, world.random.chance(0.7) ? 'whole' : 'broken');
        return 'use';
      },
    },
    clock: {
      now: () => world.wallClock(),
      async sleep(ms, signal) {
        await world.takes('sleep', process, signal, [ms, ms]);
        await world.point('sleep/after', process);
      },
    },
    machine: { freeMemoryMb: () => place.given.freeMemoryMb },
    random: { id: () => world.id(), fraction: () => world.random.fraction() },
    logger: LOGGER,
    claude: '/bin/claude',
    async checkSyntax(files, signal) {
      await world.takes('check', process, signal, [10, 1_000]);
      await world.point('check/before', process);
      return [...files].map(([path, bytes]) => ({
        path,
        language: 'javascript',
        status: Buffer.from(bytes).toString() === 'broken' ? 'failed' : 'passed',
        findings: [],
      }));
    },
  };
}
