import { isInWork, isSatisfied, type RunState, type SubtaskState, type SubtaskStatus } from '../../core/model/run.ts';
import { reasonOf } from '../../core/scheduling/waiting.ts';
import type { KnownRun } from '../known-run.ts';
import { count, dollars, duration, joined, label } from '../text.ts';
import { t } from '../translate.ts';
import { attemptNode } from './attempt-node.ts';
import { ICONS, type Icon, type TreeNode } from './node.ts';

const lookOf = (status: SubtaskStatus): { icon: Icon; text: string } =>
  ({
    waiting: { icon: ICONS.waiting, text: t('waiting') },
    running: { icon: ICONS.running, text: t('running') },
    validating: { icon: ICONS.checking, text: t('checking') },
    integrating: { icon: ICONS.merging, text: t('merging') },
    completed: { icon: ICONS.passed, text: t('merged') },
    skipped: { icon: ICONS.skipped, text: t('skipped') },
    failed: { icon: ICONS.failed, text: t('failed') },
    blocked: { icon: ICONS.blocked, text: t('blocked') },
    cancelled: { icon: ICONS.cancelled, text: t('cancelled') },
  })[status];

const RETRYABLE: readonly SubtaskStatus[] = ['failed', 'blocked', 'cancelled', 'skipped'];

/** A subtask with its attempts. `now` in milliseconds since 1970. */
export function subtaskNode(known: KnownRun, state: SubtaskState, now: number): TreeNode {
  const { state: run, driver, freeMb } = known;
  const { subtask, status, startedAt, endedAt } = state;
  const attempts = state.attempts.flatMap((id) => run.attempts.get(id) ?? []);
  const last = attempts.at(-1);
  const forsaken = driver === 'nobody' && isInWork(status) && !(last && known.alive.has(last.id));
  const { icon, text } = forsaken
    ? { icon: ICONS.interrupted, text: t('interrupted') }
    : appearance(state, run.pinned.has(subtask.id));
  const why = label(driver === 'nobody' ? (state.reason ?? '') : (reasonOf(run, state, { now, freeMb }) ?? ''), 200);
  const isPaused = status === 'waiting' && state.paused;
  const reason = isPaused ? '' : why;
  const cost = attempts.reduce((sum, { usage }) => sum + usage.costUsd, 0);
  const wall = startedAt === undefined || forsaken ? '' : duration((endedAt ?? last?.ended?.at ?? now) - startedAt);
  const tries = attempts.length > 1 ? count(attempts.length, 'attempt') : '';
  return {
    id: `${run.id} subtask ${subtask.id}`,
    run: run.id,
    subtask: subtask.id,
    ...(last ? { attempt: last.id } : {}),
    label: label(subtask.title),
    description: joined(
      text,
      status !== 'waiting' && run.pinned.has(subtask.id) && !isSatisfied(status) ? t('pinned') : '',
      state.paused && isInWork(status) ? t('no other attempt: paused') : '',
      wall,
      dollars(cost),
      tries,
      reason,
    ),
    icon,
    tooltip: [
      [t('Subtask'), subtask.id],
      [t('Status'), joined(text, reason)],
      [t('To do'), label(subtask.instructions, 400)],
      [t('Builds on'), subtask.dependsOn.join(', ')],
      [t('May change'), subtask.scope.map((glob) => label(glob)).join(', ')],
      [t('Must produce'), subtask.produces.map((path) => label(path)).join(', ')],
    ],
    flags: ['subtask', ...(last ? ['attempt'] : []), ...(last?.captured ? ['diff'] : []), ...changes(run, state)],
    children: attempts.map((attempt) => attemptNode(known, attempt, now)),
    expanded: false,
  };
}

function appearance({ status, returned, paused }: SubtaskState, pinned: boolean): { icon: Icon; text: string } {
  if (status === 'waiting' && paused) return { icon: ICONS.paused, text: t('paused') };
  if (status === 'waiting' && pinned) return { icon: ICONS.pinned, text: t('pinned') };
  return status === 'integrating' && returned?.asks ? { icon: ICONS.asks, text: t('needs you') } : lookOf(status);
}

/** What can be done with it, as the menus ask for it. */
function changes(run: RunState, { subtask, status, paused }: SubtaskState): string[] {
  const isOver = run.endedAt !== undefined;
  if (isOver && !run.approved) return [];
  const isOpen = !isSatisfied(status);
  const isIdle = isOpen && !isInWork(status);
  const pinned = run.pinned.has(subtask.id);
  return [
    ...(isIdle ? ['changeable'] : []),
    ...(isOpen && status !== 'integrating' ? ['skippable'] : []),
    ...(RETRYABLE.includes(status) || (isOver && isOpen) ? ['retryable'] : []),
    ...(!isOver && isOpen && !paused ? ['pausable'] : []),
    ...(isOpen && paused ? ['unpausable'] : []),
    ...(!isOver && isIdle && !pinned ? ['pinnable'] : []),
    ...(isOpen && pinned ? ['pinned'] : []),
  ];
}
