import { uncancelled } from '../context.ts';
import { explain, OrchestratorError } from '../model/error.ts';
import type { Logger } from '../ports/logger.ts';
import type { Worktrees } from '../ports/repository.ts';
import type { Slots } from '../ports/slots.ts';

/**
 * Worktrees that are used again: making one takes longer than a short subtask. What is in a slot is kept under a ref
 * before it is reset or removed; one of which anything is in doubt is removed, and a fresh one is made instead. The pool
 * lives as long as its owner; what an earlier owner left is swept up.
 */
export class WorktreePool implements Worktrees {
  readonly #slots: Slots;
  readonly #logger: Logger;
  /** Closed and not yet used again, the last closed at the end. */
  readonly #free: string[] = [];
  /** Being turned into another: whoever wants one of this name waits until that is over. */
  readonly #turning = new Map<string, Promise<unknown>>();
  /** Cut off half way: nothing in them is needed. */
  readonly #remains = new Set<string>();
  /** In use. */
  readonly #open = new Set<string>();
  /** How many are being made, turned into another or removed: each is in use soon, or makes room. */
  #coming = 0;
  /** Those that were there when this took over and those made since; undefined: nobody has looked. */
  #known: Set<string> | undefined;
  /** Called when one is given back. */
  readonly #waiting: (() => void)[] = [];
  /** What everything kept for the repository may use on the disk. */
  #quotaBytes = Number.POSITIVE_INFINITY;

  constructor(slots: Slots, logger: Logger) {
    this.#slots = slots;
    this.#logger = logger;
  }

  /** See the port. */
  async openWorktree(
    name: string,
    base: string,
    signal: AbortSignal,
    onWait: (lack: string | undefined) => void = () => undefined,
  ): Promise<string> {
    await this.#turning.get(name);
    if (await this.#isThere(name)) {
      const isOurs = this.#open.has(name) || this.#free.includes(name);
      this.#forget(name);
      const path = isOurs && this.#slots.reusable ? await this.#turn(name, name, base, signal) : undefined;
      if (path !== undefined) {
        this.#open.add(name);
        return path;
      }
      await this.#discard(name);
    }
    for (let former = this.#free.pop(); former !== undefined; former = this.#free.pop()) {
      const path = await this.#turn(former, name, base, signal);
      if (path === undefined) continue;
      this.#open.add(name);
      return path;
    }
    const lack = await this.#slots.lackOfRoom(this.#quotaBytes, signal);
    if (lack !== undefined) {
      this.#logger.warn(`${lack} "${name}" waits for a worktree that another one gives back.`);
      await this.#anotherIsGivenBack(lack, signal, onWait);
      onWait(undefined);
      return this.openWorktree(name, base, signal, onWait);
    }
    this.#known?.add(name);
    this.#remains.add(name);
    const path = await this.#come(this.#slots.make(name, base, signal));
    this.#remains.delete(name);
    this.#open.add(name);
    return path;
  }

  /** See the port. */
  async closeWorktree(name: string): Promise<void> {
    this.#open.delete(name);
    this.#coming += 1;
    try {
      if (!this.#slots.reusable) await this.#discard(name);
      else if (!this.#free.includes(name)) this.#free.push(name);
    } finally {
      this.#coming -= 1;
      this.#wakeWaiting();
    }
  }

  /** See the port. */
  hasWorktree(name: string): Promise<boolean> {
    return this.#slots.isThere(name);
  }

  /** See the port. */
  async releaseWorktrees(): Promise<void> {
    const names = [...this.#free.splice(0), ...this.#remains];
    this.#remains.clear();
    await Promise.all(names.map((name) => this.#discardOrSay(name)));
  }

  /** See the port. */
  async sweepWorktrees(needed: ReadonlySet<string>, quotaBytes: number): Promise<void> {
    this.#quotaBytes = quotaBytes;
    // What this process knew is of a run that it has left.
    this.#free.splice(0);
    this.#remains.clear();
    this.#open.clear();
    const found = await this.#slots.list();
    this.#known = new Set(found.map(({ name }) => name));
    for (const { name, heldElsewhere } of found) {
      if (heldElsewhere) continue;
      if (needed.has(name)) {
        await this.#slots.hold(name);
        this.#open.add(name);
        continue;
      }
      this.#logger.info(`The worktree ${name} belongs to no attempt any more and is removed.`);
      await this.#discardOrSay(name);
    }
  }

  /** Looks at all that is there only where that can say anything but no. */
  async #isThere(name: string): Promise<boolean> {
    if (this.#known?.has(name) === false) return false;
    return (await this.#slots.list()).some((slot) => slot.name === name);
  }

  async #turn(former: string, name: string, base: string, signal: AbortSignal): Promise<string | undefined> {
    this.#known?.add(name);
    const turned = this.#useAgain(former, name, base, signal);
    this.#turning.set(
      former,
      turned.catch(() => undefined),
    );
    try {
      return await this.#come(turned);
    } finally {
      this.#turning.delete(former);
    }
  }

  /** Whoever waits for another one to be given back looks again where none comes of this. */
  async #come(worktree: Promise<string>): Promise<string>;
  async #come(worktree: Promise<string | undefined>): Promise<string | undefined>;
  async #come(worktree: Promise<string | undefined>): Promise<string | undefined> {
    this.#coming += 1;
    let path: string | undefined;
    try {
      path = await worktree;
      return path;
    } finally {
      this.#coming -= 1;
      if (path === undefined) this.#wakeWaiting();
    }
  }

  #wakeWaiting(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Fails when nobody has one. */
  async #anotherIsGivenBack(lack: string, signal: AbortSignal, onWait: (lack: string) => void): Promise<void> {
    if (this.#open.size === 0 && this.#coming === 0) {
      throw new OrchestratorError('worktree-failed', lack, {
        fix: 'Discard runs that you don’t need, clean up, or allow more (setting claudeOrchestrator.diskQuotaGb, option --disk-quota).',
      });
    }
    onWait(lack);
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      });
      if (signal.aborted) onAbort();
    });
  }

  async #useAgain(former: string, name: string, base: string, signal: AbortSignal): Promise<string | undefined> {
    let snapshot = false;
    try {
      if (await this.#slots.isIdle(former)) {
        await this.#slots.snapshot(former, signal);
        snapshot = true;
        const path = await this.#slots.turnInto(former, name, base, signal);
        if (path !== undefined) return path;
      }
    } catch (error) {
      if (signal.aborted) {
        // Before the snapshot the slot is as it was; afterwards what is left of it is known to be kept.
        if (snapshot) for (const left of [former, name]) this.#remains.add(left);
        else this.#free.push(former);
        throw error;
      }
      this.#logger.warn(`The worktree ${former} can not be used again: ${explain(error)}`);
    }
    // In this order: what is made of the former slot knows which folder is left of it.
    for (const left of [name, former]) await this.#discardOrSay(left);
    return undefined;
  }

  /** The order is the point: what can't be kept is not removed. Not cancelled: half of it would be a slot in doubt. */
  async #discard(name: string): Promise<void> {
    await this.#slots.snapshot(name, uncancelled());
    await this.#slots.remove(name, uncancelled());
  }

  /** Nothing in it is lost when that fails: whoever opens the repository next tries again. */
  async #discardOrSay(name: string): Promise<void> {
    await this.#discard(name).catch((error: unknown) => {
      this.#logger.warn(`The worktree ${name} could not be removed: ${explain(error)}`);
    });
  }

  #forget(name: string): void {
    const at = this.#free.indexOf(name);
    if (at >= 0) this.#free.splice(at, 1);
    this.#remains.delete(name);
    this.#open.delete(name);
  }
}
