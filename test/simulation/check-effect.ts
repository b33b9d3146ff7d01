import type { AttemptFolder } from './supervisor.ts';
import type { Truth } from './truth.ts';

/** What must hold when a worker is told something. */
export function checkSend(truth: Truth, attempt: string, line: AttemptFolder['control'][number]): void {
  const known = truth.state?.attempts.get(attempt);
  // A planner that is told what is wrong with its plan has no intent: telling it again is harmless.
  if (line.type === 'message' && known?.subtask !== null)
    truth.must(
      known !== undefined && line.id === `findings-${known.sentBackTurn}`,
      'intent-before-effect',
      `${attempt} is told ${line.id} without an intent`,
    );
  if (line.type === 'finish' && known && known.subtask !== null) {
    const isDecided = known.validated?.turn === known.turns || (known.lastTurn?.failure ?? null) !== null;
    truth.must(isDecided, 'intent-before-effect', `${attempt} is let go before what came of it is on disk`);
  }
  if (line.type === 'permission') {
    const earlier = truth.machine
      .folder(attempt)
      .control.find((other) => other.type === 'permission' && other.requestId === line.requestId);
    truth.must(
      earlier === undefined || earlier.id === line.id,
      'answered-once',
      `${attempt} is answered ${line.requestId} again, as ${line.id}`,
    );
    truth.must(
      known?.decisions.get(line.requestId) === line.decision.behavior,
      'intent-before-effect',
      `${attempt} is answered ${line.decision.behavior} without a decision`,
    );
  }
}

/** What must hold when a ref moves; `onto` has the commit with which each subtask is about to be merged. */
export function checkRef(truth: Truth, onto: ReadonlyMap<string, string>, ref: string, next: string): void {
  const { state, git } = truth;
  // Others keep what there is, whole or not.
  if (!ref.endsWith('/integration')) return;
  if (!state && truth.restored) {
    truth.must(next === truth.restored.integrated, 'restored-is-whole', `${ref} begins elsewhere`);
    return;
  }
  // Back to where the journal says.
  if (next === state?.integrated) return;
  truth.must(git.isWhole(next), 'checked-before-integration', `${ref} moves to ${next}, which is broken`);
  const integrating = [...(state?.subtasks.values() ?? [])].filter(({ status }) => status === 'integrating');
  const held = [...git.contentOf(next).keys()];
  const done = new Set(state?.integrationOrder ?? []);
  const added = held.filter((id) => !done.has(id));
  truth.must(
    added.length > 0 &&
      added.every((id) => integrating.some(({ subtask }) => subtask.id === id)) &&
      added.every((id) => onto.get(id) === state?.integrated),
    'intent-before-effect',
    `${ref} takes in ${added.join(', ') || 'nothing'}`,
  );
  truth.must(held.length === done.size + added.length, 'accepted-is-in-the-result', `${ref} loses what was integrated`);
  const evidence = state?.evidence.get(git.treeOf(next))?.get('test');
  const { check } = truth.given;
  const counts = check !== undefined && !(check.detected && (check.hopeless || check.trouble > 0));
  truth.must(
    !counts || (evidence?.outcome === 'passed' && git.passes(next)),
    'checked-before-integration',
    `${ref} moves to ${next}, of which the check says ${evidence?.outcome ?? 'nothing'}`,
  );
}
