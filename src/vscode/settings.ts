import type { RunSettings } from '../core/model/settings.ts';
import type { WorkspaceConfiguration } from '../core/model/workspace-configuration.ts';
import type { EditorSettings } from './settings-schema.ts';

/**
 * Settings of a run in this folder: what the person set in VS Code, else what the repository's configuration says, else
 * the defaults. Throws `bad-configuration` naming the setting.
 */
export async function runSettings(folder: string, workspace: WorkspaceConfiguration): Promise<RunSettings> {
  return (await load()).readRunSettings(folder, workspace);
}

/** Settings of the editor for this folder. Throws `bad-configuration` naming the setting. */
export async function editorSettings(folder: string): Promise<EditorSettings> {
  return (await load()).readEditorSettings(folder);
}

/** On first use: it needs zod, which activation does not wait for. */
const load = () => import('./read-settings.ts');
