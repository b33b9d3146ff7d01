import type { RunEvent } from '../model/events.ts';
import type { Journal } from './journal.ts';

/**
 * What tells the journal that these subtasks wait for room on the disk, given why there is none, and that they do no
 * longer, given undefined. `onHeld` is called whenever they begin to wait.
 */
export function tellsOfRoom(
  { journal, onHeld }: { readonly journal: Journal; readonly onHeld: () => void },
  subtasks: readonly string[],
): (lack: string | undefined) => void {
  return (lack) => {
    const events: RunEvent[] = subtasks.flatMap((id) => {
      const own = journal.state.subtasks.get(id);
      // It may have been removed from the plan meanwhile.
      return own && own.room !== lack ? [{ type: 'subtask.held', subtask: id, room: lack ?? null }] : [];
    });
    if (events.length === 0) return;
    // Whoever needs the journal hears of its failure as well.
    journal.record(...events).catch(() => undefined);
    if (lack !== undefined) onHeld();
  };
}
