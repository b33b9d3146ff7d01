import { isSatisfied } from '../../model/run.ts';
import type { SubtaskCheck } from './check.ts';

export const dependenciesAreIn: SubtaskCheck = ({ run }, { subtask }) => {
  const missing = subtask.dependsOn.filter((id) => !isSatisfied(run.subtasks.get(id)?.status));
  if (missing.length === 0) return undefined;
  return { waitsFor: 'dependencies', reason: `waits for ${missing.map((id) => `"${id}"`).join(', ')}` };
};
