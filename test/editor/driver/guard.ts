/**
 * Started beside an editor's server with that server's pid. Its standard input is a pipe from the process that
 * opened the editor: when that closes, for whatever reason (also SIGKILL), the server's process tree is ended.
 * So no way to end a test run or `npm start` leaves a server behind.
 */
import { killTree } from './process-tree.ts';

const root = Number(process.argv[2]);
if (!Number.isInteger(root) || root <= 1) throw new Error(`guard: not a process id: ${process.argv[2]}`);
process.stdin.resume();
process.stdin.once('close', () => killTree(root));
