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
    try {
      return await reader.question(question, { signal });
    } finally {
      reader.close();
    }
  },
};
