import * as vscode from 'vscode';
import { OrchestratorError } from '../core/model/error.ts';
import type { GraphChange } from '../core/model/graph-change.ts';
import { isInWork, type SubtaskState } from '../core/model/run.ts';
import type { CommandHandlers } from './commands.ts';
import type { KnownRun } from './known-run.ts';
import type { Target } from './parse-argument.ts';
import { requireTrust } from './repositories.ts';
import type { Runs } from './runs.ts';
import { editSubtask } from './subtask-documents.ts';
import { label } from './text.ts';
import { t } from './translate.ts';

type TargetOf = (argument: unknown) => Promise<Target | undefined>;

/** What can be done with a subtask in the Runs view, or with a run as far as it is the same. */
export function subtaskCommands(
  runs: Runs,
  targetOf: TargetOf,
): Pick<
  CommandHandlers,
  'pause' | 'unpause' | 'skip' | 'retry' | 'pin' | 'unpin' | 'editSubtask' | 'addSubtask' | 'splitSubtask' | 'remove'
> {
  const found = async (argument: unknown): Promise<{ known: KnownRun; state: SubtaskState | undefined }> => {
    requireTrust();
    const target = await targetOf(argument);
    const known = target && runs.find(target.run);
    if (!known) throw new OrchestratorError('run-not-found', t('Choose this on a line of the Runs view.'));
    return { known, state: known.state.subtasks.get(target.subtask ?? '') };
  };
  const change =
    (make: (state: SubtaskState) => GraphChange | undefined | Promise<GraphChange | undefined>) =>
    async (argument: unknown): Promise<void> => {
      const { known, state } = await found(argument);
      if (!state) throw new OrchestratorError('wrong-use', t('Choose this on a subtask of the Runs view.'));
      const made = await make(state);
      if (made) await runs.ask(known.state.id, { type: 'change', change: made });
    };
  const openOf = (kind: 'edit' | 'split') => async (argument: unknown) => {
    const { known, state } = await found(argument);
    if (state) await editSubtask(known.state.id, state.subtask.id, kind);
  };
  return {
    pause: async (argument) => {
      const { known, state } = await found(argument);
      if (!state) return runs.ask(known.state.id, { type: 'pause' });
      const made = await pauseOf(state);
      return made && runs.ask(known.state.id, { type: 'change', change: made });
    },
    unpause: async (argument) => {
      const { known, state } = await found(argument);
      if (!state) return runs.ask(known.state.id, { type: 'unpause' });
      const made = { type: 'subtask.unpaused', subtask: state.subtask.id } as const;
      return runs.ask(known.state.id, { type: 'change', change: made });
    },
    skip: change(skipOf),
    retry: change(({ subtask }) => ({ type: 'subtask.retried', subtask: subtask.id })),
    pin: change(({ subtask }) => ({ type: 'subtask.pinned', subtask: subtask.id })),
    unpin: change(({ subtask }) => ({ type: 'subtask.unpinned', subtask: subtask.id })),
    remove: change(removalOf),
    editSubtask: openOf('edit'),
    splitSubtask: openOf('split'),
    addSubtask: async (argument) => {
      const { known } = await found(argument);
      const id = await vscode.window.showInputBox({
        title: t('Add Subtask'),
        prompt: t('A short name for it: letters, digits, ".", "_" or "-".'),
        validateInput: async (text) => {
          const taken = runs.find(known.state.id)?.state.subtasks.has(text);
          return taken ? t('There is one of this name already.') : (await loadParser()).problemOfId(text);
        },
      });
      if (id) await editSubtask(known.state.id, id, 'edit');
    },
  };
}

/** On first use: it needs zod, which activation does not wait for. */
const loadParser = () => import('./parse-subtask.ts');

async function pauseOf({ subtask, status }: SubtaskState): Promise<GraphChange | undefined> {
  const pause = { type: 'subtask.paused', subtask: subtask.id } as const;
  if (status !== 'running' && status !== 'validating') return pause;
  const end = t('End Its Worker and Pause');
  const detail = t(
    'Paused, its worker goes on, but there is no other attempt. If you end the worker, what it has done so far is kept, and you can edit the subtask.',
  );
  const choice = await ask(t('A worker is busy with "{0}".', label(subtask.title)), detail, t('Pause'), end);
  if (choice === undefined) return undefined;
  return choice === end ? { ...pause, endWorker: true } : pause;
}

async function skipOf({ subtask, status }: SubtaskState): Promise<GraphChange | undefined> {
  const skip = { type: 'subtask.skipped', subtask: subtask.id } as const;
  if (!isInWork(status)) return skip;
  const detail = t('What its worker has done so far is kept, but not merged.');
  const question = t('A worker is busy with "{0}".', label(subtask.title));
  const choice = await ask(question, detail, t('End Its Worker and Skip'));
  return choice === undefined ? undefined : { ...skip, endWorker: true };
}

async function removalOf({ subtask }: SubtaskState): Promise<GraphChange | undefined> {
  const question = t('Remove "{0}" from the plan?', label(subtask.title));
  const choice = await ask(question, t('It will not be done.'), t('Remove'));
  return choice === undefined ? undefined : { type: 'subtask.removed', subtask: subtask.id };
}

function ask(question: string, detail: string, ...choices: readonly string[]): Thenable<string | undefined> {
  return vscode.window.showWarningMessage(question, { modal: true, detail }, ...choices);
}
