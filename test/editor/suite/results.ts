import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** Names the file that a suite appends its results to, one JSON object a line. */
export const RESULTS_VARIABLE = 'CLAUDE_ORCHESTRATOR_SUITE_RESULTS';

/** A test is announced before it runs, so that a host that dies says in which one. */
const record = z.discriminatedUnion('event', [
  z.object({ event: z.literal('start'), name: z.string() }),
  z.object({
    event: z.literal('end'),
    name: z.string(),
    state: z.enum(['passed', 'failed', 'skipped']),
    ms: z.number(),
    error: z.string().optional(),
  }),
]);

export type SuiteRecord = z.infer<typeof record>;

export interface SuiteTest {
  /** Titles of the blocks around it and its own, joined by ' › '. */
  readonly name: string;
  /** 'unfinished': the host ended or hung while it ran. */
  readonly state: 'passed' | 'failed' | 'skipped' | 'unfinished';
  readonly ms: number;
  readonly error: string | undefined;
}

/** The results in the file at `path` in the order of the run; none when the suite never got to write one. */
export async function readResults(path: string): Promise<SuiteTest[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const tests = new Map<string, SuiteTest>();
  // A host that was killed may have left half a line.
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    if (line === '') continue;
    const { name, ...rest } = record.parse(JSON.parse(line));
    tests.set(
      name,
      rest.event === 'end'
        ? { name, state: rest.state, ms: rest.ms, error: rest.error }
        : { name, state: 'unfinished', ms: 0, error: 'The extension host ended or hung during this test.' },
    );
  }
  return [...tests.values()];
}
