import * as vscode from 'vscode';
import { explain } from '../core/model/error.ts';
import type { RunState } from '../core/model/run.ts';
import type { Runs } from './runs.ts';
import { subtaskText } from './subtask-text.ts';
import { t } from './translate.ts';

/** Subtasks of runs as JSON that can be edited and saved: `/RUN/SUBTASK.json`, and `/RUN/SUBTASK.parts.json` to split one. */
const SCHEME = 'claude-orchestrator-subtask';
const PARTS = '.parts.json';

function subtaskUri(run: string, subtask: string, kind: 'edit' | 'split'): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${run}/${subtask}${kind === 'split' ? PARTS : '.json'}` });
}

export function registerSubtaskDocuments(runs: Runs): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const provider = new SubtaskFiles(runs, changed);
  return vscode.Disposable.from(
    changed,
    saysWhatSavingDoes(),
    vscode.workspace.registerFileSystemProvider(SCHEME, provider, { isCaseSensitive: true }),
    vscode.workspace.onWillSaveTextDocument(({ document, reason }) => provider.willSave(document.uri, reason)),
    vscode.workspace.onDidSaveTextDocument(({ uri }) => {
      if (uri.scheme !== SCHEME || !uri.path.endsWith(PARTS)) return;
      // What was split is there no more.
      void closeTabs([uri, uri.with({ path: `${uri.path.slice(0, -PARTS.length)}.json` })]);
    }),
  );
}

/** Stands in the status bar as long as a subtask is looked at in an editor. */
function saysWhatSavingDoes(): vscode.Disposable {
  let hint: vscode.Disposable | undefined;
  const look = (editor: vscode.TextEditor | undefined): void => {
    hint?.dispose();
    const isSubtask = editor?.document.uri.scheme === SCHEME;
    hint = isSubtask
      ? vscode.window.setStatusBarMessage(t('Saving this changes the run. Close it to leave the run as it is.'))
      : undefined;
  };
  return vscode.Disposable.from(vscode.window.onDidChangeActiveTextEditor(look), { dispose: () => hint?.dispose() });
}

/** Opens a subtask to be edited, split or, where there is none of this name, to be added. */
export async function editSubtask(run: string, subtask: string, kind: 'edit' | 'split'): Promise<void> {
  await vscode.window.showTextDocument(subtaskUri(run, subtask, kind), { preview: false });
}

async function closeTabs(uris: readonly vscode.Uri[]): Promise<void> {
  const gone = new Set(uris.map(String));
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const own = tabs.filter(({ input }) => input instanceof vscode.TabInputText && gone.has(String(input.uri)));
  await vscode.window.tabGroups.close(own);
}

/** Saving one asks the run for the change; what speaks against it is why it can't be saved. */
class SubtaskFiles implements vscode.FileSystemProvider {
  readonly #runs: Runs;
  readonly #changed: vscode.EventEmitter<vscode.FileChangeEvent[]>;
  /** URIs that the editor is about to save by itself. */
  readonly #unasked = new Set<string>();
  readonly onDidChangeFile: vscode.Event<vscode.FileChangeEvent[]>;

  constructor(runs: Runs, changed: vscode.EventEmitter<vscode.FileChangeEvent[]>) {
    this.#runs = runs;
    this.#changed = changed;
    this.onDidChangeFile = changed.event;
  }

  willSave(uri: vscode.Uri, reason: vscode.TextDocumentSaveReason): void {
    if (uri.scheme !== SCHEME) return;
    if (reason === vscode.TextDocumentSaveReason.Manual) this.#unasked.delete(String(uri));
    else this.#unasked.add(String(uri));
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    // Before it writes a file the editor looks at the folders above.
    if (!uri.path.endsWith('.json')) return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    const { state } = this.#find(uri);
    return {
      type: vscode.FileType.File,
      ctime: state.createdAt,
      mtime: state.lastSeq,
      size: this.readFile(uri).length,
    };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    const { state, subtask, isSplit } = this.#find(uri);
    return new TextEncoder().encode(subtaskText(state.subtasks.get(subtask)?.subtask, subtask, isSplit));
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const { state, subtask, isSplit } = this.#find(uri);
    if (this.#unasked.delete(String(uri)))
      // Half of an edit would go into the running run.
      throw vscode.FileSystemError.Unavailable(t('Saving changes the run, so do it yourself when you are done.'));
    try {
      // On first use: it needs zod, which activation does not wait for.
      const { changeIn } = await import('./parse-subtask.ts');
      const isNew = !state.subtasks.has(subtask);
      const change = changeIn(new TextDecoder().decode(content), subtask, isSplit ? 'split' : isNew ? 'add' : 'edit');
      await this.#runs.ask(state.id, { type: 'change', change });
    } catch (error) {
      throw vscode.FileSystemError.Unavailable(explain(error));
    }
    this.#changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  #find(uri: vscode.Uri): { state: RunState; subtask: string; isSplit: boolean } {
    const [, run = '', name = ''] = uri.path.split('/');
    const state = this.#runs.find(run)?.state;
    if (!state || !name.endsWith('.json')) throw vscode.FileSystemError.FileNotFound(uri);
    const isSplit = name.endsWith(PARTS);
    return { state, subtask: name.slice(0, isSplit ? -PARTS.length : -'.json'.length), isSplit };
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(uri);
  }
}
