import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { type Contender, describeLock } from '../../conformance/lock.ts';
import { scratchFolder } from './scratch-journal.ts';

const holder = fileURLToPath(new URL('./lock-holder.ts', import.meta.url));

describeLock('real', () => {
  const folder = join(scratchFolder(), 'lock');
  return (): Contender => {
    const child = fork(holder, [folder], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ask = async (word: string): Promise<boolean> => {
      const answered = once(child, 'message') as Promise<[boolean]>;
      child.send(word);
      return (await answered)[0];
    };
    return {
      acquire: () => ask('acquire'),
      release: async () => void (await ask('release')),
      async kill() {
        const gone = once(child, 'exit');
        child.kill('SIGKILL');
        await gone;
      },
      freeze: () => void child.kill('SIGSTOP'),
    };
  };
});
