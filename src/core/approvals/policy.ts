export interface PolicyRules {
  /** Absolute path of the attempt's worktree, "/" between folders. */
  readonly worktree: string;
  /** Commands that may run without asking, compared as a whole. */
  readonly checkCommands: readonly string[];
}

export type PolicyAnswer = { readonly answer: 'allow' | 'deny' | 'ask'; readonly reason: string };

const READING_TOOLS = new Set(['Read', 'Glob', 'Grep', 'LS', 'NotebookRead']);
const EDITING_TOOLS = new Set(['Edit', 'Write', 'MultiEdit', 'NotebookEdit']);
const HARMLESS_TOOLS = new Set(['TodoWrite', 'StructuredOutput']);

/** Files that make a later process run code, so that an edit of them is never a plain edit. */
const RUNS_CODE =
  /(^|\/)(\.git|\.claude|\.husky|\.vscode|\.github\/workflows)(\/|$)|(^|\/)(\.mcp\.json|\.gitlab-ci\.yml|\.gitmodules)$/;

/** Git commands that write refs or configuration, which worktrees share with the person's repository. */
const GIT_WRITES =
  /(^|[\s;&|(])git\s+(-\S+\s+)*(commit|checkout|switch|branch|tag|push|fetch|pull|reset|rebase|merge|cherry-pick|revert|stash|update-ref|worktree|config|gc|remote|submodule|notes|filter-branch)\b/;

/**
 * Decides what needs no person: reading and editing inside the worktree and the project's own check commands are
 * allowed, git commands that write refs are denied, everything else is asked.
 */
export function decide(tool: string, input: Readonly<Record<string, unknown>>, rules: PolicyRules): PolicyAnswer {
  if (HARMLESS_TOOLS.has(tool)) return { answer: 'allow', reason: 'changes nothing' };
  if (READING_TOOLS.has(tool) || EDITING_TOOLS.has(tool)) return decideFile(tool, input, rules.worktree);
  if (tool === 'Bash') return decideCommand(input, rules.checkCommands);
  return { answer: 'ask', reason: `no rule covers the tool ${tool}` };
}

function decideFile(tool: string, input: Readonly<Record<string, unknown>>, worktree: string): PolicyAnswer {
  const named = input['file_path'] ?? input['notebook_path'] ?? input['path'];
  const path = typeof named === 'string' ? named.replaceAll('\\', '/') : '.';
  const inside = insidePath(path, worktree);
  if (inside === undefined) return { answer: 'ask', reason: 'the file is outside of the worktree' };
  if (READING_TOOLS.has(tool)) return { answer: 'allow', reason: 'reads inside the worktree' };
  if (RUNS_CODE.test(inside)) return { answer: 'ask', reason: `"${inside}" makes later processes run code` };
  return { answer: 'allow', reason: 'edits inside the worktree' };
}

function decideCommand(input: Readonly<Record<string, unknown>>, checkCommands: readonly string[]): PolicyAnswer {
  const command = typeof input['command'] === 'string' ? input['command'].trim() : '';
  if (checkCommands.some((check) => check.trim() === command) && input['run_in_background'] !== true) {
    return { answer: 'allow', reason: 'is a check command of the project' };
  }
  if (GIT_WRITES.test(command)) {
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
