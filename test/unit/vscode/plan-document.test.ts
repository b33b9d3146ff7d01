import { describe, expect, it } from 'vitest';
import { planSchema } from '../../../src/core/model/plan.ts';
import { runSettingsSchema } from '../../../src/core/model/settings.ts';
import { planDocument, subtaskLevels } from '../../../src/vscode/plan-document.ts';

const subtask = (id: string, dependsOn: string[] = []) => ({
  id,
  title: `Title ${id}`,
  instructions: 'Do it.',
  dependsOn,
});
const shared = {
  task: 'The task',
  settings: runSettingsSchema.parse({}),
  branch: 'main',
  estimate: 'About 1 min.',
  isWaiting: true,
};
const document = (plan: unknown, dirtyPaths: string[] | undefined = []) =>
  planDocument({ ...shared, plan: planSchema.parse(plan), dirtyPaths });

describe('the plan document', () => {
  it('has levels, dependencies and the spending cap', () => {
    const text = document({
      version: 1,
      title: 'Plan',
      subtasks: [
        subtask('one'),
        subtask('two', ['one']),
        { ...subtask('three', ['one', 'two']), produces: ['x/y.js'] },
      ],
    });
    expect(text).toContain('**Spending cap $5.00, 2,000,000 tokens and 24 hours of work**');
    expect(text).toContain('| 3 | **three**<br>Title three | one<br>two | everything, so it runs alone | x\\/y\\.js |');
  });

  it('names what the run will not see', () => {
    const text = document({ version: 1, title: 'Plan', subtasks: [subtask('one')] }, ['draft.md']);
    expect(text).toContain('## Not part of the run');
    expect(text).toContain('- draft\\.md');
  });

  it('lets nothing that a model wrote become markup', () => {
    const evil = '<script>alert(1)</script>\n\n# Heading | ![x](https://e.test)';
    const text = document({
      version: 1,
      title: evil,
      subtasks: [{ ...subtask('one'), title: evil, instructions: evil, scope: [evil] }],
    });
    expect(text).not.toMatch(/(^|[^\\])<script/);
    expect(text).not.toMatch(/^# Heading/m);
    expect(text).not.toMatch(/!\[x\]\(/);
  });

  it('ends also for dependencies in a circle', () => {
    const plan = planSchema.parse({ version: 1, title: 'P', subtasks: [subtask('a', ['b']), subtask('b', ['a'])] });
    expect(subtaskLevels(plan).flat()).toHaveLength(2);
  });
});
