import type { Approvals } from '../core/ports/approvals.ts';
import type { Parsers } from '../core/ports/parsers.ts';
import type { Host } from '../host/host.ts';
import type { Terminal } from './terminal.ts';

/** What a command of the command line works with. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly parsers: Parsers;
  openHost(approvals: Approvals, claude: string): Promise<Host>;
}

/** 0: done. 1: the work failed. 2: wrong use. */
export type ExitCode = 0 | 1 | 2;

export interface Command {
  readonly summary: string;
  readonly help: string;
  run(args: readonly string[], context: CommandContext): Promise<ExitCode>;
}
