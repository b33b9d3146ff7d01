import { runEventSchema } from '../../src/core/model/events.ts';
import type { Plan, Subtask } from '../../src/core/model/plan.ts';
import { asksOf } from './asks.ts';
import { type Behaviour, type Case, FAULTS, type Fault, type FaultType, type Sequel } from './case.ts';
import { AFTER_CRASH, ANYWHERE } from './faults.ts';
import { Stream } from './stream.ts';
import { isPair, limitsOf, mergesOf, OWN_LIMITS, pairOf, THEMES, type Theme } from './themes.ts';

/** Every event of a run; applying a result is no part of the simulation. */
const RECORDS = runEventSchema.options
  .map(({ shape }) => shape.type.value)
  .filter((type) => !type.startsWith('apply.') && type !== 'plan.rejected');

/** Points at which an owner of the run may be struck, around every effect. */
const EFFECTS = [
  'make-slot/before',
  'make-slot/between',
  'make-slot/after',
  'snapshot-slot/before',
  'snapshot-slot/after',
  'look-into-slot/before',
  'prepare/before',
  'prepare/after',
  'turn-slot/before',
  'turn-slot/between',
  'turn-slot/after',
  'remove-slot/before',
  'remove-slot/after',
  'launch/before',
  'launch/between',
  'launch/after',
  'claim/before',
  'attach/before',
  'attach/after',
  'send/before',
  'send/after',
  'capture/before',
  'capture/after',
  'merge/before',
  'read-files/before',
  'check/before',
  'move-ref/before',
  'move-ref/after',
  'run-check/before',
  'open-journal/before',
  'open-journal/after',
  'resume/before',
  'resume/before',
  'snapshot/before',
  'snapshot/written',
  'snapshot/after',
  'ask/before',
  'sleep/after',
  'line/before',
  'turn',
  'exit/before',
] as const;

const USUAL: readonly Behaviour[] = ['good', 'good', 'mends', 'asks', 'asks-again', 'silent'];
const FAILING: readonly Behaviour[] = [
  'broken',
  'api-fails',
  'api-fails',
  'limited',
  'no-login',
  'dies',
  'dies-after-its-turn',
  'hangs',
  'never-starts',
  'starts-late',
  'supervisor-lost',
];

/** Points on the way to a run's first events. */
const BEGINNINGS = [
  'open-journal/before',
  'open-journal/after',
  'move-ref/before',
  'move-ref/after',
  'adopt/before',
  'record run.created/before',
  'record run.created/during',
  'record run.created/written',
  'record run.created/after',
] as const;

const MINUTE = 60_000;

/** A subtask that comes to a good end reaches more points than this. */
const POINTS_EACH = 40;

/** Everything of a case follows from its seed: a graph of 1 to 60 nodes, and at least three faults with one crash. */
export function caseOf(seed: number): Case {
  const random = new Stream(seed * 2_654_435_761);
  // Each from a stream of its own, so that what was drawn before stays as it is.
  const asking = new Stream(seed * 2_246_822_519);
  const after = new Stream(seed * 3_266_489_917);
  const size = random.chance(0.1) ? 1 : 2 + Math.floor(59 * random.fraction() ** 4);
  const trouble = random.pick([0, 0, 0.05, 0.2, 0.6]);
  const theme = random.pick(THEMES);
  return {
    seed,
    plan: withProducts(
      inFolders(planOf(size, random, theme), new Stream(seed * 374_761_393)),
      new Stream(seed * 2_376_512_323),
    ),
    ...(random.chance(0.3) ? { planner: plannerOf(random) } : {}),
    concurrency: theme === 'crowd' ? random.int(4, 16) : random.int(1, 6),
    infrastructureRetries: random.pick([0, 1, 2, 3, 3]),
    qualityIterations: random.pick(theme === 'conflicts' ? [0, 0, 1, 2] : [0, 1, 2, 2, 3]),
    behaviours: Object.fromEntries(
      Array.from({ length: size }, (_, index) => [
        `s${index}`,
        Array.from({ length: random.int(1, 3) }, () => random.pick(random.chance(trouble) ? FAILING : USUAL)),
      ]),
    ),
    ...mergesOf(size, random, theme),
    ...limitsOf(size, random, theme),
    ...random.pick([{}, {}, { freeMemoryMb: random.pick([100, 700, 2_000]) }]),
    faults: faultsOf(size, random),
    ...(asking.chance(0.1) ? { relaxed: true } : {}),
    ...(asking.chance(0.03) ? { nobodyCanBeAsked: true } : {}),
    ...(asking.chance(0.03) ? { refusesPlan: true } : {}),
    ...(asking.chance(0.5) ? { asks: asksOf(size, asking) } : {}),
    ...(after.chance(0.3) ? { sequel: sequelOf(size, after, new Stream(seed * 668_265_263)) } : {}),
  };
}

/** Crashes strike while it begins as well. */
function sequelOf(size: number, random: Stream, editing: Stream): Sequel {
  const early: Fault = {
    type: random.pick(['crash', 'power-loss', 'zombie'] as const),
    at: random.pick(BEGINNINGS),
    nth: random.int(1, 3),
    ms: 0,
  };
  const faults = [...(random.chance(0.6) ? [early] : []), ...(random.chance(0.5) ? faultsOf(size, random) : [])];
  return {
    how: random.pick(['restore', 'restore', 'rerun'] as const),
    at: random.fraction(),
    ...(random.chance(0.3) && size > 1 ? { clashes: [pairOf(size, random), pairOf(size, random)].filter(isPair) } : {}),
    faults,
    ...(random.chance(0.5) ? { asks: asksOf(size, random) } : {}),
    ...(editing.chance(0.7) ? { edits: editsOf(size, editing) } : {}),
    ...(editing.chance(0.1) ? { moved: true } : {}),
    ...(editing.chance(0.15) ? { settings: editing.pick(OTHERS) } : {}),
  };
}

