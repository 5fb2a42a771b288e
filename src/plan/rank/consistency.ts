import { type Choice, type Duel, duelsOf } from './choice.ts';

/** How far choices agree with one another. */
export interface Consistency {
  /** Triples of candidates of which each pair has a majority. */
  readonly triads: number;
  /** Those among them that go round: a over b, b over c, c over a. About a quarter by mere chance. */
  readonly circular: number;
  /** The first of them by id. */
  readonly example?: readonly [string, string, string];
  /** Kendall's coefficient: 1 nothing goes round, 0 as much as can. Only where every pair has a majority. */
  readonly zeta?: number;
  /** Pairs of answers to one question, and how many of them say the same. */
  readonly repeats: number;
  readonly agreeing: number;
  /** Candidates that choices connect; of two groups nothing says which is better. */
  readonly groups: readonly (readonly string[])[];
}

/**
 * Looks for contradictions: circular triads (Kendall and Babington Smith, Biometrika 31, 1940) in the majorities of all
 * pairs, and different answers to one question.
 */
export function consistencyOf(choices: readonly Choice[]): Consistency {
  const duels = duelsOf(choices);
  const beats = majorities(duels);
  const { triads, circular, example } = triadsOf(beats);
  const groups = groupsOf(duels);
  const n = groups.reduce((sum, { length }) => sum + length, 0);
  const isComplete = n > 2 && [...beats.values()].reduce((sum, { size }) => sum + size, 0) === (n * (n - 1)) / 2;
  const most = n % 2 === 1 ? (n ** 3 - n) / 24 : (n ** 3 - 4 * n) / 24;
  const two = (k: number): number => (k * (k - 1)) / 2;
  return {
    triads,
    circular,
    ...(example === undefined ? {} : { example }),
    ...(isComplete ? { zeta: 1 - circular / most } : {}),
    repeats: duels.reduce((sum, { overA, overB, ties }) => sum + two(overA + overB + ties), 0),
    agreeing: duels.reduce((sum, { overA, overB, ties }) => sum + two(overA) + two(overB) + two(ties), 0),
    groups,
  };
}

/** Whom each candidate beats by more than half of the answers that were no tie. */
function majorities(duels: readonly Duel[]): Map<string, Set<string>> {
  const beats = new Map<string, Set<string>>();
  for (const { a, b, overA, overB } of duels) {
    if (overA === overB) continue;
    const [winner, loser] = overB > overA ? [a, b] : [b, a];
    beats.set(winner, (beats.get(winner) ?? new Set()).add(loser));
  }
  return beats;
}

function triadsOf(
  beats: ReadonlyMap<string, ReadonlySet<string>>,
): Pick<Consistency, 'triads' | 'circular' | 'example'> {
  const none: ReadonlySet<string> = new Set();
  let [cycles, transitive] = [0, 0];
  let example: readonly [string, string, string] | undefined;
  for (const [a, losers] of beats) {
    for (const b of losers) {
      for (const c of beats.get(b) ?? none) {
        if (losers.has(c)) transitive++;
        else if (beats.get(c)?.has(a)) {
          cycles++;
          // Each is met three times; told from its smallest id on.
          if (a < b && a < c && (example === undefined || `${a} ${b} ${c}` < example.join(' '))) example = [a, b, c];
        }
      }
    }
  }
  const circular = cycles / 3;
  return { triads: circular + transitive, circular, ...(example === undefined ? {} : { example }) };
}

function groupsOf(duels: readonly Duel[]): string[][] {
  const near = new Map<string, string[]>();
  for (const { a, b } of duels) {
    near.set(a, [...(near.get(a) ?? []), b]);
    near.set(b, [...(near.get(b) ?? []), a]);
  }
  const seen = new Set<string>();
  const groups: string[][] = [];
  for (const start of [...near.keys()].sort()) {
    if (seen.has(start)) continue;
    seen.add(start);
    const group = [start];
    for (const id of group) {
      for (const other of near.get(id)!) {
        if (seen.has(other)) continue;
        seen.add(other);
        group.push(other);
      }
    }
    groups.push(group.sort());
  }
  return groups;
}
