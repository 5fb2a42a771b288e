import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assign } from '../../../src/core/edit/assignment.ts';

/** The least total of all assignments, by trying each. */
function leastTotal(costs: readonly (readonly number[])[], row = 0, taken: ReadonlySet<number> = new Set()): number {
  if (row === costs.length) return 0;
  let least = Number.POSITIVE_INFINITY;
  for (const [column, cost] of costs[row]!.entries()) {
    if (taken.has(column)) continue;
    least = Math.min(least, cost + leastTotal(costs, row + 1, new Set([...taken, column])));
  }
  return least;
}

it('[MA-1] an assignment gives each row a column of its own, at the least total cost', () => {
  const size = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 2 }));
  const matrix = size.chain(([rows, more]) => {
    const row = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: rows + more, maxLength: rows + more });
    return fc.array(row, { minLength: rows, maxLength: rows });
  });
  fc.assert(
    fc.property(matrix, (costs) => {
      const columnOf = assign(costs);
      expect(new Set(columnOf).size).toBe(costs.length);
      expect(columnOf.reduce((sum, column, row) => sum + costs[row]![column]!, 0)).toBe(leastTotal(costs));
    }),
    { numRuns: 500 },
  );
  expect(assign([])).toEqual([]);
});
