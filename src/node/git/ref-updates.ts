import type { ChildProcess } from 'node:child_process';
import { OrchestratorError } from '../../core/model/error.ts';
import type { Git } from './git.ts';
import { inTurn } from './queue.ts';
import { held, IDLE_MS, startResident } from './resident.ts';

const DONE = 'commit: ok\n';

/**
 * Moves refs by one git process that stays while it is needed, each move a transaction of its own. What that process
 * can't do is done by one that waits for locks and says what stands in the way.
 */
export class RefUpdates {
  readonly #root: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #git: Git;
  #child: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(root: string, environment: NodeJS.ProcessEnv, git: Git) {
    this.#root = root;
    this.#environment = environment;
    this.#git = git;
  }

  /** Moves `ref` to `next` if it is at `old` (zeros: nowhere), from wherever it is without one. Rejects else. */
  async move(ref: string, next: string, old: string | undefined, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new OrchestratorError('cancelled', 'git update-ref was stopped.');
    const given = old === undefined ? [ref, next] : [ref, next, old];
    // What it says must be about this move.
    const moved = await inTurn(`refs of ${this.#root}`, () => this.#ask(given));
    if (moved) return;
    // The first one may have done it before it was ended.
    const { stdout } = await this.#git(['for-each-ref', '--format=%(objectname)', ref], { signal });
    if (stdout.toString('latin1').trim() === next) return;
    await this.#git(['update-ref', '--no-deref', ...given], { signal });
  }

  async #ask(given: readonly string[]): Promise<boolean> {
    clearTimeout(this.#idle);
    this.#child ??= this.#start();
    const child = this.#child;
    held(child, true);
    const moved = await answer(child, `start\nupdate ${given.join(' ')}\ncommit\n`);
    if (!moved) {
      if (this.#child === child) this.#child = undefined;
      child.kill();
      return false;
    }
    held(child, false);
    this.#idle = setTimeout(() => {
      if (this.#child === child) this.#child = undefined;
      child.stdin?.end();
    }, IDLE_MS);
    this.#idle.unref();
    return true;
  }

  #start(): ChildProcess {
    const child = startResident(['update-ref', '--no-deref', '--stdin'], this.#root, this.#environment);
    child.once('close', () => {
      if (this.#child === child) this.#child = undefined;
    });
    // Nobody reads why: the command that is tried next says it again.
    child.stderr?.resume();
    child.on('error', () => undefined);
    return child;
  }
}

/** Whether the process says that the transaction is done, before it ends. */
function answer(child: ChildProcess, question: string): Promise<boolean> {
  return new Promise((resolve) => {
    let said = '';
    const end = (done: boolean): void => {
      child.stdout?.off('data', onData);
      child.off('close', onClose);
      child.off('error', onClose);
      resolve(done);
    };
    const onData = (chunk: Buffer): void => {
      said += chunk.toString('latin1');
      if (said.endsWith(DONE)) end(true);
    };
    const onClose = (): void => end(false);
    child.stdout?.on('data', onData);
    child.once('close', onClose);
    child.once('error', onClose);
    if (child.exitCode !== null || child.signalCode !== null) end(false);
    else child.stdin?.write(question);
  });
}
