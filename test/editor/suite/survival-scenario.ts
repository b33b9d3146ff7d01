import { defineScenario } from '../../model-server/scenario.ts';
import type { RuleInput, Scenario } from '../../model-server/schema.ts';

/** What happens to the editor, by the name that its subtasks begin with. */
export const DISASTERS = {
  reload: 'a reload of the page',
  terminals: 'terminals that are closed by hand',
  host: 'kill -9 of the extension host, then a reload',
  closed: 'a window that is closed for a minute',
  server: 'kill -9 of the whole server, which is started again',
} as const;

export type Disaster = keyof typeof DISASTERS;

export const WORKERS = ['one', 'two', 'three'] as const;

/** More than what a terminal takes in before somebody has to read it, and than the 500 kB that were asked for. */
const LOUD = { repeat: 'A worker can say a lot without anybody listening. ', times: 11_000 };

/** Talk is cheap here: what it would cost would end the run by its spending cap. */
const usage = { input: 1000, output: 100 };

/** For each disaster a plan: a quick subtask, then three workers that talk a lot, wait at the disaster's gate and write. */
export function survivalScenario(): Scenario {
  return defineScenario({ rules: (Object.keys(DISASTERS) as Disaster[]).flatMap(rulesOf) });
}

function rulesOf(disaster: Disaster): RuleInput[] {
  const first = `${disaster}-first`;
  const others = WORKERS.map((worker) => `${disaster}-${worker}`);
  const subtask = (id: string, dependsOn: string[]) => ({
    id,
    title: `Write ${id}`,
    instructions: `Write ${id}.txt.`,
    dependsOn,
    scope: [`${id}.txt`],
    produces: [`${id}.txt`],
  });
  return [
    {
      name: `plan for ${disaster}`,
      when: { role: 'planner', prompt: `Survive ${disaster}` },
      answer: {
        structured: {
          version: 1,
          title: `Survive ${disaster}`,
          subtasks: [subtask(first, []), ...others.map((id) => subtask(id, [first]))],
        },
      },
    },
    { name: first, when: { subtask: first }, answer: [{ write: { [`${first}.txt`]: 'first\n' } }, 'Done.'] },
    ...others.map((id) => ({
      name: id,
      when: { subtask: id },
      answer: [
        { text: LOUD, read: 'README.md', usage },
        { gate: disaster, text: LOUD, usage, write: { [`${id}.txt`]: `${id}\n` } },
        'Done.',
      ],
    })),
  ];
}
