import { type ChildProcess, spawn } from 'node:child_process';
import { read } from 'node:fs';
import { promisify } from 'node:util';
import { supervise } from './node/supervisor/supervise.ts';
import { view } from './node/supervisor/view.ts';

/**
 * Composition root of a worker's side, with an attempt's folder as second argument:
 * `supervise` runs the attempt, `start` starts that detached and ends, `view` shows the attempt, `run` does both. `wait`
 * is told the folder later, by a line on its input, and supervises then.
 */
async function main(verb: string | undefined, given: string | undefined): Promise<number> {
  const folder = verb === 'wait' ? await told() : given;
  // Whoever would have told it is gone.
  if (folder === undefined && verb === 'wait') return 0;
  if (folder === undefined) return wrongUse();
  switch (verb) {
    case 'wait':
    case 'supervise':
      await supervise(folder);
      return 0;
    case 'start':
      startDetached('supervise', folder).unref();
      return 0;
    case 'run':
      // By way of a process that ends: editors kill what descends from a terminal, sessions of their own or not.
      await ended(startDetached('start', folder));
      return view(folder, (text) => process.stdout.write(text));
    case 'view':
      return view(folder, (text) => process.stdout.write(text));
    default:
      return wrongUse();
  }
}

/** In a session of its own and without a terminal: closing this one then means nothing to it. */
function startDetached(next: 'start' | 'supervise', folder: string): ChildProcess {
  const script = process.argv.slice(1, 2);
  const options = { detached: true, stdio: 'ignore', windowsHide: true } as const;
  return spawn(process.execPath, [...process.execArgv, ...script, next, folder], options);
}

/** The line that comes on the input; undefined when that ends before. */
async function told(): Promise<string | undefined> {
  const parts: Buffer[] = [];
  for (;;) {
    const { bytesRead, buffer } = await promisify(read)(0, Buffer.alloc(4_096), 0, 4_096, null);
    if (bytesRead === 0) return undefined;
    parts.push(buffer.subarray(0, bytesRead));
    const text = Buffer.concat(parts).toString('utf8');
    if (text.endsWith('\n')) return text.slice(0, -1);
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
}

function wrongUse(): number {
  process.stderr.write('Usage: worker.js supervise|start|run|view ATTEMPT_FOLDER, or worker.js wait\n');
  return 2;
}

const [verb, folder] = process.argv.slice(2);
main(verb, folder).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
