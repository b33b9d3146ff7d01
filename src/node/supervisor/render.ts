import type { AttemptExit, AttemptSpec } from '../../core/model/attempt-files.ts';
import { parseFrame, textOf, toolUses } from '../../core/model/frames.ts';
import { plainText, summarize } from '../../core/model/plain-text.ts';

const DIM = '\u001b[2m';
const BOLD = '\u001b[1m';
const RED = '\u001b[31m';
const GREEN = '\u001b[32m';
const RESET = '\u001b[0m';

export function renderTitle(spec: AttemptSpec): string {
  return `${BOLD}${plainText(spec.title)}${RESET}\n${DIM}${plainText(spec.cwd)}${RESET}\n\n`;
}

/** A line of the worker's stream as a person reads it; empty for what says nothing to a person. */
export function renderLine(line: string): string {
  const frame = parseFrame(line);
  switch (frame?.type) {
    case 'assistant': {
      const text = plainText(textOf(frame)).trim();
      const tools = toolUses(frame).map(({ name, input }) => `${DIM}› ${summarize(name, input)}${RESET}\n`);
      return `${text === '' ? '' : `${text}\n`}${tools.join('')}`;
    }
    case 'control_request':
      return `${BOLD}? ${summarize(frame.request.tool_name, frame.request.input)}${RESET} ${DIM}(waits for your answer in the editor)${RESET}\n`;
    case 'system':
      return frame.subtype === 'api_retry'
        ? `${RED}The API answered ${frame.error_status ?? 'nothing'}; trying again.${RESET}\n`
        : '';
    case 'result':
      return `${DIM}Turn ended: ${frame.subtype}, $${frame.total_cost_usd.toFixed(4)} so far.${RESET}\n`;
    default:
      return '';
  }
}

export function renderExit(exit: AttemptExit): string {
  const seconds = ((exit.endedAt - exit.startedAt) / 1000).toFixed(1);
  const colour = exit.code === 0 ? GREEN : RED;
  return `\n${colour}${plainText(exit.message)}${RESET} ${DIM}${seconds} s${RESET}\n`;
}
