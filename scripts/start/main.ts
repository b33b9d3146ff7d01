import { explain } from '../../src/core/model/error.ts';
import { build } from '../build.ts';
import { HELP, parseStartArguments } from './arguments.ts';
import { openLive } from './live.ts';
import { runScripted } from './scripted.ts';

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort(new Error('Stopped.')));
const print = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

try {
  const args = parseStartArguments(process.argv.slice(2));
  if (args === 'help') process.stdout.write(HELP);
  else {
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
