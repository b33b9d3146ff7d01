import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { command, folder, journalled, journals, orchestrate, ownDiagnostics, until } from './own-runs.ts';

const file = (): string => join(folder(), '.claude-orchestrator', 'config.jsonc');
const uri = (): vscode.Uri => vscode.Uri.file(file());

function write(text: string): void {
  mkdirSync(dirname(file()), { recursive: true });
  writeFileSync(file(), text);
}

/** Settings with which the run was created. */
function settingsOf(run: string): Record<string, unknown> {
  const text = journals(run);
  const at = text.indexOf('"settings":{') + '"settings":'.length;
  for (let end = text.indexOf('}', at); end > 0; end = text.indexOf('}', end + 1)) {
    try {
      return JSON.parse(text.slice(at, end + 1)) as Record<string, unknown>;
    } catch {
      // It goes on after this brace.
    }
  }
  throw new Error(`The journal of ${run} has no settings.`);
}

describe('the configuration file of a repository', () => {
  after(async () => {
    rmSync(dirname(file()), { recursive: true, force: true });
    await vscode.workspace
      .getConfiguration('claudeOrchestrator')
      .update('attemptMinutes', undefined, vscode.ConfigurationTarget.Global);
  });

  it('keeps a run from starting while this window has seen no good one, and says where it is wrong', async () => {
    write('{\n  "concurrency": 900\n}\n');
    const runs = journalled('run.created');
    await assert.rejects(
      async () => orchestrate('One small thing'),
      /config\.jsonc:2: "concurrency": Too big.*64.*Problems lists/,
    );
    assert.equal(journalled('run.created'), runs);
    await until(() => ownDiagnostics().length === 1, ownDiagnostics);
    const [[path = '', diagnostic] = []] = ownDiagnostics();
    assert.equal(path, uri().path);
    assert.equal(diagnostic?.range.start.line, 1);
    assert.match(diagnostic?.message ?? '', /Nothing is started until it is right/);
    rmSync(file());
    await until(() => ownDiagnostics().length === 0);
  });

  it('is made with comments by a command, and then opened as it is', async () => {
    await command('openConfiguration');
    assert.equal(vscode.window.activeTextEditor?.document.uri.path, uri().path);
    assert.match(readFileSync(file(), 'utf8'), /\/\/ "maxCostUsd": 5,/);
    write('{ "concurrency": 2 }\n');
    await command('openConfiguration');
    assert.equal(readFileSync(file(), 'utf8'), '{ "concurrency": 2 }\n');
  });

  it('is completed and checked by the editor itself', async () => {
    write('{\n  "concurrency": 900,\n  \n}\n');
    const document = await vscode.workspace.openTextDocument(uri());
    await vscode.window.showTextDocument(document);
    await until(() => document.getText().includes('900'));
    const offered = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      uri(),
      new vscode.Position(2, 2),
    );
    assert.ok(offered.items.some(({ label }) => label === 'maxCostUsd'));
    const others = (): vscode.Diagnostic[] =>
      vscode.languages.getDiagnostics(uri()).filter(({ source }) => source !== 'Claude Orchestrator');
    await until(() => others().some(({ message }) => message.includes('64')), others);
  });

  it('counts less than what the person has set, more than the defaults, and never raises the spending cap', async () => {
    write('{ "concurrency": 2, "attemptMinutes": 30, "maxCostUsd": 100, "qualityIterations": 1 }\n');
    await vscode.workspace
      .getConfiguration('claudeOrchestrator')
      .update('attemptMinutes', 45, vscode.ConfigurationTarget.Global);
    const { run } = await orchestrate('One small thing');
    const { concurrency, attemptMinutes, maxCostUsd, qualityIterations } = settingsOf(run);
    assert.deepEqual(
      { concurrency, attemptMinutes, maxCostUsd, qualityIterations },
      { concurrency: 2, attemptMinutes: 45, maxCostUsd: 5, qualityIterations: 1 },
    );
  });

  it('stays in force as it was last good when it becomes bad', async () => {
    write('{\n  "qualityIterations": 1,\n  "concurency": 4\n}\n');
    await until(() => ownDiagnostics().length === 1, ownDiagnostics);
    const [[, diagnostic] = []] = ownDiagnostics();
    assert.equal(diagnostic?.range.start.line, 2);
    assert.match(diagnostic?.message ?? '', /"concurency" is no setting; these are: concurrency.*last good state/);
    const { run } = await orchestrate('One small thing');
    assert.equal(settingsOf(run)['qualityIterations'], 1);
    assert.equal(settingsOf(run)['concurrency'], 2);
  });
});

describe('the settings of a repository', () => {
  const settings = () => vscode.workspace.getConfiguration('claudeOrchestrator', vscode.Uri.file(folder()));

  it('have no say, though it is trusted, in what costs money, leaves the machine or asks nobody', async () => {
    const wanted = {
      concurrency: 7,
      maxCostUsd: 900,
      approvePlan: 'ask',
      environment: ['HOME'],
      settingSources: ['project'],
      claudePath: '/nowhere/claude',
    };
    const named = Object.entries(wanted).map(([name, value]) => [`claudeOrchestrator.${name}`, value]);
    const own = join(folder(), '.vscode', 'settings.json');
    mkdirSync(dirname(own), { recursive: true });
    writeFileSync(own, JSON.stringify(Object.fromEntries(named)));
    // What a repository may say tells that the file was read.
    await until(() => settings().get('concurrency') === 7);
    assert.equal(settings().get('maxCostUsd'), 5);
    assert.equal(settings().get('approvePlan'), 'never');
    assert.deepEqual(settings().get('environment'), []);
    assert.deepEqual(settings().get('settingSources'), ['user']);
    assert.notEqual(settings().get('claudePath'), '/nowhere/claude');
    rmSync(own);
    await until(() => settings().get('concurrency') === 3);
  });
});
