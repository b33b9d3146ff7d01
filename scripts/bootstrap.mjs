// Runs on the Node that the machine has, before anything is installed: no dependency, plain JavaScript, Node 20 or newer.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const bin = join(root, 'node_modules', '.bin');

/** Installs the dependencies unless exactly these are there. */
export async function prepare() {
  const [major] = process.versions.node.split('.');
  if (Number(major) < 20) fail(`Node 20 or newer is needed; this is ${process.version}.`);
  if (!isInstalled()) await install();
}

/**
 * Installs the dependencies unless exactly these are there, then runs a script of this repository on the Node that came
 * with them. Ends this process with the script's exit code.
 *
 * @param {string} script path relative to the repository
 * @param {readonly string[]} args
 */
export async function runPrepared(script, args) {
  const startedAt = Date.now();
  await prepare();
  const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const child = spawn(existsSync(node) ? node : process.execPath, [join(root, script), ...args], {
    stdio: 'inherit',
    env: {
      ...process.env,
      PATH: `${bin}${delimiter}${process.env.PATH ?? ''}`,
      CLAUDE_ORCHESTRATOR_SETUP_MS: String(Date.now() - startedAt),
    },
  });
  // Terminals send the signal to both; the script cleans up and then this ends with it.
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => child.kill(name));
  child.on('error', (error) => fail(`The script could not be started: ${error.message}`));
  child.on('exit', (code) => process.exit(code ?? 1));
}

/** Whether node_modules holds what the lockfile says, as npm itself wrote it down there. */
function isInstalled() {
  try {
    const wanted = read('package-lock.json');
    const found = read('node_modules', '.package-lock.json');
    return Object.entries(wanted).every(
      ([path, { version, optional }]) =>
        path === '' || found[path]?.version === version || (optional === true && found[path] === undefined),
    );
  } catch {
    return false;
  }
}

function read(...path) {
  return JSON.parse(readFileSync(join(root, ...path), 'utf8')).packages;
}

async function install() {
  process.stderr.write('Installing the dependencies (once, about half a minute)…\n');
  // npm names itself to what it runs; that way no shell is needed on any system.
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ['npm', []];
  // Not "npm ci": it refuses a lockfile as soon as a registry lacks another platform's optional package.
  const child = spawn(command, [...first, 'install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise((resolve) => {
    child.on('error', () => resolve(1));
    child.on('exit', resolve);
  });
  if (code !== 0) fail('"npm install" failed. Is the npm registry reachable?');
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
