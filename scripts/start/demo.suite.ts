import { writeFileSync } from 'node:fs';
import * as vscode from 'vscode';

/** Runs in the extension host of the editor that `npm start` opens: what a person does with the command palette. */
export async function run(): Promise<void> {
  const { DEMO_TASK: task, DEMO_ANSWER: answer } = process.env;
  if (task === undefined || answer === undefined) throw new Error('DEMO_TASK and DEMO_ANSWER are not set.');
  const write = (value: unknown): void => writeFileSync(answer, JSON.stringify(value));
  try {
    write({
      vscode: vscode.version,
      result: await vscode.commands.executeCommand('claudeOrchestrator.orchestrateTask', { task }),
    });
  } catch (error) {
    write({ vscode: vscode.version, error: error instanceof Error ? error.message : String(error) });
  }
}
