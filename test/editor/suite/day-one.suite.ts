import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { command, folder, journalled, journals, orchestrate, until } from './own-runs.ts';

interface Diagnosis {
  readonly check: string;
  readonly status: string;
  readonly detail: string;
  readonly fix?: string;
}

describe('doctor', () => {
  it('looks at everything, says what to do, and asks language servers about a broken file', async () => {
    writeFileSync(join(folder(), 'index.ts'), 'export const one: number = 1;\n');
    writeFileSync(join(folder(), 'one.py'), 'one = 1\n');
    const found = (await command('doctor')) as readonly Diagnosis[];
    const status = Object.fromEntries(found.map(({ check, status }) => [check, status]));
    for (const check of ['git', 'repository', 'worktrees', 'claude', 'state folder', 'disk', 'TypeScript diagnostics'])
      assert.equal(status[check], 'ok', JSON.stringify(found));
    // Nothing that the editor brings along knows Python.
    assert.equal(status['Python diagnostics'], 'warning');
    for (const { check, status, fix } of found) if (status !== 'ok') assert.ok(fix, `${check} has no fix`);
    const tabs = (): string[] => vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));
    await until(() => tabs().some((label) => label.includes('doctor.md')), tabs);
    assert.ok(!tabs().some((label) => label.includes('probe')), tabs().join());
    const shown = await vscode.workspace.openTextDocument(vscode.Uri.parse('claude-orchestrator-doctor:/doctor.md'));
    assert.match(shown.getText(), /# Doctor/);
    assert.match(shown.getText(), /\*\*TypeScript diagnostics\*\*/);
  });
});

describe('the log', () => {
  it('is opened by a command', async () => {
    await command('showLog');
    const opened = (): string[] => vscode.workspace.textDocuments.map(({ uri }) => `${uri.scheme}:${uri.path}`);
    await until(
      () => opened().some((name) => name.startsWith('output:') && name.includes('Claude Orchestrator')),
      opened,
    );
  });
});

/** Launches of workers, the planner's left out. */
const launches = (): number => [...journals().matchAll(/"type":"attempt.launching",[^}]*"subtask":"later"/g)].length;

/** Adds a subtask to the run under way, edits it and skips it, as a person does it in the Runs view. */
async function changePlan(): Promise<void> {
  const [run = ''] = [...journals().matchAll(/"type":"run.created","run":"([^"]+)"/g)]
    .map(([, id]) => id)
    .sort()
    .slice(-1);
  const extra = vscode.Uri.parse(`claude-orchestrator-subtask:/${run}/extra.json`);
  const save = async (fields: object): Promise<void> =>
    vscode.workspace.fs.writeFile(extra, new TextEncoder().encode(JSON.stringify(fields)));
  const fields = { title: 'Extra', instructions: 'Write extra.txt.', dependsOn: [], scope: ['extra.txt'] };
  await save(fields);
  await assert.rejects(save({ ...fields, dependsOn: ['nobody'] }), /there is no subtask "nobody"/);
  await save({ ...fields, title: 'Something extra' });
  assert.match((await vscode.workspace.openTextDocument(extra)).getText(), /Something extra/);
  await command('skip', { run, subtask: 'extra' });
}

describe('pausing', () => {
  it('launches nothing more until it is resumed', async () => {
    const [before, launched] = [journalled('plan.approved'), launches()];
    const running = orchestrate('Pause and go on');
    await until(async () => {
      await command('pauseAll');
      return journalled('run.paused') === 1;
    });
    await until(() => journalled('plan.approved') === before + 1);
    // As long as this takes something else would have been launched.
    await command('doctor');
    assert.equal(launches(), launched);
    await changePlan();
    await command('resumeAll');
    const { run, status } = await running;
    assert.equal(status, 'completed');
    const events = journals(run)
      .split('"event":')
      .map((text) => /^\{"type":"([^"]+)"(.*"subtask":"later")?/.exec(text));
    const at = (type: string, ofSubtask = false): number =>
      events.findIndex((event) => event?.[1] === type && (!ofSubtask || event[2] !== undefined));
    assert.ok(at('run.paused') < at('plan.approved'));
    assert.ok(at('plan.approved') < at('run.resumed'));
    assert.ok(at('run.resumed') < at('attempt.launching', true));
    assert.ok(at('subtask.added') < at('subtask.edited') && at('subtask.edited') < at('subtask.skipped'));
    assert.ok(!journals(run).includes('"subtask":"extra","number"'), 'what was skipped was started');
    assert.equal(readFileSync(join(folder(), 'later.txt'), 'utf8'), 'later\n');
  });
});
