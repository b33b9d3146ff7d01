import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { type Asked, messagesRequestSchema, readAsked } from './asked.ts';
import { testApiKey } from './environment.ts';
import { Gates } from './gates.ts';
import { perform, sendError } from './perform.ts';
import { type RecordedRequest, type RequestFilter, RequestLog, withoutCredentials } from './request-log.ts';
import type { Scenario } from './schema.ts';
import { Script } from './script.ts';
import { speechOf } from './speech.ts';
import { TokenCounter, tokensIn } from './tokens.ts';

export interface ModelServerOptions {
  /** Port on 127.0.0.1; any free one when absent. */
  readonly port?: number;
  /** File to which every request is appended as NDJSON; read it with `readRecord`. */
  readonly recordTo?: string;
  /** Called with one line for each thing that happens. */
  readonly log?: (line: string) => void;
}

/** A running scripted Messages API. */
export interface ModelServer extends AsyncDisposable {
  /** What ANTHROPIC_BASE_URL is to be. */
  readonly url: string;
  /** The requests so far that meet the filter, in order of arrival. */
  requests(filter?: RequestFilter): readonly RecordedRequest[];
  /** The ids of the sessions of those requests, in order of arrival. */
  sessions(filter?: RequestFilter): readonly string[];
  /** The most requests that were under way at the same time. */
  maxConcurrent(filter?: RequestFilter): number;
  /** The first request that meets the filter, as soon as there is one. Rejects after `timeoutMs` (default 10,000). */
  waitForRequest(filter: RequestFilter, timeoutMs?: number): Promise<RecordedRequest>;
  /** Lets answers with this `gate` go, now and later. */
  open(gate: string): void;
  /** Throws with the explanation of every request that no rule answered. */
  assertNoUnmatched(): void;
  /** Names of the rules that have not answered anything yet. */
  unusedRules(): readonly string[];
  /** Requests other than for a message or a token count, such as `HEAD /`. */
  otherRequests(): readonly string[];
  /** Ends every connection, also those that hang, and stops listening. */
  close(): Promise<void>;
}

