import { defineScenario } from '../../model-server/scenario.ts';
import type { RuleInput, Scenario } from '../../model-server/schema.ts';

export const LIVE_TASK = 'Change it while it runs';

/** The first worker waits here, so that everything else waits too. */
export const GATE = 'alpha';

const DEPENDENCIES = { alpha: [], beta: [], gamma: ['alpha'], delta: ['alpha'], epsilon: [] } as const;

/** A plan of which the first subtask takes as long as the test wants; any other subtask writes the file of its name. */
export function liveScenario(): Scenario {
  const subtask = ([id, dependsOn]: [string, readonly string[]]) => ({
    id,
    title: `Write ${id}`,
    instructions: `Write ${id}.txt.`,
    dependsOn,
    scope: [`${id}.txt`],
    produces: [`${id}.txt`],
  });
  const structured = { version: 1, title: LIVE_TASK, subtasks: Object.entries(DEPENDENCIES).map(subtask) };
  const writes = (id: string): RuleInput => ({
    name: id,
    when: { subtask: id },
    answer: [{ ...(id === GATE ? { gate: GATE } : {}), write: { [`${id}.txt`]: `${id}\n` } }, 'Done.'],
  });
  return defineScenario({
    rules: [
      { name: 'plan', when: { role: 'planner', prompt: LIVE_TASK }, answer: { structured } },
      ...[...Object.keys(DEPENDENCIES), 'zeta-1'].map(writes),
    ],
  });
}
