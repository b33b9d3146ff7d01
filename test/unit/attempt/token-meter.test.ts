import { describe, expect, it } from 'vitest';
import { TokenMeter } from '../../../src/core/attempt/token-meter.ts';

const message = (id: string, usage: object): string =>
  JSON.stringify({ type: 'assistant', message: { id, model: 'm', content: [], usage } });

describe('a token meter', () => {
  it('counts a message once however many frames it comes in, and nothing from the cache', () => {
    const meter = new TokenMeter();
    meter.take(message('m1', { input_tokens: 10, cache_creation_input_tokens: 5, output_tokens: 1 }));
    meter.take(
      message('m1', {
        input_tokens: 10,
        cache_creation_input_tokens: 5,
        cache_read_input_tokens: 900,
        output_tokens: 4,
      }),
    );
    meter.take(message('m2', { input_tokens: 20, output_tokens: 2 }));
    meter.take('{"type":"assistant","message":{"usage":');
    meter.take(JSON.stringify({ type: 'user', message: { content: '"assistant" "usage"' } }));
    expect(meter.tokens).toBe(41);
  });

  it('takes the word of the end of a turn', () => {
    const meter = new TokenMeter();
    meter.take(message('m1', { input_tokens: 10 }));
    meter.settle({ costUsd: 0, inputTokens: 150, cacheReadTokens: 100, outputTokens: 7 });
    expect(meter.tokens).toBe(57);
    meter.take(message('m1', { input_tokens: 3 }));
    expect(meter.tokens).toBe(60);
  });
});
