import type { EventOf } from '../../src/core/model/events.ts';
import type { AttemptState, RunState } from '../../src/core/model/run.ts';
import { checkPauses } from './check-asked.ts';
import { baseOf } from './check-start.ts';
import type { Truth } from './truth.ts';

/** What must hold when a result of an earlier run is taken; `state` is the one before it. */
export function checkReused(truth: Truth, state: RunState, event: EventOf<'attempt.carried'>): void {
  if (event.why !== 'reused') return;
  truth.must(truth.restored === undefined, 'reused-where-it-holds', `${event.attempt} is taken into a restored run`);
  checkPauses(truth, state, event);
  const { git } = truth;
  const { attempt: id, subtask, base, commit, from } = event;
  truth.must(
    (state.subtasks.get(subtask)?.attempts.length ?? 0) === 0,
    'reused-where-it-holds',
    `${id} is taken though ${subtask} was tried before`,
  );
  const source = resultsFor(truth, state, subtask).find((one) => one.id === from.attempt);
  truth.must(
    source !== undefined,
    'reused-where-it-holds',
    `${id} is what ${from.attempt} did, which was another work`,
  );
  if (!source?.captured) return;
  const expected = baseOf(truth, state, subtask);
  const found = [...git.contentOf(base).keys()];
  truth.must(
    found.length === expected.size && found.every((name) => expected.has(name)),
    'dependencies',
    `${id} is put on ${found.sort()} instead of ${[...expected].sort()}`,
  );
  const held = [...git.contentOf(commit)].filter(([name, { stamp }]) => git.contentOf(base).get(name)?.stamp !== stamp);
  const done = git.contentOf(source.captured.commit).get(subtask)?.stamp;
  truth.must(
    held.length === 1 && held[0]?.[0] === subtask && held[0][1].stamp === done,
    'reused-where-it-holds',
    `${id} brings ${held.map(([name]) => name)}`,
  );
}

/** No worker does what an earlier run has done, unless that does not fit any more or a person has changed something. */
export function checkNotRepeated(truth: Truth, state: RunState, event: EventOf<'attempt.launching'>): void {
  const { subtask } = event;
  if (subtask === null || truth.earlier.length === 0 || truth.restored || state.handled.size > 0) return;
  const attempts = state.subtasks.get(subtask)?.attempts ?? [];
  const wasDone = truth.earlier.some((run) => run.subtasks.get(subtask)?.status === 'completed');
  const isNew = attempts.every((id) => state.attempts.get(id)?.carried);
  truth.must(
    !wasDone || !isNew || event.notReused !== undefined,
    'named-reason',
    `${event.attempt} does again what was done before, and nothing says why`,
  );
  const mayConflict = truth.given.clashes.length > 0 || (truth.given.sequel?.clashes ?? []).length > 0;
  if (mayConflict || attempts.length > 0) return;
  const found = resultsFor(truth, state, subtask)[0];
  truth.must(!found, 'reused-where-it-holds', `${event.attempt} does again what ${found?.id} did in an earlier run`);
}

/** What was merged in earlier runs of the very same work. */
function resultsFor(truth: Truth, state: RunState, subtask: string): AttemptState[] {
  const numbers = new Map<string, number>();
  const own = workOf(truth, state, subtask, numbers);
  return truth.earlier.flatMap((run) =>
    [...run.subtasks.values()].flatMap(({ subtask: { id }, status, attempts }) => {
      if (status !== 'completed' || workOf(truth, run, id, numbers) !== own) return [];
      return run.attempts.get(attempts.at(-1) ?? '') ?? [];
    }),
  );
}

/** The same number for the same work resting on the same works. */
function workOf({ git }: Truth, run: RunState, subtask: string, numbers: Map<string, number>): number {
  const { model, checkCommands, settingSources } = run.settings;
  const settings = [model, [...checkCommands].sort(), [...settingSources].sort()];
  const known = new Map<string, number>();
  const numberOf = (text: string): number => {
    const number = numbers.get(text) ?? numbers.size;
    numbers.set(text, number);
    return number;
  };
  const of = (id: string): number => {
    const state = run.subtasks.get(id);
    const before = known.get(id);
    if (before !== undefined) return before;
    if (!state || state.status === 'skipped') return numberOf(`skipped ${id}`);
    const { title, instructions, scope, produces, inputs, dependsOn } = state.subtask;
    const rests = dependsOn.map(of).sort((a, b) => a - b);
    const asked = [instructions.trim(), [...scope].sort(), [...produces].sort(), inputs ?? git.treeOf(run.base)];
    const number = numberOf(JSON.stringify([title, ...asked, rests, ...settings]));
    known.set(id, number);
    return number;
  };
  return of(subtask);
}
