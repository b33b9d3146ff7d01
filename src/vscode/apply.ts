import { join } from 'node:path';
import * as vscode from 'vscode';
import { uncancelled } from '../core/context.ts';
import { explain, OrchestratorError } from '../core/model/error.ts';
import { openDiff } from './diff.ts';
import type { KnownRun } from './known-run.ts';
import type { Runs } from './runs.ts';
import { count, notificationText, withoutIcons } from './text.ts';
import { t } from './translate.ts';

/** Asks whether the result of a run shall be applied. */
export async function offerApply(known: KnownRun, runs: Runs): Promise<void> {
  const { host, state } = known;
  const plan = await host.planApply(state.id, uncancelled());
  if (!plan.ok) return void (await showBlocked(known, plan.message, plan.paths));
  const [apply, showDiff] = [t('Apply'), t('Show Diff')];
  const title = notificationText(state.plan?.title ?? state.task, 80);
  const choice = await vscode.window.showInformationMessage(
    t(
      '{0} changed by "{1}". Apply to {2}?',
      count(plan.files.length, 'file'),
      title,
      notificationText(plan.branch, 60),
    ),
    apply,
    showDiff,
  );
  if (choice === showDiff) {
    await openDiff(known, undefined);
    // Looking at it closed the notification, so it is shown again.
    await offerApply(known, runs);
  }
  if (choice === apply) await applyRun(known, runs);
}

/** Brings a run's result to the person's branch; shows what stands in the way instead. Resolves with whether it is there. */
export async function applyRun(known: KnownRun, runs: Runs): Promise<boolean> {
  const { host, state } = known;
  if (state.applied) throw new OrchestratorError('wrong-use', t('This run has been applied already.'));
  const plan = await host.planApply(state.id, uncancelled());
  if (!plan.ok) {
    void showBlocked(known, plan.message, plan.paths);
    return false;
  }
  try {
    const { branch, files } = await host.apply(state.id, uncancelled());
    void vscode.window.showInformationMessage(
      t('{0} applied to {1}.', count(files.length, 'file'), notificationText(branch, 60)),
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
  const more = paths.length > named.length ? t(' and {0} more', paths.length - named.length) : '';
  const list = named.length > 0 ? ` ${named.join(', ')}${more}.` : '';
  const showFiles = t('Show Files');
  const choice = await vscode.window.showWarningMessage(
    t('Not applied, nothing was changed. {0}{1} The result is kept.', notificationText(message), list),
    ...(paths.length > 0 ? [showFiles] : []),
  );
  if (choice !== showFiles) return;
  const items = paths.map((path) => ({ label: withoutIcons(path), path }));
  const picked = await vscode.window.showQuickPick(items, { title: t('These files stand in the way') });
  if (picked) await vscode.window.showTextDocument(vscode.Uri.file(join(state.repository, ...picked.path.split('/'))));
}
