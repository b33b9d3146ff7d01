import { provenance } from '../../core/model/provenance.ts';
import type { AttemptState } from '../../core/model/run.ts';
import type { KnownRun } from '../known-run.ts';
import { dollars, duration, joined, label } from '../text.ts';
import { t } from '../translate.ts';
import { ICONS, type Icon, type TreeNode } from './node.ts';

/** An attempt, or the planner's session. `now` in milliseconds since 1970. */
export function attemptNode(known: KnownRun, attempt: AttemptState, now: number): TreeNode {
  const { icon, status } = appearance(known, attempt);
  // Nobody knows when a worker that is gone without a word ended.
  const isLost = !attempt.ended && known.driver === 'nobody' && !known.alive.has(attempt.id);
  const wall = isLost ? '' : duration((attempt.ended?.at ?? now) - attempt.startedAt);
  const { inputTokens, outputTokens } = attempt.usage;
  const sentBack = attempt.iterations > 0 ? t('sent back {0}×', attempt.iterations) : '';
  const from = label(provenance(attempt) ?? '', 120);
  return {
    id: `${known.state.id} attempt ${attempt.id}`,
    run: known.state.id,
    ...(attempt.subtask === null ? {} : { subtask: attempt.subtask }),
    attempt: attempt.id,
    label: attempt.subtask === null ? t('Planner') : t('Attempt {0}', attempt.number),
    description: joined(status, wall, dollars(attempt.usage.costUsd), sentBack, from, doing(known, attempt)),
    icon,
    tooltip: [
      [t('Worker'), attempt.id],
      [t('From'), label(provenance(attempt) ?? '', 400)],
      [t('Status'), attempt.ended ? label(attempt.ended.detail, 400) : status],
      [t('Model'), label(attempt.model ?? '')],
      [t('Session'), label(attempt.session ?? '')],
      [t('Tokens'), inputTokens + outputTokens > 0 ? t('{0} in, {1} out', inputTokens, outputTokens) : ''],
      [t('Turns'), attempt.turns > 0 ? String(attempt.turns) : ''],
      [t('Changed'), attempt.captured ? attempt.captured.files.map(({ path }) => label(path)).join(', ') : ''],
      [t('Found'), found(attempt)],
    ],
    flags: ['attempt', ...(attempt.captured ? ['diff'] : [])],
    children: [],
    expanded: false,
  };
}

function appearance({ driver, alive }: KnownRun, attempt: AttemptState): { icon: Icon; status: string } {
  if (attempt.ended) {
    switch (attempt.ended.outcome) {
      case 'accepted':
        return { icon: ICONS.passed, status: attempt.subtask === null ? t('planned') : t('passed') };
      case 'rejected':
        return { icon: ICONS.failed, status: t('rejected') };
      case 'infrastructure':
        return { icon: ICONS.rejected, status: t('broken off') };
      case 'cancelled':
        return { icon: ICONS.cancelled, status: t('cancelled') };
      case 'interrupted':
        return { icon: ICONS.interrupted, status: attempt.carried ? t('not accepted') : t('interrupted') };
    }
  }
  if (alive.has(attempt.id)) {
    return driver === 'nobody'
      ? { icon: ICONS.running, status: t('still running, followed by nobody') }
      : { icon: ICONS.running, status: t('running') };
  }
  return driver === 'nobody'
    ? { icon: ICONS.interrupted, status: t('interrupted') }
    : { icon: ICONS.running, status: t('running') };
}

function doing({ driver }: KnownRun, attempt: AttemptState): string {
  return attempt.ended || driver === 'nobody' ? '' : label(attempt.activity ?? '', 60);
}

function found({ validated }: AttemptState): string {
  if (!validated || validated.verdict === 'passed') return '';
  const findings = validated.files.flatMap(({ path, findings }) =>
    findings.map(({ message, range }) => `${label(path)}:${range.start.line + 1} ${label(message)}`),
  );
  return findings.slice(0, 5).join('; ');
}
