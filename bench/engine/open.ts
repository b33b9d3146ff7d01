import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunFold } from '../../src/core/journal/fold.ts';
import { Journal } from '../../src/core/journal/journal.ts';
import { orchestrate } from '../../src/core/orchestrator.ts';
import { openJournal } from '../../src/node/journal/writer.ts';
import { idleContext } from './idle-ports.ts';

/** `node open.ts ours|floor FOLDER` prints how many milliseconds it takes until a journal's run goes on. */
const [side, folder = ''] = process.argv.slice(2);
const startedAt = performance.now();
if (side === 'floor') readLines();
else await goOn();
process.stdout.write(String(performance.now() - startedAt), () => process.exit());

/** By the product's own loop, until it launches a worker: the intent of that is on its way to the disk then. */
async function goOn(): Promise<void> {
  const fold = new RunFold();
  const { writer } = await openJournal(folder, fold, Date.now);
  const context = idleContext(new Journal(writer, fold, () => undefined));
  await new Promise<void>((resolve, reject) => {
    const launch = (): Promise<never> => {
      resolve();
      return new Promise(() => undefined);
    };
    const ports = { ...context, workers: { ...context.workers, launch } };
    orchestrate(ports, { plan: undefined, planOnly: false }, new AbortController().signal).then(
      () => reject(new Error('Nothing starts.')),
      reject,
    );
  });
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
