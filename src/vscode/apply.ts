import { join } from 'node:path';
import * as vscode from 'vscode';
import { uncancelled } from '../core/context.ts';
import { explain, OrchestratorError } from '../core/model/error.ts';
import { openDiff } from './diff.ts';
import type { KnownRun } from './known-run.ts';
import type { Runs } from './runs.ts';
import { count, notificationText, withoutIcons } from './text.ts';

const APPLY = 'Apply';
const SHOW_DIFF = 'Show Diff';
const SHOW_FILES = 'Show Files';

/** Asks whether the result of a run shall be applied. */
export async function offerApply(known: KnownRun, runs: Runs): Promise<void> {
  const { host, state } = known;
  const plan = await host.planApply(state.id, uncancelled());
  if (!plan.ok) return void (await showBlocked(known, plan.message, plan.paths));
  const what = `${count(plan.files.length, 'file')} changed by "${notificationText(state.plan?.title ?? state.task, 80)}".`;
  const choice = await vscode.window.showInformationMessage(
    `${what} Apply to ${notificationText(plan.branch, 60)}?`,
    APPLY,
    SHOW_DIFF,
  );
  if (choice === SHOW_DIFF) {
    await openDiff(known, undefined);
    // Looking at it closed the notification, so it is shown again.
    await offerApply(known, runs);
  }
  if (choice === APPLY) await applyRun(known, runs);
}

/** Brings a run's result to the person's branch; shows what stands in the way instead. Resolves with whether it is there. */
export async function applyRun(known: KnownRun, runs: Runs): Promise<boolean> {
  const { host, state } = known;
  if (state.applied) throw new OrchestratorError('wrong-use', 'This run has been applied already.');
  const plan = await host.planApply(state.id, uncancelled());
  if (!plan.ok) {
    void showBlocked(known, plan.message, plan.paths);
    return false;
  }
  try {
    const { branch, files } = await host.apply(state.id, uncancelled());
    void vscode.window.showInformationMessage(
      `${count(files.length, 'file')} applied to ${notificationText(branch, 60)}.`,
    );
    return true;
  } catch (error) {
    if (!(error instanceof OrchestratorError) || error.code !== 'apply-blocked') throw error;
    void showBlocked(known, explain(error), []);
    return false;
  } finally {
    await runs.reload();
  }
}

async function showBlocked({ state }: KnownRun, message: string, paths: readonly string[]): Promise<void> {
  const named = paths.slice(0, 3).map((path) => notificationText(path, 80));
  const more = paths.length > named.length ? ` and ${paths.length - named.length} more` : '';
  const list = named.length > 0 ? ` ${named.join(', ')}${more}.` : '';
  const choice = await vscode.window.showWarningMessage(
    `Not applied, nothing was changed. ${notificationText(message)}${list} The result is kept.`,
    ...(paths.length > 0 ? [SHOW_FILES] : []),
  );
  if (choice !== SHOW_FILES) return;
  const items = paths.map((path) => ({ label: withoutIcons(path), path }));
  const picked = await vscode.window.showQuickPick(items, { title: 'These files stand in the way' });
  if (picked) await vscode.window.showTextDocument(vscode.Uri.file(join(state.repository, ...picked.path.split('/'))));
}
