import { isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import type * as z from 'zod';
import { effectiveSettings } from '../core/model/effective-settings.ts';
import { OrchestratorError } from '../core/model/error.ts';
import { type RunSettings, runSettingsSchema } from '../core/model/settings.ts';
import type { WorkspaceConfiguration } from '../core/model/workspace-configuration.ts';
import { SECTION } from './section.ts';
import { type EditorSettings, editorSettingsSchema } from './settings-schema.ts';
import { t } from './translate.ts';

export function readRunSettings(folder: string, workspace: WorkspaceConfiguration): RunSettings {
  const values = read(runSettingsSchema, folder);
  const configuration = configurationOf(folder);
  const set = Object.entries(values).filter(([name]) => isSet(configuration.inspect(name)));
  return effectiveSettings(Object.fromEntries(set) as Partial<RunSettings>, workspace);
}

/** Whether somebody gave the setting a value: its default is nobody's word. */
function isSet(found: ReturnType<vscode.WorkspaceConfiguration['inspect']>): boolean {
  return (
    found !== undefined &&
    [found.globalValue, found.workspaceValue, found.workspaceFolderValue].some((value) => value !== undefined)
  );
}

export function readEditorSettings(folder: string): EditorSettings {
  const settings = read(editorSettingsSchema, folder);
  if (settings.stateFolder !== '' && !isAbsolute(settings.stateFolder))
    throw bad('stateFolder', t('it must be an absolute path'));
  return settings;
}

const configurationOf = (folder: string): vscode.WorkspaceConfiguration =>
  vscode.workspace.getConfiguration(SECTION, vscode.Uri.file(folder));

function read<T extends z.ZodObject>(schema: T, folder: string): z.infer<T> {
  const configuration = configurationOf(folder);
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = configuration.get<unknown>(name);
    if (value !== undefined) given[name] = value;
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw bad(String(issue?.path[0] ?? ''), issue?.message ?? t('its value is not allowed'));
}

function bad(name: string, problem: string): OrchestratorError {
  return new OrchestratorError(
    'bad-configuration',
    t('The setting {0} can not be used: {1}.', `${SECTION}.${name}`, problem),
    {
      fix: t('Change it in the settings.'),
    },
  );
}
