import { parseLandmark } from '../../core/model/landmarks.ts';

/** Knows from a worker's output whether it waits for an answer and whether its turn has ended. */
export class FrameWatch {
  readonly #open = new Set<string>();
  #partial: Buffer[] = [];
  #idleSince: number | undefined;

  /** Whether the worker has a question that nobody answered. */
  get asking(): boolean {
    return this.#open.size > 0;
  }

  /** When its last turn ended, on the clock of `push`; undefined while it works. */
  get idleSince(): number | undefined {
    return this.#idleSince;
  }

  /** The next bytes of the stream, in pieces of any size. `now` is a monotonic clock in milliseconds. */
  push(chunk: Buffer, now: number): void {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      this.#partial.push(chunk.subarray(start, end));
      this.#line(Buffer.concat(this.#partial), now);
      this.#partial = [];
      start = end + 1;
    }
    if (start < chunk.length) this.#partial.push(chunk.subarray(start));
  }

  answered(request: string): void {
    this.#open.delete(request);
  }

  turnBegins(): void {
    this.#idleSince = undefined;
  }

  #line(bytes: Buffer, now: number): void {
    // Most lines are long and say nothing here: look before parsing.
    if (!bytes.includes('"control_request"') && !bytes.includes('"result"')) return;
    const frame = parseLandmark(bytes.toString('utf8'));
    if (frame?.type === 'control_request') this.#open.add(frame.request_id);
    if (frame?.type !== 'result') return;
    this.#idleSince = now;
    // A turn that is over has no question, also where the CLI took it back without a word.
    this.#open.clear();
  }
}
