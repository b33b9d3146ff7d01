import { resolve } from 'node:path';
import { OrchestratorError } from '../core/model/error.ts';
import { escaped } from '../core/model/plain-text.ts';
import { findCycle } from '../core/planning/cycle.ts';
import { DEFAULT_ESTIMATE_SECONDS, type GraphNode } from '../core/scheduling/graph.ts';
import { type Simulation, simulate } from '../core/scheduling/simulate.ts';
import { readSimulationPlan } from '../core/scheduling/simulation-plan.ts';
import { integer, parse, wrongUse } from './arguments.ts';
import type { Command } from './command.ts';
import { readPlanFile } from './plan-file.ts';

const MAX_WORKERS = 1000;
const DEFAULT_WORKERS = 3;
/** Problems that are named; a file that is no plan at all would have thousands. */
const MAX_PROBLEMS = 20;

export const simulateCommand: Command = {
  summary: 'how long a plan takes with so many workers, by its estimates',
  help: `Usage: claude-orchestrator simulate PLAN.json [--workers N] [--format text|json]

Runs the scheduler on a virtual clock on which every subtask takes as long as its estimate says.

  --workers N           workers at the same time (default ${DEFAULT_WORKERS})
  --format json         {"makespan","lowerBound","criticalPath","schedule"}, times in seconds

Only ids, dependencies, estimates and scopes are read; instructions may be missing. A subtask
without an estimate counts as ${DEFAULT_ESTIMATE_SECONDS} s. Subtasks with overlapping scopes never run at once; one
without a scope stands in nobody's way here, while in a run it would run alone.

Exit code: 0 simulated, 2 wrong use.`,
  async run(args, context) {
    const { values, positionals } = parse(args, {
      workers: { type: 'string' },
      format: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    });
    const format = values.format ?? 'text';
    if (format !== 'text' && format !== 'json') throw wrongUse(`--format is text or json, not "${format}".`);
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) throw wrongUse('Name one plan file.');
    const workers = values.workers === undefined ? DEFAULT_WORKERS : integer('workers', values.workers, 1, MAX_WORKERS);
    const simulation = simulate(await readNodes(resolve(context.cwd, file)), workers);
    context.terminal.out(format === 'json' ? JSON.stringify(simulation) : textOf(simulation));
    return 0;
  },
};

async function readNodes(file: string): Promise<GraphNode[]> {
  const read = readSimulationPlan(await readPlanFile(file));
  if (!read.ok) throw badPlan(file, read.error);
  const cycle = findCycle(read.value);
  if (cycle) {
    throw badPlan(file, [
      `subtasks: "${cycle.join('" → "')}" depend on each other in a circle; remove one of these dependencies`,
    ]);
  }
  return read.value;
}

function badPlan(file: string, problems: readonly string[]): OrchestratorError {
  const named = problems.slice(0, MAX_PROBLEMS).map((problem) => `  ${problem}`);
  const rest = problems.length - named.length;
  const lines = [`The plan file ${file} can not be used:`, ...named, ...(rest > 0 ? [`  and ${rest} more`] : [])];
  return new OrchestratorError('bad-plan', lines.join('\n'));
}

function textOf({ makespan, lowerBound, criticalPath, schedule }: Simulation): string {
  return [
    ...schedule.map(
      ({ id, worker, start, end }) => `${seconds(start)} to ${seconds(end)}  worker ${worker}  ${escaped(id)}`,
    ),
    `Together ${seconds(makespan).trim()}; no schedule is shorter than ${seconds(lowerBound).trim()}.`,
    `Critical path: ${criticalPath.map(escaped).join(' → ')}`,
  ].join('\n');
}

function seconds(value: number): string {
  return `${Number(value.toFixed(3))} s`.padStart(9);
}
