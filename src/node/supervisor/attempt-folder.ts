import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  ATTEMPT_FILES,
  type AttemptClaim,
  type AttemptExit,
  type AttemptSpec,
  attemptClaimSchema,
  attemptExitSchema,
  attemptSpecSchema,
} from '../../core/model/attempt-files.ts';
import { OrchestratorError } from '../../core/model/error.ts';
import { draftOf } from '../process/drafts.ts';

/** Writes a whole file or nothing; mode 0600, since it may hold what a worker was told. */
export function writeAtomically(file: string, text: string): void {
  const draft = draftOf(file);
  writeDurably(draft, text);
  renameSync(draft, file);
}

/**
 * Claims an attempt: the file appears whole or not at all, and only for the first who comes. Returns whether this
 * process was the first.
 */
export function claimAttempt(folder: string, claim: AttemptClaim): boolean {
  const file = join(folder, ATTEMPT_FILES.claim);
  const draft = draftOf(file);
  writeDurably(draft, JSON.stringify(claim));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Throws when the file is missing or is no spec of a version that this code understands. */
export function readSpec(folder: string): AttemptSpec {
  const file = join(folder, ATTEMPT_FILES.spec);
  const parsed = attemptSpecSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`${file} is no spec that this supervisor understands (${issue?.path.join('.')}: ${issue?.message}).`);
}

/** undefined: nobody claimed it yet. Throws when it can't be told who did: a worker may run. */
export function readClaim(folder: string): AttemptClaim | undefined {
  const file = join(folder, ATTEMPT_FILES.claim);
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  const claim = attemptClaimSchema.safeParse(parsed(text));
  if (claim.success) return claim.data;
  throw new OrchestratorError('state-unwritable', `The file ${file} does not say who runs the attempt.`, {
    fix: 'Restore it from a backup, or end what still runs of it and discard the run.',
  });
}

/** undefined: it has not ended, its supervisor died before it could say so, or what is there can't be understood. */
export function readExit(folder: string): AttemptExit | undefined {
  const text = readIfThere(join(folder, ATTEMPT_FILES.exit));
  return text === undefined ? undefined : attemptExitSchema.safeParse(parsed(text)).data;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readIfThere(file: string): string | undefined {
  // Most looks find nothing, and an error costs more than a look.
  if (!existsSync(file)) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function writeDurably(file: string, text: string): void {
  const descriptor = openSync(file, 'w', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
