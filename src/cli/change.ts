import { resolve } from 'node:path';
import { type GraphChange, readChange } from '../core/model/graph-change.ts';
import { terminalApprovals } from './approvals.ts';
import { integer, parse, positiveNumber, wrongUse } from './arguments.ts';
import type { Command, CommandContext } from './command.ts';
import { goOn } from './control.ts';
import { readPlanFile } from './plan-file.ts';

const OPTIONS = {
  title: { type: 'string' },
  instructions: { type: 'string' },
  after: { type: 'string', multiple: true },
  scope: { type: 'string', multiple: true },
  produces: { type: 'string', multiple: true },
  seconds: { type: 'string' },
  priority: { type: 'string' },
  file: { type: 'string' },
  'end-worker': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

type Values = ReturnType<typeof parse<typeof OPTIONS>>['values'];

/** What can be done with a subtask, and the event it leads to. */
const VERBS = {
  add: 'subtask.added',
  edit: 'subtask.edited',
  split: 'subtask.split',
  remove: 'subtask.removed',
  skip: 'subtask.skipped',
  retry: 'subtask.retried',
  pause: 'subtask.paused',
  unpause: 'subtask.unpaused',
  pin: 'subtask.pinned',
  unpin: 'subtask.unpinned',
} as const satisfies Record<string, GraphChange['type']>;

export const changeCommand: Command = {
  summary: 'change the plan of a run while it goes on: add, edit, skip, retry …',
  help: `Usage: claude-orchestrator change RUN WHAT SUBTASK [options]

Changes a run's plan, whichever window or terminal drives it. WHAT is one of

  add        a subtask with this id, from the options below or from --file
  edit       replace what the options or --file say; the rest stays
  split      replace it by several, from --file (a list of subtasks); what depended on it
             depends on those of them that no other part builds on
  remove     take it out; nothing may depend on it
  skip       do without its result: what depended on it depends on what it would have built on
  retry      try a failed, blocked, cancelled or skipped subtask again, with all that was
             blocked by it; a run that has ended goes on with "resume", and there it may be
             any subtask that is not done
  pause      begin no attempt at it; what is in work goes on. unpause: begin again
  pin        start it, and what it waits for, before all others, and keep its files free as
             soon as it only waits for what is in work. unpin: no longer

What has a worker can't be edited, split or removed; what is merged stays.

  --title T --instructions T      of the subtask
  --after ID                      it depends on this one; repeatable ("" for none)
  --scope GLOB --produces PATH    files it may change and must leave; repeatable
  --seconds N --priority 1-10     estimate and urgency
  --file FILE                     the subtask, or parts of it, as in a plan file (JSON)
  --end-worker                    with pause and skip: end its worker first; its work is kept
  --json                          print what came of it as JSON on stdout

Exit code: 0 done, 1 refused, 2 wrong use.`,
  async run(args, context) {
    const { values, positionals } = parse(args, OPTIONS);
    const [run, what, subtask, ...rest] = positionals;
    if (run === undefined || what === undefined || subtask === undefined || rest.length > 0)
      throw wrongUse('Name a run, what to do, and a subtask.');
    if (!Object.hasOwn(VERBS, what)) throw wrongUse(`"${what}" is none of ${Object.keys(VERBS).join(', ')}.`);
    const change = await changeOf(VERBS[what as keyof typeof VERBS], subtask, values, context);
    const host = await context.openHost(terminalApprovals(context.terminal, false), '');
    const answer = await host.ask(run, { type: 'change', change }, context.signal);
    const { outcome, reason, driven } = answer;
    if (values.json) context.terminal.out(JSON.stringify({ run, ...answer }));
    const isEnded = host.runs().runs.some(({ id, endedAt }) => id === run && endedAt !== undefined);
    context.terminal.progress(
      outcome === 'refused'
        ? `Refused: ${reason}`
        : ['Done.', reason, driven || isEnded ? '' : goOn(run, outcome).trim()].filter((part) => part !== '').join(' '),
    );
    return outcome === 'accepted' ? 0 : 1;
  },
};

async function changeOf(
  type: GraphChange['type'],
  subtask: string,
  values: Values,
  { cwd }: CommandContext,
): Promise<GraphChange> {
  const file = values.file === undefined ? undefined : await readPlanFile(resolve(cwd, values.file));
  const fields = { ...(typeof file === 'object' ? file : {}), ...fieldsOf(values) };
  const endWorker = values['end-worker'] === undefined ? {} : { endWorker: values['end-worker'] };
  switch (type) {
    case 'subtask.added':
      return checked({ type, definition: { ...fields, id: subtask } });
    case 'subtask.edited':
      return checked({ type, subtask, set: { ...fields, ...endWorker } });
    case 'subtask.split':
      if (!Array.isArray(file)) throw wrongUse('split needs --file with a list of subtasks.');
      return checked({ type, subtask, into: file });
    default:
      if (Object.keys(fields).length > 0) throw wrongUse('Only add, edit and split take what a subtask is.');
      return checked({ type, subtask, ...endWorker });
  }
}

function fieldsOf(values: Values): Record<string, unknown> {
  const { title, instructions, after, scope, produces, seconds, priority } = values;
  const given = {
    title,
    instructions,
    dependsOn: after?.filter((id) => id !== ''),
    scope: scope?.filter((glob) => glob !== ''),
    produces: produces?.filter((path) => path !== ''),
    estimate: seconds === undefined ? undefined : { seconds: positiveNumber('seconds', seconds) },
    priority: priority === undefined ? undefined : integer('priority', priority, 1, 10),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function checked(change: unknown): GraphChange {
  const read = readChange(change);
  if (!read.ok) throw wrongUse(`${read.error.join('; ')}.`);
  return read.value;
}
