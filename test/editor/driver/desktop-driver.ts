import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { download } from '@vscode/test-electron';
import { cacheRoot, exists } from './cache-folder.ts';
import type { EditorDriver, EditorSession, OpenOptions } from './driver.ts';
import { privateFolder } from './installation.ts';
import { killTree } from './process-tree.ts';
import { quietSettings } from './quiet-settings.ts';

/** A desktop window cannot find its screen without these; they say nothing about the person. */
const DISPLAY = [
  'DISPLAY',
  'WAYLAND_DISPLAY',
  'XAUTHORITY',
  'XDG_RUNTIME_DIR',
  'XDG_SESSION_TYPE',
  'DBUS_SESSION_BUS_ADDRESS',
];

/** A desktop VS Code: the installed one, else one that @vscode/test-electron downloads. Needs a display. */
export const desktopDriver: EditorDriver = { kind: 'desktop', open };

/** The executable of an installed VS Code, where the installers put it. */
export async function installedEditor(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  for (const path of places(env)) if (await exists(path)) return path;
  return undefined;
}

function places(env: NodeJS.ProcessEnv): string[] {
  if (process.platform === 'win32') {
    const roots = [env['LOCALAPPDATA'] && join(env['LOCALAPPDATA'], 'Programs'), env['ProgramFiles']];
    return roots.flatMap((root) => (root ? [join(root, 'Microsoft VS Code', 'Code.exe')] : []));
  }
  if (process.platform === 'darwin') {
    const folder = '/Applications/Visual Studio Code.app/Contents/MacOS';
    return [join(folder, 'Code'), join(folder, 'Electron')];
  }
  return ['/usr/share/code/code', '/opt/visual-studio-code/code'];
}

async function open(options: OpenOptions, signal?: AbortSignal): Promise<EditorSession> {
  const executable = (await installedEditor()) ?? (await download({ cachePath: join(cacheRoot(), 'desktop') }));
  signal?.throwIfAborted();
  const userData = join(options.dataDir, 'user-data');
  const user = await privateFolder(join(userData, 'User'));
  await writeFile(join(user, 'settings.json'), JSON.stringify({ ...quietSettings, ...options.settings }, null, 2));
  const display = DISPLAY.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  // Its own process group: the window goes with `close`, not with a Ctrl-C that we may want to handle first.
  const editor = spawn(executable, flags(options, userData), {
    env: { ...options.env, ...Object.fromEntries(display) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
  });
  for (const stream of [editor.stdout, editor.stderr]) {
    createInterface({ input: stream }).on('line', (line) => options.onLog(`editor: ${line}`));
  }
  const suiteExit = new Promise<number>((resolve, reject) => {
    editor.once('error', reject);
    editor.once('exit', (code, name) => {
      if (code === null) reject(new Error(`VS Code was killed by ${name} before the suite had ended.`));
      else resolve(code);
    });
  });
  // Whoever does not wait for the suite must not be ended by its rejection.
  suiteExit.catch(() => undefined);
  const { pid } = editor;
  if (pid === undefined) throw new Error(`VS Code could not be started: ${executable}`);
  const killOnExit = () => {
    if (editor.exitCode === null && editor.signalCode === null) editor.kill('SIGKILL');
  };
  process.once('exit', killOnExit);
  const close = async () => {
    await killTree(pid);
    process.off('exit', killOnExit);
  };
  signal?.addEventListener('abort', () => void close(), { once: true });
  return { url: undefined, server: undefined, suiteExit, close };
}

function flags(options: OpenOptions, userData: string): string[] {
  return [
    ...(options.folder === undefined ? ['--new-window'] : [options.folder]),
    ...(options.extensionPath === undefined ? [] : [`--extensionDevelopmentPath=${options.extensionPath}`]),
    ...(options.suite === undefined ? [] : [`--extensionTestsPath=${options.suite}`]),
    `--user-data-dir=${userData}`,
    `--extensions-dir=${join(options.dataDir, 'extensions')}`,
    ...(options.trust === 'ask' ? [] : ['--disable-workspace-trust']),
    ...(process.platform === 'linux' ? ['--no-sandbox', '--disable-gpu-sandbox'] : []),
    ...[
      '--skip-welcome',
      '--skip-release-notes',
      '--disable-updates',
      '--disable-telemetry',
      '--force-disable-user-env',
    ],
  ];
}
