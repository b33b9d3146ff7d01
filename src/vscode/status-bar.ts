import * as vscode from 'vscode';
import { commandId } from './commands.ts';
import type { Inbox } from './inbox.ts';
import type { Runs } from './runs.ts';
import { statusText } from './status-text.ts';

/** One short item at the left while something runs. */
export function registerStatusBar(runs: Runs, inbox: Inbox): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('claudeOrchestrator.status', vscode.StatusBarAlignment.Left, 0);
  item.name = 'Claude Orchestrator';
  item.command = commandId('showRuns');
  const update = (): void => {
    const states = runs.live().map(({ state }) => state);
    const status = statusText(states, inbox.list().length);
    if (!status) {
      item.hide();
      return;
    }
    item.text = status.text;
    item.tooltip = status.tooltip;
    item.backgroundColor = status.warns ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    item.show();
  };
  return vscode.Disposable.from(item, runs.onDidChange(update), inbox.onDidChange(update));
}
