import { askPermission } from '../approvals/ask.ts';
import { runsCode } from '../approvals/code-paths.ts';
import type { RunContext } from '../context.ts';
import type { ChangedFile } from '../model/event-fields.ts';
import type { FileReport } from '../model/findings.ts';
import { oneLine } from '../model/plain-text.ts';
import { attemptState } from './follow.ts';

/** What the question is called where a tool's name stands otherwise. */
const TOOL = 'Change protected files';

/** Above this the name of a question stands for the whole tree instead of the files alone. */
const MAX_NAMED = 20;

/**
 * Asks the person about changed files that make later processes run code, however the worker came to change them. The
 * question is journalled and answered once for the same content. Resolves with a failed report for each file when they
 * were denied; empty otherwise.
 */
export async function checkProtectedChanges(
  context: RunContext,
  id: string,
  { tree, files }: { readonly tree: string; readonly files: readonly ChangedFile[] },
  signal: AbortSignal,
): Promise<FileReport[]> {
  const shared = await context.repository.changedSharedCode(id, signal);
  const changed = [
    ...files.filter(({ path }) => runsCode(path)),
    ...[...shared.keys()].map((path) => ({ path, change: 'modified' }) as const),
  ];
  if (changed.length === 0) return [];
  const paths = changed.map(({ path }) => path);
  const entries = await context.repository.entries(tree, paths, signal);
  const contentOf = (path: string): string => shared.get(path) ?? entries.get(path)?.object ?? 'deleted';
  const request = requestName(id, tree, changed, contentOf);
  const decided = attemptState(context, id).decisions.get(request);
  const allowed = decided ? decided === 'allow' : await ask(context, id, request, changed, signal);
  return allowed ? [] : changed.map(denied);
}

async function ask(
  context: RunContext,
  id: string,
  request: string,
  changed: readonly ChangedFile[],
  signal: AbortSignal,
): Promise<boolean> {
  const { journal } = context;
  const summary = `${TOOL}: ${oneLine(changed.map(({ path, change }) => `${path} (${change})`).join(', '), 500)}`;
  // After a crash the question may be in the journal already.
  if (!journal.state.permissions.has(request))
    await journal.record({ type: 'permission.requested', attempt: id, request, tool: TOOL, summary });
  const { allow } = await askPermission(
    context,
    {
      run: journal.state.id,
      attempt: id,
      subtask: attemptState(context, id).subtask,
      request,
      tool: TOOL,
      input: { files: changed },
      summary,
    },
    signal,
  );
  return allow;
}

/** Another name for other content, so that an answer never counts for what was not asked about. */
function requestName(
  id: string,
  tree: string,
  changed: readonly ChangedFile[],
  contentOf: (path: string) => string,
): string {
  const contents = changed.map(({ path }) => `${path}=${contentOf(path)}`);
  return `${id} ${changed.length > MAX_NAMED ? tree : contents.join(' ')}`;
}

function denied({ path, change }: ChangedFile): FileReport {
  const restore =
    change === 'added'
      ? 'remove it'
      : `restore it as it was${path.startsWith('.git/') ? ' before, in the repository that all share' : ''}`;
  return {
    path,
    language: null,
    status: 'failed',
    findings: [
      {
        rule: 'approval/denied',
        criterion: 'security',
        severity: 'error',
        message: `"${path}" makes later processes run code and its change was not approved: ${restore}.`,
        range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
      },
    ],
  };
}
