import { type RunSettings, runSettingsSchema } from './settings.ts';
import type { WorkspaceConfiguration } from './workspace-configuration.ts';

const CAPS = ['maxCostUsd', 'maxTokens', 'maxMinutes'] as const;
const DEFAULTS = runSettingsSchema.parse({});

/**
 * Settings of a run: what the person said, else what the repository's configuration says, else the defaults. The
 * repository can lower the caps that are in force, never raise them.
 */
export function effectiveSettings(person: Partial<RunSettings>, workspace: WorkspaceConfiguration): RunSettings {
  const { $schema: _, ...values } = workspace;
  const settings = runSettingsSchema.parse({ ...withoutUndefined(values), ...withoutUndefined(person) });
  const caps = CAPS.map((cap) => [cap, Math.min(person[cap] ?? DEFAULTS[cap], workspace[cap] ?? settings[cap])]);
  return { ...settings, ...(Object.fromEntries(caps) as Pick<RunSettings, (typeof CAPS)[number]>) };
}

function withoutUndefined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
