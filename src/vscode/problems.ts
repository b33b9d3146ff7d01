import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Severity } from '../core/model/findings.ts';
import type { RunState } from '../core/model/run.ts';
import { gitUri } from './documents.ts';
import { type OpenFinding, openFindings } from './open-findings.ts';
import type { Runs } from './runs.ts';
import { label } from './text.ts';
import { t } from './translate.ts';

const SOURCE = 'Claude Orchestrator';

/** Findings of the newest run of this window in the Problems panel. */
export function registerProblems(runs: Runs): vscode.Disposable {
  const collection = vscode.languages.createDiagnosticCollection('claude-orchestrator');
  const update = (): void => {
    const newest = runs.list().find(({ state }) => runs.isStartedHere(state.id));
    const byFile = new Map<string, { uri: vscode.Uri; diagnostics: vscode.Diagnostic[] }>();
    for (const open of newest ? openFindings(newest.state) : []) {
      const uri = placeOf(newest?.state, open);
      const file = byFile.get(uri.toString()) ?? { uri, diagnostics: [] };
      file.diagnostics.push(diagnostic(open));
      byFile.set(uri.toString(), file);
    }
    collection.clear();
    collection.set([...byFile.values()].map(({ uri, diagnostics }) => [uri, diagnostics]));
  };
  return vscode.Disposable.from(collection, runs.onDidChange(update));
}

/** The person's own file; one that they don't have is shown as it was checked, for its worktree comes and goes. */
function placeOf(run: RunState | undefined, { path, commit }: OpenFinding): vscode.Uri {
  const own = join(run?.repository ?? '', ...path.split('/'));
  return existsSync(own) ? vscode.Uri.file(own) : gitUri(run?.id ?? '', commit, path);
}

function diagnostic({ finding, subtask }: OpenFinding): vscode.Diagnostic {
  const { start, end } = finding.range;
  const range = new vscode.Range(start.line, start.character, end.line, end.character);
  const message = t('{0} (in the work of "{1}")', label(finding.message, 400), subtask);
  const made = new vscode.Diagnostic(range, message, severity(finding.severity));
  made.source = SOURCE;
  made.code = finding.rule;
  return made;
}

function severity(of: Severity): vscode.DiagnosticSeverity {
  if (of === 'error') return vscode.DiagnosticSeverity.Error;
  return of === 'warning' ? vscode.DiagnosticSeverity.Warning : vscode.DiagnosticSeverity.Information;
}
