import { join } from 'node:path';
import * as vscode from 'vscode';
import { OrchestratorError } from '../core/model/error.ts';
import type { ConflictQuestion } from '../core/ports/approvals.ts';
import { commandId } from './commands.ts';
import { gitUri } from './documents.ts';
import type { Inbox } from './inbox.ts';
import { notificationText, withoutIcons } from './text.ts';
import { t } from './translate.ts';

/** Id of the one question about a subtask's conflict. */
export const conflictQuestionId = ({ run, subtask }: Pick<ConflictQuestion, 'run' | 'subtask'>): string =>
  `conflict ${run} ${subtask}`;

/** Says that a conflict waits, until it is answered here or elsewhere, or closed. */
export async function offerConflict(question: ConflictQuestion, inbox: Inbox): Promise<void> {
  const id = conflictQuestionId(question);
  const [problem] = question.problems;
  const reason = notificationText(question.reason);
  const what =
    problem === undefined
      ? t('"{0}": {1}', question.subtask, reason)
      : t(
          '"{0}": {1} What you left there is not accepted yet: {2}',
          question.subtask,
          reason,
          notificationText(problem),
        );
  const [openEditor, use, giveUp] = [t('Open Merge Editor'), t('Use My Resolution'), t('Give Up')];
  for (;;) {
    const choice = await vscode.window.showWarningMessage(what, openEditor, use, giveUp);
    if (choice === undefined) return;
    // By the command, which shows what goes wrong. It closed the notification, so that is shown again for the answer.
    const name = choice === openEditor ? 'openConflict' : choice === use ? 'useResolution' : 'giveUpConflict';
    await vscode.commands.executeCommand(commandId(name), { run: question.run, request: id });
    if (choice !== openEditor || !inbox.find(id)) return;
  }
}

/** Opens the file that the person picks in the merge editor, or as it is where there is no such editor. */
export async function openConflict(inbox: Inbox, request: string | undefined): Promise<void> {
  const open = inbox.list().find(({ kind, id }) => kind === 'conflict' && (request === undefined || id === request));
  if (open?.kind !== 'conflict') throw new OrchestratorError('wrong-use', t('No conflict waits to be resolved.'));
  const { question } = open;
  const [only] = question.paths;
  const items = question.paths.map((path) => ({ label: withoutIcons(path), path }));
  const picked =
    question.paths.length === 1 ? only : (await vscode.window.showQuickPick(items, { title: t('Which file?') }))?.path;
  if (picked === undefined) return;
  const output = vscode.Uri.file(join(question.folder, ...picked.split('/')));
  const side = (commit: string, title: string) => ({ uri: gitUri(question.run, commit, picked), title });
  try {
    await vscode.commands.executeCommand('_open.mergeEditor', {
      base: gitUri(question.run, question.before, picked),
      input1: side(question.base, t('Merged before')),
      input2: side(question.result, withoutIcons(question.subtask)),
      output,
    });
  } catch {
    // The editor's own command is no part of its API; markers can be mended in any editor.
    await vscode.window.showTextDocument(output, { preview: false });
  }
}
