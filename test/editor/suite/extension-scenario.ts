import { SAMPLE_SCENARIO } from '../../../scripts/start/sample.ts';
import { defineScenario, loadScenario } from '../../model-server/scenario.ts';
import type { RuleInput, Scenario } from '../../model-server/schema.ts';

/** A plan for tasks with these words in them: subtasks that have nothing to do with each other. */
function plan(prompt: string, subtasks: Readonly<Record<string, string>>): RuleInput {
  return {
    name: `plans "${prompt}"`,
    when: { role: 'planner', prompt },
    answer: {
      structured: {
        version: 1,
        title: prompt,
        subtasks: Object.entries(subtasks).map(([id, file]) => ({
          id,
          title: `The work of ${id}`,
          instructions: `Write ${file}.`,
          dependsOn: [],
          scope: [file],
          produces: [file],
        })),
      },
    },
  };
}

/** The sample's, with its tests and a description. */
const CHANGED = `${JSON.stringify({ type: 'module', scripts: { test: 'node --test' }, description: 'changed' }, null, 2)}\n`;

const asks = "sh -c 'echo hi'";

/** The sample's scenario, and what else happens in the editor: a question, a clash, workers that never end. */
export function editorScenario(): Scenario {
  const mine = defineScenario({
    rules: [
      plan('Ask before the work', { asker: 'asked.txt' }),
      {
        name: 'asker runs a command and needs it',
        when: { subtask: 'asker' },
        answer: [{ bash: asks }, { write: { 'asked.txt': 'the command ran\n' } }, 'Done.'],
      },
      plan('Ask and take no for an answer', { denied: 'denied.txt' }),
      {
        name: 'denied goes on without the command',
        when: { subtask: 'denied', lastToolError: true },
        answer: [{ write: { 'denied.txt': 'done without\n' } }, 'Done.'],
      },
      { name: 'denied asks', when: { subtask: 'denied' }, answer: [{ bash: asks }, 'Done.'] },
      plan('Clash with my own change', { clash: 'package.json' }),
      {
        name: 'clash changes a file that the person is changing',
        when: { subtask: 'clash' },
        answer: [{ read: 'package.json' }, { overwrite: { 'package.json': CHANGED } }, 'Done.'],
      },
      plan('One small thing', { small: 'small.txt' }),
      {
        name: 'small writes its file',
        when: { subtask: 'small' },
        answer: [{ write: { 'small.txt': 'small\n' } }, 'Done.'],
      },
      plan('Pause and go on', { later: 'later.txt' }),
      {
        name: 'later writes its file',
        when: { subtask: 'later' },
        answer: [{ write: { 'later.txt': 'later\n' } }, 'Done.'],
      },
      plan('Never come to an end', { stuck: 'stuck.txt', hanging: 'hanging.txt' }),
      { name: 'no answer ever', when: { subtask: ['stuck', 'hanging'] }, answer: { hang: true } },
    ],
  });
  return { rules: [...mine.rules, ...loadScenario(SAMPLE_SCENARIO).rules] };
}
