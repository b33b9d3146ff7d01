import { parseArgs } from 'node:util';
import { loadScenario, ScenarioError } from './scenario.ts';
import { startModelServer } from './server.ts';

const usage = 'Usage: node test/model-server/main.ts SCENARIO.yaml [--port N] [--record FILE] [--verbose]';

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { port: { type: 'string' }, record: { type: 'string' }, verbose: { type: 'boolean' } },
    });
  } catch (error) {
    return fail(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
}

const { values, positionals } = options();
const [path, ...more] = positionals;
if (path === undefined || more.length > 0) fail(usage);
const port = values.port === undefined ? undefined : Number(values.port);
if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65_536))
  fail(`--port ${values.port}\n${usage}`);

try {
  const server = await startModelServer(loadScenario(path), {
    ...(port === undefined ? {} : { port }),
    ...(values.record === undefined ? {} : { recordTo: values.record }),
    ...(values.verbose ? { log: (line: string) => process.stderr.write(`${line}\n`) } : {}),
  });
  process.stdout.write(`${server.url}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      server.close().then(() => process.exit(0));
    });
  }
} catch (error) {
  fail(error instanceof ScenarioError ? error.message : String(error));
}
