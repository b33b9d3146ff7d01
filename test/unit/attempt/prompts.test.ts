import { describe, expect, it } from 'vitest';
import { findingsPrompt, subtaskPrompt, workerInstructions } from '../../../src/core/attempt/prompts.ts';
import type { FileReport, Finding } from '../../../src/core/model/findings.ts';
import { planJsonSchema, plannerPrompt, repairPrompt } from '../../../src/core/planning/planner-prompt.ts';
import { subtask } from '../recorded-run.ts';

const golden = (name: string) => new URL(`./golden/${name}`, import.meta.url).pathname;
const finding = (line: number, message: string, severity: Finding['severity'] = 'error'): Finding => ({
  rule: 'syntax/javascript',
  criterion: 'syntax',
  severity,
  message,
  range: { start: { line, character: 4 }, end: { line, character: 5 } },
});
const report = (path: string, findings: Finding[]): FileReport => ({
  path,
  language: 'javascript',
  status: 'failed',
  findings,
});

describe('what sessions are told', () => {
  it('a worker', async () => {
    const full = { ...subtask('api', [], ['src/api/**']), produces: ['src/api/limit.js'] };
    const text = [workerInstructions('worker', 'api', 2), subtaskPrompt(full, ['npm test', 'npm run lint'])].join(
      '\n\n=====\n\n',
    );
    await expect(`${text}\n`).toMatchFileSnapshot(golden('worker.txt'));
  });

  it('a worker without scope, products and check commands', () => {
    expect(subtaskPrompt(subtask('api', [], []), [])).toBe('Subtask: Title of api\n\nDo api.');
  });

  it('a worker that is to leave a file outside of its scope', () => {
    const text = subtaskPrompt({ ...subtask('api', [], ['src/api/**']), produces: ['docs/api.md'] }, []);
    expect(text).toContain('Change only files that match:\n- src/api/**\n- docs/api.md\n');
  });

  it('a planner', async () => {
    const text = [
      workerInstructions('planner', undefined, 1),
      plannerPrompt('Add rate limiting.\nWith tests.'),
      repairPrompt(['subtask "a", dependsOn: there is no subtask "ghost"', 'subtasks: too many']),
      JSON.stringify(JSON.parse(planJsonSchema()), null, 2),
    ].join('\n\n=====\n\n');
    await expect(`${text}\n`).toMatchFileSnapshot(golden('planner.txt'));
  });

  it('a worker whose result was not accepted: errors only, one-based, not endless', async () => {
    const text = findingsPrompt([
      report('src/a.js', [finding(0, 'Unexpected token'), finding(9, 'Unused', 'warning')]),
      report('src/b.js', [finding(41, 'Missing brace')]),
    ]);
    await expect(`${text}\n`).toMatchFileSnapshot(golden('findings.txt'));
    const many = findingsPrompt([
      report(
        'a.js',
        Array.from({ length: 80 }, (_, line) => finding(line, 'Wrong')),
      ),
    ]);
    expect(many.split('\n')).toHaveLength(52);
    expect(many).toContain('… and 30 more');
  });

  it('a planner with many mistakes: no more than it can mend', () => {
    expect(repairPrompt(Array.from({ length: 500 }, () => 'wrong')).split('\n')).toHaveLength(22);
  });
});
