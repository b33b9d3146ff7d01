import * as vscode from 'vscode';
import { OrchestratorError } from '../core/model/error.ts';
import type { ConflictQuestion } from '../core/ports/approvals.ts';
import { commandId } from './commands.ts';
import { conflictFile, leaveFiles, questionAbout } from './conflict-files.ts';
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
    if (inbox.find(id)?.question !== question) return;
  }
}

/** A request's id, a file, or nothing in particular. */
type About = string | vscode.Uri | undefined;

function openQuestion(inbox: Inbox, about: About): ConflictQuestion {
  const id = about instanceof vscode.Uri ? idOf(questionAbout(inbox, about)) : about;
  const open = inbox.list().find((one) => one.kind === 'conflict' && (about === undefined || one.id === id));
  if (open?.kind === 'conflict') return open.question;
  throw new OrchestratorError('wrong-use', t('There is no such question, or it was answered before.'));
}

const idOf = (question: ConflictQuestion | undefined): string | undefined => question && conflictQuestionId(question);

/** Answers the question with what is in its files by now, or gives the subtask up. */
export async function answerConflict(inbox: Inbox, about: About, yes: boolean): Promise<void> {
  const question = openQuestion(inbox, about);
  if (await leaveFiles(question)) inbox.answer('conflict', conflictQuestionId(question), { yes });
}

/** Opens the file that the person picks in the merge editor, or as it is where there is no such editor. */
export async function openConflict(inbox: Inbox, about: About): Promise<void> {
  const question = openQuestion(inbox, about);
  const [only] = question.paths;
  const items = question.paths.map((path) => ({ label: withoutIcons(path), path }));
  const picked =
    question.paths.length === 1 ? only : (await vscode.window.showQuickPick(items, { title: t('Which file?') }))?.path;
  if (picked === undefined) return;
  const output = conflictFile(question, picked);
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
