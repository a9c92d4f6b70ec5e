/** One service and the names it depends on. */
export interface GraphNode {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

/**
 * A cycle in the graph as the names on its way, the first repeated at the end (`["a", "b", "a"]`: a depends on b, b on a), or null.
 * Names that are no node are passed over. Iterative: a chain of any length is no deeper than another.
 */
export function findCycle(nodes: readonly GraphNode[]): readonly string[] | null {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const finished = new Set<string>();
  for (const root of nodes) {
    if (finished.has(root.name)) continue;
    const path: { readonly node: GraphNode; next: number }[] = [{ node: root, next: 0 }];
    const onPath = new Set([root.name]);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const name = top.node.dependsOn[top.next++];
      if (name === undefined) {
        finished.add(top.node.name);
        onPath.delete(top.node.name);
        path.pop();
      } else if (onPath.has(name)) {
        const from = path.findIndex((entry) => entry.node.name === name);
        return [...path.slice(from).map((entry) => entry.node.name), name];
      } else if (!finished.has(name)) {
        const node = byName.get(name);
        if (node === undefined) continue;
        path.push({ node, next: 0 });
        onPath.add(name);
      }
    }
  }
  return null;
}

/** A cycle as it is printed: "a -> b -> a". */
export function formatCycle(cycle: readonly string[]): string {
  return cycle.join(" -> ");
}

/**
 * The names in the order in which they may start, as levels: each depends only on those of earlier levels, so that a level may start at
 * once. Within a level the given order stands. Throws a RangeError on a cycle.
 */
export function startOrder(nodes: readonly GraphNode[]): readonly (readonly string[])[] {
  const known = new Set(nodes.map((node) => node.name));
  const missing = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  for (const node of nodes) {
    const names = new Set(node.dependsOn.filter((name) => known.has(name)));
    missing.set(node.name, names.size);
    for (const name of names) {
      const list = dependents.get(name);
      if (list === undefined) dependents.set(name, [node.name]);
      else list.push(node.name);
    }
  }
  const position = new Map(nodes.map((node, index) => [node.name, index]));
  const levels: string[][] = [];
  let placed = 0;
  let level = nodes.filter((node) => missing.get(node.name) === 0).map((node) => node.name);
  while (level.length > 0) {
    levels.push(level);
    placed += level.length;
    const next: string[] = [];
    for (const name of level) {
      for (const dependent of dependents.get(name) ?? []) {
        const left = (missing.get(dependent) ?? 0) - 1;
        missing.set(dependent, left);
        if (left === 0) next.push(dependent);
      }
    }
    level = next.sort((a, b) => (position.get(a) ?? 0) - (position.get(b) ?? 0));
  }
  if (placed < known.size)
    throw new RangeError(`dependency cycle: ${formatCycle(findCycle(nodes) ?? [])}`);
  return levels;
}
