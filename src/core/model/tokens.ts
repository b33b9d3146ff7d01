import type { Usage } from './usage.ts';

/**
 * Tokens as budgets count them: all but those read from the prompt cache. These are the same words again with every
 * call, a hundred times in a long session, and cost next to nothing; counting them would make any cap meaningless.
 */
export function tokensOf({ inputTokens, outputTokens, cacheReadTokens = 0 }: Usage): number {
  return inputTokens - cacheReadTokens + outputTokens;
}
