import { describe, expect, it } from 'vitest';
import { changeIn } from '../../../src/vscode/parse-subtask.ts';
import { subtaskText } from '../../../src/vscode/subtask-text.ts';
import { subtask } from '../recorded-run.ts';

describe('a subtask as text', () => {
  const one = subtask('a', ['b']);

  it('is an edit that changes nothing as long as nobody edits it', () => {
    const { id: _, ...fields } = one;
    expect(changeIn(subtaskText(one, 'a', false), 'a', 'edit')).toEqual({
      type: 'subtask.edited',
      subtask: 'a',
      set: fields,
    });
  });

  it('is two parts, one after the other, to split it', () => {
    expect(changeIn(subtaskText(one, 'a', true), 'a', 'split')).toMatchObject({
      into: [
        { id: 'a-1', dependsOn: ['b'] },
        { id: 'a-2', dependsOn: ['a-1'] },
      ],
    });
  });

  it('is not taken before it says what is to be done, nor when it is no JSON or says something else', () => {
    expect(() => changeIn(subtaskText(undefined, 'new', false), 'new', 'add')).toThrow('instructions');
    expect(() => changeIn('{', 'a', 'edit')).toThrow('This is no JSON');
    expect(() => changeIn('{"owner": "me"}', 'a', 'edit')).toThrow('owner');
    expect(() => changeIn('[1]', 'a', 'add')).toThrow();
    expect(() => changeIn('{"title": 5, "owner": "me"}', 'a', 'edit')).toThrow(
      'title: Invalid input: expected string, received number. Unrecognized key: "owner"',
    );
    expect(() => changeIn('[{"id": "a-1", "budget": {"usd": -3}}]', 'a', 'split')).toThrow('0.budget.usd: Too small');
  });
});
