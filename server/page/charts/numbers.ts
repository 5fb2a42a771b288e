import { numberScale, rangeOf, type Scale } from '../../../src/core/chart/scale.ts';
import { numberText } from '../../../src/core/chart/ticks.ts';
import type { Parameter, ParamValue } from '../../../src/plan/optimize/space.ts';

/** The axis of numbers that were measured; 0 to 1 where there are none. */
export function valueScale(values: readonly number[], most = 5): Scale<number> {
  return numberScale(rangeOf(values) ?? { low: 0, high: 1 }, { most });
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

/** The numbers that a parameter may have, or undefined for one of choices. */
export function rangeOfParameter(parameter: Parameter): { readonly low: number; readonly high: number } | undefined {
  return 'choices' in parameter ? undefined : { low: parameter.low, high: parameter.high };
}
