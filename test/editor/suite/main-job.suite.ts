import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import {
  folder,
  journalled,
  journals,
  type Outcome,
  orchestrate,
  ownDiagnostics,
  stateFolder,
  until,
} from './own-runs.ts';
import { ownWorkers } from './own-workers.ts';

/** Command lines of what runs of this editor's own workers. */
async function workerProcesses(): Promise<string[]> {
  const own = await ownWorkers(stateFolder, process.env['HOME'] ?? '');
  return own.map(({ command }) => command);
}

describe('the main job', () => {
  let run = '';
  const found = new Map<string, vscode.Diagnostic>();
  /** By task: its exit code, and what the attempt's own file said at that moment. */
  const ended = new Map<string, { task: number | undefined; attempt: string }>();
  const subscriptions = [
    vscode.tasks.onDidEndTaskProcess(({ execution, exitCode }) => {
      const attempt = String(execution.task.definition['attempt']);
      const [file] = globSync(join(stateFolder, '*', '*', 'runs', '*', 'attempts', attempt, 'exit.json'));
      ended.set(execution.task.name, { task: exitCode, attempt: file ? readFileSync(file, 'utf8') : 'not ended' });
    }),
    vscode.languages.onDidChangeDiagnostics(() => {
      for (const [path, diagnostic] of ownDiagnostics()) found.set(path, diagnostic);
    }),
  ];
  after(() => vscode.Disposable.from(...subscriptions).dispose());

  it('plans, runs, checks, merges and applies', async () => {
    const outcome = await orchestrate('Add farewells and formal greetings');
    assert.equal(outcome.status, 'completed');
    assert.equal(outcome.applied, true);
    run = outcome.run;
    assert.match(readFileSync(join(folder(), 'src/index.js'), 'utf8'), /formalGreet/);
    assert.match(readFileSync(join(folder(), 'README.md'), 'utf8'), /farewell\(name\)/);
  });

  it('had a terminal for the planner and for each worker', () => {
    const names = vscode.window.terminals.map(({ name }) => name);
    for (const title of ['Plan the task', 'farewell: ', 'formal: ', 'entry: ', 'readme: '])
      assert.ok(
        names.some((name) => name.includes(title)),
        `${title} is not in ${names.join(', ')}`,
      );
  });

  it('ended each of their tasks when the worker had ended, with its exit code', async () => {
    await until(
      () => ended.size >= 5,
      () => [...ended],
    );
    for (const { task, attempt } of ended.values()) {
      assert.match(attempt, /"code":0/);
      assert.equal(task, 0);
    }
  });

  it('shows the terminal of an attempt again, and opens another one when it was closed', async () => {
    const attempt = /"attempt":"(formal-\w+)"/.exec(journals())?.[1];
    const before = vscode.window.terminals.length;
    await vscode.commands.executeCommand('claudeOrchestrator.openTerminal', { run, attempt });
    await until(() => vscode.window.activeTerminal?.name.includes('formal'));
    assert.equal(vscode.window.terminals.length, before);
    vscode.window.activeTerminal?.dispose();
    await until(() => vscode.window.terminals.length === before - 1);
    await vscode.commands.executeCommand('claudeOrchestrator.openTerminal', { run, attempt });
    await until(() => vscode.window.terminals.length === before);
    await until(() => vscode.window.activeTerminal?.name.includes('formal'));
  });

  it('shows what applying changed, the plan and the journal', async () => {
    const tabs = (): string[] => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));
    for (const [command, title] of [
      ['openDiff', 'Farewells'],
      ['openPlan', 'plan.md'],
      ['openJournal', '.ndjson'],
    ] as const) {
      await vscode.commands.executeCommand(`claudeOrchestrator.${command}`, { run });
      await until(() => tabs().some((tab) => tab.includes(title)), tabs);
    }
    await until(() => vscode.workspace.textDocuments.some((document) => document.getText().includes('"run.created"')));
  });

  it('showed the broken file in Problems until it was mended', async () => {
    const [[path, diagnostic] = [], ...others] = [...found];
    assert.equal(path, '/src/formal.js');
    assert.equal(diagnostic?.severity, vscode.DiagnosticSeverity.Error);
    assert.match(diagnostic?.message ?? '', /in the work of "formal"/);
    assert.deepEqual(others, []);
    await until(() => ownDiagnostics().length === 0);
  });

  it('leaves no process behind', async () => {
    await until(async () => (await workerProcesses()).length === 0);
  });
});

describe('a question of a worker', () => {
  /** Orchestrates a task whose one worker asks, and answers by these commands. */
  async function answered(task: string, ...commands: readonly string[]): Promise<Outcome> {
    const [asked, decided] = [journalled('permission.requested'), journalled('permission.decided')];
    const running = orchestrate(task);
    await until(() => journalled('permission.requested') === asked + 1);
    await until(async () => {
      for (const command of commands) await vscode.commands.executeCommand(command);
      return journalled('permission.decided') === decided + 1;
    });
    return running;
  }

  it('is answered by the notification, and the answer reaches the worker', async () => {
    const outcome = await answered('Ask before the work', 'notifications.showList', 'notification.acceptPrimaryAction');
    assert.equal(outcome.status, 'completed');
    assert.equal(readFileSync(join(folder(), 'asked.txt'), 'utf8').trim(), 'the command ran');
  });

  it('is answered by the command of the Runs view as well', async () => {
    const outcome = await answered('Ask and take no for an answer', 'claudeOrchestrator.denyPermission');
    assert.equal(outcome.status, 'completed');
    assert.equal(readFileSync(join(folder(), 'denied.txt'), 'utf8').trim(), 'done without');
  });
});

describe('uncommitted work', () => {
  it('keeps a result from being applied and stays as it is, until it is out of the way', async () => {
    const file = join(folder(), 'package.json');
    const committed = readFileSync(file, 'utf8');
    const mine = `${committed}\n`;
    writeFileSync(file, mine);
    const outcome = await orchestrate('Clash with my own change');
    assert.equal(outcome.status, 'completed');
    assert.equal(outcome.applied, false);
    assert.equal(readFileSync(file, 'utf8'), mine);
    writeFileSync(file, committed);
    assert.equal(await vscode.commands.executeCommand('claudeOrchestrator.applyRun', { run: outcome.run }), true);
    assert.match(readFileSync(file, 'utf8'), /"description": "changed"/);
  });
});

describe('cancelling', () => {
  it('in the middle ends the run and leaves no process behind', async () => {
    const before = journalled('attempt.launched');
    const running = orchestrate('Never come to an end');
    // The planner and two workers, which the model never answers.
    await until(() => journalled('attempt.launched') === before + 3);
    assert.ok((await workerProcesses()).length > 0);
    await vscode.commands.executeCommand('claudeOrchestrator.cancelRun');
    assert.equal((await running).status, 'cancelled');
    await until(async () => (await workerProcesses()).length === 0);
    assert.equal(existsSync(join(folder(), 'stuck.txt')), false);
  });
});

describe('wrong use', () => {
  it('is refused before anything is started', async () => {
    const runs = journalled('run.created');
    await assert.rejects(
      async () => vscode.commands.executeCommand('claudeOrchestrator.orchestrateTask', { task: '  ' }),
      /takes \{ task/,
    );
    await assert.rejects(
      async () => vscode.commands.executeCommand('claudeOrchestrator.orchestrateTask', { task: 'x', folder: '/' }),
      /not in this workspace/,
    );
    assert.equal(journalled('run.created'), runs);
  });
});
