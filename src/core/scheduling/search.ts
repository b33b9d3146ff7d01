import { bottomLevels } from './critical-path.ts';
import { at, type PlannableGraph, reversed } from './graph.ts';
import { ListScheduler } from './list-schedule.ts';
import { provenBound } from './lower-bound.ts';
import { backwardList, forwardLists } from './priority.ts';
import { seededRandom } from './random.ts';
import type { Schedule } from './timetable.ts';

/** Share of the bound by which a schedule may be longer and still end the search: no one would notice. */
const CLOSE_ENOUGH = 2e-5;

export interface SearchOptions {
  /** How many times a node is put into a schedule at most; a clock would make the result depend on the machine. */
  readonly effort: number;
  /** Nodes in work already: they start at 0. */
  readonly pinned?: readonly number[];
  /** Share of its length by which a schedule must be shorter than the one by critical path to be preferred. */
  readonly margin: number;
}

/**
 * A schedule at least as short as list scheduling by critical path: that is the first try. Others begin with other
 * lists; each is improved by scheduling back and forth, and the best list by moving nodes in it. It stops early where
 * a bound shows that nothing shorter exists. The same graph and options give the same schedule.
 */
export function bestSchedule(graph: PlannableGraph, workers: number, options: SearchOptions): Schedule {
  const search = new Search(graph, workers, options);
  const plain = search.best;
  search.run();
  return search.best.makespan < plain.makespan * (1 - options.margin) ? search.best : plain;
}

class Search {
  best: Schedule;
  readonly #graph: PlannableGraph;
  readonly #levels: Float64Array;
  readonly #forward: ListScheduler;
  readonly #backward: ListScheduler;
  readonly #bound: number;
  /** Differences in makespan below this are rounding. */
  #tolerance = 0;
  readonly #turned: Int32Array;
  readonly #random: () => number;
  #runsLeft: number;

  constructor(graph: PlannableGraph, workers: number, options: SearchOptions) {
    const { size } = graph;
    this.#graph = graph;
    this.#levels = bottomLevels(graph);
    this.#forward = new ListScheduler(graph, workers, options.pinned);
    this.#backward = new ListScheduler(reversed(graph), workers);
    this.#turned = new Int32Array(size);
    this.#random = seededRandom(size * 31 + workers);
    this.#runsLeft = Math.floor(options.effort / Math.max(1, size + graph.conflicts.targets.length / 4));
    this.best = { starts: new Float64Array(size), ends: new Float64Array(size), makespan: Number.POSITIVE_INFINITY };
    const [plain] = forwardLists(graph, this.#levels, 1);
    if (plain) this.#tryForward(plain);
    const { makespan } = this.best;
    this.#tolerance = makespan * 1e-9;
    const plainBound = graph.seconds.reduce((sum, seconds) => sum + seconds, 0) / workers;
    const longest = this.#levels.reduce((most, level) => Math.max(most, level), 0);
    const wanted = makespan * (1 - options.margin);
    const isShortest = wanted <= Math.max(plainBound, longest) * (1 + CLOSE_ENOUGH);
    const bound = isShortest || this.#runsLeft <= 0 ? makespan : provenBound(graph, workers);
    this.#bound = bound < wanted ? bound : makespan;
  }

  run(): void {
    const { list, makespan } = this.#tryLists();
    let current = makespan;
    const candidate = new Int32Array(list.length);
    while (!this.#isOver()) {
      candidate.set(list);
      for (let moves = 1 + Math.floor(this.#random() * 5); moves > 0; moves -= 1) this.#moveOne(candidate);
      let found = this.#tryForward(candidate);
      let foundList: Int32Array = candidate;
      if (found > current + this.#tolerance && this.#random() < 0.5) {
        found = this.#backAndForth(found);
        foundList = this.#turned;
      }
      // Equally long ones are taken too: they lead to others.
      if (found > current + this.#tolerance) continue;
      list.set(foundList);
      current = found;
    }
  }

  /** The best list of those to begin with. */
  #tryLists(): { list: Int32Array<ArrayBuffer>; makespan: number } {
    const lists = forwardLists(this.#graph, this.#levels, 4);
    const list = new Int32Array(this.#graph.size);
    let makespan = Number.POSITIVE_INFINITY;
    const keep = (length: number, other: Int32Array): void => {
      if (length >= makespan) return;
      makespan = length;
      list.set(other);
    };
    for (const start of lists) {
      if (this.#isOver()) break;
      const length = this.#tryForward(start);
      keep(length, start);
      if (!this.#isOver()) keep(this.#backAndForth(length), this.#turned);
    }
    if (this.#isOver()) return { list, makespan };
    this.#tryBackward(backwardList(this.#graph));
    this.#turn(this.#backward);
    keep(this.#tryForward(this.#turned), this.#turned);
    return { list, makespan };
  }

  /**
   * Schedules backwards in time what ended last first, then forwards again what that starts first, as long as it gets
   * shorter. Begins with the last forward schedule; leaves the last list in `#turned` and returns its makespan.
   */
  #backAndForth(makespan: number): number {
    let before = makespan;
    for (;;) {
      this.#turn(this.#forward);
      this.#tryBackward(this.#turned);
      this.#turn(this.#backward);
      const after = this.#tryForward(this.#turned);
      if (after >= before - this.#tolerance || this.#isOver()) return after;
      before = after;
    }
  }

  #turn({ endOrder }: ListScheduler): void {
    const last = endOrder.length - 1;
    for (let place = 0; place <= last; place += 1) this.#turned[place] = at(endOrder, last - place);
  }

  #tryForward(list: Int32Array): number {
    this.#runsLeft -= 1;
    const { starts, ends } = this.#forward;
    const makespan = this.#forward.run(list);
    if (makespan < this.best.makespan - this.#tolerance || this.best.makespan === Number.POSITIVE_INFINITY) {
      this.best = { starts: starts.slice(), ends: ends.slice(), makespan };
    }
    return makespan;
  }

  #tryBackward(list: Int32Array): void {
    this.#runsLeft -= 1;
    this.#backward.run(list);
  }

  #moveOne(list: Int32Array): void {
    const { length } = list;
    const from = Math.floor(this.#random() * length);
    const reach = Math.max(2, Math.floor(length / 5));
    const wanted = from + Math.floor((2 * this.#random() - 1) * reach);
    const to = Math.min(length - 1, Math.max(0, wanted));
    const node = at(list, from);
    if (from < to) list.copyWithin(from, from + 1, to + 1);
    else list.copyWithin(to + 1, to, from);
    list[to] = node;
  }

  #isOver(): boolean {
    return this.#runsLeft <= 0 || this.best.makespan <= this.#bound * (1 + CLOSE_ENOUGH);
  }
}
