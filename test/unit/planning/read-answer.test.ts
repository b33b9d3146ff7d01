import { describe, expect, it } from 'vitest';
import { planInText } from '../../../src/core/planning/read-answer.ts';

const plan = { version: 1, title: 'a "quoted" } brace {', subtasks: [{ id: 'a' }] };
const json = JSON.stringify(plan);

describe("a plan in a planner's words", () => {
  it.each([
    ['alone', json],
    ['in a fence', `Here:\n\`\`\`json\n${JSON.stringify(plan, null, 2)}\n\`\`\`\nTell me {more}!`],
    ['behind braces that are none', `Use {curly} and {"a": 1}, then ${json} and {so on`],
    ['inside of another object', `{"plan": ${json}}`],
    ['behind an open quote', `He said "go. {${json}`],
  ])('is found %s', (_name, text) => {
    expect(planInText(text)).toEqual(plan);
  });

  it.each(['', 'I would first look at the code.', '{', '{"subtasks": [', '[1]', '{'.repeat(5_000), '{"a": {}}'])(
    'is not made up of %j',
    (text) => {
      expect(planInText(text)).toBe(text);
    },
  );
});
