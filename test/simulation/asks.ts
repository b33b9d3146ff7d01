import type { ControlOrder } from '../../src/core/model/control.ts';
import { type GraphChange, graphChangeSchema } from '../../src/core/model/graph-change.ts';
import type { Subtask } from '../../src/core/model/plan.ts';
import type { RunState, SubtaskStatus } from '../../src/core/model/run.ts';
import type { Stream } from './stream.ts';

/** Something that a person asks of the run when the nth point is reached, or once the run has ended before that. */
export interface Ask {
  readonly nth: number;
  /** Name of the points that count; left out: all do. */
  readonly at?: string;
  /** A subtask may be called by its status, `?failed`: the first one that is so in that moment. */
  readonly order: ControlOrder;
}

/** Moments at which a run is about to end, or to begin something. */
const MOMENTS = [
  'record run.ended/before',
  'record run.ended/written',
  'record integration.merged/after',
  'record integration.returned/after',
  'record attempt.ended/after',
  'record attempt.launching/before',
  'record attempt.launching/after',
  'record subtask.failed/after',
  'record subtask.backed-off/after',
  'record plan.proposed/after',
  'record plan.approved/before',
  'record conflict.opened/after',
  'move-ref/before',
  'transplant/before',
  'resume/before',
] as const;

/** What a person has in mind, each asked when its moment has come. */
export class Asks {
  readonly #anywhere: Ask[];
  #atMoments: Ask[];
  readonly #reached = new Map<string, number>();
  #points = 0;

  constructor(asks: readonly Ask[]) {
    this.#anywhere = asks.filter(({ at }) => at === undefined);
    this.#atMoments = asks.filter(({ at }) => at !== undefined);
  }

