import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { defineScenario, loadScenario, ScenarioError } from './scenario.ts';

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ScenarioError) return error.message;
    throw error;
  }
  throw new Error('The scenario was accepted');
}

/** The message about a scenario file with that text. */
function complaintAbout(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'scenario-'));
  try {
    writeFileSync(join(folder, name), text);
    return messageOf(() => loadScenario(join(folder, name)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a scenario', () => {
  it('is read from a file and its short forms are spelled out', () => {
    const scenario = loadScenario(fileURLToPath(new URL('./example.yaml', import.meta.url)));
    expect(scenario.rules.map((rule) => rule.name)).toContain('the plan');
    expect(defineScenario({ rules: [{ name: 'a', answer: 'hi' }] }).rules).toEqual([
      { name: 'a', when: {}, answer: [{ text: 'hi' }] },
    ]);
  });

  it('is refused with the file, the rule, the field and the nearest allowed key', () => {
    const complaint = complaintAbout(
      'wrong.yaml',
      'rules:\n  - name: first\n    when: { rol: worker }\n    answer: hi\n  - name: second\n    answer: [hi, { txt: hi }]\n',
    );
    expect(complaint).toMatch(/wrong\.yaml: rule "first", when: unknown key "rol"; did you mean "role"\?/);
    expect(complaint).toMatch(/wrong\.yaml: rule "second", answer\[2\]: unknown key "txt"; did you mean "text"\?/);
  });

  it('is refused when a value has the wrong shape, with what is expected', () => {
    expect(complaintAbout('wrong.json', '{"rules":[{"name":"a","when":{"turn":"second"},"answer":"hi"}]}')).toMatch(
      /rule "a", when\.turn: expected a whole number, a bound such as ">= 2"/,
    );
    expect(complaintAbout('wrong.json', '{"rules":[{"name":"a","answer":{"edit":{"path":"x","old":"y"}}}]}')).toMatch(
      /rule "a", answer\[1\]\.edit\.new: /,
    );
    expect(complaintAbout('wrong.json', '{"rules":[{"answer":"hi"}]}')).toMatch(/rule 1, name: /);
  });

  it('is refused when the file is not what its name says or is missing', () => {
    expect(complaintAbout('broken.yaml', 'rules: [')).toMatch(/broken\.yaml: /);
    expect(complaintAbout('scenario.txt', '')).toMatch(/a scenario is a \.yaml, \.yml or \.json file/);
    expect(messageOf(() => loadScenario('/nowhere/at-all.yaml'))).toMatch(/at-all\.yaml: ENOENT/);
  });

  it.each([
    ['two endings', { error: { status: 500 }, hang: true as const }, 'only one of error, hang can happen'],
    ['an error that also speaks', { text: 'hi', error: { status: 500 } }, '"error" never reaches "text"'],
    ['nothing to say', { latencyMs: 5 }, 'says nothing'],
    ['an unknown placeholder', { text: '{{cmd}}' }, 'unknown placeholder {{cmd}}; did you mean {{cwd}}?'],
  ])('is refused for %s', (_name, step, complaint) => {
    expect(messageOf(() => defineScenario({ rules: [{ name: 'a', answer: step }] }))).toContain(complaint);
  });

  it('is refused for a broken regular expression and for two rules of one name', () => {
    const complaint = messageOf(() =>
      defineScenario({
        rules: [
          { name: 'a', when: { prompt: '/(/' }, answer: 'x' },
          { name: 'a', answer: 'y' },
        ],
      }),
    );
    expect(complaint).toContain('rule "a", when: /(/: Invalid regular expression');
    expect(complaint).toContain('rule "a": this name is used by an earlier rule');
  });
});
