import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { claudeExecutable, ended, jobPlace, subtask, writes } from '../main-job/job-place.ts';

const cli = fileURLToPath(new URL('../../../dist/cli.js', import.meta.url));
/** Gives a program a terminal; util-linux has it. */
const hasScript = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') ?? false;
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** Runs a plan in a terminal and presses keys at the first question, then at the next. */
async function runWithKeys(...keys: readonly string[]) {
  return runInTerminal(await jobPlace([writes('a')]), [], subtask('a'), keys);
}

async function runInTerminal(
  place: Awaited<ReturnType<typeof jobPlace>>,
  options: readonly string[],
  plan: object,
  keys: readonly string[],
) {
  const command = [
    process.execPath,
    cli,
    'run',
    '--claude',
    claudeExecutable,
    '--plan',
    place.writePlan(plan),
    ...options,
  ];
  const child = spawn('script', ['-qec', command.map(quoted).join(' '), '/dev/null'], {
    cwd: place.root,
    env: { ...place.env(), TERM: 'xterm' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const left = [...keys];
  let seen = '';
  child.stdout.on('data', (part: Buffer) => {
    seen += part.toString();
    if (!seen.includes('[y/N]')) return;
    seen = '';
    child.stdin.write(left.shift() ?? '');
  });
  const { code, stdout } = await ended(child);
  return { place, code, output: stdout };
}

describe.skipIf(!hasScript)('questions on a terminal', { timeout: 60_000 }, () => {
  it.each([
    ['n', 'n\r', 'The plan was not approved'],
    ['Enter', '\r', 'The plan was not approved'],
    ['the end of input', '\u0004', 'The plan was not approved'],
    ['Ctrl-C', '\u0003', 'It was cancelled'],
  ])('answered with %s start nothing', async (_name, keys, message) => {
    const { place, code, output } = await runWithKeys(keys);
    expect(code).toBe(1);
    expect(output).toContain(message);
    expect(place.server.requests()).toEqual([]);
  });

  it('answered with y start, and ask again before anything is applied', async () => {
    const { place, code, output } = await runWithKeys('y\r', 'n\r');
    expect(code).toBe(1);
    expect(output).toContain('added    a.js');
    expect(output).toContain('Not applied. Later: claude-orchestrator apply');
    expect(place.git('status', '--porcelain')).toBe('');
    const yes = await runWithKeys('y\r', 'yes\r');
    expect(yes.code, yes.output).toBe(0);
    expect(yes.place.read('a.js')).toBe('export const a = 1;\n');
  });

  it('include uncommitted changes once a person said so', async () => {
    const place = await jobPlace([
      { name: 'works', when: { role: 'worker' }, answer: [{ bash: 'cp notes.txt copy.txt' }, 'Done.'] },
    ]);
    place.write('notes.txt', 'not committed\n');
    const plan = subtask('a', { scope: [], produces: [] });
    const options = ['--check-command', 'cp notes.txt copy.txt'];
    const { code, output } = await runInTerminal(place, options, plan, ['y\r', 'y\r', 'y\r']);
    expect(code, output).toBe(0);
    expect(output).toContain('Include your uncommitted changes?');
    expect(place.read('copy.txt')).toBe('not committed\n');
    expect(place.git('status', '--porcelain')).toContain('?? notes.txt');
  });

  it('takes a result that makes later processes run code once a person said so', async () => {
    const place = await jobPlace([
      { name: 'works', when: { role: 'worker' }, answer: [{ bash: 'sh ci.sh' }, 'Done.'] },
    ]);
    place.write('ci.sh', "mkdir -p .github/workflows\necho 'on: push' > .github/workflows/ci.yml\n");
    place.git('add', '-A');
    place.git('commit', '--quiet', '-m', 'script');
    const plan = subtask('a', { scope: [], produces: [] });
    const keys = ['y\r', 'y\r', 'y\r'];
    const { code, output } = await runInTerminal(place, ['--check-command', 'sh ci.sh'], plan, keys);
    expect(code, output).toBe(0);
    expect(output).toContain('"a" asks: Change protected files: .github/workflows/ci.yml (added)');
    expect(place.read('.github/workflows/ci.yml')).toBe('on: push\n');
  });
});
