import { relative } from 'node:path';
import * as vscode from 'vscode';
import { OrchestratorError } from '../core/model/error.ts';
import type { Approvals } from '../core/ports/approvals.ts';
import type { EditorHost, OpenEditorHost } from './host-port.ts';
import { SECTION } from './section.ts';
import { editorSettings } from './settings.ts';
import { t } from './translate.ts';

/** Repositories of the workspace's folders, each opened when it is needed for the first time. */
export class Repositories implements vscode.Disposable {
  readonly #open: OpenEditorHost;
  readonly #approvals: (folder: string) => Approvals;
  readonly #hosts = new Map<string, Promise<EditorHost>>();
  readonly #closed = new AbortController();
  readonly #subscription: vscode.Disposable;

  constructor(open: OpenEditorHost, approvals: (folder: string) => Approvals) {
    this.#open = open;
    this.#approvals = approvals;
    this.#subscription = vscode.workspace.onDidChangeConfiguration((event) => {
      if (['claudePath', 'stateFolder'].some((name) => event.affectsConfiguration(`${SECTION}.${name}`)))
        this.#hosts.clear();
    });
  }

  /** Throws with a code and a fix when the folder can not be used. A failure is not remembered. */
  open(folder: string): Promise<EditorHost> {
    requireTrust();
    const known = this.#hosts.get(folder);
    if (known) return known;
    const opening = this.#start(folder);
    this.#hosts.set(folder, opening);
    opening.catch(() => this.#hosts.delete(folder));
    return opening;
  }

  async #start(folder: string): Promise<EditorHost> {
    const { claudePath, stateFolder } = await editorSettings(folder);
    const approvals = this.#approvals(folder);
    return this.#open({ folder, claudePath, stateFolder, approvals }, this.#closed.signal);
  }

  /** Repositories of all folders that are in one. */
  async openAll(): Promise<readonly EditorHost[]> {
    if (!vscode.workspace.isTrusted) return [];
    const opened = await Promise.allSettled(localFolders().map((folder) => this.open(folder)));
    return opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#closed.abort(new OrchestratorError('cancelled', 'The window was closed.'));
  }
}

export function requireTrust(): void {
  if (vscode.workspace.isTrusted) return;
  throw new OrchestratorError('wrong-use', t('Nothing is started in Restricted Mode.'), {
    fix: t('Workers run commands of this repository: trust the folder first.'),
  });
}

/** The folder to work in: the one named, that of the active editor, the only one, or the one the person picks. */
export async function chooseFolder(named: string | undefined): Promise<string | undefined> {
  const folders = localFolders();
  if (named !== undefined) {
    if (folders.some((folder) => contains(folder, named))) return named;
    throw new OrchestratorError('wrong-use', t('The folder {0} is not in this workspace.', named));
  }
  const [first, ...others] = folders;
  if (first === undefined) {
    throw new OrchestratorError('no-folder', t('No folder is open.'), {
      fix: t('Open a folder of a git repository.'),
    });
  }
  if (others.length === 0) return first;
  const active = vscode.window.activeTextEditor?.document.uri;
  const around = active && vscode.workspace.getWorkspaceFolder(active);
  if (around?.uri.scheme === 'file') return around.uri.fsPath;
  return (await vscode.window.showWorkspaceFolderPick({ placeHolder: t('Repository to work in') }))?.uri.fsPath;
}

function localFolders(): string[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  return folders.filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
}

function contains(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '' || (!way.startsWith('..') && !/^([A-Za-z]:|[\\/])/.test(way));
}
