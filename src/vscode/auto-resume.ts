import * as vscode from 'vscode';
import { OrchestratorError } from '../core/model/error.ts';
import type { Logger } from '../core/ports/logger.ts';
import type { KnownRun } from './known-run.ts';
import { afterRun } from './orchestrate.ts';
import type { Runs } from './runs.ts';
import { editorSettings } from './settings.ts';
import { showError } from './show-error.ts';
import { VIEW } from './tree/view.ts';

/** How often a run that another process drives is looked at, to go on with it when that process is gone. */
const LOOK_MS = 2_000;

/**
 * Goes on with runs that nobody drives, without a click: after a reload, a crash of the extension host or of the whole
 * editor, and when another window that drove one is closed. A run that can't be gone with is left alone after one try.
 */
export function registerAutoResume(runs: Runs, logger: Logger): vscode.Disposable {
  const tried = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const onProblem = (error: unknown): void => void showError(error, logger);

  const look = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (!vscode.workspace.isTrusted) return;
    await runs.reloadIfChanged();
    // One that has ended can be reopened.
    for (const { state, driver } of runs.list()) if (driver === undefined) tried.delete(state.id);
    const open = runs.list().filter(({ driver }) => driver === 'nobody' || driver === 'elsewhere');
    for (const known of open) {
      if (known.driver !== 'nobody' || tried.has(known.state.id)) continue;
      tried.add(known.state.id);
      goOn(known).catch(onProblem);
    }
    if (open.some(({ state }) => !tried.has(state.id))) timer = setTimeout(lookNow, LOOK_MS);
  };
  const lookNow = (): void => void look().catch(onProblem);

  const goOn = async (known: KnownRun): Promise<void> => {
    const { id } = known.state;
    logger.info(`Going on with the run ${id}, which nobody drives.`);
    try {
      const state = await vscode.window.withProgress({ location: { viewId: VIEW } }, () => runs.resume(known));
      const { applyResult } = await editorSettings(known.host.repository.root);
      await afterRun(state, applyResult, runs, onProblem);
    } catch (error) {
      // Somebody else was first: watch them as before.
      if (!(error instanceof OrchestratorError) || error.code !== 'repository-owned') throw error;
      tried.delete(id);
      timer = setTimeout(lookNow, LOOK_MS);
    }
  };

  // Not a part of activation: reading journals loads what activation must not wait for.
  timer = setTimeout(lookNow, 0);
  return vscode.Disposable.from(
    vscode.workspace.onDidGrantWorkspaceTrust(lookNow),
    vscode.workspace.onDidChangeWorkspaceFolders(lookNow),
    runs.onDidChange(() => {
      timer ??= setTimeout(lookNow, LOOK_MS);
    }),
    new vscode.Disposable(() => clearTimeout(timer)),
  );
}
