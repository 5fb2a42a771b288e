/**
 * Which few of many changes are to blame: ddmin of Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing
 * Input" (IEEE TSE 28(2), 2002), over changes that depend on one another.
 *
 *      [a b c d e f g h]  halves, then quarters ...: a part that is bad by itself is kept, else one that is not needed
 *       [a b c d]   [e f g h]                          to be bad is dropped, else the parts get smaller.
 *
 * Invariants: what is tested is closed (with a change come all it depends on); the current set is bad; at the end it is
 * 1-minimal: without any one member, and the members that depend on it, it is not bad any more.
 */

/** Outcome of testing a set of changes; `unresolved` says nothing (could not be built, or the test could not tell). */
export type Verdict = 'bad' | 'good' | 'unresolved';

/** The changes, numbered from 0 to `count - 1`. */
export interface Changes {
  readonly count: number;
  /** Changes without which this one makes no sense; cycles mean "together or not at all". */
  dependencies(change: number): readonly number[];
  test(subset: readonly number[]): Promise<Verdict>;
}

/** What was found. `tests` counts calls of `test`; equal sets are tested once. */
export type Minimized =
  | { readonly kind: 'minimal'; readonly subset: readonly number[]; readonly tests: number }
  /** All changes together are not bad: nothing to explain. */
  | { readonly kind: 'not-bad'; readonly verdict: Verdict; readonly tests: number }
  /** Bad without any change. */
  | { readonly kind: 'bad-before'; readonly tests: number };

/** Finds a 1-minimal set of changes that is bad. Passes on what `test` throws. */
export async function minimize(changes: Changes): Promise<Minimized> {
  const everything = [...Array(changes.count).keys()];
  const { needs, neededBy } = closures(changes, everything);
  const known = new Map<string, Verdict>();
  const test = async (subset: readonly number[]): Promise<Verdict> => {
    const key = subset.join();
    const verdict = known.get(key) ?? (await changes.test(subset));
    known.set(key, verdict);
    return verdict;
  };
  const verdict = await test(everything);
  if (verdict !== 'bad') return { kind: 'not-bad', verdict, tests: known.size };
  if ((await test([])) === 'bad') return { kind: 'bad-before', tests: known.size };

  let current = everything;
  let parts = Math.min(2, current.length);
  for (;;) {
    const smaller = await reduce(current, parts);
    if (smaller) {
      current = smaller.subset;
      parts = Math.max(Math.min(smaller.kept ? 2 : parts - 1, current.length), Math.min(2, current.length));
    } else if (parts >= current.length) break;
    else parts = Math.min(parts * 2, current.length);
  }
  return { kind: 'minimal', subset: current, tests: known.size };

  async function reduce(set: readonly number[], n: number): Promise<{ subset: number[]; kept: boolean } | undefined> {
    const pieces = split(set, n);
    for (const piece of n > 1 ? pieces : []) {
      const subset = union(piece, needs);
      if (subset.length < set.length && (await test(subset)) === 'bad') return { subset, kept: true };
    }
    for (const piece of pieces) {
      const gone = new Set(union(piece, neededBy));
      const subset = set.filter((change) => !gone.has(change));
      if (subset.length > 0 && (await test(subset)) === 'bad') return { subset, kept: false };
    }
    return undefined;
  }
}

/** Of each change, itself and all it needs, and itself and all that need it. */
function closures(changes: Changes, all: readonly number[]): { needs: Set<number>[]; neededBy: Set<number>[] } {
  const needs = all.map((change) => {
    const seen = new Set([change]);
    // A set grows while it is walked: new members are visited too.
    for (const each of seen) for (const other of changes.dependencies(each)) seen.add(other);
    return seen;
  });
  const neededBy = all.map(() => new Set<number>());
  for (const [change, closure] of needs.entries()) for (const other of closure) neededBy[other]!.add(change);
  return { needs, neededBy };
}

function union(piece: readonly number[], closure: readonly Set<number>[]): number[] {
  const out = new Set(piece.flatMap((change) => [...closure[change]!]));
  return [...out].sort((a, b) => a - b);
}

/** Cuts a list into `n` parts of nearly equal length, in order. */
function split(set: readonly number[], n: number): number[][] {
  return Array.from({ length: n }, (_, i) =>
    set.slice(Math.floor((i * set.length) / n), Math.floor(((i + 1) * set.length) / n)),
  );
}
