import * as vscode from 'vscode';
import { explain, OrchestratorError } from '../core/model/error.ts';
import type { Logger } from '../core/ports/logger.ts';
import { applyRun, undoRun } from './apply.ts';
import type { CommandHandlers, CommandName } from './commands.ts';
import { type Configurations, openConfiguration } from './configurations.ts';
import { answerConflict, openConflict } from './conflict.ts';
import { openDiff } from './diff.ts';
import type { Doctor } from './doctor.ts';
import { planUri, questionUri } from './documents.ts';
import type { NewRepository } from './host-port.ts';
import { type Inbox, planQuestionId } from './inbox.ts';
import { isApplicable, isCancellable, isUndoable, type KnownRun } from './known-run.ts';
import { makeRepository } from './make-repository.ts';
import { orchestrate, selectedTask } from './orchestrate.ts';
import type { Order, Target } from './parse-argument.ts';
import { cleanUp, discardRun } from './removal.ts';
import { chooseFolder, type Repositories, requireTrust } from './repositories.ts';
import { restoreCheckpoint } from './restore.ts';
import type { Runs } from './runs.ts';
import { showError } from './show-error.ts';
import { subtaskCommands } from './subtask-commands.ts';
import { chooseAttempt, chooseRun } from './targets.ts';
import { t } from './translate.ts';
import { VIEW } from './tree/view.ts';
import { showAttempt } from './worker-terminals.ts';

export interface CommandParts {
  readonly repositories: Repositories;
  readonly runs: Runs;
  readonly inbox: Inbox;
  readonly configurations: Configurations;
  readonly doctor: Doctor;
  readonly newRepository: () => Promise<NewRepository>;
  readonly logger: Logger;
  readonly showLog: () => void;
  /** Absolute path of the worker script that shows attempts. */
  readonly workerScript: string;
}

/** Runs commands of the manifest. What goes wrong is shown; whoever calls with an order gets the error itself. */
export function commandRunner(parts: CommandParts): (name: CommandName, argument: unknown) => Promise<unknown> {
  const all = handlers(parts);
  return async (name, argument) => {
    try {
      return await all[name](argument);
    } catch (error) {
      if (name === 'orchestrateTask' && isOrder(argument)) throw new Error(explain(error), { cause: error });
      void showError(error, parts.logger);
      return undefined;
    }
  };
}

