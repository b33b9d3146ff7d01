import { capsText } from '../../core/model/budget.ts';
import { checkpointName } from '../../core/model/checkpoint-name.ts';
import type { RunState, RunStatus } from '../../core/model/run.ts';
import type { OpenQuestion } from '../inbox.ts';
import { isApplicable, isCancellable, isUndoable, type KnownRun } from '../known-run.ts';
import { progressOf } from '../status-text.ts';
import { count, dollars, duration, joined, label } from '../text.ts';
import { t } from '../translate.ts';
import { attemptNode } from './attempt-node.ts';
import { checkNode } from './check-node.ts';
import { checkpointsNode } from './checkpoint-node.ts';
import { ICONS, type Icon, type TreeNode } from './node.ts';
import { subtaskNode } from './subtask-node.ts';

const lookOf = (status: RunStatus): { icon: Icon; text: string } =>
  ({
    planning: { icon: ICONS.running, text: t('planning') },
    'awaiting-approval': { icon: ICONS.asks, text: t('awaiting approval') },
    running: { icon: ICONS.running, text: t('running') },
    completed: { icon: ICONS.passed, text: t('completed') },
    failed: { icon: ICONS.failed, text: t('failed') },
    cancelled: { icon: ICONS.cancelled, text: t('cancelled') },
    planned: { icon: ICONS.planned, text: t('planned') },
  })[status];

/**
 * A run with its open questions, its subtasks and their attempts.
 *
 * @param questions those of this run
 * @param now milliseconds since 1970
 * @param isNewest the newest run is shown open
 */
export function runNode(known: KnownRun, questions: readonly OpenQuestion[], now: number, isNewest: boolean): TreeNode {
  const { state, driver } = known;
  const { icon, text } = appearance(known, questions);
  const planners = [...state.attempts.values()].filter(({ subtask }) => subtask === null);
  const subtasks = [...state.subtasks.values()];
  const { done, toDo } = progressOf(subtasks);
  const progress = driver !== undefined && toDo > 0 ? `${done}/${toDo}` : '';
  const wall = driver === 'nobody' ? '' : duration(wallMs(state, now));
  const applied = appliedText(state);
  const checkpoints = checkpointsNode(known);
  return {
    id: `${state.id} run`,
    run: state.id,
    label: label(state.plan?.title ?? state.task),
    description: joined(text, progress, wall, dollars(state.costUsd), state.origin ? t('restored') : '', applied),
    icon,
    tooltip: [
      [t('Task'), label(state.task, 600)],
      [t('Status'), joined(text, label(state.detail ?? '', 400))],
      [t('Run'), state.id],
      [t('Restored from'), state.origin ? label(checkpointName(state.origin.run, state.origin.checkpoint)) : ''],
      [t('Branch'), label(state.branch ?? t('none checked out'))],
      [t('Cost'), t('{0} of at most {1}', dollars(state.costUsd) || '$0', `$${state.settings.maxCostUsd.toFixed(2)}`)],
      [
        t('Tokens'),
        t('{0} of at most {1}, without those from the cache', number(state.tokens), number(state.settings.maxTokens)),
      ],
      [t('Applied'), joined(applied, state.applied ? count(state.applied.files.length, 'file') : '')],
    ],
    flags: flags(known),
    children: [
      ...questions.map((question) => questionNode(state, question)),
      ...planners.map((attempt) => attemptNode(known, attempt, now)),
      ...subtasks.map((subtask) => subtaskNode(known, subtask, now)),
      ...[...state.checks].map(([name, summary]) => checkNode(state.id, name, summary)),
      ...(checkpoints ? [checkpoints] : []),
    ],
    expanded: isNewest || driver === 'here',
  };
}

/** Where its result is. */
function appliedText({ application, applied }: RunState): string {
  if (application?.isUnderWay)
    return applied ? t('undoing was cut off: undo it again') : t('applying was cut off: undo it');
  if (!applied) return '';
  return application?.inPlace ? t('in your files') : t('applied to {0}', label(applied.branch));
}

/** Of a run that goes on in whole ten seconds: drawing its line again draws all that is below it again. */
const wallMs = ({ createdAt, endedAt }: RunState, now: number): number =>
  endedAt === undefined ? Math.floor((now - createdAt) / 10_000) * 10_000 : endedAt - createdAt;

const number = (value: number): string => value.toLocaleString('en');

/** What waits for the person; the manifest's menus answer it. */
function questionNode(run: RunState, open: OpenQuestion): TreeNode {
  const shared = { id: `${run.id} question ${open.id}`, run: run.id, request: open.id, children: [], expanded: false };
  if (open.kind === 'plan') {
    const { plan, caps, estimate } = open.question;
    const cap = t('at most {0}', capsText(caps));
    return {
      ...shared,
      label: t('Start {0}?', count(plan.subtasks.length, 'subtask')),
      description: cap,
      icon: ICONS.asks,
      tooltip: [
        [t('Plan'), label(plan.title)],
        [t('Spending cap'), cap],
        [t('Estimate'), estimate],
      ],
      flags: ['plan-question', 'has-plan'],
    };
  }
  if (open.kind === 'conflict') {
    const { subtask, paths, reason, folder } = open.question;
    return {
      ...shared,
      label: t('Resolve the conflict of {0}?', label(subtask)),
      description: paths.map((path) => label(path)).join(', '),
      icon: ICONS.asks,
      tooltip: [
        [t('Conflict'), label(reason, 400)],
        [t('Files'), label(folder, 400)],
      ],
      flags: ['conflict-question'],
    };
  }
  const { subtask, summary, tool } = open.question;
  return {
    ...shared,
    label: label(t('Allow {0}?', summary)),
    description: subtask ?? 'planner',
    icon: ICONS.asks,
    tooltip: [
      [t('Tool'), label(tool)],
      [t('Asks'), label(summary, 400)],
      [t('Worker'), subtask ?? 'planner'],
    ],
    flags: ['permission-question'],
  };
}

function appearance({ state, driver }: KnownRun, questions: readonly OpenQuestion[]): { icon: Icon; text: string } {
  if (driver === 'nobody') return { icon: ICONS.interrupted, text: t('interrupted') };
  if (state.cancelling && state.endedAt === undefined) return { icon: ICONS.running, text: t('cancelling') };
  if (state.paused && state.status === 'running' && driver !== undefined)
    return { icon: ICONS.paused, text: driver === 'elsewhere' ? t('paused in another window') : t('paused') };
  const shown = lookOf(state.status);
  if (state.status === 'running' && questions.length > 0) return { icon: ICONS.asks, text: t('needs you') };
  return driver === 'elsewhere' ? { ...shown, text: t('{0} in another window', shown.text) } : shown;
}

function flags(known: KnownRun): string[] {
  const { state, driver } = known;
  return [
    'run',
    ...(isCancellable(known) ? ['live'] : []),
    ...(state.plan ? ['has-plan'] : []),
    ...(state.plan && (state.approved || driver !== undefined) ? ['extensible'] : []),
    ...(driver !== undefined && !state.cancelling ? [state.paused ? 'unpausable' : 'pausable'] : []),
    ...(state.approved ? ['restorable'] : []),
    ...(state.integrationOrder.length > 0 ? ['diff'] : []),
    ...(isApplicable(known) ? ['applicable'] : []),
    ...(isUndoable(known) ? ['undoable'] : []),
  ];
}
