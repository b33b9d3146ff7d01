import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type ControlRequest, controlRequestSchema } from '../../core/model/control.ts';
import type { ControlInbox } from '../../core/ports/control-inbox.ts';
import { unwritable } from '../state/paths.ts';
import { Changes } from '../supervisor/changes.ts';
import { LineReader } from '../supervisor/tail.ts';

/** Adds a request to a run's `control.ndjson`. Throws `state-unwritable`. */
export async function appendRequest(file: string, request: ControlRequest): Promise<void> {
  // A line end goes first too: what a writer that died left unfinished must not swallow this.
  await appendFile(file, `\n${JSON.stringify(request)}\n`, { mode: 0o600 }).catch((cause: unknown) => {
    throw unwritable(dirname(file), cause);
  });
}

/**
 * A run's `control.ndjson`, which need not be there yet; its folder must.
 *
 * @param onProblem told of each line that is no request
 */
export function controlInbox(file: string, onProblem: (message: string) => void): ControlInbox {
  return {
    async present() {
      const reader = new LineReader(file);
      const present: ControlRequest[] = [];
      for (let lines = reader.read(); lines.length > 0; lines = reader.read()) {
        // What is no request was told of when it was met on the way.
        present.push(...lines.flatMap(({ text }) => parsed(text) ?? []));
      }
      return present;
    },
    async *requests(signal) {
      const reader = new LineReader(file);
      const changes = new Changes(file, signal);
      try {
        while (!signal.aborted) {
          const lines = reader.read();
          for (const { text, from } of lines) {
            if (signal.aborted) return;
            if (text === '') continue;
            const request = parsed(text);
            if (request) yield request;
            else onProblem(`${file}, byte ${from}: this is no request that this version understands.`);
          }
          if (lines.length === 0) await changes.next();
        }
      } finally {
        changes.stop();
      }
    },
  };
}

function parsed(text: string): ControlRequest | undefined {
  try {
    return controlRequestSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
