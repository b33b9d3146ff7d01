import type { EventOf, RunEvent } from '../model/events.ts';
import { type Frame, type PermissionFrame, parseFrame, type ResultFrame, toolUses } from '../model/frames.ts';
import { oneLine, summarize } from '../model/plain-text.ts';
import type { Usage } from '../model/usage.ts';
import type { StreamLine } from '../ports/workers.ts';

export interface Ingested {
  readonly event: RunEvent;
  readonly frame: Frame;
}

/**
 * What a line of a worker's stream means for the run: at most one event, undefined when it means nothing.
 * `turns` is how many turns of the attempt have ended before, `apiError` what the CLI called the last failure of the API
 * in this turn, see `apiErrorIn`.
 */
export function ingest(
  line: StreamLine,
  attempt: string,
  turns: number,
  apiError?: string | undefined,
): Ingested | undefined {
  const frame = parseFrame(line.text);
  if (!frame) return undefined;
  const place = { attempt, bytes: { from: line.from, to: line.to } };
  switch (frame.type) {
    case 'system':
      return frame.subtype === 'init'
        ? { frame, event: { type: 'attempt.session', ...place, session: frame.session_id, model: frame.model } }
        : {
            frame,
            event: {
              type: 'attempt.api-retried',
              ...place,
              status: frame.error_status,
              error: oneLine(frame.error, 200),
            },
          };
    case 'rate_limit_event': {
      const { status, resetsAt } = frame.rate_limit_info;
      if (status !== 'rejected' || resetsAt === undefined) return undefined;
      return { frame, event: { type: 'attempt.api-limited', ...place, until: resetsAt * 1_000 } };
    }
    case 'assistant': {
      const [tool] = toolUses(frame);
      if (!tool) return undefined;
      return {
        frame,
        event: { type: 'attempt.tool-called', ...place, tool: tool.name, summary: summarize(tool.name, tool.input) },
      };
    }
    case 'control_request':
      return { frame, event: { type: 'permission.requested', ...place, ...permission(frame) } };
    case 'result':
      return {
        frame,
        event: {
          type: 'attempt.turn-ended',
          ...place,
          turn: turns + 1,
          failure: failureOf(frame, apiError),
          detail: resultDetail(frame),
          usage: usageOf(frame),
        },
      };
    default:
      return undefined;
  }
}

function permission(frame: PermissionFrame): { request: string; tool: string; summary: string } {
  const { tool_name, input } = frame.request;
  return { request: frame.request_id, tool: tool_name, summary: summarize(tool_name, input) };
}

/** By fields alone: an API failure has subtype `success` with `is_error` set. */
function failureOf(frame: ResultFrame, apiError: string | undefined): EventOf<'attempt.turn-ended'>['failure'] {
  if (frame.subtype === 'error_max_budget_usd') return 'budget';
  if (frame.subtype !== 'success') return 'other';
  if (!frame.is_error) return null;
  // Without any login there is no answer of the API, and so no status.
  if (frame.api_error_status === 401 || frame.api_error_status === 403) return 'auth';
  return apiError !== undefined && ACCOUNT_ERRORS.has(apiError) ? 'auth' : 'api';
}

/** What only the person can mend, as the CLI names it. */
const ACCOUNT_ERRORS = new Set([
  ...['authentication_failed', 'oauth_org_not_allowed', 'account_on_hold', 'verification_required'],
  ...['billing_error', 'cloud_credential_error'],
]);

/** How the CLI names the failure of the API that a line tells about; undefined for any other line. */
export function apiErrorIn(line: StreamLine): string | undefined {
  if (!line.text.includes('"error"')) return undefined;
  const frame = parseFrame(line.text);
  return frame?.type === 'assistant' ? frame.error : undefined;
}

/** UUID of the assistant's message that a line holds; undefined for any other line. */
export function messageIn(line: StreamLine): string | undefined {
  if (!line.text.includes('"assistant"')) return undefined;
  const frame = parseFrame(line.text);
  return frame?.type === 'assistant' ? frame.uuid : undefined;
}

/** Of the whole session so far: cost and `modelUsage` are cumulative in every result frame. */
function usageOf(frame: ResultFrame): Usage {
  const models = Object.values(frame.modelUsage);
  const sum = (of: (usage: (typeof models)[number]) => number): number =>
    models.reduce((total, usage) => total + of(usage), 0);
  const cacheReadTokens = sum((usage) => usage.cacheReadInputTokens);
  return {
    costUsd: frame.total_cost_usd,
    inputTokens: sum((usage) => usage.inputTokens + usage.cacheReadInputTokens + usage.cacheCreationInputTokens),
    ...(cacheReadTokens > 0 ? { cacheReadTokens } : {}),
    outputTokens: sum((usage) => usage.outputTokens),
  };
}

function resultDetail(frame: ResultFrame): string {
  if (frame.subtype !== 'success') {
    const [error] = frame.errors ?? [];
    return oneLine(typeof error === 'string' ? `${frame.subtype}: ${error}` : frame.subtype, 500);
  }
  const status = frame.is_error && frame.api_error_status ? `HTTP ${frame.api_error_status}: ` : '';
  return `${status}${oneLine(frame.result ?? '', 500)}`;
}
