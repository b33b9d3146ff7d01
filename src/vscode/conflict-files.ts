import { join } from 'node:path';
import * as vscode from 'vscode';
import { OrchestratorError } from '../core/model/error.ts';
import type { ConflictQuestion } from '../core/ports/approvals.ts';
import type { Inbox } from './inbox.ts';
import { withoutIcons } from './text.ts';
import { t } from './translate.ts';

/** A context key: the URIs of the files whose conflict waits for the person. The manifest's menus ask for it. */
const CONTEXT = 'claudeOrchestrator.conflicts';

export function conflictFile({ folder }: ConflictQuestion, path: string): vscode.Uri {
  return vscode.Uri.file(join(folder, ...path.split('/')));
}

/** The question about the conflict in a file; undefined for a file without one. */
export function questionAbout(inbox: Inbox, file: vscode.Uri): ConflictQuestion | undefined {
  return questions(inbox).find((question) => filesOf(question).some((one) => one.toString() === file.toString()));
}

/** Tells the menus of editors which files have a conflict. */
export function registerConflictFiles(inbox: Inbox): vscode.Disposable {
  return inbox.onDidChange(() => {
    void vscode.commands.executeCommand('setContext', CONTEXT, questions(inbox).flatMap(filesOf));
  });
}

/**
 * Saves what the person left in the files (throws where that is not possible) and closes their tabs, which are of no use once the folder is gone. False:
 * they thought better of it when the editor told them that a conflict is not decided yet.
 */
export async function leaveFiles(question: ConflictQuestion): Promise<boolean> {
  const files = new Set(filesOf(question).map(String));
  for (const document of vscode.workspace.textDocuments)
    if (document.isDirty && files.has(document.uri.toString())) await save(document);
  const tabs = vscode.window.tabGroups.all
    .flatMap((group) => group.tabs)
    .filter(({ input }) => files.has(String(shownBy(input))));
  return tabs.length === 0 || (await vscode.window.tabGroups.close(tabs));
}

async function save(document: vscode.TextDocument): Promise<void> {
  await document.save();
  // What it resolves with tells nothing when the editor was just saving it by itself.
  if (!document.isDirty) return;
  const name = withoutIcons(vscode.workspace.asRelativePath(document.uri));
  throw new OrchestratorError('wrong-use', t('"{0}" could not be saved.', name), {
    fix: t('Save it and answer again.'),
  });
}

const questions = (inbox: Inbox): ConflictQuestion[] =>
  inbox.list().flatMap((open) => (open.kind === 'conflict' ? [open.question] : []));

const filesOf = (question: ConflictQuestion): vscode.Uri[] =>
  question.paths.map((path) => conflictFile(question, path));

/** What a tab shows. The merge editor's input has no type in the API yet, its `result` is the file. */
function shownBy(input: unknown): unknown {
  if (input instanceof vscode.TabInputText) return input.uri;
  return typeof input === 'object' && input !== null && 'result' in input ? input.result : undefined;
}
