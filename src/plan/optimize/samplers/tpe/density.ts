import type { Encoded } from '../../domain/domain.ts';
import type { Scale } from '../../domain/scale.ts';
import type { Rng } from '../../rng.ts';
import { axisOf } from './axis.ts';

/** A mixture of kernels over some parameters together: a Parzen estimator. */
export interface Density {
  /** Writes a point drawn from the mixture into the slots of its parameters, snapped to the middle of cells. */
  draw(into: Encoded, rng: Rng): void;
  /** The logarithm of the density at a point. */
  logAt(point: Encoded): number;
}

/**
 * The density of observations, oldest first, over the parameters of `slots`; every observation has all of them. One
 * kernel each with its weight, and one of weight 1 over the whole space (the prior). All parameters of a draw come from
 * the same kernel, so what belongs together stays together.
 */
export function densityOf(
  scales: readonly Scale[],
  slots: readonly number[],
  observed: readonly Encoded[],
  weights: Float64Array,
): Density {
  const n = observed.length;
  const axes = slots.map((slot) => {
    const column = new Float64Array(n);
    for (let i = 0; i < n; i++) column[i] = observed[i]![slot]!;
    return axisOf(scales[slot]!, column);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 1);
  const logWeights = new Float64Array(n + 1);
  for (let j = 0; j <= n; j++) logWeights[j] = Math.log((j < n ? weights[j]! : 1) / total);
  const logs = new Float64Array(n + 1);
  return {
    draw: (into, rng) => {
      let left = rng() * total;
      let kernel = 0;
      while (kernel < n && left >= weights[kernel]!) left -= weights[kernel++]!;
      for (const [k, slot] of slots.entries()) {
        const { levels, isCategorical } = scales[slot]!;
        const u = axes[k]!.draw(kernel, rng);
        const isCell = !isCategorical && levels < Infinity;
        into[slot] = isCell ? (Math.min(levels - 1, Math.floor(u * levels)) + 0.5) / levels : u;
      }
    },
    logAt: (point) => {
      logs.set(logWeights);
      for (const [k, slot] of slots.entries()) axes[k]!.addLog(point[slot]!, logs);
      let most = -Infinity;
      for (let j = 0; j <= n; j++) if (logs[j]! > most) most = logs[j]!;
      let sum = 0;
      for (let j = 0; j <= n; j++) sum += Math.exp(logs[j]! - most);
      return most + Math.log(sum);
    },
  };
}

/** Weights of n observations, oldest first: 1, of more than 25 all but the newest 25 rise from 1/n to 1. */
export function rampWeights(n: number): Float64Array {
  const ramp = n - 25;
  return Float64Array.from({ length: n }, (_, i) => {
    if (i >= ramp) return 1;
    return ramp === 1 ? 1 / n : 1 / n + ((1 - 1 / n) * i) / (ramp - 1);
  });
}
