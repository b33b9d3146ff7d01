import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { PLANTED_BUGS, type PlantedBug } from '../../test/simulation/planted-bug.ts';

const HELP = `Usage: npm run simulate -- [--seeds N] [--seed S] [--minutes M] [--jobs J] [--plant BUG|all]

Runs the whole orchestrator in a simulated world, a case for each seed from S on, and ends with 1 where a promise is broken.
  --seeds N    how many (1,000), each replays exactly
  --seed S     the first (1)
  --minutes M  as many as fit
  --jobs J     on so many threads (as many as there are processors)
  --plant BUG  puts a bug into the simulated world and says which seed finds it, by what it breaks:
               ${PLANTED_BUGS.join(', ')}
`;

export interface Order {
  readonly first: number;
  readonly seeds: number;
  readonly minutes: number | undefined;
  readonly jobs: number;
  readonly planted: readonly PlantedBug[];
}

/** What is asked for, or one sentence on what is wrong with it. */
export function readArguments(args: string[]): Order | { readonly help: string } | { readonly problem: string } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        seeds: { type: 'string', default: '1000' },
        seed: { type: 'string', default: '1' },
        minutes: { type: 'string' },
        jobs: { type: 'string', default: String(availableParallelism()) },
        plant: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) return { help: HELP };
    const minutes = values.minutes === undefined ? undefined : Number(values.minutes);
    if (minutes !== undefined && !(minutes > 0))
      return { problem: `--minutes takes a number above 0, not "${values.minutes}".` };
    return {
      first: whole('seed', values.seed),
      seeds: minutes === undefined ? whole('seeds', values.seeds) : Number.POSITIVE_INFINITY,
      minutes,
      jobs: whole('jobs', values.jobs),
      planted: values.plant === undefined ? [] : bugs(values.plant),
    };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} takes a whole number above 0, not "${text}".`);
}

function bugs(name: string): readonly PlantedBug[] {
  const found = name === 'all' ? PLANTED_BUGS : PLANTED_BUGS.filter((bug) => bug === name);
  if (found.length > 0) return found;
  throw new RangeError(`There is no bug "${name}" to plant; there are: ${PLANTED_BUGS.join(', ')}.`);
}
