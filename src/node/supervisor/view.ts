import { join } from 'node:path';
import { ATTEMPT_FILES } from '../../core/model/attempt-files.ts';
import { redactor, secretValues } from '../../core/model/redact.ts';
import { isAlive } from '../process/identity.ts';
import { readClaim, readExit, readSpec } from './attempt-folder.ts';
import { renderExit, renderLine, renderTitle } from './render.ts';
import { LineReader, onChange } from './tail.ts';

/** A supervisor that has not claimed its attempt by then is not coming. */
const CLAIM_MS = 20_000;

/**
 * Shows an attempt's live output until it ends; the attempt does not notice. Resolves with the worker's exit code, 1
 * where it has none.
 */
export async function view(folder: string, write: (text: string) => void): Promise<number> {
  const stream = join(folder, ATTEMPT_FILES.stream);
  const reader = new LineReader(stream);
  const startedAt = Date.now();
  const spec = readSpec(folder);
  const redact = redactor(secretValues(spec.environmentNames, process.env));
  write(renderTitle(spec));
  return new Promise((resolve, reject) => {
    const look = (): void => {
      try {
        // Asked before the lines are read: what was written before the end is then read before the end is shown.
        const exit = readExit(folder);
        for (let lines = reader.read(); lines.length > 0; lines = reader.read()) {
          for (const line of lines) write(renderLine(redact(line.text)));
        }
        if (exit) {
          write(renderExit(exit));
          done(exit.code ?? 1);
        } else if (isGone(folder, startedAt)) {
          write('The supervisor of this worker is gone. Resume the run to start it again.\n');
          done(1);
        }
      } catch (error) {
        stop();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const stop = onChange(stream, look, [ATTEMPT_FILES.exit]);
    const done = (code: number): void => {
      stop();
      resolve(code);
    };
    look();
  });
}

function isGone(folder: string, startedAt: number): boolean {
  const claim = readClaim(folder);
  if (!claim) return Date.now() - startedAt > CLAIM_MS;
  if (claim.by === 'abandoned') return true;
  // The exit may have been written between the two looks.
  return !isAlive(claim.owner) && readExit(folder) === undefined;
}
