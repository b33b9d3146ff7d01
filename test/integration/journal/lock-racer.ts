import { closeSync, openSync, unlinkSync } from 'node:fs';
import { acquireLock } from '../../../src/node/state/lock.ts';

/**
 * Takes the lock again and again and, while it has it, makes a file that nobody else may have at the same time.
 * `node lock-racer.ts FOLDER WITNESS TIMES [die]`: ends when it has had it so often, and prints how often it was not alone.
 */
const [folder = '', witness = '', times = '0', end] = process.argv.slice(2);
let won = 0;
let clashes = 0;
while (won < Number(times)) {
  let lock: ReturnType<typeof acquireLock>;
  try {
    lock = acquireLock(folder, `racer ${process.pid}`);
  } catch {
    continue;
  }
  won += 1;
  try {
    closeSync(openSync(witness, 'wx'));
    unlinkSync(witness);
  } catch {
    clashes += 1;
  }
  if (end === 'die') process.kill(process.pid, 'SIGKILL');
  lock.release();
}
process.stdout.write(JSON.stringify({ clashes }));
