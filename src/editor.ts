import { join } from 'node:path';
import * as vscode from 'vscode';
import type { HeavyParts } from './editor-host.ts';
import { editorApprovals } from './vscode/approvals.ts';
import { registerAttention } from './vscode/attention.ts';
import { registerAutoResume } from './vscode/auto-resume.ts';
import type { CommandName } from './vscode/commands.ts';
import { Configurations } from './vscode/configurations.ts';
import { registerConflictFiles } from './vscode/conflict-files.ts';
import { Disposables } from './vscode/disposables.ts';
import { Doctor } from './vscode/doctor.ts';
import { registerDocuments } from './vscode/documents.ts';
import { Inbox } from './vscode/inbox.ts';
import { channelLogger } from './vscode/log.ts';
import { registerProblems } from './vscode/problems.ts';
import { Repositories } from './vscode/repositories.ts';
import { commandRunner } from './vscode/run-command.ts';
import { Runs } from './vscode/runs.ts';
import { showError } from './vscode/show-error.ts';
import { registerStatusBar } from './vscode/status-bar.ts';
import { registerSubtaskDocuments } from './vscode/subtask-documents.ts';
import { translateWith } from './vscode/translate.ts';
import { registerRunsView } from './vscode/tree/view.ts';
import { startInTerminal } from './vscode/worker-terminals.ts';

export interface Editor {
  run(command: CommandName, argument: unknown): Promise<unknown>;
  /** Leaves runs to themselves: their workers go on. */
  leave(): Promise<void>;
}

/** Composition root of the editor. Nothing heavy is loaded before a repository is opened. */
export function openEditor(subscriptions: vscode.Disposable[]): Editor {
  translateWith((text, ...values) => vscode.l10n.t(text, ...values));
  const owned = new Disposables();
  subscriptions.push(owned);
  const channel = owned.add(vscode.window.createOutputChannel('Claude Orchestrator', { log: true }));
  const logger = channelLogger(channel);
  const onProblem = (error: unknown): void => logger.error('', error);

  let heavy: Promise<HeavyParts> | undefined;
  const load = (): Promise<HeavyParts> => {
    heavy ??= import('./editor-host.ts').then(({ heavyParts }) =>
      heavyParts(import.meta.dirname, startInTerminal, logger),
    );
    return heavy;
  };
  const inbox = owned.add(new Inbox());
  const configurations = owned.add(new Configurations(onProblem));
  const repositories = owned.add(
    new Repositories(
      async (order, signal) => {
        const host = await (await load()).open(order, signal);
        configurations.watch(host);
        return host;
      },
      (folder) => editorApprovals(folder, inbox),
    ),
  );
  const runs = owned.add(new Runs(repositories));
  const doctor = owned.add(new Doctor(async (place, signal) => (await load()).checkUp(place, signal)));
  const run = commandRunner({
    repositories,
    runs,
    inbox,
    configurations,
    doctor,
    newRepository: async () => (await load()).newRepository,
    logger,
    showLog: () => channel.show(),
    workerScript: join(import.meta.dirname, 'worker.js'),
  });

  const contributions: Readonly<Record<string, () => vscode.Disposable>> = {
    documents: () => registerDocuments(runs, inbox),
    'conflict files': () => registerConflictFiles(inbox),
    'subtask documents': () => registerSubtaskDocuments(runs),
    'runs view': () => registerRunsView(runs, inbox, onProblem),
    problems: () => registerProblems(runs),
    'auto resume': () => registerAutoResume(runs, logger),
    attention: () => registerAttention(runs, inbox, async (news) => (await load()).notify(news), onProblem),
    'status bar': () => registerStatusBar(runs, inbox),
  };
  for (const [name, register] of Object.entries(contributions)) {
    const started = performance.now();
    try {
      owned.add(register());
      logger.info(`${name}: registered in ${(performance.now() - started).toFixed(1)} ms`);
    } catch (error) {
      // The others still work.
      logger.error(`${name} could not be registered.`, error);
      void showError(error, logger);
    }
  }
  const leave = async (): Promise<void> => {
    await runs.detach();
    await (await heavy)?.close();
  };
  return { run, leave };
}
