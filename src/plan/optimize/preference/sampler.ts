import { logExpectedImprovement, sumOf } from '../gp/acquisition.ts';
import { evidenceOf } from '../gp/evidence.ts';
import { feasibilityOf } from '../gp/feasibility.ts';
import { predictor } from '../gp/model.ts';
import { type Grid, gridOf } from '../gp/points.ts';
import { propose, unseenPoint } from '../gp/propose.ts';
import type { History, Sampler } from '../sampler.ts';
import type { Trial } from '../trial.ts';
import type { Comparison } from './propagation.ts';
import { behind, fitUtilities, type Utilities } from './utilities.ts';

/** Points at random before the model proposes. */
const INITIAL = 8;
/** Points whose neighbours are looked at. */
const INCUMBENTS = 4;
/** Of so many best trials the order is asked for when nobody waits to be seen. */
const FINALISTS = 5;

/**
 * Proposes by what people prefer: the point with the largest expected improvement over the champion so far, times the
 * chance that it can be run. What runs, and what nobody has looked at yet, counts as known at what is expected of it, so
 * that their neighbours are not proposed while they wait. The first points are random, and all while nobody chose.
 */
export function preferenceSampler(): Sampler {
  return {
    name: 'gp',
    suggest(history, rng) {
      const grid = gridOf(history.space);
      const evidence = evidenceOf(history, grid);
      const { tried } = evidence;
      const { comparisons = [] } = history;
      if (tried.length < INITIAL || comparisons.length === 0) return grid.decode(unseenPoint(grid, tried, rng));
      const asked = history.trials.filter(({ state }) => state !== 'FAIL');
      const { utilities, order } = judged(grid, asked, comparisons, true);
      const seen = seenIn(comparisons);
      const champion = order.find((i) => seen.has(asked[i]!.number))!;
      const feasibility = feasibilityOf(evidence, grid.categories);
      const question = {
        predictors: [behind(utilities, utilities.points[champion]!), ...feasibility.models.map(predictor)],
        score: sumOf([logExpectedImprovement(0), ...feasibility.scores(1)]),
        theta: utilities.theta,
        incumbents: order.slice(0, INCUMBENTS).map((i) => utilities.points[i]!),
        tried,
      };
      return grid.decode(propose(grid, question, rng));
    },
  };
}

/** Two trials to look at; of several `finalists` any two may be asked about, by what their answer tells. */
export type Question =
  | { readonly kind: 'duel'; readonly champion: number; readonly challenger: number }
  | { readonly kind: 'finalists'; readonly among: readonly number[] };

/**
 * Whom to show next, by numbers of trials: of those that wait the one with the largest expected improvement over the best
 * of those that were seen. Where nobody was seen the first two; where nobody waits the best ones among each other.
 * Undefined where there are not two trials.
 */
export function nextQuestion(history: History, waiting: readonly number[]): Question | undefined {
  const { comparisons = [], space } = history;
  const shown = history.trials.filter(({ state, number }) => state === 'COMPLETE' || waiting.includes(number));
  if (shown.length < 2) return undefined;
  const grid = gridOf(space);
  const { utilities, order } = judged(grid, shown, comparisons, false);
  const seen = seenIn(comparisons);
  const champion = order.find((i) => seen.has(shown[i]!.number));
  const first = shown.findIndex(({ number }) => waiting.includes(number));
  if (champion === undefined) {
    const [a, b] = waiting;
    return a === undefined || b === undefined ? undefined : { kind: 'duel', champion: a, challenger: b };
  }
  const numberOf = (i: number): number => shown[i]!.number;
  if (first < 0)
    return {
      kind: 'finalists',
      among: order
        .map(numberOf)
        .filter((n) => seen.has(n))
        .slice(0, FINALISTS),
    };
  const asked = behind(utilities, utilities.points[champion]!);
  const gain = logExpectedImprovement(0);
  const ignored = new Float64Array(1);
  const gains = waiting.map((number) => {
    const mean = asked.at(utilities.points[shown.findIndex((one) => one.number === number)]!);
    return gain(Float64Array.of(mean), Float64Array.of(Math.sqrt(asked.variance)), ignored, ignored);
  });
  const challenger = waiting[gains.indexOf(Math.max(...gains))] ?? waiting[0]!;
  return { kind: 'duel', champion: numberOf(champion), challenger };
}

/** Utilities of trials and their places by them, best first; equal ones in their order. */
function judged(
  grid: Grid,
  trials: readonly Trial[],
  comparisons: readonly Comparison[],
  isBelieving: boolean,
): { readonly utilities: Utilities; readonly order: readonly number[] } {
  const place = new Map(trials.map(({ number }, i) => [number, i]));
  const seen = seenIn(comparisons);
  const known = comparisons.flatMap(({ winner, loser, ...rest }) => {
    const [a, b] = [place.get(winner), place.get(loser)];
    return a === undefined || b === undefined ? [] : [{ ...rest, winner: a, loser: b }];
  });
  const unseen = trials.flatMap(({ number }, i) => (seen.has(number) ? [] : [i]));
  const points = trials.map(({ params }) => grid.encode(params));
  const orderBy = (means: Float64Array): number[] =>
    points.map((_, i) => i).sort((a, b) => means[b]! - means[a]! || a - b);
  const utilities = fitUtilities(points, known, grid.categories, (means) => {
    const champion = orderBy(means).find((i) => seen.has(trials[i]!.number));
    return isBelieving && champion !== undefined ? unseen.map((i) => [i, champion] as const) : [];
  });
  const order = orderBy(utilities.means);
  return { utilities, order };
}

function seenIn(comparisons: readonly Comparison[]): ReadonlySet<number> {
  return new Set(comparisons.flatMap(({ winner, loser }) => [winner, loser]));
}
