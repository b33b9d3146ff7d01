import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import type { Case } from '../../test/simulation/case.ts';
import { caseOf } from '../../test/simulation/generate.ts';
import { PLANTED_BUGS, type PlantedBug } from '../../test/simulation/planted-bug.ts';
import { failureOf, shrink } from '../../test/simulation/shrink.ts';
import type { Failed } from '../../test/simulation/simulate.ts';
import { Report } from './report.ts';
import { sweep } from './sweep.ts';

const USAGE = `Usage: npm run simulate -- [--seeds N] [--seed S] [--minutes M] [--jobs J] [--plant BUG|all]

Runs the whole orchestrator in a simulated world, a case for each seed from S on, and ends with 1 where a promise is broken.
  --seeds N    how many (1,000), each replays exactly
  --seed S     the first (1)
  --minutes M  as many as fit
  --jobs J     on so many threads (as many as there are processors)
  --plant BUG  puts a bug into the simulated world and says which seed finds it:
               ${PLANTED_BUGS.join(', ')}
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    jobs: { type: 'string', default: String(availableParallelism()) },
    plant: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const first = Number(values.seed);
const seeds = values.minutes === undefined ? Number(values.seeds) : Number.POSITIVE_INFINITY;
const jobs = Number(values.jobs);
const until = values.minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + Number(values.minutes) * 60_000;
const planted = values.plant === 'all' ? PLANTED_BUGS : PLANTED_BUGS.filter((bug) => bug === values.plant);
const isWrong =
  ![first, seeds, until, jobs].every((value) => value > 0) || (values.plant !== undefined && planted.length === 0);

if (values.help || isWrong) {
  process.stdout.write(USAGE);
  process.exitCode = values.help ? 0 : 2;
} else if (planted.length > 0) {
  for (const bug of planted) if (!(await finds(bug))) process.exitCode = 1;
} else {
  process.exitCode = (await keepsPromises()) ? 0 : 1;
}

/** Simulates until a seed breaks a promise, and says all about that one. */
async function keepsPromises(): Promise<boolean> {
  const report = new Report();
  const seed = await sweep({ first, end: first + seeds, until }, jobs, report);
  if (seed === undefined) {
    process.stdout.write(`${report.text()}\nevery promise was kept\n`);
    return true;
  }
  const given = caseOf(seed);
  const failure = await failureOf(given);
  if (!failure) throw new Error(`Seed ${seed} failed once and not again.`);
  process.stdout.write(`${report.text()}\n\n${await tell(seed, given, failure)}\n`);
  return false;
}

async function finds(bug: PlantedBug): Promise<boolean> {
  for (let seed = first; seed < first + seeds; seed += 1) {
    const failure = await failureOf(caseOf(seed), bug);
    if (!failure) continue;
    process.stdout.write(`${bug}: found by seed ${seed}, ${failure.broken.message}\n`);
    return true;
  }
  process.stdout.write(`${bug}: not found by ${seeds} seeds\n`);
  return false;
}

async function tell(seed: number, given: Case, { broken }: Failed): Promise<string> {
  const smaller = await shrink(given, broken.invariant);
  return [
    `seed ${seed} breaks ${broken.message}`,
    `again with: npm run simulate -- --seed ${seed} --seeds 1`,
    'the smallest case found in which it happens:',
    JSON.stringify(smaller.given, undefined, 1),
    smaller.failure.message,
  ].join('\n');
}
