import { parseFrame } from '../model/frames.ts';
import { tokensOf } from '../model/tokens.ts';
import type { Usage } from '../model/usage.ts';

/** Without those read from the prompt cache. */
interface Tokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/**
 * Counts the tokens of a session while a turn goes on, from what its messages say. That is a little less than what the
 * end of the turn says, and comes early enough to stop a worker that passes its budget.
 */
export class TokenMeter {
  #settled = 0;
  /** Message → its tokens: a message comes in several frames, each with the count so far. */
  readonly #messages = new Map<string, Tokens>();

  get tokens(): number {
    const { inputTokens, outputTokens } = this.unsettled;
    return this.#settled + inputTokens + outputTokens;
  }

  /** Those of the turn that goes on. */
  get unsettled(): Tokens {
    const sum = { inputTokens: 0, outputTokens: 0 };
    for (const { inputTokens, outputTokens } of this.#messages.values()) {
      sum.inputTokens += inputTokens;
      sum.outputTokens += outputTokens;
    }
    return sum;
  }

  /** A line of the worker's stream. */
  take(text: string): void {
    // Most lines are long and say nothing here: look before parsing.
    if (!text.includes('"assistant"') || !text.includes('"usage"')) return;
    const frame = parseFrame(text);
    if (frame?.type !== 'assistant' || !frame.message.usage) return;
    const { input_tokens, cache_creation_input_tokens, output_tokens } = frame.message.usage;
    const before = this.#messages.get(frame.message.id);
    this.#messages.set(frame.message.id, {
      inputTokens: Math.max(input_tokens + cache_creation_input_tokens, before?.inputTokens ?? 0),
      outputTokens: Math.max(output_tokens, before?.outputTokens ?? 0),
    });
  }

  /** A turn has ended, and this is what the attempt has used. */
  settle(usage: Usage): void {
    this.#settled = tokensOf(usage);
    this.forget();
  }

  /** What was said so far is no part of the turn that goes on. */
  forget(): void {
    this.#messages.clear();
  }
}
