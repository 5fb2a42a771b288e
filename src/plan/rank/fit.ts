/**
 * Scores from choices: the most probable ones under a normal prior, and how sure they are.
 *
 * The prior stands for "nothing is known": each score is normal around 0 with a deviation of pi / sqrt(6), so that the
 * difference of two has the deviation of the standard logistic distribution, and with it the chance that one is chosen
 * over the other is about equally likely to be anything from 0 to 1. It keeps every score finite: where one candidate
 * has won all, where groups were never compared, where somebody was never looked at. Scores sum to 0 of themselves.
 *
 * Newton's method with halved steps on a strictly convex function; the covariance is the inverse of its curvature at the
 * minimum (observed information and prior; Laplace's approximation).
 */

import { cholesky, inverse, solve } from '../../base/cholesky.ts';
import { CwfError } from '../../base/errors.ts';
import { type Choice, candidatesOf, choiceFault } from './choice.ts';
import { type Curve, curveAt, type Observations, observe } from './likelihood.ts';

/** What is assumed before the first choice. */
export interface Prior {
  /** Standard deviation of a score, in logits. */
  readonly deviation: number;
}

/** The prior that makes every chance of one candidate against another about equally likely. */
export const PRIOR: Prior = { deviation: Math.PI / Math.sqrt(6) };

/** Most candidates of one ranking: time grows with the third power of their number. */
export const MOST_CANDIDATES = 1000;

/** The parameter of ties is normal around the value at which equals tie one time in five, with deviation 1. */
const TIE = { mean: Math.log(0.5), deviation: 1 };
const STEPS = 200;
/** Half of what the value can still fall by, about; scores are then right to about 1e-7 of their standard error. */
const ENOUGH = 1e-14;

/** Fitted scores. */
export interface Fit {
  /** Ids, sorted. */
  readonly candidates: readonly string[];
  /** Scores in logits, in the order of `candidates`; their mean is 0. */
  readonly scores: Float64Array;
  /** Covariance of the scores, row by row. */
  readonly covariance: Float64Array;
  /** Logarithm of what a tie is worth against two equal candidates; absent while nobody said tie. */
  readonly tie?: number;
  /** Newton steps it took. */
  readonly steps: number;
}

/**
 * Fits the scores of all candidates of the choices, and of `others` that were in none. Throws RANK_INVALID for a choice
 * that is none, or for more than 1,000 candidates.
 */
export function fitScores(choices: readonly Choice[], others: readonly string[] = [], prior: Prior = PRIOR): Fit {
  for (const choice of choices) {
    const reason = choiceFault(choice);
    if (reason !== undefined) throw new CwfError('RANK_INVALID', { reason });
  }
  const candidates = [...new Set([...choices.flatMap(candidatesOf), ...others])].sort();
  if (candidates.length > MOST_CANDIDATES)
    throw new CwfError('RANK_INVALID', { reason: `${candidates.length} candidates are over ${MOST_CANDIDATES}` });
  const observations = observe(candidates, choices);
  const n = candidates.length;
  let at = new Float64Array(n + (observations.hasTies ? 1 : 0));
  if (observations.hasTies) at[n] = TIE.mean;
  let curve = posterior(observations, at, prior);
  for (let steps = 0; ; steps++) {
    const factor = cholesky(curve.hessian, at.length);
    if (factor === undefined || steps > STEPS) throw new CwfError('BUG', { what: 'scores that do not converge' });
    const step = solve(factor, curve.gradient);
    const fall = step.reduce((sum, each, i) => sum + each * curve.gradient[i]!, 0);
    const next = fall < ENOUGH ? undefined : descend(observations, prior, { at, curve, step, fall });
    if (next === undefined) {
      const all = inverse(factor);
      const covariance = new Float64Array(n * n);
      for (let i = 0; i < n; i++) covariance.set(all.subarray(i * at.length, i * at.length + n), i * n);
      const scores = at.slice(0, n);
      return { candidates, scores, covariance, steps, ...(observations.hasTies ? { tie: at[n]! } : {}) };
    }
    ({ at, curve } = next);
  }
}

interface Descent {
  readonly at: Float64Array<ArrayBuffer>;
  readonly curve: Curve;
  readonly step: Float64Array;
  /** What a whole step would lower the value by, twice. */
  readonly fall: number;
}

/** One step that lowers the value enough (Armijo); undefined when no step lowers it any more: that is the minimum. */
function descend(
  observations: Observations,
  prior: Prior,
  { at, curve, step, fall }: Descent,
): { at: Float64Array<ArrayBuffer>; curve: Curve } | undefined {
  for (let size = 1; size > 1e-10; size /= 2) {
    const next = at.map((value, i) => value - size * step[i]!);
    const there = posterior(observations, next, prior);
    if (there.value <= curve.value - 1e-4 * size * fall) return { at: next, curve: there };
  }
  return undefined;
}

function posterior(observations: Observations, at: Float64Array, prior: Prior): Curve {
  const { value, gradient, hessian } = curveAt(observations, at);
  const n = observations.candidates.length;
  let penalty = 0;
  for (let i = 0; i < at.length; i++) {
    const { mean, deviation } = i < n ? { mean: 0, deviation: prior.deviation } : TIE;
    const weight = 1 / deviation ** 2;
    const off = at[i]! - mean;
    penalty += 0.5 * weight * off * off;
    gradient[i] = gradient[i]! + weight * off;
    hessian[i * at.length + i] = hessian[i * at.length + i]! + weight;
  }
  return { value: value + penalty, gradient, hessian };
}
