import * as vscode from 'vscode';
import { uncancelled } from '../core/context.ts';
import { type Diagnosis, doctorDocument } from './doctor-document.ts';
import type { CheckUp } from './host-port.ts';
import { probeLanguages } from './language-probe.ts';
import { chooseFolder, requireTrust } from './repositories.ts';
import { editorSettings, runSettings } from './settings.ts';
import { VIEW } from './tree/view.ts';

const SCHEME = 'claude-orchestrator-doctor';
const URI = vscode.Uri.from({ scheme: SCHEME, path: '/doctor.md' });

/** Looks at everything a run needs, and shows it with what to do about it. */
export class Doctor implements vscode.Disposable {
  readonly #checkUp: CheckUp;
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #registration: vscode.Disposable;
  #text = '';

  constructor(checkUp: CheckUp) {
    this.#checkUp = checkUp;
    this.#registration = vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
      onDidChange: this.#changed.event,
      provideTextDocumentContent: () => this.#text,
    });
  }

  /** Resolves with what was found; undefined when the person picked no folder. */
  async examine(): Promise<readonly Diagnosis[] | undefined> {
    requireTrust();
    const folder = await chooseFolder(undefined);
    if (folder === undefined) return undefined;
    const { claudePath, stateFolder } = await editorSettings(folder);
    const { diskQuotaGb } = await runSettings(folder, {});
    const found = await vscode.window.withProgress({ location: { viewId: VIEW } }, async () => [
      ...(await this.#checkUp({ folder, claudePath, stateFolder, diskQuotaGb }, uncancelled())),
      ...(await probeLanguages(folder)),
    ]);
    this.#text = doctorDocument(found);
    this.#changed.fire(URI);
    await vscode.commands.executeCommand('markdown.showPreview', URI);
    return found;
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
