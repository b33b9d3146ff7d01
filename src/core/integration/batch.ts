import type { RunContext } from '../context.ts';
import type { FileReport } from '../model/findings.ts';
import type { Subtask } from '../model/plan.ts';
import type { Merge } from '../ports/repository.ts';
import { type Validation, validateTree } from '../validation/validate-tree.ts';
import { checkTree, type Snapshot, type TreeVerdict } from './check-tree.ts';
import { integrationRef } from './integration-ref.ts';
import { dropEarlier, returnForCheck, returnForConflict, returnForFindings } from './send-back.ts';

/** An accepted result that waits to be merged. */
export interface Entry {
  readonly subtask: Subtask;
  readonly attempt: string;
}

/** One merge of a batch, built aside: what the tree before it holds and the entry's result. */
interface Link extends Snapshot {
  readonly entry: Entry;
  /** The commit that the result was merged with. */
  readonly onto: string;
  readonly evidence: Validation['evidence'];
}

/** Why the chain of a batch ends before its last entry. */
type Stop =
  | { readonly entry: Entry; readonly onto: string; readonly merge: Extract<Merge, { ok: false }> }
  | { readonly entry: Entry; readonly onto: string; readonly merged: string; readonly files: readonly FileReport[] };

/**
 * Merges accepted results one onto the other, runs the checks once on the last tree, and moves the integration ref there
 * if they pass. If they fail, the first result with which they do is found by halves: those before it are integrated, it
 * goes back to its worker with the evidence. Resolves with the entries that nothing was decided about; they have to be
 * tried again.
 */
export async function integrateBatch<E extends Entry>(
  context: RunContext,
  entries: readonly E[],
  signal: AbortSignal,
): Promise<readonly E[]> {
  signal.throwIfAborted();
  const { journal } = context;
  const onto = journal.state.integrated;
  await journal.record(
    ...entries.map(
      ({ subtask, attempt }) => ({ type: 'integration.started', subtask: subtask.id, attempt, onto }) as const,
    ),
  );
  const { chain, stop } = await build(context, entries, onto, signal);
  // One without a result is none that waits.
  const decided = new Set<Entry>(entries.filter(({ subtask }) => resultOf(context, subtask) === undefined));
  for (const { entry } of chain) decided.add(entry);
  const verdictAt = async (length: number): Promise<TreeVerdict> => {
    const part = chain.slice(0, length);
    const [last] = part.slice(-1);
    if (!last) throw new RangeError('There is no tree without a link.');
    const names = part.map(({ entry }) => entry.subtask.id);
    return checkTree(context, last, onto, names, signal);
  };
  if (chain.length > 0) {
    const verdict = await verdictAt(chain.length);
    if (verdict.verdict === 'passed') await advance(context, chain, verdict, signal);
    else {
      const found = await bisect(chain.length, verdict, verdictAt);
      const good = chain.slice(0, found.good);
      if (good.length > 0) await advance(context, good, found.passed, signal);
      const end = found.good + (isFailingBefore(found) ? 0 : 1);
      for (const { entry, onto: before, commit } of chain.slice(found.good, end)) {
        if (found.bad.verdict === 'failed') await returnForCheck(context, entry, found.bad.failed, before, commit);
        else await giveUp(context, entry, found.bad.reason);
      }
      for (const { entry } of chain.slice(end)) decided.delete(entry);
    }
  }
  // Only what can't be merged with what is integrated for good is in conflict; the others try again.
  if (stop && chain.length === 0) {
    decided.add(stop.entry);
    if ('merge' in stop) await returnForConflict(context, stop.entry, stop.merge, stop.onto);
    else await returnForFindings(context, stop.entry, stop.files, stop.onto, stop.merged);
  }
  return entries.filter((entry) => !decided.has(entry));
}

/** The merges one after the other, up to the first that fails. */
async function build(
  context: RunContext,
  entries: readonly Entry[],
  onto: string,
  signal: AbortSignal,
): Promise<{ readonly chain: readonly Link[]; readonly stop: Stop | undefined }> {
  const { repository } = context;
  const chain: Link[] = [];
  let tip = onto;
  for (const entry of entries) {
    const { subtask } = entry;
    const result = resultOf(context, subtask);
    if (result === undefined) continue;
    const merge = await repository.merge(tip, result, `Integrate ${subtask.id}: ${subtask.title}`, signal);
    if (!merge.ok) return { chain, stop: { entry, onto: tip, merge } };
    const { commit, tree } = merge;
    const changed = await repository.changedFiles(tip, commit, signal);
    const { verdict, files, evidence } = await validateTree(context, tree, changed, subtask, signal);
    if (verdict !== 'passed') return { chain, stop: { entry, onto: tip, merged: commit, files } };
    chain.push({ entry, onto: tip, commit, tree, evidence });
    tip = commit;
  }
  return { chain, stop: undefined };
}

const resultOf = ({ journal }: RunContext, { id }: Subtask): string | undefined =>
  journal.state.subtasks.get(id)?.result;

interface Bisected {
  /** So many links pass together, with one more the checks fail or can't be run. */
  readonly good: number;
  readonly passed: Extract<TreeVerdict, { verdict: 'passed' }>;
  readonly bad: Exclude<TreeVerdict, { verdict: 'passed' }>;
}

/** Of two results that pass alone and fail together the later one is the culprit. */
async function bisect(
  length: number,
  verdict: Bisected['bad'],
  verdictAt: (length: number) => Promise<TreeVerdict>,
): Promise<Bisected> {
  let found: Bisected = { good: 0, passed: { verdict: 'passed', evidence: [] }, bad: verdict };
  let least = length;
  while (least - found.good > 1) {
    const middle = Math.floor((found.good + least) / 2);
    const tried = await verdictAt(middle);
    if (tried.verdict === 'passed') found = { ...found, good: middle, passed: tried };
    else {
      least = middle;
      found = { ...found, bad: tried };
    }
  }
  return found;
}

/**
 * Whether the check does not pass without the culprit either. What could not be started on the tree before the batch when
 * the culprit's was looked at may have failed there since; on the tree right before the culprit's it is looked at again.
 */
function isFailingBefore({ passed, bad }: Bisected): boolean {
  const name = bad.verdict === 'failed' ? bad.failed.check : bad.check;
  return passed.evidence.some(({ check, known }) => check === name && known === true);
}

/** Moves the integration ref to the last of these merges. */
async function advance(
  { journal, repository }: RunContext,
  links: readonly Link[],
  { evidence }: Bisected['passed'],
  signal: AbortSignal,
): Promise<void> {
  const [last] = links.slice(-1);
  if (!last) return;
  const { commit, tree } = last;
  const ref = integrationRef(journal.state.id);
  await repository.moveRef(ref, commit, (await repository.readRef(ref, signal)) ?? null, signal);
  await journal.record(
    ...links.map((link) => ({
      type: 'integration.merged' as const,
      subtask: link.entry.subtask.id,
      attempt: link.entry.attempt,
      commit,
      tree,
      evidence: [...link.evidence, ...evidence],
    })),
  );
}

async function giveUp(context: RunContext, entry: Entry, reason: string): Promise<void> {
  if (await dropEarlier(context, entry, reason)) return;
  await context.journal.record({ type: 'subtask.failed', subtask: entry.subtask.id, reason });
}
