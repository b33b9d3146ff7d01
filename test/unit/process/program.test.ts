import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { programOf } from '../../../src/node/process/program.ts';

/** A folder on the PATH with these files. */
function folder(files: Readonly<Record<string, string>>): string {
  const made = mkdtempSync(join(tmpdir(), 'program-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(made, name)), { recursive: true });
    writeFileSync(join(made, name), content);
  }
  return made;
}

const started = (command: readonly string[], ...folders: readonly string[]) =>
  programOf(command, { PATH: folders.join(delimiter) }, 'win32');

describe('a command on Windows', () => {
  const node = {
    'node.exe': '',
    'npm.cmd': 'SET "NPM_PREFIX_JS=%~dp0\\node_modules\\npm\\bin\\npm-prefix.js"',
    'node_modules/npm/bin/npm-cli.js': '',
    'node_modules/npm/bin/npx-cli.js': '',
    'npx.cmd': '',
  };

  it('is node with the script of npm and npx, which are batch files', () => {
    const place = folder(node);
    const script = (name: string): string => join(place, 'node_modules/npm/bin', `${name}-cli.js`);
    expect(started(['npm', 'ci', '--no-audit'], folder({}), place)).toEqual({
      file: join(place, 'node.exe'),
      args: [script('npm'), 'ci', '--no-audit'],
    });
    expect(started(['npx.cmd', 'tsc'], place).args).toEqual([script('npx'), 'tsc']);
  });

  it('is node with what a package manager made a batch file for', () => {
    const place = folder(node);
    const global = folder({
      'pnpm.cmd': '@ECHO off\r\n"%_prog%"  "%dp0%\\node_modules\\pnpm\\bin\\pnpm.cjs" %*\r\n',
      'node_modules/pnpm/bin/pnpm.cjs': '',
      'yarn.cmd': '"%~dp0\\node.exe"  "%~dp0\\node_modules\\corepack\\dist\\yarn.js" %*',
      'node_modules/corepack/dist/yarn.js': '',
    });
    expect(started(['pnpm', 'install'], global, place)).toEqual({
      file: join(place, 'node.exe'),
      args: [join(global, 'node_modules/pnpm/bin/pnpm.cjs'), 'install'],
    });
    expect(started(['yarn'], global, place).args).toEqual([join(global, 'node_modules/corepack/dist/yarn.js')]);
  });

  it('is itself where it is an executable, or nobody knows it', () => {
    const tool = folder({ 'uv.exe': '', 'uv.cmd': '' });
    for (const command of [['uv', 'sync'], ['git.exe'], ['.venv\\Scripts\\python.exe', '-V'], ['unknown']])
      expect(started(command, tool)).toEqual({ file: command[0], args: command.slice(1) });
  });

  it('is refused where it is a batch file of another kind', () => {
    const tool = folder({ 'build.bat': 'echo building' });
    expect(() => started(['build'], tool)).toThrow(
      /build.bat is a batch file, which can not be started without a shell/,
    );
  });

  it('is left alone elsewhere', () => {
    expect(programOf(['npm', 'ci'], { PATH: folder(node) }, 'linux')).toEqual({ file: 'npm', args: ['ci'] });
  });
});
