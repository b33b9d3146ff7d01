import * as vscode from 'vscode';
import { OrchestratorError } from '../core/model/error.ts';
import type { AttemptState } from '../core/model/run.ts';
import type { KnownRun } from './known-run.ts';
import type { Target } from './parse-argument.ts';
import type { Runs } from './runs.ts';
import { joined, withoutIcons } from './text.ts';
import { t } from './translate.ts';

/** The run named, else the only one that fits, else the one that the person picks. */
export async function chooseRun(
  runs: Runs,
  target: Target | undefined,
  fits: (known: KnownRun) => boolean,
): Promise<KnownRun | undefined> {
  if (target) {
    const found = runs.find(target.run);
    if (found) return found;
    throw new OrchestratorError('run-not-found', t('There is no run "{0}" in this workspace.', target.run));
  }
  await runs.reloadIfChanged();
  const candidates = runs.list().filter(fits);
  const [only, ...others] = candidates;
  if (!only) throw new OrchestratorError('run-not-found', t('There is no run that this could be done with.'));
  if (others.length === 0) return only;
  const items = candidates.map((known) => ({
    label: withoutIcons(known.state.plan?.title ?? known.state.task, 80),
    description: joined(known.state.status, new Date(known.state.createdAt).toLocaleString()),
    known,
  }));
  return (await vscode.window.showQuickPick(items, { title: t('Which run?') }))?.known;
}

/** The attempt named, else the newest of the run that the person picks among its attempts. */
export async function chooseAttempt(
  runs: Runs,
  target: Target | undefined,
): Promise<{ known: KnownRun; attempt: AttemptState } | undefined> {
  const known = await chooseRun(runs, target, ({ state }) => state.attempts.size > 0);
  if (!known) return undefined;
  if (target?.attempt !== undefined) {
    const attempt = known.state.attempts.get(target.attempt);
    if (attempt) return { known, attempt };
    throw new OrchestratorError('wrong-use', t('The run has no attempt "{0}".', target.attempt));
  }
  const items = [...known.state.attempts.values()].map((attempt) => ({
    label: withoutIcons(attempt.subtask ?? 'Planner'),
    description: joined(t('attempt {0}', attempt.number), attempt.ended?.outcome ?? t('running')),
    attempt,
  }));
  const picked =
    items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: t('Which worker?') });
  return picked && { known, attempt: picked.attempt };
}
