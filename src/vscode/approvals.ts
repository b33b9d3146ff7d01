import * as vscode from 'vscode';
import { capsText } from '../core/model/budget.ts';
import type { Approvals, PermissionQuestion, PlanQuestion } from '../core/ports/approvals.ts';
import { commandId } from './commands.ts';
import { type Inbox, planQuestionId } from './inbox.ts';
import { editorSettings } from './settings.ts';
import { count, notificationText } from './text.ts';

const START = 'Start';
const DISCARD = 'Cancel';
const ALLOW = 'Allow';
const DENY = 'Deny';
const DETAILS = 'Show Details';

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
      return { approved: await answered, by: 'person' };
    },
    async decidePermission(question, signal) {
      const id = question.request;
      const answered = inbox.ask({ kind: 'permission', id, question }, signal);
      void offerPermission(question, id, inbox);
      const allow = await answered;
      return { allow, reason: allow ? '' : 'The person denied it.' };
    },
  };
}

async function offerPlan({ plan, caps, estimate }: PlanQuestion, id: string, inbox: Inbox): Promise<void> {
  const what = `Start ${count(plan.subtasks.length, 'subtask')}, spending at most ${capsText(caps)}? ${estimate}`;
  const choice = await vscode.window.showInformationMessage(what, START, DISCARD);
  if (choice !== undefined) tell(inbox.answer('plan', id, choice === START));
}

async function offerPermission(question: PermissionQuestion, id: string, inbox: Inbox): Promise<void> {
  const what = `"${question.subtask ?? 'planner'}" asks: ${notificationText(question.summary)}`;
  for (;;) {
    const choice = await vscode.window.showWarningMessage(what, ALLOW, DENY, DETAILS);
    if (choice === undefined) return;
    if (choice !== DETAILS) return tell(inbox.answer('permission', id, choice === ALLOW));
    if (!inbox.find(id)) return tell(false);
    // Showing the details closed the notification, so it is shown again for the answer.
    await vscode.commands.executeCommand(commandId('showQuestion'), { run: question.run, request: id });
  }
}

function tell(answered: boolean): void {
  if (!answered) void vscode.window.showInformationMessage('This question was answered or withdrawn before.');
}
