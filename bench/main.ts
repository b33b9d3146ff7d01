import { parseArgs } from 'node:util';
import { build } from '../scripts/build.ts';
import { activation } from './activation.ts';
import { type Benchmark, rounded } from './benchmark.ts';
import { endToEnd } from './endtoend.ts';
import { engine } from './engine/engine.ts';
import { resume } from './engine/resume.ts';
import { scheduling } from './scheduling.ts';

const BENCHMARKS: readonly Benchmark[] = [activation, endToEnd, engine, resume, scheduling];

const [name] = process.argv.slice(2);
const benchmark = BENCHMARKS.find((known) => known.name === name);
const own = Object.entries(benchmark?.options ?? {});
const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    ...Object.fromEntries(own.map(([option, value]) => [option, { type: 'string', default: value } as const])),
  },
  allowPositionals: true,
});
const options = Object.fromEntries(own.map(([option, value]) => [option, String(values[option as 'rounds'] ?? value)]));
const rounds = Number(values.rounds);
if (!benchmark || !Number.isInteger(rounds) || rounds < 1) {
  process.stdout.write('Usage: npm run bench -- NAME [--rounds N] [--OPTION VALUE] [--json]\n\n');
  for (const { name: known, question, options: more = {} } of BENCHMARKS) {
    const shown = Object.entries(more).map(([option, value]) => ` --${option} ${value}`);
    process.stdout.write(`  ${known.padEnd(12)} ${question}${shown.join('')}\n`);
  }
  process.exitCode = name === undefined ? 0 : 2;
} else {
  await build();
  const { figures, aims } = await benchmark.measure({
    ...{ rounds, options },
    log: (line) => process.stderr.write(`${line}\n`),
  });
  for (const [figure, value] of Object.entries(figures)) process.stdout.write(`${figure}: ${String(value)}\n`);
  for (const { name: aimed, value, op, aim, met } of aims) {
    process.stdout.write(`${aimed}: ${rounded(value)} ${op} ${aim}: ${met ? 'met' : 'not met'}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ bench: benchmark.name, figures, aims })}\n`);
}
