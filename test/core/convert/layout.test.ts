import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Box, type Edge, layOut, type Position } from '../../../src/core/convert/layout.ts';

const SPACING = { across: 60, down: 40, grid: 10 };

const size = fc.integer({ min: 1, max: 700 });
const graph = fc.integer({ min: 1, max: 30 }).chain((count) =>
  fc.record({
    boxes: fc.array(fc.record({ width: size, height: size }), { minLength: count, maxLength: count }),
    edges: fc.array(fc.record({ from: fc.nat(count - 1), to: fc.nat(count - 1) }), { maxLength: 60 }),
  }),
);
const acyclic = graph.map(({ boxes, edges }) => ({ boxes, edges: edges.filter(({ from, to }) => from < to) }));

function overlaps(boxes: readonly Box[], positions: readonly Position[]): string[] {
  const found: string[] = [];
  for (const [a, [ax, ay]] of positions.entries()) {
    for (const [b, [bx, by]] of positions.entries()) {
      if (a >= b) continue;
      const isApart =
        ax + boxes[a]!.width <= bx ||
        bx + boxes[b]!.width <= ax ||
        ay + boxes[a]!.height <= by ||
        by + boxes[b]!.height <= ay;
      if (!isApart) found.push(`${a} ${b}`);
    }
  }
  return found;
}

/** Crossings of straight lines between the columns that both cross, as a reader sees them. */
function crossed(positions: readonly Position[], edges: readonly Edge[]): number {
  let count = 0;
  for (const [i, a] of edges.entries()) {
    for (const b of edges.slice(i + 1)) {
      const [[ax, ay], [bx, by]] = [positions[a.from]!, positions[b.from]!];
      const [[cx, cy], [dx, dy]] = [positions[a.to]!, positions[b.to]!];
      if (ax === bx && cx === dx && (ay - by) * (cy - dy) < 0) count++;
    }
  }
  return count;
}

test('[CV-66] no two boxes overlap, whatever the graph, and every place is on the grid', () => {
  fc.assert(
    fc.property(graph, ({ boxes, edges }) => {
      const positions = layOut(boxes, edges, SPACING);
      expect(overlaps(boxes, positions)).toEqual([]);
      for (const place of positions.flat()) expect(Math.abs(place % 10)).toBe(0);
    }),
    { numRuns: 500 },
  );
});

test('[CV-66] lines go from left to right where the graph has no cycle, with room between', () => {
  fc.assert(
    fc.property(acyclic, ({ boxes, edges }) => {
      const positions = layOut(boxes, edges, SPACING);
      for (const { from, to } of edges) {
        expect(positions[from]![0] + boxes[from]!.width + SPACING.across).toBeLessThanOrEqual(positions[to]![0]);
      }
    }),
    { numRuns: 500 },
  );
});

test('[CV-66] in a cycle all lines but those that close it go from left to right', () => {
  const boxes = Array.from({ length: 5 }, () => ({ width: 100, height: 50 }));
  const edges = [0, 1, 2, 3].map((from) => ({ from, to: from + 1 }));
  const positions = layOut(boxes, [...edges, { from: 3, to: 1 }, { from: 2, to: 2 }], SPACING);
  expect(positions.map(([x]) => x)).toEqual([0, 160, 320, 480, 640]);
});

test('[CV-66] the same graph gives the same places; the order of its lines makes no difference to their columns', () => {
  fc.assert(
    fc.property(acyclic, ({ boxes, edges }) => {
      const positions = layOut(boxes, edges, SPACING);
      expect(layOut([...boxes], [...edges], SPACING)).toEqual(positions);
      const columns = layOut(boxes, [...edges].reverse(), SPACING).map(([x]) => x);
      expect(columns).toEqual(positions.map(([x]) => x));
    }),
  );
});

test('[CV-66] what crosses only by its order does not cross', () => {
  const boxes = Array.from({ length: 8 }, () => ({ width: 100, height: 50 }));
  // A comb: each box of the left has one on the right, in the opposite order.
  const edges = [0, 1, 2, 3].map((from) => ({ from, to: 7 - from }));
  const hub = [...edges, { from: 0, to: 6 }, { from: 1, to: 5 }, { from: 2, to: 4 }];
  expect(crossed(layOut(boxes, hub, SPACING), hub)).toBe(0);
});

test('[CV-66] a chain stands in one row, a single box below what is connected', () => {
  const boxes = Array.from({ length: 4 }, () => ({ width: 100, height: 50 }));
  const positions = layOut(
    boxes,
    [
      { from: 2, to: 1 },
      { from: 1, to: 0 },
    ],
    SPACING,
  );
  expect(positions.slice(0, 3)).toEqual([
    [320, 0],
    [160, 0],
    [0, 0],
  ]);
  expect(positions[3]![1]).toBeGreaterThanOrEqual(50 + SPACING.down);
});

test('[CV-66] a chain of a hundred thousand boxes is laid out too', () => {
  const count = 100_000;
  const boxes = Array.from({ length: count }, () => ({ width: 1, height: 1 }));
  const edges = Array.from({ length: count - 1 }, (_, from) => ({ from, to: from + 1 }));
  expect(layOut(boxes, edges, SPACING).at(-1)).toEqual([(count - 1) * 70, 0]);
});

test('[CV-66] what feeds as many as feed it stands next to the first that it feeds', () => {
  const boxes = Array.from({ length: 6 }, () => ({ width: 100, height: 50 }));
  // 0 -> 1 -> 2 -> 3, a loader 4 and what it loads for 5, both for 3.
  const pairs = [[0, 1], [1, 2], [2, 3], [4, 5], [5, 3]] as const; // biome-ignore format: lines
  const positions = layOut(
    boxes,
    pairs.map(([from, to]) => ({ from, to })),
    SPACING,
  );
  expect(positions.map(([x]) => x / 160)).toEqual([0, 1, 2, 3, 1, 2]);
});
