import { describe, expect, it } from 'vitest';
import type { Slots } from '../../src/core/ports/slots.ts';
import type { RepositoryPlace } from './repository.ts';

/** One implementation of the port with what the suite needs besides. */
export interface SlotsPlace extends RepositoryPlace {
  readonly slots: Slots;
  /** Commits that refs with this beginning lead to. */
  kept(prefix: string): Promise<readonly string[]>;
}

const NEVER = new AbortController().signal;

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
      for (let time = 0; path === undefined && time < 20; time += 1) {
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

    it('say that one which is not there can not become another', async () => {
      const { slots, base, settle } = await make();
      const turned = slots.turnInto('missing', 'next', base, NEVER).catch(() => undefined);
      expect(await settle(turned)).toBeUndefined();
    });
  });
}
