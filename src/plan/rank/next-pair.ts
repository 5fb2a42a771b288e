import { type Choice, duelsOf } from './choice.ts';
import type { Fit } from './fit.ts';
import { differenceVariance } from './ranking.ts';

/** The two candidates to ask about. */
export interface NextPair {
  readonly a: string;
  readonly b: string;
  /** What the answer is expected to tell, in bits; 1 would be a coin that decides everything. */
  readonly bits: number;
  /** Expected answers: that `a` is better, that `b` is, that neither is (0 while nobody said tie). */
  readonly chances: { readonly a: number; readonly b: number; readonly tie: number };
  /** How often the two were compared before. */
  readonly asked: number;
}

/** Points of the trapezoid rule, which for a bell curve is exact to many digits. */
const POINTS = Array.from({ length: 49 }, (_, i) => (i - 24) / 4);
const WEIGHTS = POINTS.map((x) => Math.exp((-x * x) / 2));
const TOTAL = WEIGHTS.reduce((a, b) => a + b, 0);
/** Gains this near to one another are equal. */
const SAME = 1e-9;

/**
 * The pair whose answer tells most about the scores: the entropy of the answer less what of it is mere chance (Houlsby
 * et al., "Bayesian Active Learning for Classification and Preference Learning", arXiv 1112.5745, 2011). Of equal ones
 * the pair that was asked less often, then the first by id. `among` are the candidates that may be asked about;
 * undefined when fewer than two of them were fitted.
 */
export function nextPair(fit: Fit, choices: readonly Choice[], among: readonly string[]): NextPair | undefined {
  const wanted = new Set(among);
  const places = [...fit.candidates.keys()].filter((i) => wanted.has(fit.candidates[i]!));
  const asked = new Map(duelsOf(choices).map((d) => [`${d.a} ${d.b}`, d.overA + d.overB + d.ties]));
  let best: NextPair | undefined;
  for (const [at, i] of places.entries()) {
    for (const j of places.slice(at + 1)) {
      const [a, b] = [fit.candidates[i]!, fit.candidates[j]!];
      const mean = fit.scores[i]! - fit.scores[j]!;
      const variance = differenceVariance(fit.covariance, fit.candidates.length, i, j);
      const { bits, chances } = expectedGain(mean, variance, fit.tie);
      const times = asked.get(`${a} ${b}`) ?? 0;
      const isBetter = best === undefined || bits > best.bits + SAME || (bits > best.bits - SAME && times < best.asked);
      if (isBetter) best = { a, b, bits, chances, asked: times };
    }
  }
  return best;
}

/**
 * Bits that the answer about two candidates tells of their difference, which is normal with this mean and variance.
 * `tie`: the fitted parameter of ties, taken for known.
 */
export function expectedGain(
  mean: number,
  variance: number,
  tie?: number,
): { readonly bits: number; readonly chances: NextPair['chances'] } {
  const deviation = Math.sqrt(variance);
  let [a, b, none, chance] = [0, 0, 0, 0];
  for (const [k, point] of POINTS.entries()) {
    const weight = WEIGHTS[k]! / TOTAL;
    const half = (mean + deviation * point) / 2;
    // Against the larger, so that nothing overflows.
    const top = Math.max(Math.abs(half), tie ?? 0);
    const parts = [Math.exp(half - top), Math.exp(-half - top), tie === undefined ? 0 : Math.exp(tie - top)] as const;
    const sum = parts[0] + parts[1] + parts[2];
    const [p, q, r] = [parts[0] / sum, parts[1] / sum, parts[2] / sum];
    a += weight * p;
    b += weight * q;
    none += weight * r;
    chance += weight * entropy(p, q, r);
  }
  return { bits: Math.max(0, entropy(a, b, none) - chance), chances: { a, b, tie: none } };
}

function entropy(...shares: readonly number[]): number {
  return shares.reduce((sum, p) => (p > 0 ? sum - p * Math.log2(p) : sum), 0);
}
