import * as vscode from 'vscode';
import { type ErrorCode, explain, OrchestratorError } from '../core/model/error.ts';
import type { Logger } from '../core/ports/logger.ts';
import { commandId } from './commands.ts';
import { SECTION } from './section.ts';
import { notificationText } from './text.ts';
import { t } from './translate.ts';

interface Remedy {
  readonly title: string;
  readonly command: string;
  readonly argument?: unknown;
}

/** What can be done about an error at once. */
function remediesOf(code: ErrorCode | undefined): readonly Remedy[] {
  const openFolder = { title: t('Open Folder'), command: 'vscode.openFolder' };
  const settings = (argument: string): Remedy => ({
    title: t('Open Settings'),
    command: 'workbench.action.openSettings',
    argument,
  });
  // In a remote window the settings of its machine are in a tab that the other command does not open.
  const machineSettings = (query: string): Remedy =>
    vscode.env.remoteName === undefined
      ? settings(query)
      : { title: t('Open Settings'), command: 'workbench.action.openRemoteSettings', argument: { query } };
  const trust = { title: t('Manage Workspace Trust'), command: 'workbench.trust.manage' };
  switch (code) {
    case 'claude-missing':
      return [machineSettings(`${SECTION}.claudePath`)];
    case 'bad-configuration':
      return [settings(SECTION)];
    case 'no-folder':
      return [openFolder];
    case 'not-a-repository':
      return [{ title: t('Make Repository'), command: commandId('makeRepository') }, openFolder];
    case 'no-commits':
      return [
        { title: t('Make First Commit'), command: commandId('makeRepository') },
        { title: t('Open Source Control'), command: 'workbench.view.scm' },
      ];
    case 'repository-owned':
      return [{ title: t('Show Runs'), command: commandId('showRuns') }];
    case 'wrong-use':
    case 'run-not-found':
      // It says what to do; the log has no more to say.
      return vscode.workspace.isTrusted ? [] : [trust];
    default:
      return vscode.workspace.isTrusted ? [{ title: t('Show Log'), command: commandId('showLog') }] : [trust];
  }
}

/** Tells the person what happened and what to do, with buttons where there is something obvious to do. */
export async function showError(error: unknown, logger: Logger): Promise<void> {
  const code = error instanceof OrchestratorError ? error.code : undefined;
  if (code === 'cancelled' || error instanceof vscode.CancellationError) return;
  logger.error('A command failed.', error);
  const remedies = remediesOf(code);
  const titles = remedies.map(({ title }) => title);
  const choice = await vscode.window.showErrorMessage(notificationText(explain(error), 600), ...titles);
  const remedy = remedies.find(({ title }) => title === choice);
  if (remedy) await vscode.commands.executeCommand(remedy.command, remedy.argument);
}
