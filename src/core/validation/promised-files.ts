import type { FileReport } from '../model/findings.ts';
import { tidyPath } from '../model/relative-path.ts';
import { languageOf } from './language.ts';
import { fileStart } from './syntax.ts';

/**
 * One failed report for every promised path that is not there.
 * @param produces the `produces` of a subtask, relative to the repository
 * @param present paths of files in the tree that is looked at
 */
export function missingFiles(produces: readonly string[], present: ReadonlySet<string>): FileReport[] {
  const there = new Set([...present].map(tidyPath));
  const missing = new Set(produces.map(tidyPath).filter((path) => !there.has(path)));
  return [...missing].map((path) => ({
    path,
    language: languageOf(path),
    status: 'failed',
    findings: [
      {
        rule: 'promised-files/missing',
        criterion: 'completeness',
        severity: 'error',
        message: `The file "${path}" was promised and is not there.`,
        range: fileStart,
      },
    ],
  }));
}
