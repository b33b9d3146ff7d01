import * as vscode from 'vscode';
import { capsText } from '../core/model/budget.ts';
import type { Approvals, PermissionQuestion, PlanQuestion } from '../core/ports/approvals.ts';
import { commandId } from './commands.ts';
import { conflictQuestionId, offerConflict } from './conflict.ts';
import { type Inbox, planQuestionId } from './inbox.ts';
import { editorSettings } from './settings.ts';
import { count, notificationText } from './text.ts';
import { t } from './translate.ts';

/**
 * Asks the person in notifications. A closed notification is no answer: the question stays in the inbox, which the Runs
 * view and the status bar show.
 */
export function editorApprovals(folder: string, inbox: Inbox): Approvals {
  return {
    async approvePlan(question, signal) {
      if ((await editorSettings(folder)).approvePlan === 'never') return { approved: true, by: 'setting' };
      const id = planQuestionId(question.run);
      const answered = inbox.ask({ kind: 'plan', id, question }, signal);
      void vscode.commands.executeCommand(commandId('openPlan'), { run: question.run });
      void offerPlan(question, id, inbox);
      const { yes, includeUncommitted } = await answered;
      return { approved: yes, by: 'person', includeUncommitted: includeUncommitted ?? false };
    },
    async decidePermission(question, signal) {
      const id = question.request;
      const answered = inbox.ask({ kind: 'permission', id, question }, signal);
      void offerPermission(question, id, inbox);
      const { yes: allow } = await answered;
      return { allow, reason: allow ? '' : 'The person denied it.' };
    },
    async resolveConflict(question, signal) {
      const id = conflictQuestionId(question);
      const answered = inbox.ask({ kind: 'conflict', id, question }, signal);
      void offerConflict(question, inbox);
      return (await answered).yes ? 'use' : 'give-up';
    },
  };
}

async function offerPlan({ plan, caps, estimate, dirtyPaths }: PlanQuestion, id: string, inbox: Inbox): Promise<void> {
  const subtasks = count(plan.subtasks.length, 'subtask');
  const what = t('Start {0}, spending at most {1}? {2}', subtasks, capsText(caps), estimate);
  const [start, withChanges, cancel] = [t('Start'), t('Start With Uncommitted Changes'), t('Cancel')];
  const include = dirtyPaths.length > 0 ? [withChanges] : [];
  const choice = await vscode.window.showInformationMessage(what, start, ...include, cancel);
  if (choice === undefined) return;
  const answer = { yes: choice !== cancel, includeUncommitted: choice === withChanges };
  tell(inbox.answer('plan', id, answer));
}

async function offerPermission(question: PermissionQuestion, id: string, inbox: Inbox): Promise<void> {
  const what = t('"{0}" asks: {1}', question.subtask ?? 'planner', notificationText(question.summary));
  const [allow, deny, details] = [t('Allow'), t('Deny'), t('Show Details')];
  for (;;) {
    const choice = await vscode.window.showWarningMessage(what, allow, deny, details);
    if (choice === undefined) return;
    if (choice !== details) return tell(inbox.answer('permission', id, { yes: choice === allow }));
    if (!inbox.find(id)) return tell(false);
    // Showing the details closed the notification, so it is shown again for the answer.
    await vscode.commands.executeCommand(commandId('showQuestion'), { run: question.run, request: id });
  }
}

function tell(answered: boolean): void {
  if (!answered) void vscode.window.showInformationMessage(t('This question was answered or withdrawn before.'));
}
