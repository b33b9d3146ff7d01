import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { OrchestratorError } from '../core/model/error.ts';
import { wrongUse } from './arguments.ts';
import type { CommandContext } from './command.ts';

/** Far more than any model reads; the journal keeps the task. */
const MAX_BYTES = 10_000_000;

export const TASK_FILE_HELP = '  --task-file FILE      read the task from a file; "-" reads it from standard input';

/**
 * The task as the person gave it: as arguments, or in a file, which may be longer than what a command line holds. Throws
 * `wrong-use` when there is none, or two.
 */
export async function readTask(
  positionals: readonly string[],
  file: string | undefined,
  context: CommandContext,
): Promise<string> {
  const said = positionals.join(' ').trim();
  if (file === undefined) {
    if (said !== '') return said;
    throw wrongUse('Say what is to be done, as in: claude-orchestrator run "add rate limiting to the API".');
  }
  if (said !== '') throw wrongUse('Give the task as text or with --task-file, not both.');
  const name = file === '-' ? 'Standard input' : `The task file ${file}`;
  const task = decode(name, await bytesOf(name, file, context)).trim();
  if (task === '') throw wrongUse(`${name} is empty: it says what is to be done.`);
  return task;
}

async function bytesOf(name: string, file: string, { cwd }: CommandContext): Promise<Buffer> {
  try {
    return file === '-' ? await buffer(process.stdin) : await readFile(resolve(cwd, file));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new OrchestratorError('wrong-use', `${name} can not be read: ${why}.`, { cause });
  }
}

function decode(name: string, bytes: Buffer): string {
  if (bytes.length > MAX_BYTES)
    throw wrongUse(`${name} has ${Math.round(bytes.length / 1e6)} MB; a task may have ${MAX_BYTES / 1e6} MB.`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw wrongUse(`${name} is no UTF-8 text.`);
  }
}
