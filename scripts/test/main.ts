import { spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { build } from '../build.ts';

// All tests, after a build; further arguments go to vitest. Ends with the line "N passed, N failed".
const root = join(import.meta.dirname, '..', '..');
const report = join(root, '.test-output', 'vitest.json');

const reportSchema = z.object({
  success: z.boolean(),
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(z.object({ name: z.string(), status: z.string(), assertionResults: z.array(z.unknown()) })),
});

await mkdir(join(root, '.test-output'), { recursive: true });
await rm(report, { force: true });
await build();
const code = await vitest(process.argv.slice(2));
const counts = await readCounts();
const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
process.exitCode = code === 0 && counts.failed === 0 && counts.passed > 0 ? 0 : 1;

function vitest(args: readonly string[]): Promise<number> {
  const script = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const child = spawn(process.execPath, [script, 'run', ...reporters, ...args], { cwd: root, stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (exit) => resolve(exit ?? 1));
  });
}

/** A file that could not even be loaded counts as one failure, and so does a run without a report. */
async function readCounts(): Promise<{ passed: number; failed: number; skipped: number }> {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, success, testResults } = reportSchema.parse(
      JSON.parse(await readFile(report, 'utf8')),
    );
    const unloaded = testResults.filter(
      ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
    ).length;
    const failed = numFailedTests + unloaded;
    return { passed: numPassedTests, failed: !success && failed === 0 ? 1 : failed, skipped: numPendingTests };
  } catch (error) {
    process.stderr.write(
      `There is no report of the tests: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
