import * as vscode from 'vscode';
import { explain } from '../core/model/error.ts';
import type { RunState } from '../core/model/run.ts';
import type { Runs } from './runs.ts';
import { subtaskText } from './subtask-text.ts';

/** Subtasks of runs as JSON that can be edited and saved: `/RUN/SUBTASK.json`, and `/RUN/SUBTASK.parts.json` to split one. */
const SCHEME = 'claude-orchestrator-subtask';

export function subtaskUri(run: string, subtask: string, kind: 'edit' | 'split'): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${run}/${subtask}${kind === 'split' ? '.parts' : ''}.json` });
}

export function registerSubtaskDocuments(runs: Runs): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  const provider = new SubtaskFiles(runs, changed);
  return vscode.Disposable.from(
    changed,
    vscode.workspace.registerFileSystemProvider(SCHEME, provider, { isCaseSensitive: true }),
  );
}

/** Saving one asks the run for the change; what speaks against it is why it can't be saved. */
class SubtaskFiles implements vscode.FileSystemProvider {
  readonly #runs: Runs;
  readonly #changed: vscode.EventEmitter<vscode.FileChangeEvent[]>;
  readonly onDidChangeFile: vscode.Event<vscode.FileChangeEvent[]>;

  constructor(runs: Runs, changed: vscode.EventEmitter<vscode.FileChangeEvent[]>) {
    this.#runs = runs;
    this.#changed = changed;
    this.onDidChangeFile = changed.event;
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
    try {
      // On first use: it needs zod, which activation does not wait for.
      const { changeIn } = await import('./parse-subtask.ts');
      const isNew = !state.subtasks.has(subtask);
      const change = changeIn(new TextDecoder().decode(content), subtask, isSplit ? 'split' : isNew ? 'add' : 'edit');
      await this.#runs.ask(state.id, { type: 'change', change });
    } catch (error) {
      throw vscode.FileSystemError.NoPermissions(explain(error));
    }
    this.#changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  #find(uri: vscode.Uri): { state: RunState; subtask: string; isSplit: boolean } {
    const [, run = '', name = ''] = uri.path.split('/');
    const state = this.#runs.find(run)?.state;
    if (!state || !name.endsWith('.json')) throw vscode.FileSystemError.FileNotFound(uri);
    const isSplit = name.endsWith('.parts.json');
    return { state, subtask: name.slice(0, isSplit ? -'.parts.json'.length : -'.json'.length), isSplit };
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
