import { RunFold } from '../../src/core/journal/fold.ts';
import { Journal } from '../../src/core/journal/journal.ts';
import type { Plan } from '../../src/core/model/plan.ts';
import { runSettingsSchema } from '../../src/core/model/settings.ts';
import { orchestrate } from '../../src/core/orchestrator.ts';
import { Scheduler } from '../../src/core/scheduling/scheduler.ts';
import { openJournal } from '../../src/node/journal/writer.ts';
import { COMMIT, fileOf, idleContext } from './idle-ports.ts';

/** More are in no setting, so a journal with more can't be read. */
const MOST_WORKERS = 64;

type Dependencies = readonly (readonly number[])[];

/**
 * Runs a plan whose workers do nothing, with the real journal on disk, the real fold and the real scheduler. There are as
 * many workers as subtasks, as in the floors. Resolves with the number of records.
 */
export async function runOurs(folder: string, plan: Plan, durability: 'strict' | 'relaxed'): Promise<number> {
  const { length } = plan.subtasks;
  const { journal, close } = await begin(folder, plan, durability, length);
  await drive(journal, length);
  await journal.record({ type: 'run.ended', outcome: 'completed', detail: 'Nothing was done.' });
  await close();
  const { integrationOrder, lastSeq } = journal.state;
  if (integrationOrder.length !== length) throw new Error(`${integrationOrder.length} were completed.`);
  return lastSeq;
}

/**
 * The same by the product's own loop with as many workers as the settings allow: what it does for a subtask besides,
 * and the events that a worker's words come to, are in it.
 */
export async function runLoop(folder: string, plan: Plan, durability: 'strict' | 'relaxed'): Promise<number> {
  const { journal, close } = await begin(folder, plan, durability, MOST_WORKERS);
  const { status, integrationOrder, detail } = await orchestrate(
    idleContext(journal),
    { plan: undefined, planOnly: false },
    new AbortController().signal,
  );
  await close();
  if (status !== 'completed' || integrationOrder.length !== plan.subtasks.length)
    throw new Error(`${integrationOrder.length} were completed: ${detail ?? ''}`);
  return journal.state.lastSeq;
}

/** Does some of the subtasks and stops, as a killed process does, or after it has kept its state for the next owner. */
export async function runPart(folder: string, dependencies: Dependencies, most: number, rest: boolean): Promise<void> {
  const { journal, close } = await begin(folder, planOf(dependencies), 'relaxed', MOST_WORKERS);
  await drive(journal, most);
  if (rest) journal.rest();
  await close();
}

async function begin(folder: string, plan: Plan, durability: 'strict' | 'relaxed', concurrency: number) {
  const fold = new RunFold();
  const { writer } = await openJournal(folder, fold, Date.now);
  const journal = new Journal(writer, fold, () => undefined);
  const settings = {
    ...runSettingsSchema.parse({ maxCostUsd: 1_000_000, maxTokens: 1e12, checks: [], setupCommands: [], durability }),
    concurrency,
  };
  await journal.record(
    {
      type: 'run.created',
      run: 'bench',
      task: 'Do nothing, often.',
      repository: '/repository',
      branch: 'main',
      base: COMMIT,
      settings,
    },
    { type: 'plan.proposed', by: 'file', plan },
    { type: 'plan.approved', by: 'setting' },
  );
  return { journal, close: () => writer.close() };
}

/** As the orchestrator does: starts what is ready whenever something has come to its end. */
async function drive(journal: Journal, most: number): Promise<void> {
  const scheduler = new Scheduler();
  const inWork = new Set<string>();
  let wake: () => void = () => undefined;
  for (;;) {
    const changed = new Promise<void>((resolve) => {
      wake = resolve;
    });
    const isEnough = journal.state.integrationOrder.length >= most;
    const now = { now: Date.now(), freeMb: undefined };
    for (const { id, budget } of isEnough ? [] : scheduler.next(journal.state, inWork, now).launches) {
      inWork.add(id);
      void attempt(journal, id, budget.usd).then(() => {
        inWork.delete(id);
        scheduler.leave(journal.state, id);
        wake();
      });
    }
    if (inWork.size === 0) return;
    await changed;
  }
}

/** The events of a subtask that goes well, without what its worker says. */
async function attempt(journal: Journal, subtask: string, budgetUsd: number): Promise<void> {
  const id = `${subtask}-1`;
  const worktree = `/state/worktrees/${id}`;
  await journal.record({
    type: 'attempt.launching',
    attempt: id,
    subtask,
    number: 1,
    worktree,
    base: COMMIT,
    budgetUsd,
  });
  await journal.record({ type: 'attempt.captured', attempt: id, turn: 1, commit: COMMIT, tree: COMMIT, files: [] });
  await journal.record({ type: 'attempt.ended', attempt: id, exitCode: 0, outcome: 'accepted', detail: '' });
  await journal.record({
    type: 'integration.merged',
    subtask,
    attempt: id,
    commit: COMMIT,
    tree: COMMIT,
    evidence: [],
  });
}

const nameOf = (node: number): string => `subtask-${node}`;

/** A plan of subtasks that do nothing. */
export function planOf(dependencies: Dependencies): Plan {
  return {
    version: 1,
    title: 'Nothing',
    subtasks: dependencies.map((needs, node) => ({
      id: nameOf(node),
      title: `Do nothing ${node}`,
      instructions: 'Do nothing.',
      dependsOn: needs.map(nameOf),
      scope: [fileOf(nameOf(node))],
      produces: [],
    })),
  };
}
