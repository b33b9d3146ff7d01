import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface StartArguments {
  /** End after the run instead of leaving the editor open. */
  readonly once: boolean;
  readonly json: boolean;
  /** The person's own repository and their own Claude, nothing scripted. */
  readonly live: { readonly folder: string } | undefined;
}

export const HELP = `Usage: npm start -- [--once] [--json] | [--live --folder PATH]

Opens a sample repository in a real VS Code with the extension, runs "Orchestrate Task" there with
the real Claude Code CLI against a scripted model server on this machine, and leaves VS Code open.
No account is needed and nothing leaves this machine.

  --once                end after the run; exit code 0 only if its result was validated and merged
  --json                print one last line of JSON about the run
  --live --folder PATH  open your own repository with your own Claude login; nothing is scripted
`;

/** Throws an error whose message a person can act on. */
export function parseStartArguments(args: readonly string[]): StartArguments | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      live: { type: 'boolean', default: false },
      folder: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return 'help';
  if (!values.live && values.folder !== undefined)
    throw new Error('--folder goes with --live; the scripted run has a sample repository of its own.');
  if (values.live && values.folder === undefined) throw new Error('--live needs --folder PATH, your repository.');
  if (values.live && (values.once || values.json))
    throw new Error('--once and --json go with the scripted run: with --live you give the task in the editor.');
  const live =
    values.live && values.folder !== undefined
      ? { folder: resolve(process.env['INIT_CWD'] ?? '.', values.folder) }
      : undefined;
  return { once: values.once, json: values.json, live };
}
