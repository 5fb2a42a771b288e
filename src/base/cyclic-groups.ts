/**
 * Groups of nodes that wait for each other: strongly connected components of more than one node, and nodes linked to
 * themselves. `sourcesOf`: the nodes that one takes from, all of them among `nodes`. Iterative Tarjan (1972), so that no
 * row of nodes is too long.
 */
export function cyclicGroups(nodes: Iterable<string>, sourcesOf: (id: string) => readonly string[]): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const isOpen = new Set<string>();
  const out: string[][] = [];
  for (const root of nodes) {
    if (index.has(root)) continue;
    const work: { id: string; sources: readonly string[]; next: number }[] = [];
    const enter = (id: string): void => {
      low.set(id, index.size);
      index.set(id, index.size);
      stack.push(id);
      isOpen.add(id);
      work.push({ id, sources: sourcesOf(id), next: 0 });
    };
    enter(root);
    while (work.length > 0) {
      const frame = work.at(-1)!;
      const source = frame.sources[frame.next++];
      if (source !== undefined) {
        if (!index.has(source)) enter(source);
        else if (isOpen.has(source)) low.set(frame.id, Math.min(low.get(frame.id)!, index.get(source)!));
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent) low.set(parent.id, Math.min(low.get(parent.id)!, low.get(frame.id)!));
      if (low.get(frame.id) !== index.get(frame.id)) continue;
      const group: string[] = [];
      let id: string;
      do {
        id = stack.pop()!;
        isOpen.delete(id);
        group.push(id);
      } while (id !== frame.id);
      if (group.length > 1 || frame.sources.includes(frame.id)) out.push(group);
    }
  }
  return out;
}
