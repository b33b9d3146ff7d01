import * as vscode from 'vscode';
import { OrchestratorError } from '../core/model/error.ts';
import type { RunState } from '../core/model/run.ts';
import { applyRun, offerApply } from './apply.ts';
import { commandId, type OrchestratedRun } from './commands.ts';
import type { Configurations } from './configurations.ts';
import { isApplicable } from './known-run.ts';
import type { Order } from './parse-argument.ts';
import { chooseFolder, type Repositories, requireTrust } from './repositories.ts';
import type { Runs } from './runs.ts';
import { editorSettings, runSettings } from './settings.ts';
import type { EditorSettings } from './settings-schema.ts';
import { notificationText } from './text.ts';
import { t } from './translate.ts';
import { VIEW } from './tree/view.ts';

/** Runs a task to its end; undefined when the person thought better of it. Offering the result does not wait for them. */
export async function orchestrate(
  order: Order,
  repositories: Repositories,
  runs: Runs,
  configurations: Configurations,
  onProblem: (error: unknown) => void,
): Promise<OrchestratedRun | undefined> {
  requireTrust();
  const folder = await chooseFolder(order.folder);
  if (folder === undefined) return undefined;
  const { applyResult } = await editorSettings(folder);
  const host = await repositories.open(folder);
  const settings = await runSettings(folder, await configurations.inForce(host));
  const task = order.task ?? (await askTask());
  if (task === undefined) return undefined;
  const state = await vscode.window.withProgress({ location: { viewId: VIEW } }, () =>
    runs.drive(host, { task, plan: undefined, settings, planOnly: false }),
  );
  const applied = await afterRun(state, applyResult, runs, onProblem);
  return { run: state.id, status: state.status, detail: state.detail ?? null, costUsd: state.costUsd, applied };
}

/**
 * What follows a run that this window drove to its end: applies the result or offers to, says what failed. Resolves with
 * whether it was applied.
 */
export async function afterRun(
  state: RunState,
  applyResult: EditorSettings['applyResult'],
  runs: Runs,
  onProblem: (error: unknown) => void,
): Promise<boolean> {
  let applied = false;
  const known = runs.find(state.id);
  if (state.status === 'completed' && known && isApplicable(known)) {
    if (applyResult === 'whenValidated') applied = await applyRun(known, runs);
    else offerApply(known, runs).catch(onProblem);
  }
  if (state.status === 'failed') void showFailed(state);
  return applied;
}

/** The text that is selected in the active editor. */
export function selectedTask(): string {
  const editor = vscode.window.activeTextEditor;
  const text = editor?.document.getText(editor.selection).trim() ?? '';
  if (text !== '') return text;
  throw new OrchestratorError('wrong-use', t('No text is selected.'), {
    fix: t('Select the text that says what to do.'),
  });
}

async function askTask(): Promise<string | undefined> {
  const text = await vscode.window.showInputBox({
    title: t('Orchestrate Task'),
    prompt: t('A planner looks at the repository first.'),
    placeHolder: t('What is to be done? For example: add rate limiting to the API, with tests and docs'),
    ignoreFocusOut: true,
    validateInput: (value) => (value.trim() === '' ? t('Say what is to be done.') : undefined),
  });
  return text?.trim();
}

async function showFailed({ detail }: RunState): Promise<void> {
  const text = t('The run failed. {0}', notificationText(detail ?? ''));
  if (await vscode.window.showErrorMessage(text, t('Show Runs')))
    await vscode.commands.executeCommand(commandId('showRuns'));
}
