import fc from 'fast-check';
import type { DagCommit } from '../../../src/plan/bisect/midpoint.ts';

/** A history by position: commit `n` is `c<n>`, parents come before it. */
export type History = readonly (readonly number[])[];

/** Histories with branches and merges, all commits reachable from the last one. */
export function histories(maxLength: number): fc.Arbitrary<History> {
  const parents = fc.array(fc.nat(6), { minLength: 1, maxLength: 3 });
  return fc
    .array(parents, { minLength: 1, maxLength })
    .map((rows) => rows.map((backs, n) => [...new Set(backs.map((back) => n - 1 - back))].filter((p) => p >= 0)))
    .map((rows) => connected(rows));
}

/** The last commit also merges every loose end, so that it contains all of them. */
function connected(rows: readonly number[][]): number[][] {
  const used = new Set(rows.flat());
  const ends = [...rows.keys()].filter((n) => !used.has(n));
  return ends.length > 1 ? [...rows, ends] : [...rows];
}

export function dagOf(history: History): DagCommit[] {
  return history.map((parents, n) => ({ oid: `c${n}`, parents: parents.map((p) => `c${p}`) }));
}

/** Positions a commit contains, itself among them. */
export function contained(history: History, start: number): Set<number> {
  const seen = new Set([start]);
  for (const at of seen) for (const parent of history[at]!) seen.add(parent);
  return seen;
}
