import { describe, expect, it } from 'vitest';
import type { ControlRequest } from '../../src/core/model/control.ts';
import type { ControlInbox } from '../../src/core/ports/control-inbox.ts';

/** One implementation of the port with what the suite needs besides. */
export interface InboxPlace {
  /** The run's inbox as a process sees it that drives the run; nobody has asked anything yet. */
  inbox(): ControlInbox;
  /** Any process of the person asks. */
  ask(request: ControlRequest): Promise<void>;
  /** These bytes come after what was asked before: whoever asks may write in parts, die in between, or be of another version. */
  write(bytes: Buffer): Promise<void>;
  /** Lets time pass until it settles. */
  settle<T>(promise: Promise<T>): Promise<T>;
}

const NEVER = new AbortController().signal;

/** Of several bytes a letter: a part can end within one. */
const asked = (id: string, order: ControlRequest['order'] = { type: 'pause' }): ControlRequest => ({
  ...{ version: 1, id, at: 1_767_225_600_000, by: 'Jürgen 🙂' },
  order,
});
const lineOf = (request: object): Buffer => Buffer.from(`\n${JSON.stringify(request)}\n`);
const idsOf = (requests: readonly ControlRequest[]): string[] => requests.map(({ id }) => id);

/** The laws of the port `ControlInbox`, for the real one and the simulated one alike. */
export function describeInbox(name: string, make: () => InboxPlace): void {
  describe(`what is asked of a run, ${name}`, () => {
    /** Somebody who listens from now on: what it hears next, and so many in a row. */
    const listener = ({ inbox, settle }: InboxPlace, signal = NEVER) => {
      const requests = inbox().requests(signal)[Symbol.asyncIterator]();
      const next = async (): Promise<ControlRequest | undefined> => {
        const { done, value } = await requests.next();
        return done === true ? undefined : value;
      };
      const heard = async (count: number): Promise<ControlRequest[]> => {
        const all: ControlRequest[] = [];
        for (let left = count; left > 0; left -= 1) all.push((await settle(next())) ?? neverCame());
        return all;
      };
      return { next, heard };
    };
    const present = ({ inbox, settle }: InboxPlace): Promise<readonly ControlRequest[]> => settle(inbox().present());

    it('is heard by whoever listens: first what was asked before, then each as it comes, in their order', async () => {
      const place = make();
      const all = Array.from({ length: 6 }, (_, index) => asked(`r${index}`));
      for (const request of all.slice(0, 3)) await place.ask(request);
      const { next, heard } = listener(place);
      expect(await heard(3)).toEqual(all.slice(0, 3));
      for (const request of all.slice(3)) {
        const coming = next();
        await place.ask(request);
        expect(await place.settle(coming)).toEqual(request);
      }
    });

    it('is heard by one who listens before anybody has ever asked', async () => {
      const place = make();
      const coming = listener(place).next();
      await place.ask(asked('first'));
      expect(await place.settle(coming)).toEqual(asked('first'));
    });

    it('is heard whole: who asks, what, and under which id', async () => {
      const place = make();
      const orders: ControlRequest['order'][] = [
        { type: 'cancel' },
        { type: 'answer', question: 'line\nend "quoted" \u2028 ü', allow: false, planVersion: 3 },
        { type: 'change', change: { type: 'subtask.skipped', subtask: 'a' } },
      ];
      const requests = orders.map((order, index) => asked(`r${index}`, order));
      for (const request of requests) await place.ask(request);
      expect(await listener(place).heard(3)).toEqual(requests);
      expect(await present(place)).toEqual(requests);
    });

    it('is heard once each time that it is asked: whoever obeys knows it again by its id', async () => {
      const place = make();
      for (const id of ['one', 'two', 'one', 'last']) await place.ask(asked(id));
      expect(idsOf(await listener(place).heard(4))).toEqual(['one', 'two', 'one', 'last']);
    });

    it('is heard from the first on by everybody, however many listen and whenever they come', async () => {
      const place = make();
      await place.ask(asked('before'));
      const [one, other] = [listener(place), listener(place)];
      expect(idsOf(await one.heard(1))).toEqual(['before']);
      await place.ask(asked('after'));
      expect(idsOf(await one.heard(1))).toEqual(['after']);
      expect(idsOf(await other.heard(2))).toEqual(['before', 'after']);
      expect(idsOf(await listener(place).heard(2))).toEqual(['before', 'after']);
    });

    it('is heard in one order by all, where several ask at once, and none of it is lost or mixed', async () => {
      const place = make();
      const askers = ['a', 'b', 'c'];
      const early = listener(place);
      const hearing = early.heard(30);
      await Promise.all(
        askers.map(async (asker) => {
          for (let number = 0; number < 10; number += 1) await place.ask(asked(`${asker}${number}`));
        }),
      );
      const heard = await hearing;
      for (const asker of askers) {
        const own = Array.from({ length: 10 }, (_, number) => asked(`${asker}${number}`));
        expect(heard.filter(({ id }) => id.startsWith(asker))).toEqual(own);
      }
      expect(await listener(place).heard(30)).toEqual(heard);
      expect(await present(place)).toEqual(heard);
    });

    it('is there at present without waiting for more, and is heard nevertheless', async () => {
      const place = make();
      expect(await present(place)).toEqual([]);
      const { heard } = listener(place);
      await place.ask(asked('one'));
      await place.ask(asked('two'));
      for (let time = 0; time < 2; time += 1) expect(idsOf(await present(place))).toEqual(['one', 'two']);
      expect(idsOf(await heard(2))).toEqual(['one', 'two']);
      await place.ask(asked('three'));
      expect(idsOf(await present(place))).toEqual(['one', 'two', 'three']);
    });

    it('is heard no more by one who is told to stop, whether it waits, has heard some, or has not begun', async () => {
      const place = make();
      const [waits, hears] = [new AbortController(), new AbortController()];
      const waiting = listener(place, waits.signal).next();
      waits.abort();
      expect(await place.settle(waiting)).toBeUndefined();
      await place.ask(asked('one'));
      const { heard, next } = listener(place, hears.signal);
      expect(idsOf(await heard(1))).toEqual(['one']);
      const coming = next();
      hears.abort();
      expect(await place.settle(coming)).toBeUndefined();
      expect(await place.settle(listener(place, AbortSignal.abort()).next())).toBeUndefined();
      await place.ask(asked('two'));
      const stops = new AbortController();
      const both = listener(place, stops.signal);
      expect(idsOf(await both.heard(1))).toEqual(['one']);
      stops.abort();
      expect(await place.settle(both.next())).toBeUndefined();
      // It is there for the next one who listens.
      expect(idsOf(await listener(place).heard(1))).toEqual(['one']);
    });

    it('is not heard before all of it is there, and then once', async () => {
      const place = make();
      const line = lineOf(asked('in parts'));
      const { next, heard } = listener(place);
      const coming = next();
      // Within a letter, in the midst, and all but the line's end.
      const cuts = [line.indexOf('ü') + 1, line.length >> 1, line.length - 1].sort((a, b) => a - b);
      for (const [index, cut] of cuts.entries()) {
        await place.write(line.subarray(cuts[index - 1] ?? 0, cut));
        expect(await present(place)).toEqual([]);
      }
      await place.write(line.subarray(-1));
      expect(await place.settle(coming)).toEqual(asked('in parts'));
      await place.ask(asked('next'));
      expect(idsOf(await heard(1))).toEqual(['next']);
      expect(idsOf(await present(place))).toEqual(['in parts', 'next']);
    });

    it('is heard although whoever asked before died in the midst of it', async () => {
      const place = make();
      const { next } = listener(place);
      const coming = next();
      const line = lineOf(asked('unfinished'));
      await place.write(line.subarray(0, line.length >> 1));
      await place.ask(asked('whole'));
      expect(await place.settle(coming)).toEqual(asked('whole'));
      expect(idsOf(await present(place))).toEqual(['whole']);
    });

    it('is heard although what is no request comes between', async () => {
      const place = make();
      const { heard } = listener(place);
      await place.ask(asked('one'));
      for (const text of ['\n\n', 'no JSON\n', '{"version":1}\n', 'null\n', '[]\n'])
        await place.write(Buffer.from(text));
      await place.write(Buffer.from([10, 0xff, 0xfe, 10]));
      await place.write(lineOf({ ...asked('of a later version'), version: 2 }));
      await place.write(lineOf({ ...asked('unknown'), order: { type: 'fly' } }));
      await place.ask(asked('two'));
      expect(idsOf(await heard(2))).toEqual(['one', 'two']);
      expect(idsOf(await present(place))).toEqual(['one', 'two']);
    });
  });
}

function neverCame(): never {
  throw new Error('No more is heard.');
}
