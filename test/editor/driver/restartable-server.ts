import type { ServerControl } from './driver.ts';
import { processTree, signalProcess } from './process-tree.ts';
import { type ServerProcess, type ServerSetup, startServer } from './server-process.ts';

interface RestartableServer {
  readonly port: number;
  readonly control: Pick<ServerControl, 'processes' | 'killExtensionHosts' | 'killServer' | 'restartServer'>;
  /** Resolves with a description when a server ends that was not killed through `control`. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/** A server that can be killed and started again with the same data and on the same port. */
export async function restartableServer(
  setup: Omit<ServerSetup, 'port'>,
  signal?: AbortSignal,
): Promise<RestartableServer> {
  let server = await startServer({ ...setup, port: 0 }, signal);
  const { port } = server;
  let expected: ServerProcess | undefined;
  let unexpectedEnd: (how: string) => void = () => undefined;
  const ended = new Promise<string>((resolve) => {
    unexpectedEnd = resolve;
  });
  const watch = (running: ServerProcess) =>
    void running.ended.then((how) => {
      if (expected !== running) unexpectedEnd(how);
    });
  watch(server);
  return {
    port,
    ended,
    close: () => server.close(),
    control: {
      processes: () => processTree(server.pid),
      async killExtensionHosts() {
        const hosts = (await processTree(server.pid)).filter(({ role }) => role === 'extensionHost');
        for (const { pid } of hosts) signalProcess(pid, 'SIGKILL');
        return hosts.length;
      },
      async killServer() {
        expected = server;
        await server.crash();
      },
      async restartServer() {
        expected = server;
        await server.close();
        server = await startServer({ ...setup, port }, signal);
        watch(server);
      },
    },
  };
}
