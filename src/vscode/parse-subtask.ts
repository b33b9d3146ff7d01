import { OrchestratorError } from '../core/model/error.ts';
import { type GraphChange, readChange } from '../core/model/graph-change.ts';
import { subtaskIdSchema } from '../core/model/plan.ts';
import { t } from './translate.ts';

/** The change that an edited text stands for. Throws `wrong-use` saying what is wrong in it. */
export function changeIn(text: string, subtask: string, kind: 'add' | 'edit' | 'split'): GraphChange {
  const value = parsed(text);
  const fields = typeof value === 'object' && value !== null ? value : {};
  const change = {
    add: { type: 'subtask.added', definition: { ...fields, id: subtask } },
    edit: { type: 'subtask.edited', subtask, set: value },
    split: { type: 'subtask.split', subtask, into: value },
  }[kind];
  const read = readChange(change);
  if (!read.ok) throw new OrchestratorError('wrong-use', read.error.join('. '));
  return read.value;
}

/** Why this can't be the name of a subtask; undefined for one that can. */
export function problemOfId(id: string): string | undefined {
  const checked = subtaskIdSchema.safeParse(id);
  return checked.success ? undefined : checked.error.issues[0]?.message;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new OrchestratorError('wrong-use', t('This is no JSON: {0}', cause instanceof Error ? cause.message : ''), {
      cause,
    });
  }
}
