import { type RunContext, uncancelled } from '../../src/core/context.ts';
import { integrationRef } from '../../src/core/integration/integrate.ts';
import { Journal } from '../../src/core/journal/journal.ts';
import { OrchestratorError } from '../../src/core/model/error.ts';
import type { JournalRecord } from '../../src/core/model/events.ts';
import type { Plan } from '../../src/core/model/plan.ts';
import type { RunState } from '../../src/core/model/run.ts';
import { scopesOverlap } from '../../src/core/model/scope.ts';
import { runSettingsSchema } from '../../src/core/model/settings.ts';
import { orchestrate } from '../../src/core/orchestrator.ts';
import { type SimulatedRepository, simulatedRepository } from './simulated-repository.ts';
import { type Behaviour, simulatedWorkers } from './simulated-workers.ts';
import { World } from './world.ts';

export interface Case {
  readonly seed: number;
  readonly plan: Plan;
  readonly concurrency: number;
  readonly infrastructureRetries: number;
  /** Per subtask, one for each attempt; `good` after the last. */
  readonly behaviours: Readonly<Record<string, readonly Behaviour[]>>;
  /** Pairs of subtasks, "a+b", whose results conflict or are broken together. */
  readonly clashes: readonly string[];
  readonly spoils: readonly string[];
  /** The person cancels after so many things have happened. */
  readonly cancelAt: number | undefined;
  readonly costUsd: number;
  readonly maxCostUsd: number;
  /** Asking the person goes wrong. */
  readonly nobodyCanBeAsked?: boolean;
  /** The journal can't be written after so many batches. */
  readonly journalFailsAfter?: number;
}

export interface Simulated {
  readonly state: RunState;
  readonly records: readonly JournalRecord[];
  readonly repository: SimulatedRepository;
  readonly history: readonly string[];
  /** Workers and worktrees that are left. */
  readonly left: readonly string[];
  readonly maxLive: number;
}

const BASE = 'f'.repeat(40);

