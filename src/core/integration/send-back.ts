import type { RunContext } from '../context.ts';
import type { CheckEvidence } from '../model/checks.ts';
import { commandText } from '../model/command-text.ts';
import type { EventOf } from '../model/events.ts';
import { findingLines } from '../model/finding-lines.ts';
import type { FileReport } from '../model/findings.ts';
import type { Subtask } from '../model/plan.ts';
import type { Merge } from '../ports/repository.ts';
import { changersOf, namesOf } from './base.ts';

interface Entry {
  readonly subtask: { readonly id: string };
  readonly attempt: string;
}

type Returned = Pick<EventOf<'integration.returned'>, 'why' | 'onto' | 'merged' | 'reason' | 'message' | 'paths'>;

/** A check fails with this result, and does not without it. */
export async function returnForCheck(
  context: RunContext,
  entry: Entry,
  failed: CheckEvidence,
  onto: string,
  merged: string,
): Promise<void> {
  const { check, command, exitCode, tail, outcome } = failed;
  const how = outcome === 'timed-out' ? 'took too long' : `failed with exit code ${exitCode ?? 'none'}`;
  const reason = `The check "${check}" ${how} on the merged files.`;
  const message = [
    `Your result was merged with what others have finished, and then the check "${check}" (${commandText(command)}) ${how}. It was run twice.`,
    ...(tail === '' ? [] : ['The end of its output:', '```', tail, '```']),
    'Mend what is wrong, without making the check weaker.',
  ].join('\n');
  await sendBack(context, entry, {
    why: 'check',
    onto,
    merged,
    reason: `${reason}${firstTrouble(tail)}`,
    message,
    paths: [],
  });
}

export async function returnForConflict(
  context: RunContext,
  entry: Entry,
  { conflicts, commit }: Extract<Merge, { ok: false }>,
  onto: string,
): Promise<void> {
  const run = context.journal.state;
  const others = changersOf(run, conflicts);
  const whose = others.length === 0 ? 'what was merged before' : `the result of ${namesOf(others)}`;
  const files = conflicts.join(', ');
  const reason = `Its result conflicts with ${whose} in ${files}.`;
  const intents = others.flatMap((id) => {
    const subtask = run.subtasks.get(id)?.subtask;
    return subtask ? [`- "${id}": ${subtask.title}. It was told: ${subtask.instructions}`] : [];
  });
  const message = [
    `Your result conflicts with ${whose} in: ${files}.`,
    'These files hold both sides now, between conflict markers (<<<<<<<, =======, >>>>>>>): the first side is what was merged before, the second is yours. A file that one side removed may stand there without markers.',
    ...(intents.length > 0 ? ['What the other side was for:', ...intents] : []),
    'Resolve every conflict so that the intent of both sides is kept, and leave no marker behind.',
  ].join('\n');
  await sendBack(context, entry, { why: 'conflict', onto, merged: commit, reason, message, paths: [...conflicts] });
}

/** Its files are broken once they are merged. */
export async function returnForFindings(
  context: RunContext,
  entry: Entry,
  files: readonly FileReport[],
  onto: string,
  merged: string,
): Promise<void> {
  const paths = files.map(({ path }) => path);
  const reason = `Merged with the other results its files no longer pass the checks: ${paths.join(', ')}.`;
  const message = [
    'Your result was merged with what others have finished, and then these checks did not pass:',
    ...findingLines(files),
  ].join('\n');
  await sendBack(context, entry, { why: 'findings', onto, merged, reason, message, paths });
}

/** Coming back is a quality iteration like findings are; when there is none left, the subtask fails with the evidence. */
async function sendBack(context: RunContext, entry: Entry, returned: Returned): Promise<void> {
  const { journal } = context;
  const { subtask, attempt } = entry;
  const { attempts, settings } = journal.state;
  if (await dropEarlier(context, entry, returned.reason)) return;
  const iterations = attempts.get(attempt)?.iterations ?? 0;
  if (iterations < settings.qualityIterations) {
    await journal.record({ type: 'integration.returned', subtask: subtask.id, attempt, ...returned });
    return;
  }
  if (returned.why === 'conflict') {
    await askPerson(context, entry, returned);
    return;
  }
  const often = iterations > 0 ? ` It was sent back ${iterations} times before.` : '';
  await journal.record({
    type: 'subtask.failed',
    subtask: subtask.id,
    reason: `${returned.reason.replace(/[^.]$/, '$&.')}${often}`,
  });
}

/** Its worker could not, or must not any more: the conflict is the person's. */
async function askPerson({ journal }: RunContext, { subtask, attempt }: Entry, returned: Returned): Promise<void> {
  const reason = `${returned.reason} It waits for you to resolve it.`;
  const asks = true;
  await journal.record({ type: 'integration.returned', subtask: subtask.id, attempt, ...returned, reason, asks });
}

/**
 * When no attempt will resolve a conflict any more, it is given to the person. Resolves with whether there is one; it
 * does not start anything.
 */
export async function keepConflict(context: RunContext, subtask: Subtask, signal: AbortSignal): Promise<boolean> {
  const { journal, repository } = context;
  const returned = journal.state.subtasks.get(subtask.id)?.returned;
  if (returned?.why !== 'conflict') return false;
  if (returned.asks) return true;
  const onto = journal.state.integrated;
  const merge = await repository.merge(onto, returned.result, `Resolve ${subtask.id}`, signal);
  if (merge.ok) return false;
  const { attempt, why, message } = returned;
  const reason = `Its result conflicts with what was merged before in ${merge.conflicts.join(', ')}.`;
  const paths = [...merge.conflicts];
  await askPerson(context, { subtask, attempt }, { why, onto, merged: merge.commit, reason, message, paths });
  return true;
}

/** A result of an earlier run was only worth a try: the subtask is done by a worker then. */
export async function dropEarlier({ journal }: RunContext, { attempt }: Entry, reason: string): Promise<boolean> {
  if (journal.state.attempts.get(attempt)?.carried?.why !== 'reused') return false;
  await journal.record({ type: 'attempt.dropped', attempt, reason });
  return true;
}

/** The line of a check's output that most likely says what is wrong. */
function firstTrouble(tail: string): string {
  const lines = tail.split('\n').map((line) => line.trim());
  const found =
    lines.find((line) => /\w*Error\b|\berror[:[ ]|\bnot ok\b|[✖✗×]|\bFAIL\b|\bexpected\b/.test(line)) ?? lines.at(-1);
  return found === undefined || found === '' ? '' : ` ${found.slice(0, 300)}`;
}
