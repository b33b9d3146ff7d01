import type { TreeNode } from './node.ts';

type Line = { -readonly [Key in keyof TreeNode]: TreeNode[Key] };

/**
 * The lines as VS Code knows them, one object for each id. While VS Code asks for the lines below one that is drawn
 * again, it forgets them: what a person chooses on one of them in that moment is lost. So only that is drawn again
 * which has changed.
 */
export class DrawnLines {
  readonly #lines = new Map<string, Line>();
  #roots: readonly TreeNode[] = [];

  get roots(): readonly TreeNode[] {
    return this.#roots;
  }

  /** Takes over how it is now. Returns the lines to draw again, with all below them; `undefined` in it: everything. */
  update(roots: readonly TreeNode[]): readonly (TreeNode | undefined)[] {
    const seen = new Set<string>();
    const before = this.#roots;
    const changed: TreeNode[] = [];
    this.#roots = roots.map((root) => this.#take(root, seen, changed));
    for (const id of this.#lines.keys()) if (!seen.has(id)) this.#lines.delete(id);
    return sameIds(before, this.#roots) ? changed : [undefined];
  }

  #take(node: TreeNode, seen: Set<string>, changed: TreeNode[]): TreeNode {
    seen.add(node.id);
    const known = this.#lines.get(node.id);
    const line: Line = known ?? { ...node };
    const isSame = known !== undefined && look(known) === look(node) && sameIds(known.children, node.children);
    if (!isSame) changed.push(line);
    // What is below a line that is drawn again comes with it.
    const children = node.children.map((child) => this.#take(child, seen, isSame ? changed : []));
    Object.assign(line, node, { children });
    this.#lines.set(node.id, line);
    return line;
  }
}

const look = ({ children, ...own }: TreeNode): string => JSON.stringify([own, children.length > 0]);

const sameIds = (before: readonly TreeNode[], now: readonly TreeNode[]): boolean =>
  before.length === now.length && before.every(({ id }, index) => id === now[index]?.id);
