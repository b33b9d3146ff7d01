import { hierarchy } from '../../src/core/checkpoints/hierarchy.ts';
import { beginRestored } from '../../src/core/checkpoints/restore.ts';
import { type RestoredRun, restoredRun } from '../../src/core/checkpoints/restored-run.ts';
import type { Journal } from '../../src/core/journal/journal.ts';
import type { JournalRecord, RunEvent } from '../../src/core/model/events.ts';
import { type Plan, planSchema, type Subtask } from '../../src/core/model/plan.ts';
import type { RunState } from '../../src/core/model/run.ts';
import type { Repository } from '../../src/core/ports/repository.ts';
import type { Sequel } from './case.ts';
import type { PlantedBug } from './planted-bug.ts';
import type { Process, World } from './world.ts';

/** How a run begins whose journal is empty, and which runs it finds before it. */
export interface Beginning {
  readonly earlier: readonly RunState[];
  /** What the run is restored from. */
  readonly restored: RestoredRun | undefined;
  begin(journal: Journal, repository: Repository, process: Process, signal: AbortSignal): Promise<void>;
}

/** The plan as it is run again. */
export function editedPlan(plan: Plan, edits: Sequel['edits'] = []): Plan {
  const edited = (subtask: Subtask): Subtask =>
    Object.assign({ ...subtask }, ...edits.filter((edit) => edit.subtask === subtask.id).map(({ set }) => set));
  // As it is read from a file.
  return planSchema.parse({ ...plan, subtasks: plan.subtasks.map(edited) });
}

/** The first run of a repository. */
export function firstRun(...events: readonly RunEvent[]): Beginning {
  return { earlier: [], restored: undefined, begin: (journal) => journal.record(...events) };
}

/**
 * A run after another one has ended: the same plan again, or a restore of one of its checkpoints. Undefined where that
 * one has nothing to go on from.
 */
export function nextRun(
  world: World,
  { how, at }: Sequel,
  bug: PlantedBug | undefined,
  ended: { readonly state: RunState; readonly records: readonly JournalRecord[] },
  events: readonly RunEvent[],
): Beginning | undefined {
  const { state, records } = ended;
  if (how === 'rerun') return { ...firstRun(...events), earlier: [state] };
  const approved = records.find(({ event }) => event.type === 'plan.approved')?.seq;
  if (approved === undefined) return undefined;
  const places = hierarchy(state).filter((one) => one.state !== 'CREATED' && one.seq >= approved);
  const place = places[Math.min(Math.floor(at * places.length), places.length - 1)];
  if (!place) return undefined;
  const from = { checkpoint: place.id, seq: place.seq };
  // Broken off before its journal began, it is begun again as another run.
  let tries = 0;
  const make = (): RestoredRun => {
    tries += 1;
    return restoredRun(records, from, `restored-${tries}`, (id) => `${id}-${world.id()}`);
  };
  const first = make();
  return {
    earlier: [state],
    restored: first,
    async begin(journal, repository, process, signal) {
      const restored = make();
      const sessions = { adopt: () => adopt(world, process) };
      const written = { record: (...all: RunEvent[]) => record(journal, all, bug) };
      await beginRestored({ journal: written, repository, sessions }, `restored-${tries}`, restored, signal);
    },
  };
}

async function record(journal: Journal, events: readonly RunEvent[], bug: PlantedBug | undefined): Promise<void> {
  const plan = events.findIndex(({ type }) => type === 'plan.approved') + 2;
  if (bug === 'restored-without-merged') return journal.record(...events.slice(0, plan));
  if (bug !== 'restored-in-parts') return journal.record(...events);
  await journal.record(...events.slice(0, plan));
  return journal.record(...events.slice(plan));
}

async function adopt(world: World, process: Process): Promise<void> {
  await world.takes('adopt sessions', process);
  await world.point('adopt/before', process);
}
