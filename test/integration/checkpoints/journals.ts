import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type JournalContents, readJournal } from '../../../src/node/journal/read.ts';

/** The journals of all runs in a state folder, with the bytes of their files. */
export function journalsOf(state: string): Map<string, { records: JournalContents['records']; bytes: Buffer }> {
  const found = new Map<string, { records: JournalContents['records']; bytes: Buffer }>();
  for (const repository of readdirSync(state)) {
    const runs = join(state, repository, 'runs');
    for (const run of readdirSync(runs)) {
      const folder = join(runs, run, 'journal');
      const files = readdirSync(folder).sort();
      const bytes = Buffer.concat(files.map((file) => readFileSync(join(folder, file))));
      found.set(run, { records: readJournal(folder).records, bytes });
    }
  }
  return found;
}
