import { describe, expect, it } from 'vitest';
import { openFindings } from '../../../src/vscode/open-findings.ts';
import { statusText } from '../../../src/vscode/status-text.ts';
import { launching, plan, runOf, validated } from './run-state.ts';

const start = [plan({ id: 'a' }), { type: 'plan.approved', by: 'person' } as const, launching('a-1', 'a')] as const;

describe('findings in Problems', () => {
  it('are those of the last check, until one passes', () => {
    const broken = validated('a-1', 1, 'failed');
    expect(openFindings(runOf(...start, ...broken))).toMatchObject([{ subtask: 'a', path: 'a.js' }]);
    expect(openFindings(runOf(...start, ...broken, ...validated('a-1', 2, 'passed')))).toEqual([]);
  });

  it('go away when the attempt is cancelled', () => {
    const ended = { type: 'attempt.ended', attempt: 'a-1', exitCode: null, outcome: 'cancelled', detail: '' } as const;
    expect(openFindings(runOf(...start, ...validated('a-1', 1, 'failed'), ended))).toEqual([]);
  });
});

describe('the status bar', () => {
  it('is empty when nothing runs, and warns only when a person is needed', () => {
    expect(statusText([], 0)).toBeUndefined();
    expect(statusText([runOf()], 0)).toMatchObject({ text: '$(sync~spin) Orchestrator planning', warns: false });
    expect(statusText([runOf(...start)], 1)).toMatchObject({
      text: '$(bell-dot) Orchestrator 0/1 · needs you',
      warns: true,
    });
  });
});
