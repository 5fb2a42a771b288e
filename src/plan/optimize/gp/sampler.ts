import { asMinimised, nonDominated } from '../front.ts';
import type { History, Sampler } from '../sampler.ts';
import type { Params } from '../space.ts';
import { logExpectedImprovement, type Score, sumOf } from './acquisition.ts';
import { type Beliefs, beliefOver } from './belief.ts';
import { logExpectedHypervolume } from './ehvi.ts';
import { type Evidence, evidenceOf, isFeasible, isLadder, type Outcome } from './evidence.ts';
import { feasibilityOf } from './feasibility.ts';
import { levelled } from './level.ts';
import { type Predictor, predictor } from './model.ts';
import { type ObjectiveModel, objectiveModel } from './objective-model.ts';
import { type Grid, gridOf } from './points.ts';
import { propose, unseenPoint } from './propose.ts';

/** Points at random before the first model. */
const INITIAL = 10;
/**
 * One in so many points of a ladder is random, as in BOHB (Falkner et al., "BOHB: Robust and efficient hyperparameter
 * optimization at scale", ICML 2018): a look there is cheap, and the model alone stays near the best that it knows.
 */
const RANDOM_OF_LADDER = 3;
/** Points whose neighbours are looked at. */
const INCUMBENTS = 4;

/**
 * Proposes by Gaussian processes: log expected improvement for one objective, expected hypervolume improvement for more,
 * times the chance that the point can be run at all. The first points are random, and of a ladder every third later one. Points that others try
 * now count as measured at what the model expects there, so workers do not collide.
 */
export function gpSampler(beliefs?: Beliefs): Sampler {
  return {
    name: 'gp',
    suggest(history, rng) {
      const grid = gridOf(history.space);
      const { history: study, evidence } = levelled(history, evidenceOf(history, grid));
      const { outcomes, crashed, tried } = evidence;
      const isFew = tried.length < INITIAL || outcomes.length + crashed.length < 2;
      const isTurn = study.fidelity !== undefined && isLadder(study.fidelity) && tried.length % RANDOM_OF_LADDER === 0;
      if (isFew || isTurn) return grid.decode(unseenPoint(grid, tried, rng));
      const { predictors, score, theta, feasible } = judgement(study, grid, evidence);
      const question = {
        predictors,
        score,
        theta,
        incumbents: incumbentsOf(feasible),
        tried,
        ...(beliefs ? { belief: beliefOver(grid, beliefs, outcomes.length) } : {}),
      };
      return grid.decode(propose(grid, question, rng));
    },
  };
}

/**
 * What is expected to be gained by a point, before it is measured: improvement in the unit of the objective, of several
 * objectives volume; times the chance that it can be run. Undefined while there is no model.
 */
export function expectedGain(history: History, params: Params): number | undefined {
  const grid = gridOf(history.space);
  const evidence = evidenceOf(history, grid);
  if (evidence.outcomes.filter(isFeasible).length < 2) return undefined;
  const { predictors, score, deviations: units } = judgement(history, grid, evidence);
  const point = grid.encode(params);
  const means = Float64Array.from(predictors, (each) => each.at(point));
  const deviations = Float64Array.from(predictors, ({ variance }) => Math.sqrt(variance));
  const unit = units.reduce((product, deviation) => product * deviation, 1);
  const ignored = new Float64Array(predictors.length);
  return unit * Math.exp(score(means, deviations, ignored, ignored));
}

interface Judgement {
  readonly predictors: readonly Predictor[];
  readonly score: Score;
  readonly theta: Float64Array;
  /** Of the objectives alone. */
  readonly deviations: readonly number[];
  /** What holds the limits, with its losses at the whole fidelity. */
  readonly feasible: readonly Outcome[];
}

/** The models of objectives, where anything was measured, and of what can be run; and what is made of them. */
function judgement(history: History, grid: Grid, evidence: Evidence): Judgement {
  const measured = evidence.outcomes.filter(isFeasible);
  const objectives =
    measured.length === 0 ? [] : history.directions.map((_, j) => objectiveModel(grid, evidence, j, history.fidelity));
  const predictors = objectives.map((one) => one.predictor);
  // Of what was given a part the luck of few images, or the bias of a cheap setting, says which looks best.
  const isPartly = measured.some(({ isPart, rungs }) => isPart || rungs);
  const feasible = isPartly ? measured.map((one) => atTop(one, objectives)) : measured;
  const scores: Score[] = [];
  // What the model makes of the best points, not what was measured there: noise made one of them look too good.
  if (predictors.length === 1)
    scores.push(logExpectedImprovement(Math.min(...feasible.map(({ point }) => predictors[0]!.at(point)))));
  else if (predictors.length > 1) {
    const standard = (losses: readonly number[]): number[] =>
      losses.map((value, j) => (value - objectives[j]!.mean) / objectives[j]!.deviation);
    const seen = feasible.map(({ losses }) => standard(losses));
    scores.push(logExpectedHypervolume(seen, standard(referenceOf(history, feasible))));
  }
  const feasibility = feasibilityOf(evidence, grid.categories);
  scores.push(...feasibility.scores(predictors.length));
  return {
    predictors: [...predictors, ...feasibility.models.map(predictor)],
    score: sumOf(scores),
    theta: objectives[0]?.theta ?? feasibility.models[0]!.hyper.theta,
    deviations: objectives.map(({ deviation }) => deviation),
    feasible,
  };
}

/** An outcome with what is expected of it when it is given all. */
function atTop(outcome: Outcome, objectives: readonly ObjectiveModel[]): Outcome {
  const losses = objectives.map(({ mean, deviation, predictor: asked }) => mean + deviation * asked.at(outcome.point));
  return { ...outcome, losses };
}

/**
 * The user's, minimised; else half the range of each objective beyond its worst. Nearer ones were tried and find half of
 * the front: its ends, where one objective is bad and the other best, gain next to nothing below them.
 */
function referenceOf({ reference, directions }: History, outcomes: readonly Outcome[]): number[] {
  if (reference) return asMinimised(reference, directions);
  return directions.map((_, j) => {
    const all = outcomes.map(({ losses }) => losses[j]!);
    const worst = Math.max(...all);
    return worst + 0.5 * (worst - Math.min(...all) || 1);
  });
}

/** The best of one objective, the best trade-offs of more. */
export function incumbentsOf(outcomes: readonly Outcome[]): Float64Array[] {
  const losses = outcomes.map((outcome) => outcome.losses);
  if (losses[0]?.length !== 1) return nonDominated(losses).map((i) => outcomes[i]!.point);
  const byLoss = [...outcomes].sort((a, b) => a.losses[0]! - b.losses[0]!);
  return byLoss.slice(0, INCUMBENTS).map(({ point }) => point);
}