const OTHERS: readonly NonNullable<Sequel['settings']>[] = [
  { model: 'another' },
  { checkCommands: ['npm test'] },
  { settingSources: [] },
];

/** What changes what a result rests on, and what does not. */
const editsOf = (size: number, random: Stream): NonNullable<Sequel['edits']> =>
  Array.from({ length: random.int(1, 3) }, () => {
    const subtask = `s${random.int(0, size - 1)}`;
    const set = random.pick<Partial<Subtask>>([
      { instructions: 'Do it otherwise.' },
      { instructions: 'Do it. \n' },
      { title: `Title ${subtask} anew` },
      { scope: [`${subtask}.js`, `${subtask}-more.js`] },
      { dependsOn: [] },
      { inputs: ['*.js'] },
      { priority: 5 },
    ]);
    return { subtask, set };
  });

const plannerOf = (random: Stream): Behaviour[] =>
  Array.from({ length: random.int(1, 3) }, () =>
    random.pick(
      random.chance(0.05) ? FAILING : (['good', 'good', 'good', 'mends', 'mends', 'silent', 'starts-late'] as const),
    ),
  );

function planOf(size: number, random: Stream, theme: Theme): Plan {
  const width = random.int(1, Math.max(1, Math.ceil(size / 2)));
  const strictness = theme === 'crowd' ? 0.1 * random.fraction() : random.fraction();
  const isLimited = random.chance(theme === 'budgets' ? 0.6 : 0.15);
  const subtasks = Array.from({ length: size }, (_, index): Subtask => {
    const dependsOn = new Set<string>();
    for (let edge = random.int(0, 3); edge > 0 && index > 0; edge -= 1) {
      if (random.chance(strictness)) dependsOn.add(`s${random.int(Math.max(0, index - 2 * width), index - 1)}`);
    }
    const own = [`s${index}.js`];
    const scope = theme === 'crowd' && random.chance(0.9) ? own : random.pick([own, own, own, ['s*.js'], []]);
    return {
      ...{ id: `s${index}`, title: `Title ${index}`, instructions: 'Do it.' },
      ...{ dependsOn: [...dependsOn], scope, produces: [] },
      ...(isLimited && random.chance(0.3) ? { budget: random.pick(OWN_LIMITS) } : {}),
    };
  });
  // What depends may stand before what it depends on.
  for (let index = size - 1; index > 0; index -= 1) {
    const other = random.int(0, index);
    [subtasks[index], subtasks[other]] = [subtasks[other] as Subtask, subtasks[index] as Subtask];
  }
  return { version: 1, title: 'The plan', subtasks };
}

/** Some write into folders as well, which overlap without being the same. */
function inFolders(plan: Plan, random: Stream): Plan {
  if (random.chance(0.7)) return plan;
  const subtasks = plan.subtasks.map((subtask) => {
    const { id, scope } = subtask;
    if (!scope.includes(`${id}.js`) || random.chance(0.4)) return subtask;
    const more = random.pick([
      'lib/**',
      'lib/*.js',
      'lib/part/**',
      `lib/part/${id}.js`,
      `lib/${id}.js`,
      'lib/part/deep/**',
    ]);
    return { ...subtask, scope: [...scope, more] };
  });
  return { ...plan, subtasks };
}

/** Some are to leave a file that lies outside of their scope, where others may write. */
function withProducts(plan: Plan, random: Stream): Plan {
  if (random.chance(0.7)) return plan;
  const folder = random.pick(['docs', 'lib/part']);
  const subtasks = plan.subtasks.map((subtask) => {
    const { id, scope } = subtask;
    const share = random.fraction();
    if (share < 0.3) return { ...subtask, produces: [`${folder}/${id}.js`] };
    return share < 0.5 && scope.length > 0 ? { ...subtask, scope: [...scope, `${folder}/**`] } : subtask;
  });
  return { ...plan, subtasks };
}

function faultsOf(size: number, random: Stream): Fault[] {
  const crash = fault(random.pick(['crash', 'crash', 'crash', 'power-loss', 'zombie'] as const), size, random);
  const others = Array.from({ length: random.int(3, 9) }, () =>
    fault(random.pick(FAULTS.filter((type) => type !== 'cancel' || random.chance(0.3))), size, random),
  );
  // Who goes on with a run is stopped while it finds out how things stand.
  const next = random.pick(['crash', 'power-loss', 'cancel', 'cancel', 'detach'] as const);
  const after: Fault = { type: next, at: AFTER_CRASH, nth: random.int(1, 30), ms: 0 };
  return [crash, ...others, ...(random.chance(0.3) ? [after] : [])];
}

function fault(type: FaultType, size: number, random: Stream): Fault {
  const ms = Math.round(2 ** random.int(0, 10) * random.fraction() * MINUTE) + 1;
  const isOfSync = type === 'fsync-fails' || type === 'slow-disk';
  if (!isOfSync && random.chance(0.4))
    return { type, at: ANYWHERE, nth: 1 + Math.floor(random.fraction() ** 2 * POINTS_EACH * size), ms };
  const at = isOfSync
    ? `record ${random.pick(RECORDS)}/written`
    : random.chance(0.5)
      ? `record ${random.pick(RECORDS)}/${random.pick(['before', 'during', 'written', 'after'])}`
      : random.pick(EFFECTS);
  // Mostly early, so that it is reached.
  const nth = 1 + Math.floor(random.fraction() ** 3 * size * 1.5);
  return { type, at, nth, ms };
}
