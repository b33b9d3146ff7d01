import type { RunContext } from '../context.ts';
import { tellsOfRoom } from '../journal/tells-of-room.ts';
import type { Check, CheckEvidence } from '../model/checks.ts';
import { explain } from '../model/error.ts';
import type { Evidence } from '../model/findings.ts';
import { checkRef } from '../model/refs.ts';
import { worktreeSetUp } from '../model/set-up.ts';

/** A commit with its tree. */
export interface Snapshot {
  readonly commit: string;
  readonly tree: string;
}

/** `unknown`: a check could not be run at all, which says nothing about the tree. */
export type TreeVerdict =
  | { readonly verdict: 'passed'; readonly evidence: readonly Evidence[] }
  | { readonly verdict: 'failed'; readonly failed: CheckEvidence }
  | { readonly verdict: 'unknown'; readonly check: string; readonly reason: string };

/** A check that failed is run once more, to tell a flaky one. */
const MOST_RUNS = 2;
/** First wait before a program that could not be started is tried again; doubles with each. */
const RETRY_MS = 1_000;
const TAIL_CHARACTERS = 4_000;
const LEFT_BY_CHECKS = 'What checks left';

/** Slot of the worktree in which a run's checks are run. */
export const checkSlot = (run: string): string => `checks-${run}`;

/**
 * Whether the project's checks pass on this very tree. What the journal has evidence of is not run again. A check that
 * fails is run once more: if it passes then, it is flaky and counts as passed. One that was found in the repository and
 * has never passed in this run does not decide where it fails on `onto`, the tree before, as well.
 *
 * @param subtasks whose results the tree holds that are not integrated yet
 */
export async function checkTree(
  context: RunContext,
  snapshot: Snapshot,
  onto: string,
  subtasks: readonly string[],
  signal: AbortSignal,
): Promise<TreeVerdict> {
  const checks = context.journal.state.settings.checks ?? [];
  const worktree = new CheckWorktree(context, subtasks);
  const evidence: Evidence[] = [];
  try {
    for (const check of checks) {
      const found = await evidenceOf(context, check, snapshot, worktree, subtasks, signal);
      const passed = found.outcome === 'passed';
      if (!passed && !(await failedBefore(context, check, found, onto, worktree, signal))) {
        return found.outcome === 'not-started'
          ? {
              verdict: 'unknown',
              check: check.name,
              reason: `The check "${check.name}" could not be started: ${found.tail}`,
            }
          : { verdict: 'failed', failed: found };
      }
      evidence.push({
        check: check.name,
        tree: found.tree,
        outcome: passed ? 'passed' : 'failed',
        durationMs: found.durationMs,
        command: [...found.command],
        exitCode: found.exitCode,
        ...(found.flaky ? { flaky: true } : {}),
        ...(passed ? {} : { known: true }),
      });
    }
    return { verdict: 'passed', evidence };
  } finally {
    await worktree.close();
  }
}

/**
 * Whether a check that was only found in the repository need not pass: it never has, and on `onto` it fails too, or can't
 * be started either if it could not be started on the tree a single time.
 */
async function failedBefore(
  context: RunContext,
  check: Check,
  { runs }: CheckEvidence,
  onto: string,
  worktree: CheckWorktree,
  signal: AbortSignal,
): Promise<boolean> {
  const { journal, repository } = context;
  if (!check.detected || (journal.state.checks.get(check.name)?.passed ?? 0) > 0) return false;
  const before = { commit: onto, tree: await repository.treeOf(onto, signal) };
  const found = await evidenceOf(context, check, before, worktree, [], signal);
  if (runs === 0) return found.outcome === 'not-started';
  // Once it has failed there, it does not matter that it could not be started for its second run.
  return found.outcome !== 'passed' && found.runs > 0;
}

async function evidenceOf(
  context: RunContext,
  check: Check,
  { commit, tree }: Snapshot,
  worktree: CheckWorktree,
  subtasks: readonly string[],
  signal: AbortSignal,
): Promise<CheckEvidence> {
  const { journal, checks, clock } = context;
  const { infrastructureRetries } = journal.state.settings;
  for (let troubles = 0; ; ) {
    const known = journal.state.evidence.get(tree)?.get(check.name);
    if (known && (known.outcome === 'passed' || known.runs >= MOST_RUNS)) return known;
    if (known?.outcome === 'not-started' && troubles > infrastructureRetries) return known;
    if (troubles > 0) await clock.sleep(RETRY_MS * 2 ** (troubles - 1), signal);
    const folder = await worktree.at({ commit, tree }, signal);
    const ran = await checks.run(check, folder, checkSlot(journal.state.id), signal);
    const { outcome, exitCode, durationMs } = ran;
    if (outcome === 'not-started') troubles += 1;
    await journal.record({
      type: 'check.ran',
      check: check.name,
      command: [...check.command],
      commit,
      tree,
      outcome,
      exitCode,
      durationMs,
      // Redacted before it is cut: half a secret is not recognised.
      tail: endOf(journal.redact(ran.output)),
      subtasks: [...subtasks],
    });
  }
}

/** The last lines of a text. */
function endOf(text: string): string {
  const trimmed = text.trimEnd();
  if (trimmed.length <= TAIL_CHARACTERS) return trimmed;
  const end = trimmed.slice(-TAIL_CHARACTERS);
  return `…\n${end.slice(end.indexOf('\n') + 1)}`;
}

/**
 * A worktree of its own for checks, made when the first one is run. Each of them begins on exactly the tree that it is
 * about: one that writes files (expected results, formatted code) would let itself or the next pass on another tree. What
 * git ignores, as what was built, stays for the next.
 */
class CheckWorktree {
  readonly #context: RunContext;
  /** Those that wait for it. */
  readonly #subtasks: readonly string[];
  #open: { readonly commit: string; readonly folder: string } | undefined;
  /** Also of one that could not be made as a whole something may be there. */
  #isBegun = false;

  constructor(context: RunContext, subtasks: readonly string[]) {
    this.#context = context;
    this.#subtasks = subtasks;
  }

  get #slot(): string {
    return checkSlot(this.#context.journal.state.id);
  }

  async at({ commit, tree }: Snapshot, signal: AbortSignal): Promise<string> {
    const { repository, journal } = this.#context;
    if (this.#open?.commit === commit) {
      const { folder } = this.#open;
      const left = await repository.capture(folder, commit, checkRef(journal.state.id), LEFT_BY_CHECKS, signal);
      if (left.tree === tree && left.oversized === undefined) return folder;
    }
    this.#open = undefined;
    this.#isBegun = true;
    const onWait = tellsOfRoom(this.#context, this.#subtasks);
    const folder = await repository.openWorktree(this.#slot, commit, signal, onWait);
    await repository.prepareWorktree(folder, worktreeSetUp(journal.state.settings), signal);
    this.#open = { commit, folder };
    return folder;
  }

  async close(): Promise<void> {
    if (!this.#isBegun) return;
    const { repository, logger } = this.#context;
    await repository.closeWorktree(this.#slot).catch((error: unknown) => {
      logger.warn(`The worktree of the checks could not be removed: ${explain(error)}`);
    });
  }
}