function handlers(parts: CommandParts): CommandHandlers {
  const { repositories, runs, inbox, configurations, logger } = parts;
  const onProblem = (error: unknown): void => void showError(error, logger);
  /** Shows a command's run, or does nothing when the person picks none. */
  const withRun = async (
    argument: unknown,
    fits: (known: KnownRun) => boolean,
    use: (known: KnownRun) => unknown,
  ): Promise<unknown> => {
    const known = await chooseRun(runs, await targetOf(argument), fits);
    return known && use(known);
  };
  const answer = async (kind: 'plan' | 'permission', argument: unknown, yes: boolean): Promise<void> => {
    const target = await targetOf(argument);
    const id =
      target?.request ??
      (kind === 'plan' && target ? planQuestionId(target.run) : undefined) ??
      inbox.list().find((open) => open.kind === kind)?.id;
    if (id === undefined || !inbox.answer(kind, id, { yes }))
      throw new OrchestratorError('wrong-use', t('There is no such question, or it was answered before.'));
  };
  return {
    orchestrateTask: async (argument) =>
      orchestrate(await orderOf(argument), repositories, runs, configurations, onProblem),
    cancelRun: (argument) => withRun(argument, isCancellable, ({ state }) => runs.cancel(state.id)),
    applyRun: (argument) => {
      requireTrust();
      return withRun(argument, isApplicable, (known) => applyRun(known, runs));
    },
    undoRun: (argument) => {
      requireTrust();
      return withRun(argument, isUndoable, (known) => undoRun(known, runs));
    },
    openDiff: (argument) =>
      withRun(
        argument,
        ({ state }) => state.integrationOrder.length > 0,
        async (known) => openDiff(known, (await targetOf(argument))?.attempt),
      ),
    openTerminal: async (argument) => {
      const chosen = await chooseAttempt(runs, await targetOf(argument));
      if (!chosen) return;
      const { known, attempt } = chosen;
      const title =
        attempt.subtask === null ? t('Plan the task') : t('{0}, attempt {1}', attempt.subtask, attempt.number);
      await showAttempt(parts.workerScript, known.host.attemptFolder(known.state.id, attempt.id), title);
    },
    openPlan: (argument) =>
      withRun(
        argument,
        ({ state }) => state.plan !== undefined,
        ({ state }) => vscode.commands.executeCommand('markdown.showPreview', planUri(state.id)),
      ),
    openJournal: (argument) => withRun(argument, () => true, openJournal),
    showRuns: () => vscode.commands.executeCommand(`${VIEW}.focus`),
    showLog: () => parts.showLog(),
    openConfiguration: async (argument) => {
      requireTrust();
      const folder = await chooseFolder((await orderOf(argument)).folder);
      if (folder !== undefined) await openConfiguration(await repositories.open(folder));
    },
    doctor: () => parts.doctor.examine(),
    makeRepository: () => makeRepository(parts.newRepository),
    pauseAll: () => setPaused(runs, true),
    resumeAll: () => setPaused(runs, false),
    ...subtaskCommands(runs, targetOf),
    restoreCheckpoint: (argument) =>
      withRun(
        argument,
        ({ state }) => state.approved,
        async (known) => restoreCheckpoint(known, (await targetOf(argument))?.checkpoint, runs, onProblem),
      ),
    discardRun: (argument) =>
      withRun(
        argument,
        ({ driver }) => driver !== 'elsewhere',
        (known) => discardRun(known, runs),
      ),
    cleanUp: () => cleanUp(repositories, runs),
    approvePlan: (argument) => answer('plan', argument, true),
    rejectPlan: (argument) => answer('plan', argument, false),
    allowPermission: (argument) => answer('permission', argument, true),
    denyPermission: (argument) => answer('permission', argument, false),
    openConflict: async (argument) => openConflict(inbox, await conflictOf(argument)),
    useResolution: async (argument) => answerConflict(inbox, await conflictOf(argument), true),
    giveUpConflict: async (argument) => answerConflict(inbox, await conflictOf(argument), false),
    showQuestion: async (argument) => {
      const target = await targetOf(argument);
      if (target?.request === undefined) return;
      await vscode.window.showTextDocument(questionUri(target.run, target.request), { preview: true });
    },
  };
}

async function setPaused(runs: Runs, paused: boolean): Promise<void> {
  if ((await runs.setPaused(paused)) > 0) return;
  const what = paused ? t('Nothing runs that could be paused.') : t('Nothing is paused.');
  throw new OrchestratorError('wrong-use', what);
}

async function openJournal({ host, state }: KnownRun): Promise<void> {
  const files = host.journalFiles(state.id);
  if (files.length === 0)
    throw new OrchestratorError('run-not-found', t('The journal of the run "{0}" is gone.', state.id));
  for (const file of files) {
    await vscode.window.showTextDocument(vscode.Uri.file(file), { preview: false });
    await vscode.commands.executeCommand('workbench.action.files.setActiveEditorReadonlyInSession');
  }
}

function isOrder(argument: unknown): boolean {
  return typeof argument === 'object' && argument !== null && !(argument instanceof vscode.Uri);
}

/** Menus of an editor give its URI: then the selected text is the task. */
async function orderOf(argument: unknown): Promise<Order> {
  if (argument instanceof vscode.Uri) return { task: selectedTask() };
  return (await loadParser()).parseOrder(argument);
}

async function targetOf(argument: unknown): Promise<Target | undefined> {
  return (await loadParser()).parseTarget(argument);
}

/** Menus of an editor give its file. */
async function conflictOf(argument: unknown): Promise<vscode.Uri | string | undefined> {
  return argument instanceof vscode.Uri ? argument : (await targetOf(argument))?.request;
}

/** On first use: it needs zod, which activation does not wait for. */
const loadParser = () => import('./parse-argument.ts');
