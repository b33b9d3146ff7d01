import { join } from 'node:path';
import type { Logger } from './core/ports/logger.ts';
import { openHost } from './host/host.ts';
import { readConfiguration } from './node/configuration/read-configuration.ts';
import { type DesktopNotification, notifyDesktop } from './node/desktop-notification.ts';
import { checkup } from './node/doctor/checkup.ts';
import { firstCommit, initRepository, repositoryLack } from './node/git/new-repository.ts';
import { thisMachine } from './node/machine.ts';
import { ParserThreads } from './node/parsers/parser-threads.ts';
import { attemptIsAlive, isDrivenElsewhere, journalSegments, journalsStamp } from './node/state/observe.ts';
import { attemptFolder, stateHome } from './node/state/paths.ts';
import type { StartSupervisor } from './node/workers/attempt-workers.ts';
import type { CheckUp, EditorHost, HostOrder, NewRepository } from './vscode/host-port.ts';

/** The heavy part of the editor's composition: loaded when a repository is opened for the first time. */
export interface HeavyParts {
  open(order: HostOrder, signal: AbortSignal): Promise<EditorHost>;
  readonly checkUp: CheckUp;
  readonly newRepository: NewRepository;
  /** Resolves with whether the desktop could show it. */
  notify(notification: DesktopNotification): Promise<boolean>;
  /** Ends the parsers' threads. */
  close(): Promise<void>;
}

/** `dist` is the folder of the bundles. */
export function heavyParts(dist: string, startWith: (script: string) => StartSupervisor, logger: Logger): HeavyParts {
  const parsers = new ParserThreads({ entry: join(dist, 'parser-thread.js') });
  const { env } = process;
  const { freeMemoryMb } = thisMachine();
  return {
    close: () => parsers.close(),
    notify: (notification) => notifyDesktop(notification, env),
    checkUp: ({ folder, claudePath, stateFolder, diskQuotaGb }, signal) =>
      checkup({ folder, stateHome: stateHome(env, stateFolder), claude: claudePath, env, diskQuotaGb }, signal),
    newRepository: {
      lack: (folder, signal) => repositoryLack(folder, env, signal),
      init: (folder, signal) => initRepository(folder, env, signal),
      firstCommit: (root, signal) => firstCommit(root, env, signal),
    },
    async open({ folder, claudePath, stateFolder, approvals }, signal) {
      const host = await openHost(
        {
          folder,
          stateHome: stateHome(env, stateFolder),
          holder: 'A window of VS Code',
          claude: claudePath,
          env,
          supervisorScript: join(dist, 'worker.js'),
          startWith,
          parsers,
          approvals,
          logger,
        },
        signal,
      );
      const { paths } = host;
      return {
        repository: host.repository,
        readConfiguration: () => readConfiguration(host.repository.root),
        runs: host.runs,
        run: host.run,
        resume: host.resume,
        restore: host.restore,
        ask: host.ask,
        discard: host.discard,
        belongings: host.belongings,
        cleanUp: host.cleanUp,
        planApply: host.planApply,
        apply: host.apply,
        undo: host.undo,
        stamp: (except) => journalsStamp(paths, except),
        freeMemoryMb,
        isDrivenElsewhere: (run) => isDrivenElsewhere(paths, run),
        isAlive: (run, attempt) => attemptIsAlive(paths, run, attempt),
        journalFiles: (run) => journalSegments(paths, run),
        attemptFolder: (run, attempt) => attemptFolder(paths, run, attempt),
      };
    },
  };
}
