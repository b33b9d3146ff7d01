import type { RunContext } from '../context.ts';
import { explain } from '../model/error.ts';
import { parseFrame } from '../model/frames.ts';
import type { AttemptState, RunState } from '../model/run.ts';
import { tokensOf } from '../model/tokens.ts';
import type { Usage } from '../model/usage.ts';
import type { WorkerHandle } from '../ports/workers.ts';
import { attemptState } from './follow.ts';
import { TokenMeter } from './token-meter.ts';

/**
 * What a worker that is gone has used in a turn that was broken off, so that the CLI told no figures of it; undefined where
 * there is none. Its tokens are what its messages say, a little less than it was. Its dollars nobody knows: they are
 * estimated at what a token has cost in the turns of the run that came to an end, or where none did in proportion to
 * what the attempt may use of both; never more than it had left, since the CLI itself ends a turn that passes that.
 *
 * The stream is read anew, as whoever followed it may have been stopped before its end. What it says of earlier turns is
 * left out, so nothing counts twice however often that is done.
 */
export async function untoldUsage(context: RunContext, id: string, handle: WorkerHandle): Promise<Usage | undefined> {
  const attempt = attemptState(context, id);
  // A planner is told what is wrong with its answer without a word in the journal.
  const mayWork = attempt.subtask === null || attempt.turns === 0 || attempt.sentBackTurn === attempt.turns;
  if (!mayWork) return undefined;
  try {
    const used = await usedSince(handle, attempt.turns, context.detached);
    const tokens = tokensOf({ costUsd: 0, ...used });
    return tokens === 0 ? undefined : { costUsd: estimatedUsd(context.journal.state, attempt, tokens), ...used };
  } catch (error) {
    if (context.detached.aborted) throw error;
    context.logger.warn(`What ${id} used last could not be read: ${explain(error)}`);
    return undefined;
  }
}

/** Tokens of all that stands in a worker's stream after so many ended turns. */
async function usedSince(handle: WorkerHandle, turns: number, signal: AbortSignal): Promise<TokenMeter['unsettled']> {
  const meter = new TokenMeter();
  let seen = 0;
  for await (const { text } of handle.lines(0, signal)) {
    meter.take(text);
    if (seen === turns || !text.includes('"result"') || parseFrame(text)?.type !== 'result') continue;
    seen += 1;
    meter.forget();
  }
  // Where a power cut took an ended turn from the stream, nothing of a later one is left either.
  if (seen < turns) meter.forget();
  return meter.unsettled;
}

function estimatedUsd(
  { attempts }: RunState,
  { budgetUsd, budgetTokens, usage }: AttemptState,
  tokens: number,
): number {
  let [toldUsd, toldTokens] = [0, 0];
  for (const { usage: all, untold } of attempts.values()) {
    toldUsd += all.costUsd - (untold?.costUsd ?? 0);
    toldTokens += tokensOf(all) - (untold ? tokensOf(untold) : 0);
  }
  const [usd, per] = toldTokens > 0 ? [toldUsd, toldTokens] : [budgetUsd, budgetTokens];
  const estimate = per > 0 ? (usd / per) * tokens : 0;
  return Math.max(0, Math.min(estimate, budgetUsd - usage.costUsd));
}
