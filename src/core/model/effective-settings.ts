import { type RunSettings, runSettingsSchema } from './settings.ts';
import type { WorkspaceConfiguration } from './workspace-configuration.ts';

/**
 * Settings of a run: what the person said, else what the repository's configuration says, else the defaults. The
 * repository can lower the spending cap that is in force, never raise it.
 */
export function effectiveSettings(person: Partial<RunSettings>, workspace: WorkspaceConfiguration): RunSettings {
  const { $schema: _, maxCostUsd, ...rest } = workspace;
  const settings = runSettingsSchema.parse({ ...withoutUndefined(rest), ...withoutUndefined(person) });
  return maxCostUsd === undefined ? settings : { ...settings, maxCostUsd: Math.min(settings.maxCostUsd, maxCostUsd) };
}

function withoutUndefined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
