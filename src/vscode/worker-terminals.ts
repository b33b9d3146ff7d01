import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { AttemptSpec } from '../core/model/attempt-files.ts';
import { withoutIcons } from './text.ts';

const TASK_TYPE = 'claudeOrchestrator.worker';

/**
 * Starts the supervisor of an attempt by a VS Code task whose terminal shows the worker. The terminal only looks on:
 * closing it, or the window, means nothing to the worker.
 *
 * @param script absolute path of the worker script
 */
export function startInTerminal(script: string): (folder: string, spec: AttemptSpec) => Promise<void> {
  return async (folder, spec) => {
    const task = viewerTask(script, 'run', folder, spec.title);
    task.presentationOptions = { ...task.presentationOptions, reveal: vscode.TaskRevealKind.Never };
    await vscode.tasks.executeTask(task);
  };
}

/** Shows the terminal of an attempt, or opens one that shows what its worker has said and says. */
export async function showAttempt(script: string, folder: string, title: string): Promise<void> {
  const open = vscode.window.terminals.find((terminal) => isAbout(terminal, folder));
  if (open) return open.show(true);
  await vscode.tasks.executeTask(viewerTask(script, 'view', folder, title));
}

function viewerTask(script: string, verb: 'run' | 'view', folder: string, title: string): vscode.Task {
  const execution = new vscode.ProcessExecution(process.execPath, [script, verb, folder], {
    cwd: folder,
    // Under the desktop editor execPath is Electron; the worker itself does not inherit this.
    ...(process.versions['electron'] === undefined ? {} : { env: { ELECTRON_RUN_AS_NODE: '1' } }),
  });
  const definition = {
    type: TASK_TYPE,
    run: basename(folder.replace(/[\\/]attempts[\\/].*$/, '')),
    attempt: basename(folder),
  };
  const scope = vscode.TaskScope.Workspace;
  const task = new vscode.Task(definition, scope, withoutIcons(title, 80), 'Claude Orchestrator', execution, []);
  task.presentationOptions = {
    panel: vscode.TaskPanelKind.Dedicated,
    reveal: vscode.TaskRevealKind.Always,
    focus: false,
    echo: false,
    showReuseMessage: false,
    clear: false,
  };
  return task;
}

function isAbout(terminal: vscode.Terminal, folder: string): boolean {
  const options = terminal.creationOptions;
  const args = 'shellArgs' in options ? options.shellArgs : undefined;
  return Array.isArray(args) ? args.includes(folder) : (args?.includes(folder) ?? false);
}
