import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { journalFolder, type StatePaths } from '../../../src/node/state/paths.ts';
import type { Stream } from '../../simulation/stream.ts';
import type { Started, Workplace } from '../resume/workplace.ts';

/** When the owner of a run is killed. Each is tried so often that all of them are met in every thirty kills. */
export const MOMENTS = [
  'while it starts',
  'at any time',
  'at a record',
  'while it writes its journal',
  'while git works',
  'with its git',
  'before it starts a supervisor',
  'right after it started a supervisor',
  'while it merges',
  'while it captures',
] as const;
export type Moment = (typeof MOMENTS)[number];

/** How often it is looked whether a moment has come, in milliseconds. */
const LOOK_MS = 1;

/**
 * Lets `owner` go on for some more records, waits for the moment, and kills it with SIGKILL; with `with its git` the git
 * command that it had started as well. The first time that a run is being applied counts as any moment. Resolves with
 * whether it was killed: false when it ended before the moment came.
 */
export async function killAt(moment: Moment, owner: Started, place: Workplace, random: Stream): Promise<boolean> {
  let ended = false;
  void owner.ended.then(() => {
    ended = true;
  });
  const until = async (holds: () => boolean): Promise<void> => {
    while (!ended && !holds()) await pause(LOOK_MS);
  };
  if (moment === 'while it starts') await pause(random.int(0, 400));
  else {
    const watch = new Watch(place, owner);
    const before = watch.records();
    const more = random.int(1, 4);
    const applies = watch.appliesFirst();
    await until(() => applies() || watch.records() >= before + more);
    const hasCome = watch.conditionOf(moment, random);
    await until(() => applies() || hasCome());
  }
  if (ended) return false;
  const gits = moment === 'with its git' ? childrenOf(owner.pid).filter(isGit) : [];
  owner.kill('SIGKILL');
  for (const pid of gits) kill(pid);
  return (await owner.ended) === null;
}

/** Looks at a run from outside, as cheaply as it can. */
class Watch {
  readonly #place: Workplace;
  readonly #owner: Started;

  constructor(place: Workplace, owner: Started) {
    this.#place = place;
    this.#owner = owner;
  }

  /** Lines of the journal that hold a record, in all segments. */
  records(): number {
    return this.#text().split('\n{"seq":').length - 1;
  }

  /** Whether the run has begun to be applied since this was called, and not before. */
  appliesFirst(): () => boolean {
    const before = this.#count('apply.started');
    return () => before === 0 && this.#count('apply.started') > 0;
  }

  /** Whether the moment has come since this was called. */
  conditionOf(moment: Moment, random: Stream): () => boolean {
    const { pid } = this.#owner;
    switch (moment) {
      case 'at any time': {
        const at = Date.now() + random.int(0, 300);
        return () => Date.now() >= at;
      }
      case 'while it writes its journal': {
        const before = this.#bytes();
        return () => this.#bytes() !== before;
      }
      case 'while git works':
      case 'with its git':
        return () => childrenOf(pid).some(isGit);
      case 'before it starts a supervisor': {
        const before = this.#count('attempt.launching');
        return () => this.#count('attempt.launching') > before;
      }
      case 'right after it started a supervisor': {
        const before = childrenOf(pid).filter(isSupervisor).length;
        return () => childrenOf(pid).filter(isSupervisor).length > before;
      }
      case 'while it merges':
        return this.#next('integration.started');
      case 'while it captures':
        return this.#next('attempt.turn-ended');
      default:
        return () => true;
    }
  }

  #next(type: string): () => boolean {
    const before = this.#count(type);
    return () => this.#count(type) > before;
  }

  #count(type: string): number {
    return this.#text().split(`"event":{"type":"${type}"`).length - 1;
  }

  #text(): string {
    return this.#segments()
      .map((file) => readFileSync(file, 'latin1'))
      .join('\n');
  }

  #bytes(): number {
    return this.#segments().reduce((sum, file) => sum + statSync(file).size, 0);
  }

  #segments(): string[] {
    return segmentsOf(this.#place.paths);
  }
}

function segmentsOf(paths: StatePaths): string[] {
  if (!existsSync(paths.runs)) return [];
  return readdirSync(paths.runs).flatMap((run) => {
    const folder = journalFolder(paths, run);
    if (!existsSync(folder)) return [];
    const names = readdirSync(folder).filter((name) => /^\d+\.ndjson$/.test(name));
    return names.sort().map((name) => join(folder, name));
  });
}

function childrenOf(pid: number): number[] {
  return read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
}

const isGit = (pid: number): boolean => read(`/proc/${pid}/comm`).startsWith('git');

/** Also one that waits for its attempt. */
const isSupervisor = (pid: number): boolean => {
  const words = read(`/proc/${pid}/cmdline`).split('\0');
  return words.includes('supervise') || words.includes('wait');
};

/** Empty for a process that is gone. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
