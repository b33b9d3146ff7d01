import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Gates } from './gates.ts';
import type { Outcome } from './request-log.ts';
import type { Step } from './schema.ts';
import { body, cutAfter, type Message, stream } from './sse.ts';

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

/** Answers with an error in the shape of the Messages API. */
export function sendError(response: ServerResponse, error: NonNullable<Step['error']>): void {
  const type = error.type ?? errorTypes[error.status] ?? 'api_error';
  const message = error.message ?? type.replaceAll('_', ' ');
  response.writeHead(error.status, { 'content-type': 'application/json', ...error.headers });
  response.end(JSON.stringify({ type: 'error', error: { type, message } }));
}

const never = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

/** Plays one step on a response. Rejects when `signal` fires first (client gone, server closing). */
export async function perform(
  step: Step,
  message: Message,
  response: ServerResponse,
  options: { readonly gates: Gates; readonly streamed: boolean; readonly signal: AbortSignal },
): Promise<Outcome> {
  const { gates, streamed, signal } = options;
  if (step.gate !== undefined) await gates.pass(step.gate, signal);
  if (step.latencyMs !== undefined) await delay(step.latencyMs, undefined, { signal });
  signal.throwIfAborted();
  if (step.hang) return await never(signal);
  if (step.error !== undefined) {
    sendError(response, step.error);
    return 'error';
  }
  if (step.drop === 'before') {
    response.socket?.resetAndDestroy();
    return 'dropped';
  }
  if (!streamed) {
    const whole = JSON.stringify(body(message));
    response.writeHead(200, { 'content-type': 'application/json' });
    if (step.drop === 'during') {
      await cutAfter(response, whole.slice(0, whole.length / 2));
      return 'dropped';
    }
    response.end(step.malformed ? '{"type":"mess' : whole);
    return step.malformed ? 'malformed' : 'answered';
  }
  const cut = step.drop === 'during' ? 'dropped' : step.malformed ? 'malformed' : 'never';
  await stream(response, message, { chunk: step.chunk ?? 2000, streamMs: step.streamMs ?? 0, cut }, signal);
  return cut === 'never' ? 'answered' : cut;
}
