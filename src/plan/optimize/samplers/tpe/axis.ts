import { normalCdf } from '../../../../base/normal.ts';
import type { Scale } from '../../domain/scale.ts';
import { normal, type Rng } from '../../rng.ts';
import { bandwidths } from './bandwidth.ts';

/** Kernels of one parameter: one on each observation, the last is the prior over the whole range. */
export interface Axis {
  /** A coordinate drawn from a kernel. */
  draw(kernel: number, rng: Rng): number;
  /** Adds to each place the logarithm of that kernel's density (of countable values: probability) at a coordinate. */
  addLog(coordinate: number, to: Float64Array): void;
}

/** Countable parameters up to this many values get exact probabilities of cells, larger ones densities. */
const EXACT_LEVELS = 256;
const TINY = 1e-16;

/** The kernels over the coordinates of observations, none of which is NaN. */
export function axisOf({ isCategorical, levels }: Scale, observed: Float64Array): Axis {
  if (isCategorical) return categoricalAxis(levels, observed);
  const mus = new Float64Array(observed.length + 1);
  mus.set(observed);
  mus[observed.length] = 0.5;
  const sigmas = new Float64Array(mus.length);
  sigmas.set(bandwidths(observed));
  sigmas[observed.length] = 1;
  const draw = (kernel: number, rng: Rng): number => truncatedNormal(mus[kernel]!, sigmas[kernel]!, rng);
  return levels <= EXACT_LEVELS
    ? { addLog: cellLogs(levels, mus, sigmas), draw }
    : { addLog: densityLogs(mus, sigmas), draw };
}

/** A choice keeps what 1 observation gives it beside a prior of 1 shared by all kernels and choices. */
function categoricalAxis(levels: number, observed: Float64Array): Axis {
  const n = observed.length;
  const prior = 1 / (n + 1);
  const total = 1 + levels * prior;
  const [hit, miss, even] = [Math.log((1 + prior) / total), Math.log(prior / total), -Math.log(levels)];
  return {
    draw: (kernel, rng) => {
      const stays = kernel < n && rng() * total < 1;
      return stays ? observed[kernel]! : Math.floor(rng() * levels);
    },
    addLog: (coordinate, to) => {
      for (let j = 0; j < n; j++) to[j]! += observed[j] === coordinate ? hit : miss;
      to[n]! += even;
    },
  };
}

function densityLogs(mus: Float64Array, sigmas: Float64Array): Axis['addLog'] {
  const precision = sigmas.map((sigma) => Math.SQRT1_2 / sigma);
  const constant = sigmas.map((sigma, j) => -Math.log(sigma * Math.sqrt(2 * Math.PI) * insideMass(mus[j]!, sigma)));
  return (coordinate, to) => {
    for (let j = 0; j < to.length; j++) {
      const z = (coordinate - mus[j]!) * precision[j]!;
      to[j]! += constant[j]! - z * z;
    }
  };
}

/** Kernels of a few values are often equal: each different one is computed once, for all cells. */
function cellLogs(levels: number, mus: Float64Array, sigmas: Float64Array): Axis['addLog'] {
  const rows = new Map<number, number>();
  const row = new Int32Array(mus.length);
  const tables: Float64Array[] = [];
  for (let j = 0; j < mus.length; j++) {
    const key = Math.round(mus[j]! * levels * 2) * 2 ** 32 + Math.round(sigmas[j]! * 2 ** 31);
    let known = rows.get(key);
    if (known === undefined) {
      known = tables.push(cellTable(levels, mus[j]!, sigmas[j]!)) - 1;
      rows.set(key, known);
    }
    row[j] = known;
  }
  return (coordinate, to) => {
    const level = Math.min(levels - 1, Math.floor(coordinate * levels));
    for (let j = 0; j < to.length; j++) to[j]! += tables[row[j]!]![level]!;
  };
}

function cellTable(levels: number, mu: number, sigma: number): Float64Array {
  const table = new Float64Array(levels);
  const inside = insideMass(mu, sigma);
  let below = clippedCdf(-mu / sigma);
  for (let level = 0; level < levels; level++) {
    const upTo = clippedCdf(((level + 1) / levels - mu) / sigma);
    table[level] = Math.log(Math.max(TINY, (upTo - below) / inside));
    below = upTo;
  }
  return table;
}

/** What of a normal variable lies between 0 and 1. */
function insideMass(mu: number, sigma: number): number {
  return clippedCdf((1 - mu) / sigma) - clippedCdf(-mu / sigma);
}

/** The normal distribution's function, without work where it is 0 or 1 to all digits. */
function clippedCdf(x: number): number {
  return x > 8 ? 1 : x < -8 ? 0 : normalCdf(x);
}

/** The mean is inside, so at least a third of the draws are. */
function truncatedNormal(mu: number, sigma: number, rng: Rng): number {
  for (let i = 0; i < 64; i++) {
    const x = mu + sigma * normal(rng);
    if (x >= 0 && x <= 1) return x;
  }
  return rng();
}
