import { oneLine, plainText } from '../core/model/plain-text.ts';
import { t } from './translate.ts';

/** `$0.12`, `$0.0043` below a cent, empty for nothing. */
export function dollars(usd: number): string {
  if (usd <= 0) return '';
  return usd < 0.01 ? `$${usd.toFixed(4)}` : `$${usd.toFixed(2)}`;
}

/** `8 s`, `3 min`, `3 min 05 s`, `2 h 10 min`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const parts = hours > 0 ? ([hours, 'h', rest, 'min'] as const) : ([minutes, 'min', seconds % 60, 's'] as const);
  const [large, unit, small, smallUnit] = parts;
  return small === 0 ? `${large} ${unit}` : `${large} ${unit} ${String(small).padStart(2, '0')} ${smallUnit}`;
}

const NOUNS = {
  file: (n: number) => (n === 1 ? t('{0} file', n) : t('{0} files', n)),
  'more file': (n: number) => (n === 1 ? t('{0} more file', n) : t('{0} more files', n)),
  subtask: (n: number) => (n === 1 ? t('{0} subtask', n) : t('{0} subtasks', n)),
  level: (n: number) => (n === 1 ? t('{0} level', n) : t('{0} levels', n)),
  attempt: (n: number) => (n === 1 ? t('{0} attempt', n) : t('{0} attempts', n)),
  run: (n: number) => (n === 1 ? t('{0} run', n) : t('{0} runs', n)),
  worktree: (n: number) => (n === 1 ? t('{0} worktree', n) : t('{0} worktrees', n)),
  ref: (n: number) => (n === 1 ? t('{0} ref', n) : t('{0} refs', n)),
  checkpoint: (n: number) => (n === 1 ? t('{0} checkpoint', n) : t('{0} checkpoints', n)),
  'merged result': (n: number) => (n === 1 ? t('{0} merged result', n) : t('{0} merged results', n)),
} as const;

/** `1 file`, `4 files`. */
export const count = (number: number, noun: keyof typeof NOUNS): string => NOUNS[noun](number);

/** Parts that say something, with a dot between. */
export function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

/** One line of data for a label: no control characters, nothing that changes the direction of writing. */
export function label(data: string, max = 120): string {
  return oneLine(plainText(data), max);
}

/**
 * One line of data inside a notification. VS Code makes links of `[text](target)` there, command links included, so
 * that form is broken.
 */
export function notificationText(data: string, max = 300): string {
  return label(data, max).replaceAll('](', '] (');
}

/** One line of data where VS Code draws icons for `$(name)`, such as quick picks and terminal tabs. */
export function withoutIcons(data: string, max = 120): string {
  return label(data, max).replaceAll('$(', '$ (');
}

/** One line of data inside Markdown: no markup, no HTML, no link, not the end of a table's cell. */
export function markdown(data: string, max = 2_000): string {
  return label(data, max).replace(/[!-/:-@[-`{-~]/g, '\\$&');
}
