import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import { RESULTS_VARIABLE, type SuiteRecord } from './results.ts';

/** Entry in the extension host: runs every bundled suite beside it. Rejects when a test failed or none was found. */
export async function run(): Promise<void> {
  const file = process.env[RESULTS_VARIABLE];
  if (file === undefined) throw new Error(`${RESULTS_VARIABLE} is not set: start the suite with runSuite.`);
  const suites = readdirSync(__dirname).filter((name) => name.endsWith('.suite.cjs'));
  if (suites.length === 0) throw new Error(`No *.suite.cjs in ${__dirname}.`);
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: reporter(file) });
  for (const suite of suites) mocha.addFile(join(__dirname, suite));
  const failures = await new Promise<number>((resolve) => mocha.run(resolve));
  if (failures > 0) throw new Error(`${failures} failed`);
}

function reporter(file: string): Mocha.ReporterConstructor {
  const append = (entry: SuiteRecord) => appendFileSync(file, `${JSON.stringify(entry)}\n`);
  const nameOf = (test: Mocha.Runnable) => test.titlePath().join(' › ');
  return class extends Mocha.reporters.Base {
    constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
      super(runner, options);
      runner.on('test', (test) => append({ event: 'start', name: nameOf(test) }));
      runner.on('pass', (test) =>
        append({ event: 'end', name: nameOf(test), state: 'passed', ms: test.duration ?? 0 }),
      );
      runner.on('pending', (test) => append({ event: 'end', name: nameOf(test), state: 'skipped', ms: 0 }));
      // Also called for a hook that failed: it is then listed like a test.
      runner.on('fail', (test, error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        append({ event: 'end', name: nameOf(test), state: 'failed', ms: test.duration ?? 0, error: text });
      });
    }
  };
}
