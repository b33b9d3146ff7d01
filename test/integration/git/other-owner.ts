import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { OtherOwner } from '../../conformance/slots.ts';
import type { ScratchRepository } from './scratch-repository.ts';
import type { Answer, Call } from './slots-user.ts';

const USER = fileURLToPath(new URL('./slots-user.ts', import.meta.url));

/** A process that uses a repository's slots as it is told, until the test ends. */
export async function otherOwner({
  root,
  worktreesDir,
  environment,
}: Pick<ScratchRepository, 'root' | 'worktreesDir' | 'environment'>): Promise<OtherOwner> {
  const child = fork(USER, [root, worktreesDir], { env: environment, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return {
    slots: {
      list: () => call(child, ['list']),
      make: (name, base) => call(child, ['make', name, base]),
      hold: (name) => call(child, ['hold', name]),
      turnInto: (former, name, base) => call(child, ['turnInto', former, name, base]),
    },
    freeze: () => void child.kill('SIGSTOP'),
    async kill() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}

/** One call at a time. */
async function call<T>(child: ChildProcess, order: Call): Promise<T> {
  const answered = once(child, 'message') as Promise<[Answer]>;
  child.send(order);
  const [answer] = await answered;
  if ('failed' in answer) throw new Error(answer.failed);
  return answer.value as T;
}
