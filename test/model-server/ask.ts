import type { ModelServer } from './server.ts';

export interface Question {
  readonly session?: string;
  readonly marker?: string;
  readonly messages?: readonly object[];
  readonly prompt?: string;
  readonly stream?: boolean;
  readonly signal?: AbortSignal;
}

/** Asks the server what the CLI would ask, without the CLI. */
export async function ask(server: ModelServer, question: Question = {}) {
  const response = await fetch(`${server.url}/v1/messages?beta=true`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-api-key': 'dummy',
      'x-claude-code-session-id': question.session ?? 's',
    },
    body: JSON.stringify({
      model: 'claude-test-1',
      stream: question.stream ?? true,
      system: [{ type: 'text', text: `Be good.\n${question.marker ?? ''}` }],
      messages: [
        ...(question.messages ?? [{ role: 'user', content: question.prompt ?? 'go' }]),
        { role: 'system', content: '# Environment\n - Primary working directory: /place/of work\n - Platform: linux' },
      ],
      tools: [{ name: 'Write', input_schema: {} }],
    }),
    ...(question.signal === undefined ? {} : { signal: question.signal }),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The text and the tool inputs put together from a stream's deltas. */
export function spoken(stream: string): string {
  const events = stream.split('\n').filter((line) => line.startsWith('data: '));
  return events
    .map((line) => JSON.parse(line.slice(6)))
    .map((event) => event.delta?.text ?? event.delta?.partial_json ?? '')
    .join('');
}
