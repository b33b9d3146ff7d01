import { acquireLock, type RepositoryLock } from '../../../src/node/state/lock.ts';

/** Takes and gives back the lock in a folder as its parent says: `node lock-holder.ts FOLDER`. */
const [folder = ''] = process.argv.slice(2);
let lock: RepositoryLock | undefined;

process.on('message', (word: string) => {
  if (word === 'release') lock?.release();
  else process.send?.(acquired());
  if (word === 'release') process.send?.(true);
});

function acquired(): boolean {
  try {
    lock = acquireLock(folder, `holder ${process.pid}`);
    return true;
  } catch {
    return false;
  }
}
