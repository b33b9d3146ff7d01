import { readFile } from 'node:fs/promises';
import { OrchestratorError } from '../core/model/error.ts';

/** What a plan file holds, unchecked. Throws `wrong-use` naming the file when it can't be read or is no JSON. */
export async function readPlanFile(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new OrchestratorError(
      'wrong-use',
      `The plan file ${file} can not be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { cause },
    );
  }
}
