import { describe, expect, it } from 'vitest';
import { DrawnLines } from '../../../src/vscode/tree/drawn-lines.ts';
import { ICONS, type TreeNode } from '../../../src/vscode/tree/node.ts';

const node = (id: string, description = '', ...children: TreeNode[]): TreeNode => ({
  ...{ id, run: 'r', label: id, description, icon: ICONS.waiting, tooltip: [], flags: [], children, expanded: true },
});

describe('lines of the Runs view', () => {
  it('are all drawn when one comes, goes or moves at the top, and not at all when nothing changed', () => {
    const lines = new DrawnLines();
    expect(lines.update([])).toEqual([]);
    expect(lines.update([node('a')])).toEqual([undefined]);
    expect(lines.update([node('a')])).toEqual([]);
    expect(lines.update([node('b'), node('a')])).toEqual([undefined]);
    expect(lines.update([node('a')])).toEqual([undefined]);
  });

  it('are drawn again where something changed, and stay the same objects', () => {
    const lines = new DrawnLines();
    lines.update([node('run', '', node('a', 'waiting'), node('b', 'waiting'))]);
    const [run] = lines.roots;
    const [a, b] = run?.children ?? [];
    expect(lines.update([node('run', '', node('a', 'running'), node('b', 'waiting'))])).toEqual([a]);
    expect(lines.roots[0]).toBe(run);
    expect(lines.roots[0]?.children[0]).toBe(a);
    expect(a?.description).toBe('running');
    // With a line go those below it.
    expect(lines.update([node('run', 'done', node('a', 'merged'), node('b', 'waiting'))])).toEqual([run]);
    expect(lines.update([node('run', 'done', node('b', 'waiting'))])).toEqual([run]);
    expect(run?.children).toEqual([b]);
  });
});
