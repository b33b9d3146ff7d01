import { join } from 'node:path';
import * as vscode from 'vscode';
import { OrchestratorError } from '../core/model/error.ts';
import type { WorkspaceConfiguration } from '../core/model/workspace-configuration.ts';
import { WORKSPACE_CONFIGURATION } from '../core/model/workspace-files.ts';
import type { EditorHost, ReadConfiguration } from './host-port.ts';
import { t } from './translate.ts';

const SOURCE = 'Claude Orchestrator';

/**
 * The configuration files of this window's repositories. What is wrong in one is shown in Problems, and the last good
 * state of it that this window has seen stays in force.
 */
export class Configurations implements vscode.Disposable {
  readonly #good = new Map<string, WorkspaceConfiguration>();
  readonly #watched = new Map<string, vscode.Disposable>();
  readonly #diagnostics = vscode.languages.createDiagnosticCollection('claude-orchestrator-configuration');
  readonly #onProblem: (error: unknown) => void;

  constructor(onProblem: (error: unknown) => void) {
    this.#onProblem = onProblem;
  }

  /** Looks at a repository's file now and whenever it changes. */
  watch(host: EditorHost): void {
    const { root } = host.repository;
    this.#watched.get(root)?.dispose();
    const pattern = new vscode.RelativePattern(vscode.Uri.file(root), WORKSPACE_CONFIGURATION);
    const watcher = vscode.workspace.createFileSystemWatcher(pattern);
    const look = (): void => void this.#read(host).catch(this.#onProblem);
    watcher.onDidChange(look);
    watcher.onDidCreate(look);
    watcher.onDidDelete(look);
    this.#watched.set(root, watcher);
    look();
  }

  /** What counts for a run that starts now. Throws `bad-configuration` while there was no good state to fall back on. */
  async inForce(host: EditorHost): Promise<WorkspaceConfiguration> {
    const { values, problems } = await this.#read(host);
    const inForce = values ?? this.#good.get(host.repository.root);
    if (inForce) return inForce;
    const [first] = problems;
    const place = `${WORKSPACE_CONFIGURATION}:${(first?.line ?? 0) + 1}`;
    throw new OrchestratorError('bad-configuration', `${place}: ${first?.message ?? 'it can not be read.'}`, {
      fix: t('Correct it: Problems lists everything that is wrong in it.'),
    });
  }

  async #read(host: EditorHost): Promise<ReadConfiguration> {
    const { root } = host.repository;
    const read = await host.readConfiguration();
    if (read.values) this.#good.set(root, read.values);
    const after = this.#good.has(root)
      ? t('The last good state stays in force.')
      : t('Nothing is started until it is right.');
    const found = read.problems.map(({ line, character, message }) => {
      const place = new vscode.Position(line, character);
      const made = new vscode.Diagnostic(new vscode.Range(place, place), `${message} ${after}`);
      made.source = SOURCE;
      return made;
    });
    this.#diagnostics.set(fileOf(root), found);
    return read;
  }

  dispose(): void {
    this.#diagnostics.dispose();
    for (const watcher of this.#watched.values()) watcher.dispose();
  }
}

/** Shows a repository's configuration file; makes one that changes nothing where there is none. */
export async function openConfiguration(host: EditorHost): Promise<void> {
  const file = fileOf(host.repository.root);
  const exists = await vscode.workspace.fs.stat(file).then(
    () => true,
    () => false,
  );
  if (!exists) {
    const { configurationTemplate } = await import('./configuration-template.ts');
    await vscode.workspace.fs.writeFile(file, Buffer.from(configurationTemplate()));
  }
  await vscode.window.showTextDocument(file);
}

const fileOf = (root: string): vscode.Uri => vscode.Uri.file(join(root, ...WORKSPACE_CONFIGURATION.split('/')));
