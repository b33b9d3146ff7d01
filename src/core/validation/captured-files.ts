import type { ChangedFile } from '../model/event-fields.ts';
import type { FileReport, Finding } from '../model/findings.ts';
import type { Subtask } from '../model/plan.ts';
import { linkLeadsOut } from '../model/relative-path.ts';
import { inScope, writableBy } from '../model/scope.ts';
import type { TreeEntry } from '../ports/repository.ts';
import { languageOf } from './language.ts';
import { fileStart } from './syntax.ts';

/**
 * What is wrong with the files of a result whatever is in them: outside of the subtask's scope, a link that leads out of
 * the repository. One failed report for each file concerned.
 * @param entries what lies at the changed paths in the result's tree
 */
export function checkCapturedFiles(
  changed: readonly ChangedFile[],
  entries: ReadonlyMap<string, TreeEntry>,
  subtask: Subtask,
): FileReport[] {
  const allowed = writableBy(subtask);
  return changed.flatMap(({ path }) => {
    const entry = entries.get(path);
    const findings = [
      ...(inScope(path, allowed) ? [] : [outsideScope(path, allowed)]),
      ...(entry?.target !== undefined && linkLeadsOut(path, entry.target) ? [linkOutside(path, entry.target)] : []),
    ];
    return findings.length > 0 ? [{ path, language: languageOf(path), status: 'failed', findings }] : [];
  });
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

function error(rule: string, criterion: Finding['criterion'], message: string): Finding {
  return { rule, criterion, severity: 'error', message, range: fileStart };
}

function list(names: readonly string[]): string {
  const shown = [...new Set(names)].slice(0, 5).map((name) => `"${name}"`);
  return `${shown.join(', ')}${names.length > 5 ? ', …' : ''}`;
}