const header = (request: IncomingMessage, name: string): string | undefined => {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

function credentialOf(request: IncomingMessage): RecordedRequest['credential'] {
  const keys = [header(request, 'x-api-key'), header(request, 'authorization')?.replace(/^Bearer /i, '')];
  const given = keys.filter((key) => key !== undefined);
  if (given.length === 0) return 'none';
  return given.every((key) => key === testApiKey) ? 'test' : 'foreign';
}

const summary = (asked: Asked): string =>
  [asked.role, asked.subtask, asked.attempt && `#${asked.attempt}`, `turn ${asked.turn}`].filter(Boolean).join(' ');

/**
 * Starts a Messages API on 127.0.0.1 that answers as the scenario says. A request that no rule answers gets HTTP 400
 * with the reasons; see `assertNoUnmatched`. Rejects when the port is taken.
 */
export async function startModelServer(scenario: Scenario, options: ModelServerOptions = {}): Promise<ModelServer> {
  const script = new Script(scenario);
  const gates = new Gates();
  const tokens = new TokenCounter();
  const requests = new RequestLog(options.recordTo);
  // The CLI sends a refused request again several times; one explanation is enough.
  const unmatched = new Set<string>();
  const others: string[] = [];
  const closing = new AbortController();
  const log = options.log ?? (() => {});

  async function answer(request: IncomingMessage, response: ServerResponse, source: string): Promise<void> {
    const parsed = messagesRequestSchema.safeParse(JSON.parse(source));
    if (!parsed.success) {
      unmatched.add(`A request is not one of the Messages API: ${parsed.error.message}`);
      sendError(response, { status: 400, message: parsed.error.message });
      return;
    }
    const session = header(request, 'x-claude-code-session-id') ?? 'none';
    const agent = header(request, 'x-claude-code-agent-id');
    const asked = { ...readAsked(parsed.data), subagent: agent !== undefined };
    const conversation = `${session}/${agent ?? 'main'}`;
    const cue = script.next(asked, conversation);
    const { number } = requests.add({
      ...asked,
      at: Date.now(),
      session,
      headers: withoutCredentials(request.headers),
      credential: credentialOf(request),
      body: source,
      rule: typeof cue === 'string' ? undefined : cue.rule.name,
      step: typeof cue === 'string' ? undefined : cue.position,
    });
    log(
      `${number} ${summary(asked)}: ${typeof cue === 'string' ? cue : `rule "${cue.rule.name}" step ${cue.position}`}`,
    );
    if (typeof cue === 'string') {
      unmatched.add(cue);
      sendError(response, { status: 400, message: cue });
      requests.settle(number, 'unmatched');
      return;
    }
    const gone = new AbortController();
    response.once('close', () => {
      if (!response.writableFinished) gone.abort();
      requests.settle(number, 'aborted');
    });
    const values = {
      cwd: asked.cwd ?? '',
      role: asked.role,
      subtask: asked.subtask ?? '',
      attempt: String(asked.attempt ?? ''),
      turn: String(asked.turn),
      userTurn: String(asked.userTurn),
      prompt: asked.prompt,
      model: asked.model,
      session,
      nth: String(cue.nth),
    };
    const content = speechOf(cue.step, values, String(number));
    const stopReason = content.some((part) => part.type === 'tool_use') ? 'tool_use' : 'end_turn';
    const message = {
      id: `msg_scripted_${number}`,
      model: asked.model,
      content,
      stopReason: cue.step.stopReason ?? stopReason,
      usage: tokens.count(conversation, source.length, content, cue.step.usage),
    };
    const signal = AbortSignal.any([gone.signal, closing.signal]);
    try {
      requests.settle(number, await perform(cue.step, message, response, { gates, streamed: asked.streamed, signal }));
    } catch (error) {
      if (!signal.aborted) throw error;
      requests.settle(number, gone.signal.aborted ? 'aborted' : 'closed');
      response.destroy();
    }
    log(`${number} ${requests.find()[number - 1]?.outcome}`);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.method === 'POST' && pathname === '/v1/messages') {
      await answer(request, response, await text(request));
    } else if (request.method === 'POST' && pathname === '/v1/messages/count_tokens') {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ input_tokens: tokensIn((await text(request)).length) }));
    } else {
      others.push(`${request.method} ${pathname}`);
      if (pathname === '/') response.end();
      else sendError(response, { status: 404, message: `${request.method} ${pathname} is not scripted` });
    }
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      const message = `The scripted model server failed: ${error instanceof Error ? error.stack : String(error)}`;
      unmatched.add(message);
      if (response.headersSent) response.destroy();
      else sendError(response, { status: 400, message });
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The model server has no TCP address');

  async function close(): Promise<void> {
    closing.abort();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  return {
    url: `http://127.0.0.1:${address.port}`,
    requests: (filter) => requests.find(filter),
    sessions: (filter) => [...new Set(requests.find(filter).map((request) => request.session))],
    maxConcurrent: (filter) => Math.max(0, ...requests.find(filter).map((request) => request.inFlight)),
    waitForRequest: (filter, timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const [found] = requests.find(filter);
          if (found === undefined) return;
          clearTimeout(timer);
          stop();
          resolve(found);
        };
        const stop = requests.watch(look);
        const timer = setTimeout(() => {
          stop();
          const seen = requests.find().map((one) => `${summary(one)}: ${one.rule ?? 'no rule'}, ${one.outcome}`);
          reject(
            new Error(`No request met ${JSON.stringify(filter)} in ${timeoutMs} ms; there were:\n${seen.join('\n')}`),
          );
        }, timeoutMs);
        look();
      }),
    open: (gate) => gates.open(gate),
    assertNoUnmatched: () => {
      if (unmatched.size > 0) throw new Error([...unmatched].join('\n\n'));
    },
    unusedRules: () => script.unused(),
    otherRequests: () => others,
    close,
    [Symbol.asyncDispose]: close,
  };
}
