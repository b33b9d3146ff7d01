import { type ChildProcess, spawn } from 'node:child_process';
import { supervise } from './node/supervisor/supervise.ts';
import { view } from './node/supervisor/view.ts';

/**
 * Composition root of a worker's side, with an attempt's folder as second argument:
 * `supervise` runs the attempt, `start` starts that detached and ends, `view` shows the attempt, `run` does both.
 */
async function main(verb: string | undefined, folder: string | undefined): Promise<number> {
  if (folder === undefined) return wrongUse();
  switch (verb) {
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

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
}

function wrongUse(): number {
  process.stderr.write('Usage: worker.js supervise|start|run|view ATTEMPT_FOLDER\n');
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
