import { join } from 'node:path';
import * as vscode from 'vscode';
import { uncancelled } from '../core/context.ts';
import { explain, OrchestratorError } from '../core/model/error.ts';
import { commandId } from './commands.ts';
import { openDiff } from './diff.ts';
import type { KnownRun } from './known-run.ts';
import type { Runs } from './runs.ts';
import { count, notificationText, withoutIcons } from './text.ts';
import { t } from './translate.ts';

/** Asks whether the result of a run shall be applied. */
export async function offerApply(known: KnownRun, runs: Runs): Promise<void> {
  const { host, state } = known;
  const plan = await host.planApply(state.id, uncancelled());
  if (!plan.ok && plan.isApplied) return void (await applyRun(known, runs));
  if (!plan.ok) return void (await showBlocked(known, plan.message, plan.paths));
  const [apply, showDiff] = [t('Apply'), t('Show Diff')];
  const title = notificationText(state.plan?.title ?? state.task, 80);
  const changed = count(plan.files.length, 'file');
  const choice = await vscode.window.showInformationMessage(
    plan.inPlace
      ? t('{0} changed by "{1}". Write them beside your uncommitted changes?', changed, title)
      : t('{0} changed by "{1}". Apply to {2}?', changed, title, notificationText(plan.branch, 60)),
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
  if (!plan.ok && !plan.isApplied) {
    void showBlocked(known, plan.message, plan.paths);
    return false;
  }
  try {
    const { branch, files, inPlace } = await host.apply(state.id, uncancelled());
    const changed = count(files.length, 'file');
    const text = inPlace
      ? t('{0} written beside your uncommitted changes; nothing was committed.', changed)
      : t('{0} applied to {1}.', changed, notificationText(branch, 60));
    offerUndo(text, known);
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
  const said = notificationText(message);
  const told = named.length > 0 ? `${said.replace(/\.$/, ':')} ${named.join(', ')}${more}.` : said;
  const showFiles = t('Show Files');
  const choice = await vscode.window.showWarningMessage(
    t('Not applied, nothing was changed. {0} The result is kept.', told),
    ...(paths.length > 0 ? [showFiles] : []),
  );
  if (choice !== showFiles) return;
  const items = paths.map((path) => ({ label: withoutIcons(path), path }));
  const picked = await vscode.window.showQuickPick(items, { title: t('These files stand in the way') });
  if (picked) await vscode.window.showTextDocument(vscode.Uri.file(join(state.repository, ...picked.path.split('/'))));
}

function offerUndo(text: string, { state }: KnownRun): void {
  const undo = t('Undo');
  void vscode.window.showInformationMessage(text, undo).then((choice) => {
    // By the command, which shows what goes wrong.
    if (choice === undo) void vscode.commands.executeCommand(commandId('undoRun'), { run: state.id });
  });
}

/** Takes back what applying a run did; shows what stands in the way instead. */
export async function undoRun({ host, state }: KnownRun, runs: Runs): Promise<void> {
  try {
    const { branch, from } = await host.undo(state.id, uncancelled());
    void vscode.window.showInformationMessage(
      state.application?.inPlace
        ? t('Undone. Your files are as before. The result is kept and can be applied again.')
        : t(
            'Undone. {0} is at {1} again, as before. The result is kept and can be applied again.',
            notificationText(branch, 60),
            from.slice(0, 9),
          ),
    );
  } catch (error) {
    if (!(error instanceof OrchestratorError) || error.code !== 'undo-blocked') throw error;
    void vscode.window.showWarningMessage(t('Not undone. {0}', notificationText(explain(error))));
  } finally {
    await runs.reload();
  }
}
