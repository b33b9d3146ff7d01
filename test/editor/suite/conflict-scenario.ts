import { defineScenario } from '../../model-server/scenario.ts';
import type { RuleInput, Scenario } from '../../model-server/schema.ts';

/** Tasks whose two subtasks change the same line of the same file. */
export const CONFLICTS = { merge: 'Resolve it by hand', 'give-up': 'Give it up by hand' } as const;

export const FILE = 'src/greet.js';

const signed = (by: string): string =>
  `/** Says hello to somebody. */\nexport function greet(name) {\n  return \`Hello, \${name}!\`; // ${by}\n}\n`;

/** Two workers that clash in one line, and a resolver that leaves the markers where they are. */
export function conflictScenario(): Scenario {
  return defineScenario({ rules: [idler, ...Object.entries(CONFLICTS).flatMap(([id, task]) => rulesOf(id, task))] });
}

const idler: RuleInput = {
  name: 'resolves nothing',
  when: { role: 'worker', prompt: 'conflict markers' },
  answer: 'Done.',
};

function rulesOf(id: string, task: string): RuleInput[] {
  const ids = [`${id}-one`, `${id}-two`];
  const subtask = (one: string) => ({
    id: one,
    title: `Sign as ${one}`,
    instructions: `Sign the greeting in ${FILE}.`,
    dependsOn: [],
    scope: [FILE],
    produces: [],
  });
  return [
    {
      name: `plan for ${id}`,
      when: { role: 'planner', prompt: task },
      answer: { structured: { version: 1, title: task, subtasks: ids.map(subtask) } },
    },
    ...ids.map((one) => ({
      name: one,
      when: { subtask: one },
      answer: [{ overwrite: { [FILE]: signed(one) } }, 'Done.'],
    })),
  ];
}
