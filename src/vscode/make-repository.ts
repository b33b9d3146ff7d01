import { basename } from 'node:path';
import * as vscode from 'vscode';
import { uncancelled } from '../core/context.ts';
import { commandId } from './commands.ts';
import type { NewRepository } from './host-port.ts';
import { chooseFolder, requireTrust } from './repositories.ts';
import { count, label } from './text.ts';
import { t } from './translate.ts';

const SHOWN = 10;

/**
 * Makes what a folder lacks before a task can be orchestrated in it, each step after the person has agreed: a git
 * repository, and a first commit.
 */
export async function makeRepository(load: () => Promise<NewRepository>): Promise<void> {
  requireTrust();
  const folder = await chooseFolder(undefined);
  if (folder === undefined) return;
  const git = await load();
  const lack = await git.lack(folder, uncancelled());
  if (lack.lacks === 'nothing') {
    void vscode.window.showInformationMessage(
      t('"{0}" is in a git repository with a commit already.', label(basename(folder))),
    );
    return;
  }
  if (lack.lacks === 'repository') {
    if (!(await agrees(t('Make a git repository of {0}?', label(folder, 300)), [reason()], t('Make Repository'))))
      return;
    await git.init(folder, uncancelled());
  }
  if (await commitFirst(git, folder)) await offerTask();
}

const reason = (): string =>
  t(
    'Workers work on copies of a commit, and their results are merged by git. Only the folder .git is made; no file of yours is changed.',
  );

/** Resolves with whether there is a commit now. */
async function commitFirst(git: NewRepository, folder: string): Promise<boolean> {
  const lack = await git.lack(folder, uncancelled());
  if (lack.lacks !== 'commit') return lack.lacks === 'nothing';
  const { root, files } = lack;
  const more = files.length > SHOWN ? [t('… and {0}', count(files.length - SHOWN, 'more file'))] : [];
  const names = [...files.slice(0, SHOWN).map((file) => label(file)), ...more].join('\n');
  const detail = [
    t('Work starts from the last commit, and there is none yet. What .gitignore names is left out.'),
    names === '' ? t('There are no files yet: the commit is empty.') : names,
  ];
  if (!(await agrees(t('Commit {0} as the first commit?', count(files.length, 'file')), detail, t('Commit'))))
    return false;
  await git.firstCommit(root, uncancelled());
  return true;
}

async function agrees(question: string, detail: readonly string[], button: string): Promise<boolean> {
  const options = { modal: true, detail: detail.join('\n\n') };
  return (await vscode.window.showInformationMessage(question, options, button)) === button;
}

async function offerTask(): Promise<void> {
  const start = t('Orchestrate Task');
  const choice = await vscode.window.showInformationMessage(
    t('The first commit is made: tasks can start from it.'),
    start,
  );
  if (choice === start) await vscode.commands.executeCommand(commandId('orchestrateTask'));
}
