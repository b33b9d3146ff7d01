import { type RunSettings, runSettingsSchema } from './settings.ts';
import type { WorkspaceConfiguration } from './workspace-configuration.ts';

const CAPS = [
  ...(['maxCostUsd', 'maxTokens', 'maxMinutes'] as const),
  ...(['diskQuotaGb', 'checkpointDays', 'checkpointMegabytes'] as const),
];
/** null: no limit. */
const ATTEMPT_CAPS = ['attemptCostUsd', 'attemptTokens'] as const;
const DEFAULTS = runSettingsSchema.parse({});

/**
 * Settings of a run: what the person said, else what the repository's configuration says, else the defaults. The
 * repository can lower the caps that are in force, never raise them.
 */
export function effectiveSettings(person: Partial<RunSettings>, workspace: WorkspaceConfiguration): RunSettings {
  const { $schema: _, ...values } = workspace;
  const settings = runSettingsSchema.parse({ ...withoutUndefined(values), ...withoutUndefined(person) });
  const caps = CAPS.map((cap) => [cap, Math.min(person[cap] ?? DEFAULTS[cap], workspace[cap] ?? settings[cap])]);
  const ofAttempts = ATTEMPT_CAPS.map((cap) => [cap, lower(person[cap] ?? null, workspace[cap] ?? null)]);
  return {
    ...settings,
    ...(Object.fromEntries(caps) as Pick<RunSettings, (typeof CAPS)[number]>),
    ...(Object.fromEntries(ofAttempts) as Pick<RunSettings, (typeof ATTEMPT_CAPS)[number]>),
  };
}

function lower(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function withoutUndefined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
