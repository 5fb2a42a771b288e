import { mulberry32, seedOf } from '../../src/plan/optimize/rng.ts';

/** Resamples of a bootstrap. */
const RESAMPLES = 2000;

/** The value below which a share of the values lies, between neighbours in proportion; NaN counts as infinitely large. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.map((value) => (Number.isNaN(value) ? Infinity : value)).sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)] ?? NaN, sorted[Math.ceil(place)] ?? NaN];
  return below === above ? below : below + (place - Math.floor(place)) * (above - below);
}

/**
 * A 95 % interval of the ratio of the median of some values over a fixed one: bootstrap over the values. Of Optuna only
 * medians are recorded, so their own uncertainty is not in it.
 */
export function ratioInterval(values: readonly number[], over: number): [number, number] {
  const rng = mulberry32(seedOf(`bootstrap|${values.length}`));
  const ratios = Array.from({ length: RESAMPLES }, () => {
    const drawn = values.map(() => values[Math.floor(rng() * values.length)]!);
    return quantile(drawn, 0.5) / over;
  });
  return [quantile(ratios, 0.025), quantile(ratios, 0.975)];
}

/**
 * The share of studies that ended far from where a good quarter of them ended: more than three times its regret, and
 * more than a hundredth of the problem's scale. A second basin shows here, not in a median.
 */
export function shareStuck(values: readonly number[], scale: number): number {
  const limit = Math.max(3 * quantile(values, 0.25), 0.01 * scale);
  return values.filter((value) => !(value <= limit)).length / values.length;
}

/** The geometric mean. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
