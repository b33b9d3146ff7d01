import { explain } from '../../src/core/model/error.ts';
import { build } from '../build.ts';
import { HELP, parseStartArguments } from './arguments.ts';
import { openLive } from './live.ts';
import { runScripted } from './scripted.ts';

const stop = new AbortController();
const print = (line: string): void => {
  process.stderr.write(`${line}\n`);
};
const AGAIN_MS = 1_000;
let stoppedAt = 0;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    // A terminal's Ctrl+C comes twice: from the terminal, and from the script that started this one.
    if (stop.signal.aborted) {
      if (performance.now() - stoppedAt > AGAIN_MS) process.exit(1);
      return;
    }
    stoppedAt = performance.now();
    print('Closing… (once more to leave at once)');
    stop.abort(new Error('Stopped.'));
  });
}

const args = parseArguments();
try {
  if (args === 'help') process.stdout.write(HELP);
  else if (args !== undefined) {
    await build();
    if (args.live) await openLive(args.live.folder, print, stop.signal);
    else process.exitCode = await runScripted(args, print, stop.signal);
  }
} catch (error) {
  if (!stop.signal.aborted) {
    print(explain(error));
    process.exitCode = 1;
  }
}

function parseArguments(): ReturnType<typeof parseStartArguments> | undefined {
  try {
    return parseStartArguments(process.argv.slice(2));
  } catch (error) {
    print(explain(error));
    print('See: npm start -- --help');
    process.exitCode = 2;
    return undefined;
  }
}
