import { type ControlRequest, controlRequestSchema } from '../../src/core/model/control.ts';
import type { ControlInbox } from '../../src/core/ports/control-inbox.ts';
import type { Process, World } from './world.ts';

/** What people have asked of the run, in a file on the machine's disk; who follows it hears of each a little later. */
export class SimulatedInbox {
  /** All of the file that can be read: its whole lines, without those that are no requests. */
  readonly requests: ControlRequest[] = [];
  readonly #world: World;
  readonly #followers = new Set<() => void>();
  /** A line of which the end is not there yet. */
  #rest = Buffer.alloc(0);

  constructor(world: World) {
    this.#world = world;
  }

  append(request: ControlRequest): void {
    this.#world.history.push([this.#world.now, `*** asked ${request.id}: ${JSON.stringify(request.order)}`]);
    this.write(Buffer.from(`\n${JSON.stringify(request)}\n`));
  }

  /** Adds bytes to the file as they are. */
  write(bytes: Buffer): void {
    let rest = Buffer.concat([this.#rest, bytes]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const request = parsed(rest.subarray(0, end).toString());
      if (request) this.requests.push(request);
      rest = rest.subarray(end + 1);
    }
    this.#rest = rest;
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

function parsed(line: string): ControlRequest | undefined {
  try {
    return controlRequestSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
