import * as z from 'zod';
import { planSchema, subtaskSchema } from '../model/plan.ts';
import { MAX_SUBTASKS } from './check-plan.ts';

/** What a planner is asked for: the rest of a plan is the person's to say. */
const plannedSchema = planSchema.extend({
  subtasks: z.array(subtaskSchema.omit({ priority: true, budget: true, inputs: true })).min(1),
});

/** The plan's JSON schema as the CLI takes it with `--json-schema`. */
export function planJsonSchema(): string {
  const { $schema: _, ...schema } = z.toJSONSchema(plannedSchema, { io: 'input' });
  return JSON.stringify(schema);
}

/** First message of a planner session. */
export function plannerPrompt(task: string): string {
  return [
    'Plan the task below as a graph of subtasks for several developers who work at the same time, each in a separate copy of this repository.',
    '',
    '- Look at the repository first. Change nothing.',
    `- At most ${MAX_SUBTASKS} subtasks; fewer is better. One subtask is right for a small task.`,
    '- Each subtask must be doable from its own instructions alone: name files, interfaces and how to tell that it is done.',
    '- A subtask sees the results of the subtasks in its dependsOn, and nothing else of the others. Depend only on what is needed.',
    '- scope: globs of every file that it may create or change, relative to the repository. Two subtasks that can run at the same time must not share files.',
    '- produces: files that must exist when it is done.',
    '- estimate.seconds: how long one developer session takes.',
    '',
    'The task, in the words of the person who asked:',
    '',
    task,
  ].join('\n');
}

/** Next message when the answer was no valid plan. */
export function repairPrompt(problems: readonly string[]): string {
  const shown = problems.slice(0, 20).map((problem) => `- ${problem}`);
  return ['That plan can not be used:', ...shown, 'Answer with the whole corrected plan.'].join('\n');
}
