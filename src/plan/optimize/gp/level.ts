/**
 * Losses on scales on which they lie like normal numbers: a model of one lengthscale cannot follow values that crowd at one
 * end and span decades at the other, as many metrics of pictures do. The scale is that of Yeo and Johnson (Biometrika 87,
 * 2000) with the most probable power; it is increasing, so what dominates what stays the same. That of Box and Cox was
 * tried beside it, and lost two to three points of a hundred of the hypervolume of `comfy_mo` on eight seeds.
 */

import { asMinimised } from '../front.ts';
import type { History } from '../sampler.ts';
import type { Evidence } from './evidence.ts';

/** Powers that are tried: 1 changes nothing, 0 is a logarithm of what is large, 2 of what is small. */
const POWERS = Array.from({ length: 41 }, (_, i) => -1 + i / 10);
/** Twice the gain of log likelihood that a power must bring: less is no sign of anything (one of a hundred by chance). */
const SURE = 6.63;
/** Fewer values say nothing of how they lie. */
const FEWEST = 8;

/**
 * Evidence and reference point on these scales, for every second point: a gain of volume there is none in the units of the
 * user, and the other way round the model is worse, so that neither is trusted alone. Values of one objective, and parts
 * of trials, stay as they are.
 */
export function levelled(history: History, evidence: Evidence): { history: History; evidence: Evidence } {
  const { directions, fidelity, reference } = history;
  const isTurn = evidence.tried.length % 2 === 1;
  if (!isTurn || directions.length < 2 || fidelity !== undefined) return { history, evidence };
  const scales = directions.map((_, j) => scaleOf(evidence.outcomes.map(({ losses }) => losses[j]!)));
  const level = (losses: readonly number[]): number[] => losses.map((loss, j) => scales[j]!(loss));
  const outcomes = evidence.outcomes.map((outcome) => ({ ...outcome, losses: level(outcome.losses) }));
  const moved = reference && asMinimised(level(asMinimised(reference, directions)), directions);
  return { history: { ...history, ...(moved ? { reference: moved } : {}) }, evidence: { ...evidence, outcomes } };
}

/** An increasing scale, and what it does to the density of values: the logarithm of its slope. */
interface Bend {
  of(value: number): number;
  logSlope(value: number): number;
}

/** An increasing scale on which values lie like normal numbers; themselves where no power does surely better. */
function scaleOf(values: readonly number[]): (value: number) => number {
  const plain: Bend = { of: (value) => value, logSlope: () => 0 };
  if (values.length < FEWEST) return plain.of;
  const base = likelihood(values, plain);
  let best = { bend: plain, value: base };
  for (const power of POWERS) {
    const bend = yeoJohnson(values, power);
    const value = bend ? likelihood(values, bend) : Number.NaN;
    if (bend && value > best.value) best = { bend, value };
  }
  return 2 * (best.value - base) > SURE ? best.bend.of : plain.of;
}

/** The log likelihood of values that are normal on a scale, without what is the same for all. */
function likelihood(values: readonly number[], { of, logSlope }: Bend): number {
  const moved = values.map(of);
  const mean = moved.reduce((sum, value) => sum + value, 0) / moved.length;
  const variance = moved.reduce((sum, value) => sum + (value - mean) ** 2, 0) / moved.length;
  return -0.5 * moved.length * Math.log(variance) + values.reduce((sum, value) => sum + logSlope(value), 0);
}

/** Around the middle, in units of the middle half; undefined where that is one value. */
function yeoJohnson(values: readonly number[], power: number): Bend | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)]!;
  const [middle, unit] = [at(0.5), at(0.75) - at(0.25)];
  if (!(unit > 0) || !Number.isFinite(unit)) return undefined;
  return {
    of(value) {
      const z = (value - middle) / unit;
      return z >= 0 ? powerOf(1 + z, power) : -powerOf(1 - z, 2 - power);
    },
    logSlope(value) {
      const z = (value - middle) / unit;
      return Math.sign(z) * (power - 1) * Math.log1p(Math.abs(z)) - Math.log(unit);
    },
  };
}

/** `(value^power - 1) / power`, a logarithm at 0: equal slopes at 1. */
function powerOf(value: number, power: number): number {
  return Math.abs(power) < 1e-9 ? Math.log(value) : (value ** power - 1) / power;
}
