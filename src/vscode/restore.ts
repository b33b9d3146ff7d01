import * as vscode from 'vscode';
import { type Checkpoint, hierarchy } from '../core/checkpoints/hierarchy.ts';
import { OrchestratorError } from '../core/model/error.ts';
import type { KnownRun } from './known-run.ts';
import { afterRun } from './orchestrate.ts';
import { requireTrust } from './repositories.ts';
import type { Runs } from './runs.ts';
import { editorSettings } from './settings.ts';
import { label, withoutIcons } from './text.ts';
import { t } from './translate.ts';
import { checkpointText } from './tree/checkpoint-node.ts';
import { VIEW } from './tree/view.ts';

/**
 * Starts a new run that goes on from a checkpoint, after the person has seen what that means. Without an id they pick
 * the checkpoint.
 */
export async function restoreCheckpoint(
  known: KnownRun,
  id: string | undefined,
  runs: Runs,
  onProblem: (error: unknown) => void,
): Promise<void> {
  requireTrust();
  const { host, state } = known;
  const all = hierarchy(state).filter((checkpoint) => checkpoint.state !== 'CREATED');
  const chosen = id === undefined ? await pick(all) : all.find((checkpoint) => checkpoint.id === id);
  if (!chosen) {
    if (id === undefined) return;
    throw new OrchestratorError('wrong-use', `The run ${state.id} has no checkpoint "${id}".`);
  }
  const percent = Math.round(chosen.progress.percent);
  const cap = `$${state.settings.maxCostUsd.toFixed(2)}`;
  const title = label(chosen.title, 200);
  const detail = [
    t('A new run goes on from "{0}", when {1} % were merged. What was merged then is not done again.', title, percent),
    t('It may spend up to {0}. This run stays as it is.', cap),
  ];
  const yes = t('Restore');
  const options = { modal: true, detail: detail.join('\n\n') };
  if ((await vscode.window.showInformationMessage(t('Restore this checkpoint?'), options, yes)) !== yes) return;
  const from = { run: state.id, checkpoint: chosen.id };
  const restored = await vscode.window.withProgress({ location: { viewId: VIEW } }, () => runs.restore(host, from));
  const { applyResult } = await editorSettings(host.repository.root);
  await afterRun(restored, applyResult, runs, onProblem);
}

async function pick(all: readonly Checkpoint[]): Promise<Checkpoint | undefined> {
  const items = all.map((checkpoint) => ({
    label: withoutIcons(checkpoint.title, 80),
    description: checkpointText(checkpoint),
    checkpoint,
  }));
  return (await vscode.window.showQuickPick(items, { title: t('Which checkpoint?') }))?.checkpoint;
}
