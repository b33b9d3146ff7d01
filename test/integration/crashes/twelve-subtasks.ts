import { defineScenario } from '../../model-server/scenario.ts';
import type { RuleInput, Scenario } from '../../model-server/schema.ts';
import { Stream } from '../../simulation/stream.ts';

/** What the worker with a question asks for; the run allows it. */
export const CHECK_COMMAND = 'node --check c.js';

/** Subtask → what it depends on: roots, a join, a chain, and one that stands alone. */
const DEPENDENCIES: Readonly<Record<string, readonly string[]>> = {
  ...{ a: [], b: [], c: [], d: [], e: ['a', 'b'], f: ['b'], g: ['c'], h: ['e', 'f'] },
  ...{ i: ['f', 'g'], j: ['d'], k: ['h', 'i'], l: [] },
};

/** Whose first result is broken, so that its findings go back. */
const MENDS: ReadonlySet<string> = new Set(['b', 'h']);
const ASKS = 'c';

/** Ids of the subtasks. */
export const SUBTASKS = Object.keys(DEPENDENCIES);

/** A plan of twelve subtasks, each of which writes one file. */
export const PLAN = {
  version: 1,
  title: 'Twelve files',
  subtasks: Object.entries(DEPENDENCIES).map(([id, dependsOn]) => ({
    ...{ id, title: `Write ${id}.js`, instructions: `Create ${id}.js.`, dependsOn },
    ...{ scope: [`${id}.js`], produces: [`${id}.js`] },
  })),
};

/** What the model answers: the same files each time, after latencies of 50 to 500 ms that follow from a seed. */
export function twelveFiles(seed: number): Scenario {
  const random = new Stream(seed);
  const latencyMs = (): number => random.int(50, 500);
  const whole = (id: string): string => `export const ${id} = '${id}';\n`;
  const rules = SUBTASKS.flatMap((id): RuleInput[] => {
    const when = { role: 'worker', subtask: id };
    const end = { text: `${id}.js is there.`, latencyMs: latencyMs() };
    if (MENDS.has(id)) {
      return [
        {
          name: `${id} breaks its file first`,
          when: { ...when, userTurn: 1 },
          answer: [{ write: { [`${id}.js`]: `export const ${id} = ;\n` }, latencyMs: latencyMs() }, end],
        },
        {
          name: `${id} mends it`,
          when: { ...when, userTurn: 2 },
          answer: [{ overwrite: { [`${id}.js`]: whole(id) }, latencyMs: latencyMs() }, end],
        },
      ];
    }
    const write = { write: { [`${id}.js`]: whole(id) }, latencyMs: latencyMs() };
    const asks = id === ASKS ? [{ bash: CHECK_COMMAND, latencyMs: latencyMs() }] : [];
    return [{ name: `${id} writes its file`, when, answer: [write, ...asks, end] }];
  });
  return defineScenario({ rules });
}
