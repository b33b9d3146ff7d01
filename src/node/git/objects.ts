import type { ChildProcess } from 'node:child_process';
import { OrchestratorError } from '../../core/model/error.ts';
import { complaint } from './git.ts';
import { held, IDLE_MS, startResident } from './resident.ts';

/** An object of the repository; `content` only where it was asked for. */
export interface GitObject {
  readonly id: string;
  readonly type: string;
  readonly bytes: number;
  readonly content: Buffer;
}

interface Question {
  readonly name: string;
  readonly wantsContent: boolean;
  readonly resolve: (found: GitObject | undefined) => void;
  readonly reject: (error: unknown) => void;
}

interface Reader {
  readonly child: ChildProcess;
  /** Asked and not answered yet, in order. */
  readonly asked: Question[];
  /** What has come and is not understood yet. */
  readonly parts: Buffer[];
  held: number;
  /** Bytes that the first question's answer needs at least. */
  needed: number;
  stderr: string;
}

const LINE_END = 10;

/**
 * Reads objects and resolves names by one git process that stays while it is needed: a process for each question costs
 * more than all the rest of a short subtask's bookkeeping. It sees what is written while it runs.
 */
export class GitObjects {
  readonly #root: string;
  readonly #environment: NodeJS.ProcessEnv;
  #reader: Reader | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(root: string, environment: NodeJS.ProcessEnv) {
    this.#root = root;
    this.#environment = environment;
  }

  /** What a name stands for (an id, a full ref name, `ID^{tree}`), without its content; undefined when there is none. */
  find(name: string, signal: AbortSignal): Promise<GitObject | undefined> {
    return this.#ask(name, false, signal);
  }

  /** The same with its content. */
  read(name: string, signal: AbortSignal): Promise<GitObject | undefined> {
    return this.#ask(name, true, signal);
  }

  async #ask(name: string, wantsContent: boolean, signal: AbortSignal): Promise<GitObject | undefined> {
    if (signal.aborted) throw new OrchestratorError('cancelled', 'git cat-file was stopped.');
    if (name.includes('\n')) return undefined;
    clearTimeout(this.#idle);
    this.#reader ??= this.#start();
    const reader = this.#reader;
    if (reader.asked.length === 0) held(reader.child, true);
    const answer = new Promise<GitObject | undefined>((resolve, reject) => {
      reader.asked.push({ name, wantsContent, resolve, reject });
    });
    reader.child.stdin?.write(`${wantsContent ? 'contents' : 'info'} ${name}\n`);
    return answer;
  }

  #start(): Reader {
    const child = startResident(['cat-file', '--batch-command'], this.#root, this.#environment);
    const reader: Reader = { child, asked: [], parts: [], held: 0, needed: 1, stderr: '' };
    child.stdout?.on('data', (chunk: Buffer) => {
      reader.parts.push(chunk);
      reader.held += chunk.length;
      this.#answer(reader);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      reader.stderr = `${reader.stderr}${chunk.toString('utf8')}`.slice(-2_000);
    });
    child.once('error', (cause) => this.#fail(reader, cause));
    child.once('close', () => this.#fail(reader, undefined));
    return reader;
  }

  #answer(reader: Reader): void {
    for (let [question] = reader.asked; question; [question] = reader.asked) {
      // Joined once it is all there: a file of many megabytes comes in many parts.
      if (reader.held < reader.needed) return;
      const all = Buffer.concat(reader.parts);
      reader.parts.splice(0, reader.parts.length, all);
      const end = all.indexOf(LINE_END);
      if (end < 0) {
        reader.needed = all.length + 1;
        return;
      }
      const match = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(all.toString('latin1', 0, end));
      const size = Number(match?.[3] ?? 0);
      const content = match && question.wantsContent ? size + 1 : 0;
      reader.needed = end + 1 + content;
      if (all.length < reader.needed) return;
      reader.asked.shift();
      const rest = all.subarray(reader.needed);
      reader.parts.splice(0, reader.parts.length, ...(rest.length > 0 ? [rest] : []));
      reader.held = rest.length;
      reader.needed = 1;
      const bytes = all.subarray(end + 1, end + Math.max(content, 1));
      question.resolve(match ? { id: match[1] ?? '', type: match[2] ?? '', bytes: size, content: bytes } : undefined);
    }
    held(reader.child, false);
    this.#idle = setTimeout(() => this.#end(reader), IDLE_MS);
    this.#idle.unref();
  }

  #end(reader: Reader): void {
    if (reader.asked.length > 0) return;
    if (this.#reader === reader) this.#reader = undefined;
    reader.child.stdin?.end();
  }

  #fail(reader: Reader, cause: unknown): void {
    if (this.#reader === reader) this.#reader = undefined;
    const why = complaint(reader.stderr) || 'it ended and said nothing';
    const error = new OrchestratorError('git-failed', `git cat-file failed in ${this.#root}: ${why}`, { cause });
    for (const { reject } of reader.asked.splice(0)) reject(error);
  }
}
