import { describe, expect, it } from 'vitest';

/** A process that may own the repository. */
export interface Contender {
  /** Whether it got the lock. */
  acquire(): Promise<boolean>;
  release(): Promise<void>;
  kill(): Promise<void>;
  /** It stands still, as on a laptop that sleeps. */
  freeze(): void;
}

/** The laws of the lock of a repository, for the real one and the simulated one alike. */
export function describeLock(name: string, make: () => () => Contender): void {
  describe(`the repository's lock, ${name}`, () => {
    it('has one owner at a time', async () => {
      const contender = make();
      const [one, other] = [contender(), contender()];
      expect(await one.acquire()).toBe(true);
      expect(await other.acquire()).toBe(false);
      await one.release();
      expect(await other.acquire()).toBe(true);
      expect(await one.acquire()).toBe(false);
    });

    it('is free when its owner was killed, for one of those who come', async () => {
      const contender = make();
      const [dead, ...others] = [contender(), contender(), contender(), contender()];
      expect(await dead?.acquire()).toBe(true);
      await dead?.kill();
      const got = await Promise.all(others.map((other) => other.acquire()));
      expect(got.filter(Boolean)).toHaveLength(1);
    });

    it('is not free while its owner only stands still', async () => {
      const contender = make();
      const [sleeper, other] = [contender(), contender()];
      expect(await sleeper.acquire()).toBe(true);
      sleeper.freeze();
      expect(await other.acquire()).toBe(false);
      await sleeper.kill();
      expect(await other.acquire()).toBe(true);
    });
  });
}
