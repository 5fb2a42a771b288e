import type { Edge } from './layout.ts';

/**
 * The edges with those of each cycle that lead back turned round, each pair once, none from a box to itself. Depth
 * first in the order of boxes, without recursion: a chain may be as long as a file.
 */
export function breakCycles(count: number, edges: readonly Edge[]): Edge[] {
  const targets: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of edges) if (from !== to) targets[from]!.push(to);
  const NEW = 0;
  const OPEN = 1;
  const DONE = 2;
  const state = new Uint8Array(count);
  const back = new Set<string>();
  for (const start of startsFirst(count, edges)) {
    if (state[start] !== NEW) continue;
    const stack = [{ at: start, next: 0 }];
    state[start] = OPEN;
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const to = targets[top.at]![top.next++];
      if (to === undefined) {
        state[top.at] = DONE;
        stack.pop();
      } else if (state[to] === OPEN) back.add(`${top.at} ${to}`);
      else if (state[to] === NEW) {
        state[to] = OPEN;
        stack.push({ at: to, next: 0 });
      }
    }
  }
  const out = new Map<string, Edge>();
  for (const { from, to } of edges) {
    if (from === to) continue;
    const edge = back.has(`${from} ${to}`) ? { from: to, to: from } : { from, to };
    out.set(`${edge.from} ${edge.to}`, edge);
  }
  return [...out.values()];
}

/** Boxes that nothing leads to come first, so that a cycle is broken where it is entered. */
function startsFirst(count: number, edges: readonly Edge[]): number[] {
  const hasBefore = new Uint8Array(count);
  for (const { from, to } of edges) if (from !== to) hasBefore[to] = 1;
  const all = Array.from({ length: count }, (_, at) => at);
  return [...all.filter((at) => !hasBefore[at]), ...all.filter((at) => hasBefore[at])];
}

/**
 * The layer of each box: as many steps from the left as the longest path to it has. Then, from the right, a box that
 * leads to as many as lead to it moves next to the first that it leads to: no line total grows, and what belongs
 * together comes together. `edges` must hold no cycle.
 */
export function layersOf(boxes: readonly number[], edges: readonly Edge[]): Map<number, number> {
  const layers = new Map(boxes.map((box) => [box, 0]));
  const after = new Map<number, number[]>(boxes.map((box) => [box, []]));
  const before = new Map(boxes.map((box) => [box, 0]));
  for (const { from, to } of edges) {
    after.get(from)!.push(to);
    before.set(to, before.get(to)! + 1);
  }
  const waiting = new Map(before);
  const ready = boxes.filter((box) => waiting.get(box) === 0);
  const order: number[] = [];
  for (let box = ready.pop(); box !== undefined; box = ready.pop()) {
    order.push(box);
    for (const to of after.get(box)!) {
      layers.set(to, Math.max(layers.get(to)!, layers.get(box)! + 1));
      waiting.set(to, waiting.get(to)! - 1);
      if (waiting.get(to) === 0) ready.push(to);
    }
  }
  for (const box of order.reverse()) {
    const targets = after.get(box)!;
    if (targets.length === 0 || targets.length < before.get(box)!) continue;
    const nearest = targets.reduce((least, to) => Math.min(least, layers.get(to)!), Number.POSITIVE_INFINITY);
    layers.set(box, nearest - 1);
  }
  // Where all boxes of the first layer have moved on, the others follow.
  const first = boxes.reduce((least, box) => Math.min(least, layers.get(box)!), Number.POSITIVE_INFINITY);
  for (const box of boxes) layers.set(box, layers.get(box)! - first);
  return layers;
}
