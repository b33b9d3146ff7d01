import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const packageSchema = z.object({ scripts: z.record(z.string(), z.string()).catch({}) });

/** npm's own placeholder is no test. */
const PLACEHOLDER = 'no test specified';

/** The project's own check commands as far as its files tell: `npm test` where package.json has such a script. */
export async function detectCheckCommands(root: string): Promise<string[]> {
  try {
    const { scripts } = packageSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
    const test = scripts['test'];
    return test !== undefined && !test.includes(PLACEHOLDER) ? ['npm test'] : [];
  } catch {
    return [];
  }
}
