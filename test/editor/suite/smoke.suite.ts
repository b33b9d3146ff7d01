import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { diagnosticsOf, nextEvent } from './waiting.ts';

function folder(): vscode.Uri {
  const first = vscode.workspace.workspaceFolders?.[0];
  assert.ok(first, 'no folder is open');
  return first.uri;
}

describe('a real VS Code', () => {
  it('is of the version that the manifest asks for, or newer', () => {
    const [major, minor] = vscode.version.split('.').map(Number);
    assert.equal(major, 1);
    assert.ok((minor ?? 0) >= 105, vscode.version);
  });

  it('runs a task in a terminal and reports its exit code', async () => {
    const script = 'console.log("from the task"); process.exit(3)';
    const execution = new vscode.ProcessExecution(process.execPath, ['-e', script], {
      env: { ELECTRON_RUN_AS_NODE: '1' },
    });
    const task = new vscode.Task({ type: 'smoke' }, vscode.TaskScope.Workspace, 'exit three', 'smoke', execution);
    const ended = nextEvent(vscode.tasks.onDidEndTaskProcess, (event) => event.execution.task.name === task.name);
    await vscode.tasks.executeTask(task);
    assert.equal((await ended).exitCode, 3);
    assert.ok(vscode.window.terminals.some((terminal) => terminal.name.includes('exit three')));
  });

  it('shows what is wrong in a TypeScript file of the folder', async () => {
    const file = vscode.Uri.joinPath(folder(), 'broken.ts');
    await vscode.workspace.fs.writeFile(file, Buffer.from('export const count: number = "one";\n'));
    await vscode.window.showTextDocument(file);
    const [first] = await diagnosticsOf(file);
    assert.equal(first?.code, 2322);
    assert.equal(first?.severity, vscode.DiagnosticSeverity.Error);
  });

  it('has an environment of its own, without what the outer process has', () => {
    assert.ok(process.env['HOME']?.startsWith(process.env['EDITOR_TEST_DATA'] ?? 'not set'));
    assert.equal(process.env['EDITOR_TEST_OUTER'], undefined);
  });

  it('takes the settings it was opened with', () => {
    assert.equal(vscode.workspace.getConfiguration('editor').get('fontSize'), 15);
  });
});

describe('the extension under development', () => {
  it('is active and its command runs', async () => {
    const extension = vscode.extensions.getExtension('claude-orchestrator-test.probe-extension');
    assert.ok(extension, 'the extension was not loaded');
    await extension.activate();
    assert.equal(await vscode.commands.executeCommand('probe.sayHello', 'editor'), 'Hello, editor');
  });
});
