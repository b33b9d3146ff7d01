import type { Step } from './schema.ts';
import type { Speech } from './speech.ts';
import type { Usage } from './sse.ts';

/** Rough but steady: four characters a token, as is usual for English and code. */
export const tokensIn = (characters: number): number => Math.ceil(characters / 4);

/** Counts tokens the way a prompt cache would: what the conversation sent before is read, the rest is written. */
export class TokenCounter {
  readonly #cached = new Map<string, number>();

  count(conversation: string, requestCharacters: number, content: readonly Speech[], given: Step['usage']): Usage {
    const total = tokensIn(requestCharacters);
    const cached = Math.min(this.#cached.get(conversation) ?? 0, total);
    this.#cached.set(conversation, total);
    const fresh = Math.min(total - cached, 4);
    const spoken = content.map((part) => (part.type === 'text' ? part.text : JSON.stringify(part.input))).join('');
    return {
      input_tokens: given?.input ?? fresh,
      output_tokens: given?.output ?? Math.max(1, tokensIn(spoken.length)),
      cache_read_input_tokens: given?.cacheRead ?? (given?.input === undefined ? cached : 0),
      cache_creation_input_tokens: given?.cacheWrite ?? (given?.input === undefined ? total - cached - fresh : 0),
    };
  }
}
