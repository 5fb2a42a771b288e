import type { Rect } from './place.ts';

/** Space between columns, and between the boxes of one. */
const GAP = { x: 56, y: 16 };
const SWEEPS = 4;

/**
 * Places boxes in columns along their links, as in Sugiyama's method: a link leads at least one column to the right, links
 * that close a circle aside; within a column boxes stand near what they are linked to (barycentres, some sweeps there and
 * back). `links` are pairs of indices into `boxes`. For files that do not say where nodes stand.
 */
export function placeInLayers(boxes: readonly Rect[], links: readonly (readonly [number, number])[]): void {
  const next: number[][] = boxes.map(() => []);
  const previous: number[][] = boxes.map(() => []);
  for (const [from, to] of links) {
    if (from === to) continue;
    next[from]!.push(to);
    previous[to]!.push(from);
  }
  const column = columnsOf(next);
  const columns: number[][] = [];
  for (const [i, at] of column.entries()) {
    while (columns.length <= at) columns.push([]);
    columns[at]!.push(i);
  }
  const rank = new Array<number>(boxes.length).fill(0);
  const number = (list: readonly number[]): void => {
    for (const [at, i] of list.entries()) rank[i] = (at + 1) / (list.length + 1);
  };
  columns.forEach(number);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const [near, order] = sweep % 2 === 0 ? [previous, columns] : [next, [...columns].reverse()];
    for (const list of order) {
      const wish = new Map(list.map((i) => [i, mean(near[i]!.map((j) => rank[j]!)) ?? rank[i]!]));
      list.sort((a, b) => wish.get(a)! - wish.get(b)! || a - b);
      number(list);
    }
  }
  let x = 0;
  const height = (list: readonly number[]): number => list.reduce((sum, i) => sum + boxes[i]!.h + GAP.y, 0);
  const tallest = Math.max(0, ...columns.map(height));
  for (const list of columns) {
    let y = (tallest - height(list)) / 2;
    for (const i of list) {
      boxes[i]!.x = x;
      boxes[i]!.y = y;
      y += boxes[i]!.h + GAP.y;
    }
    x += Math.max(...list.map((i) => boxes[i]!.w)) + GAP.x;
  }
}

/** The column of each box: one more than the last that leads to it, by a walk that leaves out what closes a circle. */
function columnsOf(next: readonly (readonly number[])[]): number[] {
  const state = new Uint8Array(next.length);
  const finished: number[] = [];
  const forward: number[][] = next.map(() => []);
  for (let start = 0; start < next.length; start++) {
    if (state[start] !== 0) continue;
    // A chain may be longer than the call stack is deep.
    const stack: { node: number; at: number }[] = [{ node: start, at: 0 }];
    state[start] = 1;
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const to = next[top.node]![top.at++];
      if (to === undefined) {
        state[top.node] = 2;
        finished.push(top.node);
        stack.pop();
      } else if (state[to] !== 1) {
        forward[top.node]!.push(to);
        if (state[to] === 0) {
          state[to] = 1;
          stack.push({ node: to, at: 0 });
        }
      }
    }
  }
  const column = new Array<number>(next.length).fill(0);
  for (const node of finished.reverse()) {
    for (const to of forward[node]!) column[to] = Math.max(column[to]!, column[node]! + 1);
  }
  return column;
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((a, b) => a + b, 0) / values.length;
}
