import * as vscode from 'vscode';
import { type ErrorCode, explain, OrchestratorError } from '../core/model/error.ts';
import type { Logger } from '../core/ports/logger.ts';
import { commandId } from './commands.ts';
import { SECTION } from './section.ts';
import { notificationText } from './text.ts';

interface Remedy {
  readonly title: string;
  readonly command: string;
  readonly argument?: string;
}

const SHOW_LOG: Remedy = { title: 'Show Log', command: commandId('showLog') };

const REMEDIES: Partial<Record<ErrorCode, Remedy>> = {
  'claude-missing': {
    title: 'Open Settings',
    command: 'workbench.action.openSettings',
    argument: `${SECTION}.claudePath`,
  },
  'bad-configuration': { title: 'Open Settings', command: 'workbench.action.openSettings', argument: SECTION },
  'not-a-repository': { title: 'Open Folder', command: 'vscode.openFolder' },
  'no-commits': { title: 'Open Source Control', command: 'workbench.view.scm' },
  'repository-owned': { title: 'Show Runs', command: commandId('showRuns') },
};

/** Tells the person what happened and what to do, with a button where there is an obvious one. */
export async function showError(error: unknown, logger: Logger): Promise<void> {
  const code = error instanceof OrchestratorError ? error.code : undefined;
  if (code === 'cancelled' || error instanceof vscode.CancellationError) return;
  logger.error('A command failed.', error);
  const remedy = (code && REMEDIES[code]) ?? (vscode.workspace.isTrusted ? SHOW_LOG : trust);
  const choice = await vscode.window.showErrorMessage(notificationText(explain(error), 600), remedy.title);
  if (choice !== undefined) await vscode.commands.executeCommand(remedy.command, remedy.argument);
}

const trust: Remedy = { title: 'Manage Workspace Trust', command: 'workbench.trust.manage' };
