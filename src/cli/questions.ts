import { plainText } from '../core/model/plain-text.ts';
import { PLAN_QUESTION, type RunState } from '../core/model/run.ts';
import type { Host } from '../host/host.ts';
import { planQuestionLines, terminalApprovals } from './approvals.ts';
import { parse, wrongUse } from './arguments.ts';
import type { Command, CommandContext } from './command.ts';
import { goOn } from './control.ts';

const OPTIONS = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

/** What a run asks the person now. */
interface Question {
  /** `plan`, or a number. */
  readonly question: string;
  /** Name of it in the journal. */
  readonly request: string;
  readonly subtask: string | null;
  /** All that is asked, a line each. */
  readonly lines: readonly string[];
}

export const questionsCommand: Command = {
  summary: 'list what runs ask you, whichever window or terminal drives them',
  help: `Usage: claude-orchestrator questions [RUN] [--json]

Lists what is asked of you now, with all that you would allow: the plan that waits for approval and
what workers want to do. Secrets that are known as such are left out.

Exit code: 0 listed, 2 wrong use.`,
  async run(args, context) {
    const { values, positionals } = parse(args, OPTIONS);
    const [named, ...rest] = positionals;
    if (rest.length > 0) throw wrongUse('Name at most one run, as "status" shows it.');
    const host = await context.openHost(terminalApprovals(context.terminal, false), '');
    const open = host.runs().runs.filter(({ id, endedAt }) => endedAt === undefined && (named ?? id) === id);
    const found = [];
    for (const run of open)
      for (const one of await questionsOf(host, run, context)) found.push({ run: run.id, ...one });
    const { out, progress } = context.terminal;
    if (values.json) out(JSON.stringify(found.map(({ lines, ...one }) => ({ ...one, asked: lines.join('\n') }))));
    for (const { run, question, subtask, lines } of values.json ? [] : found) {
      out(`${run} ${question}${subtask === null ? '' : `  "${subtask}" asks`}`);
      for (const line of lines) out(`  | ${line}`);
      out(`  Answer: claude-orchestrator answer ${run} ${question} allow|deny`);
    }
    if (found.length === 0) progress('Nothing is asked.');
    return 0;
  },
};

export const answerCommand: Command = {
  summary: 'answer what a run asks, whichever window or terminal drives it',
  help: `Usage: claude-orchestrator answer RUN QUESTION allow|deny [--json]

Answers a question that "questions" lists: its number, or "plan" for the plan that waits for
approval. Denying a plan ends the run. A plan is approved without your uncommitted changes.

  --json                print what came of it as JSON on stdout

Exit code: 0 answered, 1 refused: somebody answered before, or it was withdrawn, 2 wrong use.`,
  async run(args, context) {
    const { values, positionals } = parse(args, OPTIONS);
    const [id, question, word, ...rest] = positionals;
    if (id === undefined || question === undefined || rest.length > 0 || (word !== 'allow' && word !== 'deny'))
      throw wrongUse('Name a run, a question of it and "allow" or "deny".');
    const host = await context.openHost(terminalApprovals(context.terminal, false), '');
    const run = host.runs().runs.find((one) => one.id === id);
    // What is said counts for what stood there when it was said.
    const order = {
      ...{ type: 'answer' as const, question: run ? requestOf(run, question) : question, allow: word === 'allow' },
      ...(question === PLAN_QUESTION && run ? { planVersion: run.planVersion } : {}),
    };
    const answer = await host.ask(id, order, context.signal);
    const { outcome, reason, driven } = answer;
    if (values.json) context.terminal.out(JSON.stringify({ run: id, question, ...answer }));
    context.terminal.progress(
      outcome === 'refused' ? `Refused: ${reason}` : `Done: ${word}.${driven ? '' : goOn(id, outcome)}`,
    );
    return outcome === 'accepted' ? 0 : 1;
  },
};

async function questionsOf(host: Host, run: RunState, { signal }: CommandContext): Promise<Question[]> {
  const asked = [...run.permissions.values()].flatMap(({ request, attempt, asked: one }): Question[] => {
    if (!one) return [];
    const subtask = run.attempts.get(attempt)?.subtask ?? null;
    return [{ question: String(one.number), request, subtask, lines: one.text.split('\n').map(plainText) }];
  });
  const plan = await host.planQuestion(run.id, signal);
  if (!plan) return asked;
  return [{ question: PLAN_QUESTION, request: PLAN_QUESTION, subtask: null, lines: planQuestionLines(plan) }, ...asked];
}

function requestOf(run: RunState, question: string): string {
  return [...run.permissions.values()].find(({ asked }) => String(asked?.number) === question)?.request ?? question;
}
