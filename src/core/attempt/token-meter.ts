import { parseFrame } from '../model/frames.ts';
import { tokensOf } from '../model/tokens.ts';
import type { Usage } from '../model/usage.ts';

/**
 * Counts the tokens of a session while a turn goes on, from what its messages say. That is a little less than what the
 * end of the turn says, and comes early enough to stop a worker that passes its budget.
 */
export class TokenMeter {
  #settled = 0;
  /** Message → its tokens: a message comes in several frames, each with the count so far. */
  readonly #messages = new Map<string, number>();

  get tokens(): number {
    let sum = this.#settled;
    for (const tokens of this.#messages.values()) sum += tokens;
    return sum;
  }

  /** A line of the worker's stream. */
  take(text: string): void {
    // Most lines are long and say nothing here: look before parsing.
    if (!text.includes('"assistant"') || !text.includes('"usage"')) return;
    const frame = parseFrame(text);
    if (frame?.type !== 'assistant' || !frame.message.usage) return;
    const { input_tokens, cache_creation_input_tokens, output_tokens } = frame.message.usage;
    const tokens = input_tokens + cache_creation_input_tokens + output_tokens;
    this.#messages.set(frame.message.id, Math.max(tokens, this.#messages.get(frame.message.id) ?? 0));
  }

  /** A turn has ended, and this is what the attempt has used. */
  settle(usage: Usage): void {
    this.#settled = tokensOf(usage);
    this.#messages.clear();
  }
}
