import { readFile } from 'node:fs/promises';
import { OrchestratorError } from '../core/model/error.ts';
import type { Plan } from '../core/model/plan.ts';
import { checkPlan } from '../core/planning/check-plan.ts';

/** A plan file is the person's own: it may be larger than what a planner is asked for. */
const MAX_SUBTASKS_IN_FILE = 500;

/** What a plan file holds, unchecked. Throws `wrong-use` naming the file when it can't be read or is no JSON. */
export async function readPlanFile(file: string): Promise<unknown> {
  try {
    // Some editors put a byte order mark in front.
    return JSON.parse((await readFile(file, 'utf8')).replace(/^\ufeff/, ''));
  } catch (cause) {
    throw new OrchestratorError(
      'wrong-use',
      `The plan file ${file} can not be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
}

/** The plan in a file. Throws `bad-plan` with everything that is wrong with it. */
export async function readPlan(file: string): Promise<Plan> {
  const checked = checkPlan(await readPlanFile(file), { maxSubtasks: MAX_SUBTASKS_IN_FILE });
  if (checked.ok) return checked.value;
  throw new OrchestratorError(
    'bad-plan',
    [`The plan file ${file} can not be used:`, ...checked.error.map((problem) => `  ${problem}`)].join('\n'),
  );
}
