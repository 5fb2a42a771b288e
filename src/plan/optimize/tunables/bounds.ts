import type { DeclaredInput } from '../../../core/catalog/declared-inputs.ts';
import type { NumberRange } from '../../../core/families/families.ts';
import type { FloatParameter, IntParameter, OrdinalParameter } from '../space.ts';

/** What all inputs that read a number take: the ends, the steps, and whether only whole numbers. */
export interface Limits {
  readonly low: number;
  readonly high: number;
  readonly step: number | undefined;
  readonly isInt: boolean;
}

/** The numbers that all of some inputs take. Steps count from 0 or from the least value, as the page's do. */
export function limitsOf(inputs: readonly DeclaredInput[]): Limits {
  let low = -Infinity;
  let high = Infinity;
  let step: number | undefined;
  for (const { options, type } of inputs) {
    if (typeof options.min === 'number') low = Math.max(low, options.min);
    if (typeof options.max === 'number') high = Math.min(high, options.max);
    const own = typeof options.step === 'number' && options.step > 0 ? options.step : type === 'INT' ? 1 : undefined;
    if (own !== undefined) step = step === undefined ? own : commonStep(step, own);
  }
  return { low, high, step, isInt: inputs.some(({ type }) => type === 'INT') };
}

/** Numbers that may be written: `low + k · step`, as far as the inputs say so. */
export interface Grid {
  readonly low?: number;
  readonly high?: number;
  readonly step?: number;
}

/** What numbers are moved to when they are written into some inputs; nothing for other values. */
export function gridOf(inputs: readonly DeclaredInput[], held: unknown): { readonly grid?: Grid } {
  const isNumber = typeof held === 'number' && inputs.length > 0;
  if (!isNumber || !inputs.every(({ type }) => type === 'INT' || type === 'FLOAT')) return {};
  const { low, high, step, isInt } = limitsOf(inputs);
  const own = step ?? (isInt ? 1 : undefined);
  return {
    grid: {
      ...(Number.isFinite(low) ? { low } : {}),
      ...(Number.isFinite(high) ? { high } : {}),
      ...(own === undefined ? {} : { step: own }),
    },
  };
}

/** A parameter without its name. */
export type Unnamed<P> = P extends unknown ? Omit<P, 'name' | 'when'> : never;

/** Most values that are listed one by one. */
const MOST_LISTED = 60;

/**
 * The wanted range inside the limits, on steps that the inputs take: those wanted, else those of the node. A current
 * value beside the steps joins them as a list in order, so that it can be tried and all others are round. Undefined
 * where the current value lies outside or less than two values are left. [SP-4]
 */
export function numberParameter(
  wanted: NumberRange & { readonly log?: true },
  limits: Limits,
  current: number,
): Unnamed<FloatParameter | IntParameter | OrdinalParameter> | undefined {
  const kind = limits.isInt ? 'int' : 'float';
  const low = Math.max(wanted.low, limits.low);
  const high = Math.min(wanted.high, limits.high);
  if (!(current >= low - SLACK && current <= high + SLACK && high > low)) return undefined;
  if (wanted.log && low > 0) return { kind, low: tidy(low), high: tidy(high), log: true };
  const own = limits.step ?? (limits.isInt ? 1 : undefined);
  const step = wanted.step !== undefined && (own === undefined || isMultiple(wanted.step, own)) ? wanted.step : own;
  if (step === undefined) return { kind, low: tidy(low), high: tidy(high) };
  const first = wanted.low + Math.ceil((low - wanted.low) / step - SLACK) * step;
  const count = Math.floor((high - first) / step + SLACK);
  if (count >= 1 && isMultiple(current - first, step)) {
    const isPlain = limits.isInt && step === 1;
    return { kind, low: tidy(first), high: tidy(first + count * step), ...(isPlain ? {} : { step: tidy(step) }) };
  }
  if (count < 0 || count > MOST_LISTED) return limits.isInt ? undefined : { kind, low: tidy(low), high: tidy(high) };
  const grid = Array.from({ length: count + 1 }, (_, at) => tidy(first + at * step));
  const choices = [...new Set([...grid, tidy(current)])].sort((x, y) => x - y);
  return choices.length > 1 ? { kind: 'ordinal', choices } : undefined;
}

/** Half to one and a half of a value, at least one step to each side: where to look when no rule says it. */
export function around(current: number, step: number, limits: Limits): NumberRange {
  const reach = Math.max(Math.abs(current) / 2, step);
  const low = Math.max(limits.low, tidy(Math.round((current - reach) / step) * step));
  return { low, high: Math.min(limits.high, tidy(Math.round((current + reach) / step) * step)), step };
}

/** Without the last bits that adding binary fractions leaves (0.30000000000000004). */
export function tidy(number: number): number {
  return Number(number.toPrecision(12));
}

const SLACK = 1e-6;

/** Whether a number is a whole number of steps, as near as doubles can tell. */
function isMultiple(number: number, step: number): boolean {
  const steps = number / step;
  return Math.abs(steps - Math.round(steps)) < SLACK * Math.max(1, Math.abs(steps));
}

/** The least number that is whole in both steps; the coarser one where they share none. */
function commonStep(a: number, b: number): number {
  const [fine, coarse] = a < b ? [a, b] : [b, a];
  for (let times = 1; times <= 1000; times++) if (isMultiple(coarse * times, fine)) return tidy(coarse * times);
  return coarse;
}
