import type { RestoredRun } from '../../src/core/checkpoints/restored-run.ts';
import type { RunState } from '../../src/core/model/run.ts';
import type { Truth } from './truth.ts';

/** What must hold of a restored run from its first batch on, whoever owns it. */
export function checkRestored(truth: Truth, state: RunState, { source, integrated }: RestoredRun): void {
  for (const id of source.integrationOrder) {
    const own = state.subtasks.get(id);
    truth.must(own?.status === 'completed', 'restored-is-whole', `${id} was merged and is ${own?.status}`);
    const attempts = own?.attempts.flatMap((attempt) => state.attempts.get(attempt) ?? []) ?? [];
    truth.must(
      attempts.every(({ carried }) => carried),
      'restored-is-whole',
      `${id} was merged and is done again`,
    );
  }
  for (const { subtask, status, attempts, returned } of source.subtasks.values()) {
    const own = state.subtasks.get(subtask.id);
    if (!own || status === 'completed' || status === 'failed' || status === 'skipped') continue;
    const first = state.attempts.get(own.attempts[0] ?? '');
    const from = first?.carried?.why === 'restored' ? source.attempts.get(first.carried.from.attempt) : undefined;
    const last = source.attempts.get(attempts.at(-1) ?? '');
    const hasWork = last?.ended?.outcome !== 'rejected' && (last?.captured ?? last?.continues) !== undefined;
    truth.must(
      !(hasWork || returned) || from !== undefined,
      'restored-is-whole',
      `${subtask.id} lacks what ${last?.id} goes on with`,
    );
    truth.must(
      from === undefined || first?.conflicts.join() === from.conflicts.join(),
      'restored-is-whole',
      `of ${first?.id} nobody knows any more that ${from?.conflicts.join(', ')} conflicted`,
    );
  }
  // Later a person may have said something else.
  const isAsBefore =
    state.paused === source.paused &&
    [...state.pinned].join() === [...source.pinned].join() &&
    [...source.subtasks].every(([id, { paused }]) => state.subtasks.get(id)?.paused === paused);
  truth.must(state.handled.size > 0 || isAsBefore, 'restored-is-whole', 'pauses or pins are others');
  const before = state.integrationOrder.slice(0, source.integrationOrder.length).join(' ');
  truth.must(before === source.integrationOrder.join(' '), 'restored-is-whole', `it was merged as ${before}`);
  if (state.integrationOrder.length === source.integrationOrder.length)
    truth.must(state.integrated === integrated, 'restored-is-whole', 'what is merged is something else');
  truth.must(
    state.approved && (state.handled.size > 0 || state.subtasks.size === source.subtasks.size),
    'restored-is-whole',
    'its plan is another',
  );
}
