import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { selectDriver } from '../../test/editor/driver/select.ts';
import { aborted } from './scripted.ts';

/** Opens the person's repository with their own environment, and so with their own Claude; nothing is scripted. */
export async function openLive(folder: string, print: (line: string) => void, signal: AbortSignal): Promise<void> {
  if (!(await stat(folder).catch(() => undefined))?.isDirectory()) throw new Error(`There is no folder ${folder}.`);
  const dataDir = await mkdtemp(join(tmpdir(), 'claude-orchestrator-live-'));
  const driver = await selectDriver();
  const session = await driver.open(
    {
      folder,
      extensionPath: join(import.meta.dirname, '..', '..'),
      env: ownEnvironment(),
      settings: {},
      dataDir,
      trust: 'ask',
      onLog: () => undefined,
    },
    signal,
  );
  try {
    await session.server?.closeWindow();
    print(session.url === undefined ? 'VS Code is open.' : `VS Code is open at ${session.url}`);
    print(
      'Run "Claude Orchestrator: Orchestrate Task" from the command palette (F1). Press Ctrl+C here to close VS Code.',
    );
    await Promise.race([aborted(signal), session.suiteExit]).catch(() => undefined);
  } finally {
    await session.close();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The person's environment as it was before npm and this repository's scripts added theirs. */
function ownEnvironment(): Record<string, string> {
  const added = /^(npm_|NODE$|INIT_CWD$|COLOR$|CLAUDE_ORCHESTRATOR_SETUP_MS$)/;
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !added.test(entry[0]),
  );
  const env = Object.fromEntries(entries);
  const path = (env['PATH'] ?? '').split(delimiter);
  const ours =
    /[\\/]node_modules[\\/](\.bin|npm[\\/]node_modules[\\/]@npmcli[\\/]run-script[\\/]lib[\\/]node-gyp-bin)$/;
  return { ...env, PATH: path.filter((folder) => !ours.test(folder)).join(delimiter) };
}
