import * as vscode from 'vscode';
import { uncancelled } from '../core/context.ts';
import type { KnownRun } from './known-run.ts';
import { chooseFolder, type Repositories, requireTrust } from './repositories.ts';
import type { Runs } from './runs.ts';
import { count, label } from './text.ts';
import { t } from './translate.ts';

/** Removes a run for good, after the person has seen what is lost. */
export async function discardRun(known: KnownRun, runs: Runs): Promise<void> {
  requireTrust();
  const { state, driver } = known;
  const lost = state.applied ? 0 : state.integrationOrder.length;
  const detail = [
    `${label(state.plan?.title ?? state.task, 200)}`,
    driver === undefined ? '' : t('It has not ended: its workers are ended first, and what they have done is lost.'),
    lost > 0 ? t('{0} not applied to your branch will be lost.', count(lost, 'merged result')) : '',
    t(
      'Its journal, what its workers said, its worktrees and its refs are deleted. Your branch and files stay as they are.',
    ),
  ];
  const discard = t('Discard');
  const choice = await vscode.window.showWarningMessage(
    t('Discard this run for good?'),
    { modal: true, detail: detail.filter(Boolean).join('\n\n') },
    discard,
  );
  if (choice === discard) await runs.discard(state.id);
}

/** Removes everything the product has made for a repository, after the person has seen what that is. */
export async function cleanUp(repositories: Repositories, runs: Runs): Promise<void> {
  requireTrust();
  const folder = await chooseFolder(undefined);
  if (folder === undefined) return;
  const host = await repositories.open(folder);
  const found = await host.belongings(uncancelled());
  const detail = [
    t(
      '{0} with journals and results, {1}, {2} under refs/claude-orchestrator, and the folder {3}.',
      count(found.runs.length, 'run'),
      count(found.worktrees.length, 'worktree'),
      count(found.refs.length, 'ref'),
      found.folder,
    ),
    t('Your branches, files and the folder .claude-orchestrator stay as they are.'),
  ];
  const remove = t('Remove Everything');
  const choice = await vscode.window.showWarningMessage(
    t('Remove everything that Claude Orchestrator has made for this repository?'),
    { modal: true, detail: detail.join('\n\n') },
    remove,
  );
  if (choice !== remove) return;
  try {
    await host.cleanUp(uncancelled());
    void vscode.window.showInformationMessage(
      t('Everything that Claude Orchestrator made for this repository is removed.'),
    );
  } finally {
    await runs.reload();
  }
}
