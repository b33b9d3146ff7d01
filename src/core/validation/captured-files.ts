import type { ChangedFile } from '../model/events.ts';
import type { FileReport, Finding } from '../model/findings.ts';
import type { Subtask } from '../model/plan.ts';
import { inScope } from '../model/scope.ts';
import type { TreeEntry } from '../ports/repository.ts';
import { languageOf } from './language.ts';
import { fileStart } from './syntax.ts';

/** Bytes of one file, and of all changed files of a result together, that are still taken. */
const FILE_LIMIT = 50_000_000;
const RESULT_LIMIT = 100_000_000;

/**
 * What is wrong with the files of a result whatever is in them: outside of the subtask's scope, a link that leads out of
 * the repository, or too large. One failed report for each file concerned.
 * @param entries what lies at the changed paths in the result's tree
 * @param oversized as `oversizedPaths` says
 */
export function checkCapturedFiles(
  changed: readonly ChangedFile[],
  entries: ReadonlyMap<string, TreeEntry>,
  oversized: ReadonlySet<string>,
  subtask: Subtask,
): FileReport[] {
  const allowed = subtask.scope.length === 0 ? [] : [...subtask.scope, ...subtask.produces];
  const total = totalBytes(changed, entries);
  return changed.flatMap(({ path }) => {
    const entry = entries.get(path);
    const findings = [
      ...(inScope(path, allowed) ? [] : [outsideScope(path, subtask.scope)]),
      ...(entry?.target !== undefined && leadsOut(path, entry.target) ? [linkOutside(path, entry.target)] : []),
      ...(entry && oversized.has(path) ? [tooLarge(path, entry.bytes, total)] : []),
    ];
    return findings.length > 0 ? [{ path, language: languageOf(path), status: 'failed', findings }] : [];
  });
}

/** Changed files that are above what is taken, alone or together; nothing needs to read their content. */
export function oversizedPaths(
  changed: readonly ChangedFile[],
  entries: ReadonlyMap<string, TreeEntry>,
): ReadonlySet<string> {
  const sized = changed.map(({ path }) => ({ path, bytes: entries.get(path)?.bytes ?? 0 }));
  const largestFirst = sized.sort((a, b) => b.bytes - a.bytes);
  let total = totalBytes(changed, entries);
  const found = new Set<string>();
  for (const { path, bytes } of largestFirst) {
    if (bytes <= FILE_LIMIT && total <= RESULT_LIMIT) break;
    found.add(path);
    total -= bytes;
  }
  return found;
}

function totalBytes(changed: readonly ChangedFile[], entries: ReadonlyMap<string, TreeEntry>): number {
  return changed.reduce((sum, { path }) => sum + (entries.get(path)?.bytes ?? 0), 0);
}

/** A subtask that says which files it changes, and changed none. */
export function nothingChanged(subtask: Subtask): FileReport[] {
  const [path = '.'] = subtask.produces.length > 0 ? subtask.produces : subtask.scope;
  if (subtask.scope.length === 0 && subtask.produces.length === 0) return [];
  const message = `Nothing was changed. Do what the subtask says, in ${list([...subtask.scope, ...subtask.produces])}.`;
  return [
    {
      path,
      language: languageOf(path),
      status: 'failed',
      findings: [error('result/empty', 'completeness', message)],
    },
  ];
}

function outsideScope(path: string, scope: readonly string[]): Finding {
  const message = `"${path}" is outside of what this subtask may change (${list(scope)}): undo the change, or remove the file if it is new.`;
  return error('scope/outside', 'correctness', message);
}

function linkOutside(path: string, target: string): Finding {
  const message = `The link "${path}" leads out of the repository, to "${target}": remove it, or make a file of it.`;
  return error('link/outside', 'security', message);
}

function tooLarge(path: string, bytes: number, total: number): Finding {
  const message =
    bytes > FILE_LIMIT
      ? `"${path}" has ${megabytes(bytes)}, a file may have ${megabytes(FILE_LIMIT)}: remove it or make it smaller.`
      : `The changed files have ${megabytes(total)} together, ${megabytes(RESULT_LIMIT)} are allowed: remove "${path}" (${megabytes(bytes)}) or make it smaller.`;
  return error('size/too-large', 'quality', message);
}

/** By the text of path and target alone, which is what another clone would follow. */
function leadsOut(path: string, target: string): boolean {
  if (/^([\\/]|[A-Za-z]:)/.test(target)) return true;
  let depth = path.split('/').length - 1;
  for (const part of target.split(/[\\/]/)) {
    if (part === '..') depth -= 1;
    else if (part !== '' && part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}

function error(rule: string, criterion: Finding['criterion'], message: string): Finding {
  return { rule, criterion, severity: 'error', message, range: fileStart };
}

function list(names: readonly string[]): string {
  const shown = [...new Set(names)].slice(0, 5).map((name) => `"${name}"`);
  return `${shown.join(', ')}${names.length > 5 ? ', …' : ''}`;
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;
