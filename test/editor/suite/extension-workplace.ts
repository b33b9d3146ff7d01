import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeSampleRepository } from '../../../scripts/start/sample.ts';
import { stateHome } from '../../../src/node/state/paths.ts';
import { claudeExecutable, claudeTestEnvironment } from '../../model-server/environment.ts';
import type { Scenario } from '../../model-server/schema.ts';
import { type ModelServer, startModelServer } from '../../model-server/server.ts';
import { editorEnvironment } from '../driver/environment.ts';
import { signalProcess } from '../driver/process-tree.ts';
import { ownWorkers } from './own-workers.ts';

/** Everything the extension needs for real work, apart from an editor: all of it in one temporary folder. */
export interface Workplace {
  readonly place: string;
  /** The sample repository, on branch main. */
  readonly folder: string;
  readonly dataDir: string;
  /** For the editor, and so for the supervisors and the Claude CLI it starts. */
  readonly env: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly server: ModelServer;
  /** What still runs of this workplace's own workers, never anybody else's. */
  workers(): ReturnType<typeof ownWorkers>;
  close(): Promise<void>;
}

export async function openWorkplace(scenario: Scenario): Promise<Workplace> {
  const place = await realpath(await mkdtemp(join(tmpdir(), 'extension-')));
  const server = await startModelServer(scenario);
  const dataDir = join(place, 'editor');
  await mkdir(dataDir, { mode: 0o700 });
  const home = join(place, 'home');
  const claude = claudeTestEnvironment({ modelUrl: server.url, home });
  const env = await editorEnvironment(dataDir, claude);
  const folder = join(place, 'sample');
  await makeSampleRepository(folder, env);
  const state = stateHome(env);
  return {
    place,
    folder,
    dataDir,
    env,
    settings: { 'claudeOrchestrator.claudePath': claudeExecutable },
    server,
    workers: () => ownWorkers(state, home),
    async close() {
      // Workers are made to outlive their editor, so a test that failed may leave some of its own.
      for (const { pid } of await ownWorkers(state, home)) signalProcess(pid, 'SIGKILL');
      await server.close();
      await rm(place, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
