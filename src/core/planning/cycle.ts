interface Node {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

/** A dependency cycle as ids from a node back to itself, or undefined when there is none. Linear in nodes and edges. */
export function findCycle(nodes: readonly Node[]): string[] | undefined {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const done = new Set<string>();
  for (const start of nodes) {
    const path: string[] = [];
    const onPath = new Set<string>();
    const stack: { id: string; leaving: boolean }[] = [{ id: start.id, leaving: false }];
    for (let step = stack.pop(); step; step = stack.pop()) {
      if (step.leaving) {
        path.pop();
        onPath.delete(step.id);
        done.add(step.id);
        continue;
      }
      if (onPath.has(step.id)) return [...path.slice(path.indexOf(step.id)), step.id];
      if (done.has(step.id)) continue;
      path.push(step.id);
      onPath.add(step.id);
      stack.push({ id: step.id, leaving: true });
      for (const id of byId.get(step.id)?.dependsOn ?? []) stack.push({ id, leaving: false });
    }
  }
  return undefined;
}
