import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunFold } from '../../src/core/journal/fold.ts';
import { Scheduler } from '../../src/core/scheduling/scheduler.ts';
import { openJournal } from '../../src/node/journal/writer.ts';

/** `node open.ts ours|floor FOLDER` prints how many milliseconds it takes until a journal's run goes on. */
const [side, folder = ''] = process.argv.slice(2);
const startedAt = performance.now();
if (side === 'floor') readLines();
else await goOn();
process.stdout.write(String(performance.now() - startedAt));

async function goOn(): Promise<void> {
  const fold = new RunFold();
  await openJournal(folder, fold, Date.now);
  if (new Scheduler().next(fold.state, [], { now: Date.now(), freeMb: undefined }).launches.length === 0)
    throw new Error('Nothing starts.');
}

/** Nothing of the product's. */
function readLines(): void {
  let records = 0;
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.ndjson')) continue;
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      if (line !== '' && JSON.parse(line) !== null) records += 1;
    }
  }
  if (records === 0) throw new Error('There is nothing to read.');
}
