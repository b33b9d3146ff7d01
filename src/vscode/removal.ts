import * as vscode from 'vscode';
import { uncancelled } from '../core/context.ts';
import type { KnownRun } from './known-run.ts';
import { chooseFolder, type Repositories, requireTrust } from './repositories.ts';
import type { Runs } from './runs.ts';
import { count, label } from './text.ts';

const DISCARD = 'Discard';
const REMOVE = 'Remove Everything';

/** Removes a run for good, after the person has seen what is lost. */
export async function discardRun(known: KnownRun, runs: Runs): Promise<void> {
  requireTrust();
  const { state, driver } = known;
  const lost = state.applied ? 0 : state.integrationOrder.length;
  const detail = [
    `${label(state.plan?.title ?? state.task, 200)}`,
    driver === undefined ? '' : 'It has not ended: its workers are ended first, and what they have done is lost.',
    lost > 0 ? `${count(lost, 'merged result')} not applied to your branch will be lost.` : '',
    'Its journal, what its workers said, its worktrees and its refs are deleted. Your branch and files stay as they are.',
  ];
  const choice = await vscode.window.showWarningMessage(
    'Discard this run for good?',
    { modal: true, detail: detail.filter(Boolean).join('\n\n') },
    DISCARD,
  );
  if (choice === DISCARD) await runs.discard(state.id);
}

/** Removes everything the product has made for a repository, after the person has seen what that is. */
export async function cleanUp(repositories: Repositories, runs: Runs): Promise<void> {
  requireTrust();
  const folder = await chooseFolder(undefined);
  if (folder === undefined) return;
  const host = await repositories.open(folder);
  const found = await host.belongings(uncancelled());
  const detail = [
    `${count(found.runs.length, 'run')} with journals and results, ${count(found.worktrees.length, 'worktree')}, ${count(found.refs.length, 'ref')} under refs/claude-orchestrator, and the folder ${found.folder}.`,
    'Your branches, files and the folder .claude-orchestrator stay as they are.',
  ];
  const choice = await vscode.window.showWarningMessage(
    'Remove everything that Claude Orchestrator has made for this repository?',
    { modal: true, detail: detail.join('\n\n') },
    REMOVE,
  );
  if (choice !== REMOVE) return;
  try {
    await host.cleanUp(uncancelled());
    void vscode.window.showInformationMessage(
      'Everything that Claude Orchestrator made for this repository is removed.',
    );
  } finally {
    await runs.reload();
  }
}