/** Runs the real core on simulated ports; throws when an invariant is broken, with what had happened by then. */
export async function simulate(given: Case): Promise<Simulated> {
  const world = new World(given.seed);
  const repository = simulatedRepository(world, BASE, new Set(given.clashes), new Set(given.spoils));
  const records: JournalRecord[] = [];
  const cancel = new AbortController();
  let ids = 0;
  const id = (): string => {
    ids += 1;
    return String(ids);
  };
  let maxLive = 0;
  let batches = 0;
  const must = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(`${what}\n${world.history.join('\n')}`);
  };
  let broken: unknown;

  const workers = simulatedWorkers({
    world,
    costUsd: given.costUsd,
    behaviour: (subtask, number) => given.behaviours[subtask]?.[number - 1] ?? 'good',
    work: repository.work,
    onLaunching: (id) => {
      if (journal.state.cancelling) broken ??= new Error(`${id} was launched after the cancel`);
    },
    onLaunch: (worker) => {
      try {
        checkLaunch(worker.subtask);
      } catch (error) {
        broken ??= error;
      }
    },
  });
  const scopeOf = (id: string) => journal.state.subtasks.get(id)?.subtask.scope ?? [];
  function checkLaunch(id: string): void {
    const { state } = journal;
    maxLive = Math.max(maxLive, workers.live.size);
    const own = state.subtasks.get(id);
    must(own?.status === 'running', `${id} was launched as ${own?.status}`);
    must(workers.live.size <= given.concurrency, `${workers.live.size} workers at once, ${given.concurrency} allowed`);
    for (const dependency of own?.subtask.dependsOn ?? [])
      must(
        state.subtasks.get(dependency)?.status === 'completed',
        `${id} was launched before ${dependency} was merged`,
      );
    for (const other of state.subtasks.values()) {
      const busy = ['running', 'validating', 'integrating'].includes(other.status) && other.subtask.id !== id;
      must(!busy || !scopesOverlap(other.subtask.scope, scopeOf(id)), `${id} and ${other.subtask.id} share files`);
    }
    const base = state.attempts.get(own?.attempts.at(-1) ?? '')?.base ?? '';
    const expected = [...closure(given.plan, id)].sort();
    must(
      JSON.stringify([...repository.contentOf(base)].sort()) === JSON.stringify(expected),
      `${id} did not start from the results of exactly ${expected.join(', ')}`,
    );
  }

  const writer = {
    epoch: 1,
    async append(events: readonly JournalRecord['event'][]) {
      await world.takes(`record ${events.map(({ type }) => type).join(', ')}`);
      batches += 1;
      if (batches > (given.journalFailsAfter ?? Number.POSITIVE_INFINITY))
        throw new OrchestratorError('journal-failed', 'The disk is full.');
      const made = events.map((event, index) => ({
        seq: records.length + index + 1,
        at: records.length,
        epoch: 1,
        event,
      }));
      records.push(...made);
      return made;
    },
    close: async () => undefined,
  };
  const journal = new Journal(writer, [], () => undefined);
  const context: RunContext = {
    journal,
    repository,
    workers,
    approvals: {
      approvePlan: async () => ({ approved: true, by: 'setting' }),
      decidePermission: async (question, signal) => {
        await world.takes(`the person answers ${question.attempt}`, signal);
        if (given.nobodyCanBeAsked) throw new Error('The question could not be shown.');
        return { allow: world.fraction() < 0.5, reason: '' };
      },
    },
    clock: { now: () => world.history.length, sleep: (ms, signal) => world.takes(`sleep ${ms > 0}`, signal) },
    random: { id, fraction: () => world.fraction() },
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    claude: '/bin/claude',
    checkSyntax: async (files, signal) => {
      await world.takes('check', signal);
      return [...files].map(([path, bytes]) => ({
        path,
        language: 'javascript',
        status: Buffer.from(bytes).toString() === 'whole' ? 'passed' : 'failed',
        findings: [],
      }));
    },
  };

  async function run(): Promise<RunState> {
    const { concurrency, infrastructureRetries, maxCostUsd } = given;
    await journal.record({
      type: 'run.created',
      run: 'run',
      task: 'The task',
      repository: '/repository',
      branch: 'main',
      base: BASE,
      settings: runSettingsSchema.parse({ concurrency, infrastructureRetries, maxCostUsd }),
    });
    return orchestrate(context, { plan: given.plan, planOnly: false }, cancel.signal);
  }
  const state = await world.run(
    run().catch((error: unknown) => {
      // Whoever resumes it finds the journal as it is; no worker goes on by itself meanwhile.
      if (given.journalFailsAfter === undefined) throw error;
      must(error instanceof OrchestratorError && error.code === 'journal-failed', `it failed otherwise: ${error}`);
      must(workers.live.size === 0, 'workers are left');
      return journal.state;
    }),
    (step) => {
      if (broken) throw broken;
      if (step === given.cancelAt) cancel.abort(new Error('The person cancelled.'));
    },
    () => {
      const hanging = [...workers.live.values()].find(({ asking }) => !asking);
      hanging?.expire();
      return hanging !== undefined;
    },
  );
  if (broken) throw broken;
  if (given.journalFailsAfter !== undefined)
    return { state, records, repository, history: world.history, left: [], maxLive };
  const tip = (await repository.readRef(integrationRef('run'), uncancelled())) ?? BASE;
  must(tip === state.integrated, 'the integration ref is not where the journal says');
  for (const [id, { status }] of state.subtasks)
    must((status === 'completed') === repository.contentOf(tip).has(id), `${id} is ${status}, which the result belies`);
  const left = [...workers.live.keys(), ...repository.worktrees.keys()];
  return { state, records, repository, history: world.history, left, maxLive };
}

function closure(plan: Plan, id: string): Set<string> {
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const dependency of plan.subtasks.find((subtask) => subtask.id === next)?.dependsOn ?? []) {
      if (!found.has(dependency)) open.push(dependency);
      found.add(dependency);
    }
  }
  return found;
}
