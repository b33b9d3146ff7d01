import type { ControlRequest } from '../../src/core/model/control.ts';
import type { ControlInbox } from '../../src/core/ports/control-inbox.ts';
import type { Process, World } from './world.ts';

/** What people have asked of the run, on the machine's disk; who follows it hears of each a little later. */
export class SimulatedInbox {
  readonly requests: (ControlRequest & { readonly at: number })[] = [];
  readonly #world: World;
  readonly #followers = new Set<() => void>();

  constructor(world: World) {
    this.#world = world;
  }

  append(request: ControlRequest): void {
    this.#world.history.push([this.#world.now, `*** asked ${request.id}: ${JSON.stringify(request.order)}`]);
    this.requests.push(request);
    for (const look of [...this.#followers]) look();
  }

  for(process: Process): ControlInbox {
    const { requests } = this;
    const world = this.#world;
    const followers = this.#followers;
    return {
      async present() {
        await world.takes('the requests are read', process);
        return [...requests];
      },
      async *requests(signal) {
        for (let index = 0; !signal.aborted; ) {
          const request = requests[index];
          if (request) {
            index += 1;
            await world.takes('a request is read', process, signal).catch(() => undefined);
            if (!signal.aborted) yield request;
          } else {
            await new Promise<void>((resolve) => {
              const look = (): void => {
                followers.delete(look);
                signal.removeEventListener('abort', look);
                resolve();
              };
              followers.add(look);
              signal.addEventListener('abort', look, { once: true });
            });
            await world.survive(process);
          }
        }
      },
    };
  }
}
