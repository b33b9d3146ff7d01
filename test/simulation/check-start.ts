import { integrationRef } from '../../src/core/integration/integration-ref.ts';
import { type AttemptState, isSatisfied, type RunState, type SubtaskState } from '../../src/core/model/run.ts';
import type { AttemptFolder } from './supervisor.ts';
import type { Truth } from './truth.ts';

/** What must hold when a worker starts. */
export function checkStart(truth: Truth, state: RunState, { spec, subtask: id }: AttemptFolder): void {
  const { machine, git, given } = truth;
  const own = state.subtasks.get(id);
  const attempt = state.attempts.get(spec.attempt);
  truth.must(state.endedAt === undefined, 'ended-is-final', `${spec.attempt} starts after the end`);
  truth.must(
    own?.status !== 'completed' && own?.status !== 'integrating',
    'completed-once',
    `${spec.attempt} starts when ${id} is ${own?.status}`,
  );
  const live = [...machine.live.values()].map(({ folder }) => folder);
  const rival = live.find(({ subtask }) => subtask === id);
  truth.must(!rival, 'one-worker', `${spec.attempt} starts beside ${rival?.spec.attempt}`);
  truth.must(live.length < given.concurrency, 'concurrency', `${spec.attempt} is worker ${live.length + 1}`);
  const isShort = given.freeMemoryMb !== undefined && given.freeMemoryMb < state.settings.workerMemoryMb;
  truth.must(!isShort || live.length === 0, 'memory', `${spec.attempt} starts beside another with too little memory`);
  for (const dependency of own?.subtask.dependsOn ?? []) {
    const status = state.subtasks.get(dependency)?.status;
    truth.must(isSatisfied(status), 'dependencies', `${id} starts when ${dependency} is ${status}`);
  }
  const tip = git.refs.get(integrationRef(state.id));
  const merged = new Set(tip === undefined ? [] : git.contentOf(tip).keys());
  const found = [...git.contentOf(attempt?.base ?? '').keys()].sort();
  const needed = closure(state, id);
  const expected = baseOf(truth, state, id);
  // One that came back starts from what was merged when that was decided; more may be by now.
  const isRight =
    attempt?.continues === undefined
      ? found.join() === [...expected].sort().join()
      : [...needed].every((name) => found.includes(name)) && found.every((name) => merged.has(name));
  truth.must(isRight, 'dependencies', `${id} starts from ${found} instead of ${[...expected].sort()}`);
  checkGoesOn(truth, state, spec.attempt, id);
  truth.must(![...merged].includes(id), 'completed-once', `${spec.attempt} starts when ${id} is merged`);
  for (const other of state.subtasks.values()) {
    if (other.subtask.id === id || !['running', 'validating', 'integrating'].includes(other.status)) continue;
    const overlap = mayMeet(filesOf(other), filesOf(own));
    truth.must(!overlap, 'scopes', `${id} starts while ${other.subtask.id} is ${other.status}`);
  }
}

/** What its scope says, or everything; and what it has to leave, which it may write wherever that lies. */
function filesOf(state: SubtaskState | undefined): readonly string[] {
  const { scope = [], produces = [] } = state?.subtask ?? {};
  return scope.length === 0 ? [] : [...scope, ...produces];
}

/** Whether a file may be of both scopes, found by naming one for each pattern. */
function mayMeet(one: readonly string[], other: readonly string[]): boolean {
  if (one.length === 0 || other.length === 0) return true;
  const meets = (patterns: readonly string[], others: readonly string[]): boolean =>
    patterns.some((pattern) => others.some((glob) => regexOf(glob).test(pattern.replaceAll(/\*+/g, 'x'))));
  return meets(one, other) || meets(other, one);
}

const regexOf = (glob: string): RegExp => {
  const parts = glob
    .split(/(\*+)/)
    .map((part) => (part === '**' ? '.+' : part === '*' ? '[^/]*' : part.replaceAll('.', '\\.')));
  return new RegExp(`^${parts.join('')}$`);
};

/** One that goes on with an earlier attempt has what that one left, and one that can go on does. */
function checkGoesOn(truth: Truth, state: RunState, id: string, subtask: string): void {
  const attempt = state.attempts.get(id);
  const returned = state.subtasks.get(subtask)?.returned;
  const before = state.attempts.get(attempt?.continues ?? '');
  truth.must(
    returned === undefined || before !== undefined,
    'goes-on',
    `${id} starts afresh though a result came back`,
  );
  const left = before?.captured && truth.git.contentOf(before.captured.commit).has(subtask);
  const there = truth.git.worktrees.get(id)?.opened.has(subtask);
  truth.must(!left || there === true, 'goes-on', `${id} lacks what ${before?.id} has done`);
  const due = attempt && dueBefore(truth, state, attempt, subtask);
  truth.must(!due || before === due, 'goes-on', `${id} starts without what ${due?.id} has done`);
}

/** The attempt that was broken off or lost after a turn with which another one has to go on, however often that was lost. */
function dueBefore(
  { git, forgotten }: Truth,
  state: RunState,
  { id, base }: AttemptState,
  subtask: string,
): AttemptState | undefined {
  const earlier = (state.subtasks.get(subtask)?.attempts ?? []).filter((one) => one !== id);
  let last = state.attempts.get(earlier.at(-1) ?? '');
  while (last?.ended?.outcome === 'interrupted' && !last.captured) last = state.attempts.get(last.continues ?? '');
  if (!last?.captured || last.ended?.outcome !== 'interrupted' || forgotten.has(id)) return undefined;
  const session = last.carried?.session ?? state.checkpoints.get(`${last.id}/${last.captured.turn}`)?.session;
  const fits = last.carried ? last.carried.why === 'restored' : git.treeOf(last.base) === git.treeOf(base);
  return session && fits ? last : undefined;
}

/** What an attempt at a subtask starts from: exactly the results of all that it depends on, directly or not. */
export function baseOf({ git }: Truth, state: RunState, id: string): Set<string> {
  const needed = closure(state, id);
  // A result that came back was made on more, and whoever builds on it has that too.
  const results = [...needed].map((name) => state.subtasks.get(name)?.result ?? '').filter((result) => result !== '');
  return new Set([...needed, ...results.flatMap((one) => [...git.contentOf(one).keys()])]);
}

/** Ids of all that a subtask depends on, directly or not. */
export function closure({ subtasks }: RunState, id: string): Set<string> {
  const found = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const dependency of subtasks.get(next)?.subtask.dependsOn ?? []) {
      if (!found.has(dependency)) open.push(dependency);
      found.add(dependency);
    }
  }
  return found;
}
