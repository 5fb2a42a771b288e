import { numberScale, rangeOf, type Scale } from '../../../src/core/chart/scale.ts';
import { numberText } from '../../../src/core/chart/ticks.ts';
import type { ParamValue } from '../../../src/plan/optimize/space.ts';

/** An axis of numbers that were measured. */
export interface ValueScale extends Scale<number> {
  /** Whether it is one of logarithms. */
  readonly isLog: boolean;
  readonly low: number;
  readonly high: number;
}

/** From so many times the least value on an axis of numbers above 0 is one of logarithms. */
const WIDE = 100;

/**
 * The axis of numbers that were measured; 0 to 1 where there are none. A few that lie far off stand at its end, unless they
 * are of `shown`: the best ones are what one looks for.
 */
export function valueScale(values: readonly number[], { most = 5, shown = [] }: ValueScaleOptions = {}): ValueScale {
  const usual = rangeOf(values) ?? { low: 0, high: 1 };
  const whole = { low: Math.min(...values), high: Math.max(...values) };
  // Over several powers of ten nothing lies far off.
  const isLog = values.length > 0 && whole.low > 0 && whole.high / whole.low > WIDE && Number.isFinite(whole.high);
  const range = isLog ? whole : { low: Math.min(usual.low, ...shown), high: Math.max(usual.high, ...shown) };
  const { place, ticks } = numberScale(range, { most, log: isLog });
  return { place, ticks, isLog, ...range };
}

interface ValueScaleOptions {
  /** Most parts between ticks. */
  readonly most?: number;
  readonly shown?: readonly number[];
}

/** The label of an axis with what kind of axis it is. */
export function axisLabel(label: string, { isLog }: Pick<ValueScale, 'isLog'>): string {
  return isLog ? `${label}, logarithmic` : label;
}

/** The axis of trial numbers. */
export function trialScale(numbers: readonly number[]): Scale<number> {
  const last = Math.max(1, ...numbers);
  const { place, ticks } = numberScale({ low: 0, high: last }, { most: Math.min(8, last), pad: 0.02 });
  return { place, ticks: ticks.filter(({ text }) => /^\d+$/.test(text)) };
}

/** A value of a parameter, or what was measured, in few characters; nothing for what is not there. */
export function valueText(value: ParamValue | undefined): string {
  return typeof value === 'number' ? numberText(value) : value === undefined ? '' : String(value);
}

/** A value with six digits that count, as the command line has it. */
export function longText(value: ParamValue | undefined): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : valueText(value);
}

/** Seconds as people say them. */
export function secondsText(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 90) return `${Number(seconds.toPrecision(3))} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Number((seconds / 3600).toPrecision(3))} h`;
}
