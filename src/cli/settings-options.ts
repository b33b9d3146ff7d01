import { effectiveSettings } from '../core/model/effective-settings.ts';
import type { RunSettings } from '../core/model/settings.ts';
import { requireConfiguration } from '../node/configuration/read-configuration.ts';
import { integer, positiveNumber } from './arguments.ts';

export const SETTINGS_HELP = `  --model NAME          model of planner and workers
  --max-cost USD        spending cap of the run (default 5)
  --max-tokens N        the same in tokens, for subscriptions (default 2000000)
  --max-minutes N       the same in minutes in which workers work (default 1440)
  --attempt-cost USD    what one attempt may spend, with all that it goes on with (default: no limit of its own)
  --attempt-tokens N    the same in tokens
  --attempt-minutes N   longest time of one attempt (default 60)
  --disk-quota GB       of the disk, for everything that is kept for this repository (default 20)
  --claude PATH         the Claude Code CLI (default: claude on PATH)
  --json                print the result as JSON on stdout`;

export const COMMON_OPTIONS = {
  model: { type: 'string' },
  'max-cost': { type: 'string' },
  'max-tokens': { type: 'string' },
  'max-minutes': { type: 'string' },
  'attempt-cost': { type: 'string' },
  'attempt-tokens': { type: 'string' },
  'attempt-minutes': { type: 'string' },
  'disk-quota': { type: 'string' },
  claude: { type: 'string' },
  'task-file': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

interface CommonValues {
  readonly model?: string | undefined;
  readonly 'max-cost'?: string | undefined;
  readonly 'max-tokens'?: string | undefined;
  readonly 'max-minutes'?: string | undefined;
  readonly 'attempt-cost'?: string | undefined;
  readonly 'attempt-tokens'?: string | undefined;
  readonly 'attempt-minutes'?: string | undefined;
  readonly 'disk-quota'?: string | undefined;
}

/** What the options that `run` and `plan` have in common say. */
export function common(values: CommonValues): Partial<RunSettings> {
  const { model, 'max-cost': cost, 'max-tokens': tokens, 'max-minutes': minutes } = values;
  return {
    ...(model === undefined ? {} : { model }),
    ...(cost === undefined ? {} : { maxCostUsd: positiveNumber('max-cost', cost) }),
    ...(tokens === undefined ? {} : { maxTokens: integer('max-tokens', tokens, 1, Number.MAX_SAFE_INTEGER) }),
    ...(minutes === undefined ? {} : { maxMinutes: positiveNumber('max-minutes', minutes, 10_080) }),
    ...attemptLimits(values),
    ...(values['disk-quota'] === undefined ? {} : { diskQuotaGb: positiveNumber('disk-quota', values['disk-quota']) }),
  };
}

function attemptLimits(values: CommonValues): Partial<RunSettings> {
  const { 'attempt-cost': cost, 'attempt-tokens': tokens, 'attempt-minutes': minutes } = values;
  return {
    ...(cost === undefined ? {} : { attemptCostUsd: positiveNumber('attempt-cost', cost) }),
    ...(tokens === undefined ? {} : { attemptTokens: integer('attempt-tokens', tokens, 1, Number.MAX_SAFE_INTEGER) }),
    ...(minutes === undefined ? {} : { attemptMinutes: positiveNumber('attempt-minutes', minutes, 1440) }),
  };
}

/** What the options say, else the repository's configuration, else the defaults. */
export async function settingsOf(root: string, given: Partial<RunSettings> = {}): Promise<RunSettings> {
  return effectiveSettings(given, await requireConfiguration(root));
}
