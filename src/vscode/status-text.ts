import type { RunState, SubtaskState } from '../core/model/run.ts';
import { count, dollars, joined } from './text.ts';
import { t } from './translate.ts';

export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  /** A person is needed. */
  readonly warns: boolean;
}

/** How many subtasks are merged, and how many are to be: what is skipped is not. */
export function progressOf(subtasks: readonly SubtaskState[]): { readonly done: number; readonly toDo: number } {
  return {
    done: subtasks.filter(({ status }) => status === 'completed').length,
    toDo: subtasks.filter(({ status }) => status !== 'skipped').length,
  };
}

/** Text of the status bar for the runs of this window; undefined when nothing runs. */
export function statusText(runs: readonly RunState[], questions: number): StatusText | undefined {
  if (runs.length === 0) return undefined;
  const subtasks = runs.flatMap((run) => [...run.subtasks.values()]);
  const { done, toDo } = progressOf(subtasks);
  const progress = subtasks.length === 0 ? t('planning') : `${done}/${toDo}`;
  const cost = dollars(runs.reduce((sum, run) => sum + run.costUsd, 0));
  const tooltip = `Claude Orchestrator: ${subtasks.length === 0 ? t('planning') : t('{0} of {1} merged', done, count(toDo, 'subtask'))}`;
  if (questions > 0) {
    return {
      text: `$(bell-dot) Orchestrator ${joined(progress, t('needs you'))}`,
      tooltip: `${tooltip}; ${questions === 1 ? t('a question waits for you') : t('{0} questions wait for you', questions)}`,
      warns: true,
    };
  }
  if (runs.every(({ paused }) => paused))
    return {
      text: `$(debug-pause) Orchestrator ${joined(progress, t('paused'), cost)}`,
      tooltip: `${tooltip}; ${t('paused')}`,
      warns: false,
    };
  return { text: `$(sync~spin) Orchestrator ${joined(progress, cost)}`, tooltip, warns: false };
}
