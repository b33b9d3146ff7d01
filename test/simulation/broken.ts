/** What must hold at every moment, whatever goes wrong; the names stand in reports. */
export const INVARIANTS = {
  'completed-once': 'a completed subtask, or one whose result was accepted, is not worked on again',
  'one-claim': 'an attempt is claimed once, and only its claimer runs it',
  'one-worker': 'a subtask has one live worker at most',
  dependencies: 'a subtask starts when its dependencies are integrated, from exactly their results',
  scopes: 'subtasks that may write the same files are not in work together',
  concurrency: 'there are never more workers than allowed',
  memory: 'a second worker starts only where there is memory for it',
  breaker: 'nobody new asks an API that fails everybody, then one at a time tries',
  budget: 'what is settled and reserved stays within the cap at a launch',
  'time-is-true': 'working time is the time in which somebody worked, whoever drove the run meanwhile',
  'cancel-is-final': 'nothing is launched after a cancel',
  'intent-before-effect': 'an effect rests on an intent that is on disk',
  'durable-before-acknowledged': 'what was acknowledged is on disk',
  'replay-is-the-truth': 'an owner reads what the earlier ones were told, and nothing that was written past a seal',
  'fold-is-the-replay': 'the live state is what folding the journal gives',
  'indexes-are-true': 'what is kept besides the subtasks and attempts is what follows from them',
  'snapshot-is-the-replay': 'going on from a snapshot is going on from the whole journal',
  'ingested-once': 'what a worker said counts once',
  'retry-counted-after-start': 'only an attempt that was started counts as a failed one',
  'retries-as-allowed': 'a subtask is tried again as often as allowed, not more and not less',
  'retries-wait': 'a subtask is tried again after a while that doubles',
  'findings-as-allowed': 'findings are sent back as often as allowed, not more and not less',
  'snapshot-before-reuse': 'what is in a worktree is kept before the worktree goes or is used again',
  'slot-is-idle': 'no worktree is taken away from a worker that lives',
  'one-holder': 'a worktree is taken over only when its holder is gone',
  'one-owner': 'a run has one live owner at most',
  'lost-is-gone': 'a worker counts as lost only when its process is gone',
  'accepted-after-success': 'a result counts only when its worker ended well',
  'rejected-when-broken': 'only what is broken is given up for its findings',
  'answered-once': 'a question is decided once',
  'not-forgotten': 'a worker that waits for its owner hears from it',
  'checked-before-integration': 'the integration ref moves only to whole trees on which the checks have run and passed',
  'only-the-culprit': 'only a result with which the checks fail, or that conflicts, comes back, as often as allowed',
  'evidence-is-true': 'what is said of a check is what its runs have shown',
  'ref-is-the-journal': 'the integration ref is where the journal says',
  'accepted-is-in-the-result': 'the result holds the work of exactly the completed subtasks',
  'ends-or-waits': 'a run ends, or waits for something that will happen',
  'starts-when-it-can': 'a subtask of which nothing stands in the way is started soon',
  'named-reason': 'what was not done says truthfully why',
  'ended-is-final': 'nothing happens in a run that has ended',
  'nothing-left': 'no worker, worktree or question is left behind',
  'asked-once': 'a request is obeyed once',
  'asked-is-done': 'a change that was accepted has come to what was meant',
  'asked-is-answered': 'what was asked in time is answered before the run ends, the rest before it goes on',
  'started-is-untouched': 'a change never touches work that has started, nor what that rests on',
  'graph-is-whole': 'the plan has no circles and names only what is in it, whatever is changed',
  'pause-holds': 'nothing is begun for what is paused or skipped',
  'goes-on': 'an attempt has what an earlier one left with which it goes on, and goes on where it can',
  'kept-by-a-ref': 'what was captured is kept by a ref of its own',
  'restored-is-whole':
    'a restored run begins with exactly what was merged at its checkpoint, and does none of it again',
  'reused-where-it-holds':
    'a result of an earlier run is taken where it rests on the same, and only there; its work is not done again',
  'original-untouched': 'the run that another one was restored from stays as it was',
  'journal-readable': 'a journal can be opened after whatever happened',
} as const;

export type Invariant = keyof typeof INVARIANTS;

/** An invariant was broken. */
export class Broken extends Error {
  readonly invariant: Invariant;
  readonly detail: string;

  constructor(invariant: Invariant, detail: string) {
    super(`${invariant} (${INVARIANTS[invariant]}): ${detail}`);
    this.name = 'Broken';
    this.invariant = invariant;
    this.detail = detail;
  }
}
