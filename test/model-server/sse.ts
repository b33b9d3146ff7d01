import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Speech } from './speech.ts';

/** Token counts as the Messages API reports them. */
export interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cache_read_input_tokens: number;
  readonly cache_creation_input_tokens: number;
}

export interface Message {
  readonly id: string;
  readonly model: string;
  readonly content: readonly Speech[];
  readonly stopReason: string;
  readonly usage: Usage;
}

/** How a message travels: `chunk` characters a delta, spread over `streamMs`; `cut` ends the connection half way. */
export interface Delivery {
  readonly chunk: number;
  readonly streamMs: number;
  readonly cut: 'never' | 'dropped' | 'malformed';
}

interface Event {
  readonly type: string;
  readonly [key: string]: unknown;
}

function* events(message: Message, chunk: number): Generator<Event> {
  yield {
    type: 'message_start',
    message: { ...body(message), content: [], stop_reason: null, usage: { ...message.usage, output_tokens: 1 } },
  };
  for (const [index, speech] of message.content.entries()) {
    const isText = speech.type === 'text';
    const whole = isText ? speech.text : JSON.stringify(speech.input);
    yield {
      type: 'content_block_start',
      index,
      content_block: isText ? { type: 'text', text: '' } : { ...speech, input: {} },
    };
    for (let start = 0; start < whole.length; start += chunk) {
      const part = whole.slice(start, start + chunk);
      const delta = isText ? { type: 'text_delta', text: part } : { type: 'input_json_delta', partial_json: part };
      yield { type: 'content_block_delta', index, delta };
    }
    yield { type: 'content_block_stop', index };
  }
  yield {
    type: 'message_delta',
    delta: { stop_reason: message.stopReason, stop_sequence: null },
    usage: message.usage,
  };
  yield { type: 'message_stop' };
}

/** The message as one JSON object: what a request without `stream` is answered with. */
export function body(message: Message): Record<string, unknown> {
  const { id, model, content, usage } = message;
  return {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: message.stopReason,
    stop_sequence: null,
    usage,
  };
}

/** Lets the last words reach the client before the connection goes, so that it is cut in the middle of the answer. */
export async function cutAfter(response: ServerResponse, lastWords: string): Promise<void> {
  await new Promise<void>((resolve) => response.write(lastWords, () => resolve()));
  response.socket?.resetAndDestroy();
}

/** Sends a message as server-sent events. Rejects with an AbortError when `signal` fires while it is under way. */
export async function stream(response: ServerResponse, message: Message, delivery: Delivery, signal: AbortSignal) {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  const all = [...events(message, delivery.chunk)];
  const pause = delivery.streamMs / all.length;
  for (const [index, event] of all.entries()) {
    if (delivery.cut !== 'never' && index >= all.length / 2) break;
    if (pause > 0) await delay(pause, undefined, { signal });
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
  }
  if (delivery.cut === 'dropped') {
    await cutAfter(response, ': cut here\n\n');
    return;
  }
  if (delivery.cut === 'malformed') response.write('event: content_block_delta\ndata: {"type":"content_block_de\n\n');
  response.end();
}
