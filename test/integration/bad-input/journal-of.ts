import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readJournal } from '../../../src/node/journal/read.ts';

/** Events of a run's journal, found below a state folder. */
export function journalOf(state: string, run: string): readonly Readonly<Record<string, unknown>>[] {
  const folder = readdirSync(state, { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith(join('runs', run, 'journal')),
  );
  if (folder === undefined) throw new Error(`There is no journal of ${run} in ${state}.`);
  return readJournal(join(state, folder)).records.map(({ event }) => ({ ...event }));
}
