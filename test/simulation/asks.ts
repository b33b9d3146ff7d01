import type { ControlOrder } from '../../src/core/model/control.ts';
import type { GraphChange } from '../../src/core/model/graph-change.ts';
import type { Subtask } from '../../src/core/model/plan.ts';
import type { Stream } from './stream.ts';

/** Something that a person asks of the run when the nth point is reached, or once the run has ended before that. */
export interface Ask {
  readonly nth: number;
  readonly order: ControlOrder;
}

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
    const subtask = name();
    const endWorker = random.chance(0.6) ? { endWorker: true as const } : {};
    const { id: _, ...set } = made(subtask);
    switch (random.int(0, 11)) {
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
    if (random.chance(0.8)) return { type: 'change', change: change() };
    return { type: random.chance(0.1) ? 'cancel' : random.pick(['pause', 'unpause'] as const) };
  };
  return Array.from({ length: random.int(1, 10) }, () => ({
    nth: 1 + Math.floor(random.fraction() ** 2 * POINTS_EACH * size),
    order: order(),
  })).sort((a, b) => a.nth - b.nth);
}
