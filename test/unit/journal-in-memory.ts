import { RunFold } from '../../src/core/journal/fold.ts';
import { Journal } from '../../src/core/journal/journal.ts';
import type { RunEvent } from '../../src/core/model/events.ts';
import { records } from './recorded-run.ts';

/** A journal on no disk that goes on after these events. */
export function journalAfter(events: RunEvent[]): Journal {
  const earlier = records(events);
  let seq = earlier.length;
  return new Journal(
    {
      epoch: 1,
      append: (more: readonly RunEvent[]) => ({
        records: more.map((event) => ({ seq: ++seq, at: seq, epoch: 1, event })),
        written: Promise.resolve(),
        durable: Promise.resolve(),
      }),
      keepImage: () => undefined,
      close: async () => undefined,
    },
    RunFold.of(earlier),
    () => undefined,
  );
}
