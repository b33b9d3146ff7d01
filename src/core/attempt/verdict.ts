import type { AttemptExit } from '../model/attempt-files.ts';
import type { EventOf } from '../model/events.ts';
import type { FileReport } from '../model/findings.ts';
import type { AttemptState, RunState } from '../model/run.ts';
import { spentReason } from '../model/spent.ts';
import { nextStep } from './next-step.ts';

export type AttemptOutcome = EventOf<'attempt.ended'>['outcome'];

/** How an attempt ended, and why in one line for a person. */
export interface Verdict {
  readonly outcome: AttemptOutcome;
  readonly detail: string;
}

const ENDED_BY_PERSON = 'A person ended its worker. What it had done is kept.';

/** What an attempt came to once its worker is gone. A result counts only if the worker's process succeeded as well. */
export function verdict(run: RunState, attempt: AttemptState, exit: AttemptExit, stderr: string): Verdict {
  const { cancelling, settings } = run;
  const step = nextStep(attempt, settings.qualityIterations);
  if (exit.reason === 'cancelled' && cancelling) return { outcome: 'cancelled', detail: 'It was cancelled.' };
  if (exit.reason === 'cancelled' && attempt.ending) return { outcome: 'cancelled', detail: ENDED_BY_PERSON };
  if (exit.reason === 'deadline') return { outcome: 'rejected', detail: outOfTime(run, attempt) };
  // Nobody can say how the process ended, or an owner that could not go on ended it. How its last turn ended, and what
  // came of that, is known all the same.
  const isInterrupted = exit.reason === 'lost' || exit.reason === 'cancelled';
  if (isInterrupted && step !== 'accept' && step !== 'reject' && step !== 'give-up' && step !== 'break-off')
    return { outcome: 'interrupted', detail: exit.message };
  if (step === 'reject') return { outcome: 'rejected', detail: rejection(attempt) };
  if (step === 'break-off') return { outcome: 'interrupted', detail: spentDetail(attempt) };
  if (step === 'accept' && (exit.code === 0 || isInterrupted))
    return { outcome: 'accepted', detail: 'All checks passed.' };
  const { failure = null, detail: told = '' } = attempt.lastTurn ?? {};
  const outcome = failure === 'budget' ? 'rejected' : 'infrastructure';
  const said = (failure === null ? stderr : told).trim();
  if (failure !== 'auth') return { outcome, detail: said || exit.message };
  const fix = 'Run "claude" and log in, or set ANTHROPIC_API_KEY, then run the plan again.';
  return { outcome, detail: `${said}. ${fix}` };
}

/** What is told of an attempt whose time was over. */
export function outOfTime({ settings }: RunState, { budgetMs }: AttemptState): string {
  const allowedMs = budgetMs ?? settings.attemptMinutes * 60_000;
  return `It did not finish within ${Number((allowedMs / 60_000).toFixed(1))} minutes.`;
}

/** The same for one that was stopped: by the person, or because the run can't go on for another reason. */
export function verdictOnStopped({ cancelling }: RunState, { ending }: AttemptState): Verdict {
  if (ending) return { outcome: 'cancelled', detail: ENDED_BY_PERSON };
  if (cancelling) return { outcome: 'cancelled', detail: 'The run was cancelled.' };
  return { outcome: 'interrupted', detail: 'The run could not go on.' };
}

/** Of an attempt that was broken off: with a finding that it could not mend, or what the CLI said. */
function spentDetail(attempt: AttemptState): string {
  const spent = spentReason(attempt) ?? '';
  const { failure = null, detail = '' } = attempt.lastTurn ?? {};
  return failure === null ? `${rejection(attempt)} ${spent}` : `${spent} (${detail})`;
}

function rejection({ validated }: AttemptState): string {
  const files: readonly FileReport[] = validated?.files ?? [];
  const broken = files.flatMap(({ path, findings }) => {
    const error = findings.find(({ severity }) => severity === 'error');
    return error ? [`${path}: ${error.message}`] : [];
  });
  const [first] = broken;
  if (first === undefined) return 'Its checks did not pass.';
  return broken.length > 1 ? `${first} (and ${broken.length - 1} more files)` : first;
}
