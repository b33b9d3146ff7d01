import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Check } from '../../core/model/checks.ts';

const packageSchema = z.object({ scripts: z.record(z.string(), z.string()).catch({}) });

/** npm's own placeholder is no test. */
const PLACEHOLDER = 'no test specified';

/** Scripts that are looked for, with the command a person would type. */
const SCRIPTS = [
  { script: 'typecheck', command: 'npm run typecheck' },
  { script: 'test', command: 'npm test' },
];

/** The project's own check commands as far as its files tell, as a person would type them: `npm test`, … */
export async function detectCheckCommands(root: string): Promise<string[]> {
  const scripts = await scriptsOf(root);
  return SCRIPTS.filter(({ script }) => has(scripts, script)).map(({ command }) => command);
}

/** The same as checks of merged trees. */
export async function detectChecks(root: string): Promise<Check[]> {
  const commands = await detectCheckCommands(root);
  return commands.map((command) => ({
    name: command,
    command: command.split(' '),
    timeoutSeconds: 600,
    detected: true,
  }));
}

const has = (scripts: Readonly<Record<string, string>>, name: string): boolean =>
  scripts[name] !== undefined && !scripts[name].includes(PLACEHOLDER);

async function scriptsOf(root: string): Promise<Readonly<Record<string, string>>> {
  try {
    return packageSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))).scripts;
  } catch {
    return {};
  }
}
