import * as vscode from 'vscode';
import type { Inbox } from './inbox.ts';
import { type News, NewsWatch } from './news.ts';
import type { Runs } from './runs.ts';
import { SECTION } from './section.ts';

/**
 * Tells a person who looks elsewhere, by a notification of their desktop. An extension can't show one through VS Code,
 * so the system's own means are used; where the extension runs on another machine than the desktop (a remote window, a
 * browser) there are none, and the notifications and the badge in the window have to do.
 */
export function registerAttention(
  runs: Runs,
  inbox: Inbox,
  notify: (news: News) => Promise<unknown>,
  onProblem: (error: unknown) => void,
): vscode.Disposable {
  const watch = new NewsWatch();
  const look = (): void => {
    const own = runs.list().filter(({ state }) => runs.isStartedHere(state.id));
    const news = watch.look(
      own.map(({ state }) => state),
      inbox.list(),
    );
    if (vscode.window.state.focused || !isHere() || !isWanted()) return;
    for (const item of news) notify(item).catch(onProblem);
  };
  return vscode.Disposable.from(runs.onDidChange(look), inbox.onDidChange(look));
}

const isHere = (): boolean => vscode.env.remoteName === undefined && vscode.env.uiKind === vscode.UIKind.Desktop;

const isWanted = (): boolean => vscode.workspace.getConfiguration(SECTION).get<boolean>('desktopNotifications') ?? true;
