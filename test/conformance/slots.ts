import { describe, expect, it } from 'vitest';
import type { Slots } from '../../src/core/ports/slots.ts';
import type { RepositoryPlace } from './repository.ts';

/** One implementation of the port with what the suite needs besides. */
export interface SlotsPlace extends RepositoryPlace {
  readonly slots: Slots;
  /** Commits that refs with this beginning lead to. */
  kept(prefix: string): Promise<readonly string[]>;
  /** Another process that uses the same slots. */
  another(): Promise<OtherOwner>;
  /** A process works in a slot, or elsewhere for its attempt; resolves with what ends it. */
  work(name: string, where: 'in it' | 'elsewhere'): Promise<() => Promise<void>>;
}

export interface OtherOwner {
  readonly slots: Pick<Slots, 'list' | 'make' | 'hold' | 'turnInto'>;
  /** It stands still, as on a laptop that sleeps. */
  freeze(): void;
  kill(): Promise<void>;
}

const NEVER = new AbortController().signal;
/** What may be in doubt, or go wrong, now and then is tried so often. */
const TIMES = 100;

/** The laws of the port `Slots`, for the real one and the simulated one alike. */
export function describeSlots(name: string, make: () => Promise<SlotsPlace>): void {
  describe(`the slots' port, ${name}`, () => {
    const names = async ({ slots, settle }: SlotsPlace): Promise<string[]> =>
      (await settle(slots.list())).map((slot) => slot.name).sort();
    /** Paths of what a slot holds. */
    const held = async ({ repository, base, settle }: SlotsPlace, path: string): Promise<string[]> => {
      const { files } = await settle(repository.capture(path, base, 'refs/claude-orchestrator/x', 'x', NEVER));
      return files.map((file) => file.path);
    };

    it('are there from their making to their removal, which can be done again', async () => {
      const place = await make();
      const { slots, base, settle } = place;
      expect(await names(place)).toEqual([]);
      const path = await settle(slots.make('one', base, NEVER));
      await settle(slots.make('two', base, NEVER));
      expect(await names(place)).toEqual(['one', 'two']);
      expect(await held(place, path)).toEqual([]);
      await expect(settle(slots.make('one', base, NEVER))).rejects.toThrow();
      for (let time = 0; time < 2; time += 1) await settle(slots.remove('one', NEVER));
      expect(await names(place)).toEqual(['two']);
      expect(await settle(slots.isThere('one'))).toBe(false);
      expect(await settle(slots.isThere('two'))).toBe(true);
      await settle(slots.snapshot('one', NEVER));
    });

    it('keep what was written in them under a ref before they are removed', async () => {
      const place = await make();
      const { slots, repository, base, settle } = place;
      await place.write(await settle(slots.make('one', base, NEVER)), 'a');
      await settle(slots.snapshot('one', NEVER));
      await settle(slots.remove('one', NEVER));
      const commits = await place.kept('refs/claude-orchestrator/snapshots/one');
      const files = await Promise.all(commits.map((commit) => settle(repository.listFiles(commit, NEVER))));
      expect(files.some((one) => one.has('a.js'))).toBe(true);
    });

    it('become another one with the files of its base and nothing else, or say that they can not', async () => {
      const place = await make();
      const { slots, base, settle } = place;
      const { commit } = await (async () => {
        const path = await settle(slots.make('result', base, NEVER));
        await place.write(path, 'b');
        return settle(place.repository.capture(path, base, 'refs/claude-orchestrator/y', 'y', NEVER));
      })();
      let path: string | undefined;
      for (let time = 0; path === undefined && time < TIMES; time += 1) {
        await place.write(await settle(slots.make(`former-${time}`, base, NEVER)), 'a');
        await settle(slots.snapshot(`former-${time}`, NEVER));
        const turned = slots.turnInto(`former-${time}`, `next-${time}`, commit, NEVER).catch(() => undefined);
        path = await settle(turned);
        if (path !== undefined) expect(await names(place)).toEqual([`next-${time}`, 'result']);
        for (const left of [`next-${time}`, `former-${time}`])
          if (path === undefined) await settle(slots.remove(left, NEVER));
      }
      expect(await held(place, path ?? '')).toEqual(['b.js']);
    });

    /** Names of the slots that are held elsewhere, as one process sees them. */
    const heldElsewhere = async ({ settle }: SlotsPlace, { list }: Pick<Slots, 'list'>): Promise<string[]> =>
      (await settle(list())).flatMap((slot) => (slot.heldElsewhere ? [slot.name] : []));

    it('are held by the process that made them, for all but itself, while it lives', async () => {
      const place = await make();
      const { slots, base, settle } = place;
      const [one, other] = [await place.another(), await place.another()];
      await settle(slots.make('own', base, NEVER));
      await settle(one.slots.make('theirs', base, NEVER));
      expect(await names(place)).toEqual(['own', 'theirs']);
      expect(await heldElsewhere(place, slots)).toEqual(['theirs']);
      expect(await heldElsewhere(place, one.slots)).toEqual(['own']);
      expect((await heldElsewhere(place, other.slots)).sort()).toEqual(['own', 'theirs']);
      // That it gives no sign of life proves nothing.
      one.freeze();
      expect(await heldElsewhere(place, slots)).toEqual(['theirs']);
      await one.kill();
      expect(await heldElsewhere(place, slots)).toEqual([]);
      expect(await heldElsewhere(place, other.slots)).toEqual(['own']);
      expect(await names(place)).toEqual(['own', 'theirs']);
    });

    it('are held by whoever takes them over from a process that is gone', async () => {
      const place = await make();
      const { slots, base, settle } = place;
      const [dead, next] = [await place.another(), await place.another()];
      for (const slot of ['one', 'two']) await settle(dead.slots.make(slot, base, NEVER));
      await dead.kill();
      await settle(next.slots.hold('one'));
      await settle(slots.hold('two'));
      expect(await heldElsewhere(place, slots)).toEqual(['one']);
      expect(await heldElsewhere(place, next.slots)).toEqual(['two']);
      // Whoever holds one may say so again.
      await settle(next.slots.hold('one'));
      expect(await heldElsewhere(place, slots)).toEqual(['one']);
      await next.kill();
      await settle(slots.hold('one'));
      expect(await heldElsewhere(place, slots)).toEqual([]);
    });

    it('are held, where one becomes another, by the process that did that', async () => {
      const place = await make();
      const { slots, base, settle } = place;
      const [former, next] = [await place.another(), await place.another()];
      let turned: string | undefined;
      for (let time = 0; turned === undefined && time < TIMES; time += 1) {
        await settle(former.slots.make(`former-${time}`, base, NEVER));
        const turning = next.slots.turnInto(`former-${time}`, `next-${time}`, base, NEVER).catch(() => undefined);
        if ((await settle(turning)) !== undefined) turned = `next-${time}`;
      }
      // Whoever had it before has no part in it any more.
      await former.kill();
      expect(await heldElsewhere(place, slots)).toContain(turned);
      expect(await heldElsewhere(place, next.slots)).toEqual([]);
      await next.kill();
      expect(await heldElsewhere(place, slots)).toEqual([]);
    });

    it.each(['in it', 'elsewhere'] as const)('are not idle while a process works %s for one of them', async (where) => {
      const place = await make();
      const { slots, base, settle } = place;
      for (const slot of ['one', 'two']) await settle(slots.make(slot, base, NEVER));
      const end = await place.work('one', where);
      // One look that is wrong is enough to take a worker's files away.
      for (let time = 0; time < TIMES; time += 1) expect(await settle(slots.isIdle('one'))).toBe(false);
      // Where the system shows no processes, none ever is: then they are not used again.
      expect(await isEverIdle(place, 'two')).toBe(slots.reusable);
      await end();
      expect(await isEverIdle(place, 'one')).toBe(slots.reusable);
    });

    /** What is in doubt is not idle, so one look proves nothing. */
    const isEverIdle = async ({ slots, settle }: SlotsPlace, slot: string): Promise<boolean> => {
      for (let time = 0; time < TIMES; time += 1) if (await settle(slots.isIdle(slot))) return true;
      return false;
    };

    it('lack room where more is used than allowed, and say so in a sentence; without a limit never', async () => {
      const place = await make();
      const { slots, base, settle } = place;
      for (const slot of ['one', 'two']) await settle(slots.make(slot, base, NEVER));
      expect(await settle(slots.lackOfRoom(Number.POSITIVE_INFINITY, NEVER))).toBeUndefined();
      const end = await place.work('one', 'in it');
      let lack: string | undefined;
      for (let time = 0; time < TIMES; time += 1) lack ??= await settle(slots.lackOfRoom(1, NEVER));
      expect(lack).toMatch(/^\S.+\.$/);
      await end();
    });

    it('say that one which is not there can not become another', async () => {
      const { slots, base, settle } = await make();
      const turned = slots.turnInto('missing', 'next', base, NEVER).catch(() => undefined);
      expect(await settle(turned)).toBeUndefined();
    });
  });
}
