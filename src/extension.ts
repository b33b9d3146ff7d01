import * as vscode from 'vscode';
import type { Editor } from './editor.ts';
import { COMMANDS, commandId } from './vscode/commands.ts';

let editor: Promise<Editor> | undefined;

/**
 * Does no more than others in the extension host have to wait for: commands are there, all the rest is a bundle of its
 * own that is loaded as soon as they had their turn, or with the first command.
 */
export function activate({ subscriptions }: vscode.ExtensionContext): void {
  const load = (): Promise<Editor> => {
    editor ??= import('./editor.ts').then(({ openEditor }) => openEditor(subscriptions));
    return editor;
  };
  for (const name of COMMANDS) {
    const run = async (argument: unknown): Promise<unknown> => (await load()).run(name, argument);
    subscriptions.push(vscode.commands.registerCommand(commandId(name), run));
  }
  setImmediate(() => {
    load().catch((error: unknown) => vscode.window.showErrorMessage(`Claude Orchestrator: ${String(error)}`));
  });
}

/** The window closes or reloads: workers go on. */
export async function deactivate(): Promise<void> {
  await (await editor)?.leave();
}