  /** What is asked now that a point is reached. */
  reach(point: string): ControlOrder[] {
    this.#points += 1;
    const nth = (this.#reached.get(point) ?? 0) + 1;
    if (this.#atMoments.length > 0) this.#reached.set(point, nth);
    const now = this.#atMoments.filter((ask) => ask.at === point && ask.nth <= nth);
    this.#atMoments = this.#atMoments.filter((ask) => !now.includes(ask));
    if (this.#points >= (this.#anywhere[0]?.nth ?? Number.POSITIVE_INFINITY)) now.push(...this.#anywhere.splice(0, 1));
    return now.map(({ order }) => order);
  }

  /** What is left to be asked, first come first; undefined for nothing. */
  shift(): ControlOrder | undefined {
    return (this.#anywhere.shift() ?? this.#atMoments.shift())?.order;
  }
}

/** The order with the subtask that is meant by its status; one that there is none of stays as it is called. */
export function meant(order: ControlOrder, run: RunState | undefined): ControlOrder {
  if (order.type === 'answer') {
    const asked = [...(run?.permissions.values() ?? [])].find((one) => one.asked !== undefined);
    return { ...order, question: asked?.request ?? 'plan', planVersion: run?.planVersion ?? 0 };
  }
  if (order.type !== 'change' || order.change.type === 'subtask.added') return order;
  const { subtask: called } = order.change;
  if (!called.startsWith('?')) return order;
  const found = [...(run?.subtasks.values() ?? [])].find(({ status }) => `?${status}` === called)?.subtask.id ?? 's0';
  const change = graphChangeSchema.parse(JSON.parse(JSON.stringify(order.change).replaceAll(called, found)));
  return { ...order, change };
}

/** What lets a run go on that waits for the person to say so. */
export function unpausing(run: RunState | undefined): ControlOrder[] {
  const paused = [...(run?.subtasks.values() ?? [])].filter((one) => one.paused && one.status === 'waiting');
  return [
    ...(run?.paused ? [{ type: 'unpause' } as const] : []),
    ...paused.map(({ subtask: { id } }): ControlOrder => {
      return { type: 'change', change: { type: 'subtask.unpaused', subtask: id } };
    }),
  ];
}

const WORKING = ['waiting', 'running', 'running', 'validating', 'integrating'] as const;
const GIVEN_UP = ['failed', 'failed', 'blocked', 'skipped'] as const;
/** What lets a run that has ended go on when it is tried again. */
const LEFT = [...GIVEN_UP, 'waiting', 'waiting'] as const;
/** Kind of change → the statuses in which a subtask is that it may be meant for. */
const FITTING: readonly (readonly SubtaskStatus[])[] = [
  ['waiting'],
  ['waiting', 'failed', 'blocked'],
  ['waiting', 'failed', 'running'],
  ['waiting', 'running'],
  ['waiting', 'failed', 'running'],
  [...WORKING, 'failed'],
  [...WORKING, 'failed'],
  GIVEN_UP,
  GIVEN_UP,
  ['waiting'],
  WORKING,
  ['waiting'],
];

/** A subtask that comes to a good end reaches more points than this. */
const POINTS_EACH = 40;

/** What a person asks of a run of this size: sensible or not, at any moment. */
export function asksOf(size: number, random: Stream): Ask[] {
  const name = (): string => (random.chance(0.15) ? `n${random.int(0, 3)}` : `s${random.int(0, size - 1)}`);
  const made = (id: string): Subtask => ({
    ...{ id, title: `Title ${id}`, instructions: 'Do it.', produces: [] },
    dependsOn: [...new Set(Array.from({ length: random.int(0, 2) }, name))],
    scope: random.pick([[`${id}.js`], [`${id}.js`], ['s*.js', `${id}.js`], []]),
  });
  const change = (): GraphChange => {
    const kind = random.int(0, 11);
    const subtask = random.chance(0.6) ? `?${random.pick(FITTING[kind] ?? ['waiting'])}` : name();
    const endWorker = random.chance(0.6) ? { endWorker: true as const } : {};
    const { id: _, ...set } = made(subtask);
    switch (kind) {
      case 0:
        return { type: 'subtask.added', definition: made(`n${random.int(0, 3)}`) };
      case 1:
        return { type: 'subtask.removed', subtask };
      case 2:
        return { type: 'subtask.edited', subtask, set };
      case 3:
        return { type: 'subtask.edited', subtask, set: { title: 'Another' } };
      case 4:
        return { type: 'subtask.split', subtask, into: [made(`${subtask}-1`), made(`${subtask}-2`)] };
      case 5:
      case 6:
        return { type: 'subtask.skipped', subtask, ...endWorker };
      case 7:
      case 8:
        return { type: 'subtask.retried', subtask };
      case 9:
        return { type: 'subtask.pinned', subtask };
      case 10:
        return { type: 'subtask.paused', subtask, ...endWorker };
      default:
        return { type: random.pick(['subtask.unpaused', 'subtask.unpinned'] as const), subtask };
    }
  };
  const order = (): ControlOrder => {
    if (random.chance(0.15)) return { type: 'answer', question: '', allow: random.chance(0.9) };
    if (random.chance(0.8)) return { type: 'change', change: change() };
    return { type: random.chance(0.1) ? 'cancel' : random.pick(['pause', 'unpause'] as const) };
  };
  const ask = (): Ask =>
    random.chance(0.35)
      ? { at: random.pick(MOMENTS), nth: 1 + Math.floor(random.fraction() ** 3 * size), order: order() }
      : { nth: 1 + Math.floor(random.fraction() ** 2 * POINTS_EACH * size), order: order() };
  const asks = Array.from({ length: random.int(1, 10) }, ask).sort((a, b) => a.nth - b.nth);
  const late: ControlOrder = {
    type: 'change',
    change: { type: 'subtask.retried', subtask: `?${random.pick(LEFT)}` },
  };
  // Once the run has ended.
  return random.chance(0.4) ? [...asks, { nth: 1_000_000, order: late }] : asks;
}
