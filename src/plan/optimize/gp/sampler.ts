import { nonDominatedSort } from '../front.ts';
import type { Rng } from '../rng.ts';
import type { History, Sampler } from '../sampler.ts';
import type { Params } from '../space.ts';
import { logExpectedImprovement, type Score, sumOf } from './acquisition.ts';
import { logExpectedHypervolume } from './ehvi.ts';
import { type Evidence, evidenceOf, isFeasible, type Outcome } from './evidence.ts';
import { feasibilityOf } from './feasibility.ts';
import { squaredDelta } from './kernel.ts';
import { condition, fit, type Model, predictor } from './model.ts';
import { decode, draw, type Grid, gridOf } from './points.ts';
import { effortFor, search } from './search.ts';

/** Points before the first model; spread over the space. */
const INITIAL = 10;
/** Of how many random points the one farthest from all that was tried is taken. */
const SPREAD = 64;
/** Most points of one model; time grows with the third power. */
const MOST_POINTS = 300;
/** Floats nearer than this, in units of their range, are the same point again. */
const SAME = 5e-4;

/**
 * Proposes by Gaussian processes: log expected improvement for one objective, expected hypervolume improvement for more,
 * times the chance that the point can be run at all. The first points are spread over the space. Points that others try
 * now count as measured at what the model expects there, so workers do not collide.
 */
export const gpSampler: Sampler = {
  name: 'gp',
  suggest(history, rng) {
    const grid = gridOf(history.space);
    const evidence = evidenceOf(history, grid);
    const informed = evidence.outcomes.length + evidence.crashed.length;
    if (evidence.tried.length < INITIAL || informed < 2) return decode(grid, spreadPoint(grid, evidence.tried, rng));
    return decode(grid, propose(history, grid, evidence, rng));
  },
};

function propose(history: History, grid: Grid, evidence: Evidence, rng: Rng): Float64Array {
  const feasible = evidence.outcomes.filter(isFeasible);
  const models: Model[] = [];
  const scores: Score[] = [];
  if (feasible.length > 0) {
    const objectives = history.directions.map((_, j) =>
      believing(fitted(grid, evidence.outcomes, j), evidence.pending),
    );
    models.push(...objectives);
    if (objectives.length === 1) {
      const [{ mean, deviation }] = objectives as [Model];
      const best = Math.min(...feasible.map(({ losses }) => losses[0]!));
      scores.push(logExpectedImprovement((best - mean) / deviation));
    } else {
      const standard = (values: readonly number[]): number[] =>
        values.map((value, j) => (value - objectives[j]!.mean) / objectives[j]!.deviation);
      const reference = referenceOf(history, feasible);
      scores.push(
        logExpectedHypervolume(
          feasible.map(({ losses }) => standard(losses)),
          standard(reference),
        ),
      );
    }
  }
  const feasibility = feasibilityOf(evidence, grid.categories);
  scores.push(...feasibility.scores(models.length));
  models.push(...feasibility.models);
  const target = { predictors: models.map(predictor), score: sumOf(scores), theta: models[0]!.hyper.theta };
  const found = search(grid, target, incumbentsOf(feasible), effortFor(evidence.tried.length), rng);
  const fresh = found.find(({ point }) => !evidence.tried.some((other) => isSame(grid, point, other)));
  return fresh?.point ?? spreadPoint(grid, evidence.tried, rng);
}

/** The model of one objective over at most the points that are worth their time: the best, and the newest. */
function fitted(grid: Grid, outcomes: readonly Outcome[], objective: number): Model {
  let kept = outcomes;
  if (outcomes.length > MOST_POINTS) {
    const best = new Set(
      [...outcomes].sort((a, b) => a.losses[objective]! - b.losses[objective]!).slice(0, MOST_POINTS / 2),
    );
    const newest = outcomes.filter((outcome) => !best.has(outcome)).slice(-MOST_POINTS / 2);
    const keep = new Set([...best, ...newest]);
    kept = outcomes.filter((outcome) => keep.has(outcome));
  }
  return fit(
    { points: kept.map(({ point }) => point), values: kept.map(({ losses }) => losses[objective]!) },
    grid.categories,
  );
}

/** The model as if pending points had been measured at what it expects of them. */
function believing(model: Model, pending: readonly Float64Array[]): Model {
  if (pending.length === 0) return model;
  const asked = predictor(model);
  const { mean, deviation } = model;
  const values = [
    ...Array.from(model.standardised, (value) => mean + deviation * value),
    ...pending.map((point) => mean + deviation * asked.at(point)),
  ];
  return condition({ points: [...model.points, ...pending], values }, model.categories, model.hyper, {
    mean,
    deviation,
  });
}

/** The user's, minimised; else a tenth of the range beyond the worst of each objective among the best trade-offs. */
function referenceOf({ reference, directions }: History, outcomes: readonly Outcome[]): number[] {
  if (reference) return reference.map((value, j) => (directions[j] === 'maximize' ? -value : value));
  const all = outcomes.map(({ losses }) => losses);
  const front = nonDominatedSort(all)[0]!.map((i) => all[i]!);
  return directions.map((_, j) => {
    const of = front.map((losses) => losses[j]!);
    const whole = all.map((losses) => losses[j]!);
    const range = Math.max(...of) - Math.min(...of) || Math.max(...whole) - Math.min(...whole) || 1;
    return Math.max(...of) + 0.1 * range;
  });
}

function incumbentsOf(outcomes: readonly Outcome[]): Float64Array[] {
  if (outcomes.length === 0) return [];
  if (outcomes[0]!.losses.length === 1)
    return [...outcomes]
      .sort((a, b) => a.losses[0]! - b.losses[0]!)
      .slice(0, 4)
      .map(({ point }) => point);
  return nonDominatedSort(outcomes.map(({ losses }) => losses))[0]!.map((i) => outcomes[i]!.point);
}

/** Of some random points the one farthest from all others (Mitchell's best candidate, 1991). */
function spreadPoint(grid: Grid, tried: readonly Float64Array[], rng: Rng): Float64Array {
  let best = draw(grid, rng);
  let farthest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < (tried.length === 0 ? 1 : SPREAD); i++) {
    const point = i === 0 ? best : draw(grid, rng);
    const nearest = tried.reduce(
      (least, other) => Math.min(least, distance(grid, point, other)),
      Number.POSITIVE_INFINITY,
    );
    if (nearest > farthest) [best, farthest] = [point, nearest];
  }
  return best;
}

function distance(grid: Grid, a: Float64Array, b: Float64Array): number {
  return grid.categories.reduce((sum, category, i) => sum + squaredDelta(a[i]!, b[i]!, category), 0);
}

function isSame(grid: Grid, a: Float64Array, b: Float64Array): boolean {
  return grid.dimensions.every(({ levels }, i) => {
    if (Number.isNaN(a[i]!) || Number.isNaN(b[i]!)) return Number.isNaN(a[i]!) && Number.isNaN(b[i]!);
    return levels === 0 ? Math.abs(a[i]! - b[i]!) < SAME : Math.abs(a[i]! - b[i]!) < 1e-9;
  });
}
