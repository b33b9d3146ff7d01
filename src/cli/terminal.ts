import { createInterface } from 'node:readline/promises';

/** The person's terminal. Progress goes to stderr, so that stdout carries the answer alone. */
export interface Terminal {
  out(text: string): void;
  progress(text: string): void;
  /** Asks for a line; undefined where nobody can be asked. */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>;
}

export const terminal: Terminal = {
  out: (text) => {
    process.stdout.write(`${text}\n`);
  },
  progress: (text) => {
    process.stderr.write(`${text}\n`);
  },
  ask: async (question, signal) => {
    if (!process.stdin.isTTY) return undefined;
    const reader = createInterface({ input: process.stdin, output: process.stderr });
    // The keys do not make signals while a line is read.
    reader.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
    const ended = new Promise<undefined>((resolve) => reader.once('close', () => resolve(undefined)));
    try {
      return await Promise.race([reader.question(question, { signal }), ended]);
    } finally {
      reader.close();
    }
  },
};
