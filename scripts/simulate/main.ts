import type { Case } from '../../test/simulation/case.ts';
import { caseOf } from '../../test/simulation/generate.ts';
import { firstNoticed } from '../../test/simulation/noticed.ts';
import type { PlantedBug } from '../../test/simulation/planted-bug.ts';
import { failureOf, shrink } from '../../test/simulation/shrink.ts';
import type { Failed } from '../../test/simulation/simulate.ts';
import { type Order, readArguments } from './arguments.ts';
import { Report } from './report.ts';
import { sweep } from './sweep.ts';

const MINUTE = 60_000;

/** So long a failing case is made smaller, in milliseconds. */
const SHRINK_MS = 120_000;

const asked = readArguments(process.argv.slice(2));
if ('help' in asked) process.stdout.write(asked.help);
else if ('problem' in asked) {
  process.stderr.write(`${asked.problem}\nSee: npm run simulate -- --help\n`);
  process.exitCode = 2;
} else if (asked.planted.length > 0) {
  for (const bug of asked.planted) if (!(await finds(bug, asked))) process.exitCode = 1;
} else {
  process.exitCode = (await keepsPromises(asked)) ? 0 : 1;
}

/** Simulates until a seed breaks a promise, and says all about that one. */
async function keepsPromises({ first, seeds, minutes, jobs }: Order): Promise<boolean> {
  const until = minutes === undefined ? Number.POSITIVE_INFINITY : Date.now() + minutes * MINUTE;
  const report = new Report();
  const told = setInterval(() => process.stderr.write(`${report.pace()} so far\n`), MINUTE);
  const seed = await sweep({ first, end: first + seeds, until }, jobs, report).finally(() => clearInterval(told));
  if (seed === undefined) {
    process.stdout.write(`${report.text()}\nevery promise was kept\n`);
    return true;
  }
  const given = caseOf(seed);
  const failure = await failureOf(given);
  if (!failure) throw new Error(`Seed ${seed} failed once and not again.`);
  process.stdout.write(`${report.text()}\n\nseed ${seed} breaks ${failure.broken.message}\n`);
  process.stdout.write(`again with: npm run simulate -- --seed ${seed} --seeds 1\nmaking the case smaller …\n`);
  process.stdout.write(`${await smallest(given, failure)}\n`);
  return false;
}

async function finds(bug: PlantedBug, { first, seeds }: Order): Promise<boolean> {
  const noticed = await firstNoticed(bug, { first, seeds });
  process.stdout.write(
    noticed
      ? `${bug}: found by seed ${noticed.seed}, ${noticed.broken.message}\n`
      : `${bug}: not found by ${seeds} seeds\n`,
  );
  return noticed !== undefined;
}

async function smallest(given: Case, { broken }: Failed): Promise<string> {
  const smaller = await shrink(given, broken.invariant, { until: Date.now() + SHRINK_MS });
  return [
    'the smallest case found in which it happens:',
    JSON.stringify(smaller.given, undefined, 1),
    smaller.failure.message,
  ].join('\n');
}
