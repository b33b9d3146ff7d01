import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';

export interface Outcome {
  readonly run: string;
  readonly status: string;
  readonly applied: boolean;
}

/** A guard against waiting forever, not a measure. */
const GUARD_MS = 40_000;

export const stateFolder = process.env['XDG_STATE_HOME'] ?? '';

/** The folder of the first workspace folder. */
export const folder = (): string => vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';

export const orchestrate = (task: string): Thenable<Outcome> =>
  vscode.commands.executeCommand<Outcome>('claudeOrchestrator.orchestrateTask', { task });

export const command = (name: string, argument?: unknown): Thenable<unknown> =>
  vscode.commands.executeCommand(`claudeOrchestrator.${name}`, argument);

/** Resolves as soon as `condition` holds; rejects with what `now` says when it does not come to that. */
export async function until(condition: () => unknown, now: () => unknown = () => ''): Promise<void> {
  const end = Date.now() + GUARD_MS;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Not so: ${condition}. It is: ${JSON.stringify(await now())}`);
    await sleep(50);
  }
}

/** How often an event of this type is in the journals of all runs. */
export function journalled(type: string): number {
  return journals().split(`"type":"${type}"`).length - 1;
}

/** What all journals say, as text. */
export function journals(run = '*'): string {
  const segments = globSync(join(stateFolder, '*', '*', 'runs', run, 'journal', '*.ndjson'));
  return segments.map((file) => readFileSync(file, 'utf8')).join('');
}

/** Diagnostics of this product, by path. */
export function ownDiagnostics(): [string, vscode.Diagnostic][] {
  return vscode.languages
    .getDiagnostics()
    .flatMap(([uri, all]) => all.map((one): [string, vscode.Diagnostic] => [uri.path, one]))
    .filter(([, { source }]) => source === 'Claude Orchestrator');
}
