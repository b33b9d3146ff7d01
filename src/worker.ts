import { spawn } from 'node:child_process';
import { supervise } from './node/supervisor/supervise.ts';
import { view } from './node/supervisor/view.ts';

/**
 * Composition root of a worker's side, with an attempt's folder as second argument:
 * `supervise` runs the attempt, `view` shows it, `run` starts the first detached and does the second.
 */
async function main(verb: string | undefined, folder: string | undefined): Promise<number> {
  if (folder === undefined) return wrongUse();
  switch (verb) {
    case 'supervise':
      await supervise(folder);
      return 0;
    case 'run':
      startSupervisor(folder);
      return view(folder, (text) => process.stdout.write(text));
    case 'view':
      return view(folder, (text) => process.stdout.write(text));
    default:
      return wrongUse();
  }
}

function startSupervisor(folder: string): void {
  const [script] = process.argv.slice(1, 2);
  if (script === undefined) return;
  // A session of its own and no terminal: closing this one then means nothing to it.
  spawn(process.execPath, [...process.execArgv, script, 'supervise', folder], {
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  }).unref();
}

function wrongUse(): number {
  process.stderr.write('Usage: worker.js supervise|run|view ATTEMPT_FOLDER\n');
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
