import fc from 'fast-check';
import type { Choice } from '../../../src/plan/rank/choice.ts';
import { draw } from '../../../src/plan/rank/likelihood.ts';

/** `winner` over `loser`, so many times. */
export const over = (winner: string, loser: string, times = 1): Choice[] =>
  Array.from({ length: times }, () => ({ kind: 'best', chosen: winner, over: [loser] }));

export const tie = (a: string, b: string): Choice => ({ kind: 'tie', between: [a, b] });

export const bestOf = (chosen: string, ...others: string[]): Choice => ({ kind: 'best', chosen, over: others });

/** Wins of the 1987 season of the American League East, row over column (Agresti, Categorical Data Analysis, 10.6). */
export const BASEBALL: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  Milwaukee: { Detroit: 7, Toronto: 9, 'New York': 7, Boston: 7, Cleveland: 9, Baltimore: 11 },
  Detroit: { Milwaukee: 6, Toronto: 7, 'New York': 5, Boston: 11, Cleveland: 9, Baltimore: 9 },
  Toronto: { Milwaukee: 4, Detroit: 6, 'New York': 7, Boston: 7, Cleveland: 8, Baltimore: 12 },
  'New York': { Milwaukee: 6, Detroit: 8, Toronto: 6, Boston: 6, Cleveland: 7, Baltimore: 10 },
  Boston: { Milwaukee: 6, Detroit: 2, Toronto: 6, 'New York': 7, Cleveland: 7, Baltimore: 12 },
  Cleveland: { Milwaukee: 4, Detroit: 4, Toronto: 5, 'New York': 6, Boston: 6, Baltimore: 6 },
  Baltimore: { Milwaukee: 2, Detroit: 4, Toronto: 1, 'New York': 3, Boston: 1, Cleveland: 7 },
};

/** The season as choices. */
export const season = (): Choice[] =>
  Object.entries(BASEBALL).flatMap(([a, row]) => Object.entries(row).flatMap(([b, wins]) => over(a, b, wins)));

/** Any choices among at most six candidates. */
export const choices = (ties = true, max = 20): fc.Arbitrary<Choice[]> =>
  fc.array(
    fc
      .tuple(fc.shuffledSubarray(['a', 'b', 'c', 'd', 'e', 'f'], { minLength: 2, maxLength: 4 }), fc.nat(3))
      .map(([ids, kind]): Choice => (ties && kind === 0 ? tie(ids[0]!, ids[1]!) : bestOf(ids[0]!, ...ids.slice(1)))),
    { minLength: 1, maxLength: max },
  );

/** What `fitScores` makes smallest, written down from the models' own formulas. */
export function cost(
  all: readonly Choice[],
  score: Readonly<Record<string, number>>,
  deviation: number,
  eta?: number,
): number {
  let sum = 0;
  for (const choice of all) {
    const ids = choice.kind === 'tie' ? choice.between : [choice.chosen, ...choice.over];
    const worth = ids.map((id) => Math.exp(score[id]!));
    const middle = ids.length === 2 && eta !== undefined ? Math.exp(eta) * Math.sqrt(worth[0]! * worth[1]!) : 0;
    const total = worth.reduce((a, b) => a + b, 0) + middle;
    sum -= Math.log((choice.kind === 'tie' ? middle : worth[0]!) / total);
  }
  for (const value of Object.values(score)) sum += value ** 2 / (2 * deviation ** 2);
  return eta === undefined ? sum : sum + (eta - Math.log(0.5)) ** 2 / 2;
}

/** Chance that `a` is chosen over `b` by fitted scores without ties. */
export const chanceOf = (a: number, b: number): number =>
  draw({ alternatives: [[[0, 1]], [[1, 1]]], taken: 0 }, Float64Array.of(a, b)).shares[0]!;
