/**
 * The next commit to test between known bad and known good ones, as `git bisect` chooses it (git's bisect.c).
 *
 *      good --- 1 --- 2 --- 4 --- bad        weight of a commit: how many commits of the suspects it contains,
 *                 \- 3 -/                    itself among them; best is the one nearest to half of all.
 *
 * Invariants: the suspects are what `bad` contains and no good commit does; the first bad commit is one of them; a test
 * of any of them leaves at most max(weight, all - weight) suspects.
 */

/** A commit as far as bisection looks at it. */
export interface DagCommit {
  readonly oid: string;
  readonly parents: readonly string[];
}

/** What to do next. `remaining` is how many suspects the worse answer leaves to test, `steps` roughly how many tests. */
export type BisectStep =
  | { readonly kind: 'test'; readonly oid: string; readonly remaining: number; readonly steps: number }
  | { readonly kind: 'found'; readonly oid: string }
  /** Nothing but skipped commits is left: the first bad commit is one of these, `bad` last. */
  | { readonly kind: 'only-skipped'; readonly oids: readonly string[] };

/**
 * Decides the next step. `commits` holds every suspect and may hold more, in any order; parents outside of it count as
 * good. Where the best suspect is skipped, one away from it is taken by git's own fixed pseudo-random rule, so that a
 * broken stretch of history is left behind.
 */
export function nextStep(
  commits: readonly DagCommit[],
  bad: string,
  good: readonly string[],
  skipped: ReadonlySet<string>,
): BisectStep {
  const dag = suspectsOf(commits, bad, good);
  const all = dag.oids.length;
  if (all <= 1) return { kind: 'found', oid: bad };
  const weights = weightsOf(dag);
  const distance = (i: number): number => Math.min(weights[i]!, all - weights[i]!);
  // Stable, so that of equal ones the older wins, as in git.
  const order = [...dag.oids.keys()].sort((a, b) => distance(b) - distance(a));
  const open = order.filter((i) => !skipped.has(dag.oids[i]!));
  const tried = order.filter((i) => skipped.has(dag.oids[i]!)).map((i) => dag.oids[i]!);
  const best = open[0] === order[0] ? open[0] : skipAway(open, dag.oids, bad);
  // The bad commit itself needs no test: every other suspect is skipped.
  if (best === undefined || dag.oids[best] === bad) return { kind: 'only-skipped', oids: [...tried, bad] };
  const remaining = Math.max(all - weights[best]! - 1, 0);
  return { kind: 'test', oid: dag.oids[best]!, remaining, steps: estimateSteps(all) };
}

/** Suspects, parents before children; `parents` are indices into the same list. */
interface Dag {
  readonly oids: readonly string[];
  readonly parents: readonly (readonly number[])[];
}

function suspectsOf(commits: readonly DagCommit[], bad: string, good: readonly string[]): Dag {
  const known = new Map(commits.map((commit) => [commit.oid, commit]));
  const cleared = new Set<string>();
  const stack = [...good];
  while (stack.length > 0) {
    const oid = stack.pop()!;
    if (cleared.has(oid)) continue;
    cleared.add(oid);
    stack.push(...(known.get(oid)?.parents ?? []));
  }
  const index = new Map<string, number>();
  const oids: string[] = [];
  const parents: number[][] = [];
  // Depth first, so that the commits of a side branch stand together: painting then looks at few others.
  const work: { oid: string; next: number }[] = [{ oid: bad, next: 0 }];
  const entered = new Set([bad]);
  while (work.length > 0) {
    const frame = work.at(-1)!;
    const commit = known.get(frame.oid);
    const parent = commit?.parents[frame.next++];
    if (parent !== undefined) {
      if (known.has(parent) && !cleared.has(parent) && !entered.has(parent)) {
        entered.add(parent);
        work.push({ oid: parent, next: 0 });
      }
      continue;
    }
    work.pop();
    index.set(frame.oid, oids.length);
    oids.push(frame.oid);
    const own = new Set(commit?.parents ?? []);
    parents.push([...own].map((oid) => index.get(oid)).filter((i) => i !== undefined));
  }
  return { oids, parents };
}

/**
 * Number of suspects each suspect contains. In a chain that is one more than the parent's; at a merge, the heaviest
 * parent's and what only the others contain, found by painting both sides downwards until nothing is on one side only.
 */
function weightsOf({ oids, parents }: Dag): Uint32Array {
  const weights = new Uint32Array(oids.length);
  // Colours of the current merge: `2 * stamp` by the heavy side, `2 * stamp + 1` by the others alone; less is unpainted.
  const paint = new Uint32Array(oids.length);
  for (let i = 0; i < oids.length; i++) {
    const own = parents[i]!;
    if (own.length < 2) {
      weights[i] = 1 + (own[0] === undefined ? 0 : weights[own[0]]!);
      continue;
    }
    const heavy = own.reduce((a, b) => (weights[b]! > weights[a]! ? b : a));
    const [shared, single] = [2 * (i + 1), 2 * (i + 1) + 1];
    let pending = 0;
    const mark = (at: number, colour: number): void => {
      const old = paint[at]!;
      if (old === shared || old === colour) return;
      if (old === single) pending--;
      paint[at] = colour;
      if (colour === single) pending++;
    };
    for (const parent of own) mark(parent, parent === heavy ? shared : single);
    let extra = 0;
    for (let at = Math.max(...own); pending > 0; at--) {
      const colour = paint[at]!;
      if (colour < shared) continue;
      for (const parent of parents[at]!) mark(parent, colour);
      if (colour === single) {
        extra++;
        pending--;
      }
    }
    weights[i] = 1 + weights[heavy]! + extra;
  }
  return weights;
}

const PRN_MODULO = 32768;

/** git's skip_away: an index that depends on the count alone, nearer to the best ones. */
function skipAway(open: readonly number[], oids: readonly string[], bad: string): number | undefined {
  const count = open.length;
  const prn = Math.floor(((Math.imul(count, 1103515245) + 12345) >>> 0) / 65536) % PRN_MODULO;
  const share = Math.floor((count * prn) / PRN_MODULO);
  const index = Math.floor((share * Math.floor(Math.sqrt(prn))) / Math.floor(Math.sqrt(PRN_MODULO)));
  const chosen = open[index];
  return chosen !== undefined && oids[chosen] === bad ? (open[index - 1] ?? chosen) : (chosen ?? open[0]);
}

/** git's estimate: after this many more tests the first bad commit is probably known. */
function estimateSteps(all: number): number {
  if (all < 3) return 0;
  const n = Math.floor(Math.log2(all));
  const power = 2 ** n;
  return power < 3 * (all - power) ? n : n - 1;
}
