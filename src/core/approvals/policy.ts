import { runsCode } from './code-paths.ts';
import { readsGit } from './git-reads.ts';
import { writesGit } from './git-writes.ts';

export interface PolicyRules {
  /** Absolute path of the attempt's worktree, "/" between folders. */
  readonly worktree: string;
  /** Commands that may run without asking, compared as a whole. */
  readonly checkCommands: readonly string[];
  /**
   * What the CLI itself found wrong with the call, such as a link that leads out of the worktree, which a path's text
   * does not show; undefined when it found nothing.
   */
  readonly concern: string | undefined;
}

export type PolicyAnswer = { readonly answer: 'allow' | 'deny' | 'ask'; readonly reason: string };

const READING_TOOLS = new Set(['Read', 'Glob', 'Grep', 'LS', 'NotebookRead']);
const SEARCHING_TOOLS = new Set(['Glob', 'Grep', 'LS']);
const EDITING_TOOLS = new Set(['Edit', 'Write', 'MultiEdit', 'NotebookEdit']);
const HARMLESS_TOOLS = new Set(['TodoWrite', 'StructuredOutput']);

/**
 * Decides what needs no person: reading and editing inside the worktree and the project's own check commands are
 * allowed, git commands that write refs are denied, everything else is asked.
 */
export function decide(tool: string, input: Readonly<Record<string, unknown>>, rules: PolicyRules): PolicyAnswer {
  if (HARMLESS_TOOLS.has(tool)) return { answer: 'allow', reason: 'changes nothing' };
  if (READING_TOOLS.has(tool) || EDITING_TOOLS.has(tool)) return decideFile(tool, input, rules);
  if (tool === 'Bash') return decideCommand(input, rules.checkCommands);
  return { answer: 'ask', reason: `no rule covers the tool ${tool}` };
}

function decideFile(tool: string, input: Readonly<Record<string, unknown>>, rules: PolicyRules): PolicyAnswer {
  const named = placesIn(tool, input);
  if (named === undefined) return { answer: 'ask', reason: 'it does not say which file' };
  const places = named.map((path) => insidePath(path.replaceAll('\\', '/'), rules.worktree));
  if (places.includes(undefined)) return { answer: 'ask', reason: 'the file is outside of the worktree' };
  if (rules.concern !== undefined) return { answer: 'ask', reason: rules.concern };
  if (READING_TOOLS.has(tool)) return { answer: 'allow', reason: 'reads inside the worktree' };
  const code = places.find((path) => path !== undefined && runsCode(path));
  if (code !== undefined) return { answer: 'ask', reason: `"${code}" makes later processes run code` };
  return { answer: 'allow', reason: 'edits inside the worktree' };
}

/** Every place that a call names; undefined for a call that names none though it must. */
function placesIn(tool: string, input: Readonly<Record<string, unknown>>): string[] | undefined {
  const given = [input['file_path'], input['notebook_path'], input['path']].filter(
    (value) => value !== undefined && value !== null,
  );
  // A search without a folder is one in the worktree; the pattern of Glob is itself a path.
  if (SEARCHING_TOOLS.has(tool)) given.push(tool === 'Glob' ? (input['pattern'] ?? '.') : '.');
  return given.length > 0 && given.every((value) => typeof value === 'string') ? given : undefined;
}

function decideCommand(input: Readonly<Record<string, unknown>>, checkCommands: readonly string[]): PolicyAnswer {
  const command = typeof input['command'] === 'string' ? input['command'].trim() : '';
  // A switch that is on, such as for the background or without a sandbox, makes it another command.
  if (checkCommands.some((check) => check.trim() === command) && !Object.values(input).includes(true)) {
    return { answer: 'allow', reason: 'is a check command of the project' };
  }
  if (readsGit(command)) return { answer: 'allow', reason: 'only reads the repository' };
  if (writesGit(command)) {
    return {
      answer: 'deny',
      reason:
        'Git is written by the orchestrator only: leave your changes in the files, they are captured and merged for you.',
    };
  }
  return { answer: 'ask', reason: "the command is not one of the project's check commands" };
}

/** `path` relative to `folder`, resolved by its text alone; undefined when it is not inside. */
function insidePath(path: string, folder: string): string | undefined {
  // The home folder of somebody, to a shell and to the CLI.
  if (path.startsWith('~')) return undefined;
  const absolute = path.startsWith('/') || /^[A-Za-z]:\//.test(path);
  const base = folder.replaceAll('\\', '/').replace(/\/+$/, '');
  const parts: string[] = [];
  for (const part of (absolute ? path : `${base}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  const root = base.split('/').filter((part) => part !== '');
  if (root.some((part, index) => part !== parts[index])) return undefined;
  return parts.slice(root.length).join('/');
}
