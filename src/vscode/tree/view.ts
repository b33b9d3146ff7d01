import * as vscode from 'vscode';
import type { Inbox } from '../inbox.ts';
import type { Runs } from '../runs.ts';
import { label, markdown } from '../text.ts';
import { t } from '../translate.ts';
import { DrawnLines } from './drawn-lines.ts';
import { ICONS, type TreeNode } from './node.ts';
import { runNode } from './run-node.ts';

export const VIEW = 'claudeOrchestrator.runs';

/** Runs that are shown. */
const SHOWN = 30;
/** How often other processes' journals are looked at, and times of what runs are drawn again, while it is visible. */
const LOOK_MS = 2_000;

/** The Runs view. Shows the newest run when one is started. */
export function registerRunsView(runs: Runs, inbox: Inbox, onProblem: (error: unknown) => void): vscode.Disposable {
  const changed = new vscode.EventEmitter<Changed>();
  const provider = new RunsTree(runs, inbox, changed);
  const view = vscode.window.createTreeView(VIEW, { treeDataProvider: provider, showCollapseAll: true });
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    if (runs.live().length > 0) provider.redraw();
    runs.reloadIfChanged().catch(onProblem);
  };
  const watch = (): void => {
    clearInterval(timer);
    timer = view.visible ? setInterval(look, LOOK_MS) : undefined;
    if (view.visible) look();
  };
  const shown = new Set<string>();
  const update = (): void => {
    provider.redraw();
    const waiting = inbox.list().length;
    view.badge = waiting > 0 ? { value: waiting, tooltip: t('Questions of workers wait for you') } : undefined;
    for (const { state } of runs.live()) {
      if (shown.has(state.id)) continue;
      shown.add(state.id);
      const node = provider.getChildren().find(({ run }) => run === state.id);
      if (node) view.reveal(node, { select: true, focus: false, expand: true }).then(undefined, onProblem);
    }
  };
  watch();
  return vscode.Disposable.from(
    view,
    changed,
    view.onDidChangeVisibility(watch),
    runs.onDidChange(update),
    inbox.onDidChange(update),
    vscode.workspace.onDidChangeWorkspaceFolders(watch),
    vscode.workspace.onDidGrantWorkspaceTrust(watch),
    new vscode.Disposable(() => clearInterval(timer)),
  );
}

type Changed = TreeNode[] | undefined;

class RunsTree implements vscode.TreeDataProvider<TreeNode> {
  readonly #runs: Runs;
  readonly #inbox: Inbox;
  readonly #drawn = new DrawnLines();
  readonly #changed: vscode.EventEmitter<Changed>;
  readonly onDidChangeTreeData: vscode.Event<Changed>;

  constructor(runs: Runs, inbox: Inbox, changed: vscode.EventEmitter<Changed>) {
    this.#runs = runs;
    this.#inbox = inbox;
    this.#changed = changed;
    this.onDidChangeTreeData = changed.event;
  }

  redraw(): void {
    const lines = this.#drawn.update(this.#now());
    const some = lines.filter((line) => line !== undefined);
    if (some.length < lines.length) this.#changed.fire(undefined);
    else if (some.length > 0) this.#changed.fire(some);
  }

  getChildren(node?: TreeNode): TreeNode[] {
    return [...(node ? node.children : this.#drawn.roots)];
  }

  #now(): TreeNode[] {
    const questions = this.#inbox.list();
    const now = Date.now();
    const nodes = this.#runs
      .list()
      .slice(0, SHOWN)
      .map((known, index) =>
        runNode(
          known,
          questions.filter(({ question }) => question.run === known.state.id),
          now,
          index === 0,
        ),
      );
    return [...nodes, ...this.#runs.unreadable().map(unreadableNode)];
  }

  getParent(): undefined {
    // Only runs are ever revealed.
    return undefined;
  }

  getTreeItem(node: TreeNode): vscode.TreeItem {
    const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;
    // A run that has just begun has no children yet: an item that could not be open then would stay closed later.
    const state = node.expanded ? Expanded : node.children.length === 0 ? None : Collapsed;
    const item = new vscode.TreeItem(node.label, state);
    item.id = node.id;
    item.description = node.description;
    item.iconPath = new vscode.ThemeIcon(
      node.icon.name,
      node.icon.color ? new vscode.ThemeColor(node.icon.color) : undefined,
    );
    item.tooltip = tooltip(node);
    item.contextValue = node.flags.join(' ');
    item.accessibilityInformation = { label: `${node.label}, ${node.description}` };
    return item;
  }
}

/** What models and commands wrote gets in as text only: not even an address in it becomes a link. */
function tooltip({ tooltip: lines }: TreeNode): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  for (const [name, value] of lines) {
    if (value !== '') text.appendMarkdown(`**${name}** ${markdown(value)}\n\n`);
  }
  return text;
}

function unreadableNode({ id, problem }: { id: string; problem: string }): TreeNode {
  return {
    id: `${id} unreadable`,
    run: id,
    label: id,
    description: label(problem),
    icon: ICONS.failed,
    tooltip: [[t('Can not be read'), label(problem, 400)]],
    flags: ['unreadable'],
    children: [],
    expanded: false,
  };
}
