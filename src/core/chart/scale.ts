import { linearTicks, logTicks, type Range, type Tick } from './ticks.ts';

/** Where values of one kind stand between the two ends of an axis. */
export interface Scale<Value> {
  /** 0 to 1; undefined where the axis has no place for it. */
  place(value: Value): number | undefined;
  readonly ticks: readonly { readonly at: number; readonly text: string }[];
  /** Width of one choice, as a part of the axis; undefined for numbers. */
  readonly band?: number;
}

/** A scale of numbers and where it is cut. */
export interface NumberScale extends Scale<number> {
  readonly range: Range;
}

/** What a scale of numbers looks like. */
export interface NumberScaleOptions {
  readonly log?: boolean;
  /** Most parts between ticks. */
  readonly most?: number;
  /** Room beyond both ends, as a part of the axis. */
  readonly pad?: number;
}

/** Numbers in a range; what lies beyond stands at the end of the axis, what is no number nowhere. */
export function numberScale(range: Range, { log = false, most = 5, pad = 0.04 }: NumberScaleOptions = {}): NumberScale {
  const isLog = log && range.low > 0;
  const scale = isLog ? Math.log : (x: number) => x;
  const { low, high } = range.high > range.low ? range : widened(range.low, isLog);
  // Halves, so that a range of the greatest numbers does not overflow.
  const [from, half] = [scale(low), scale(high) / 2 - scale(low) / 2];
  const place = (value: number): number | undefined => {
    if (Number.isNaN(value)) return undefined;
    const part = isLog && value <= 0 ? 0 : Math.min(1, Math.max(0, (scale(value) / 2 - from / 2) / half));
    return pad + part * (1 - 2 * pad);
  };
  const ticks: Tick[] = (isLog ? logTicks : linearTicks)({ low, high }, most);
  return { place, range: { low, high }, ticks: ticks.map(({ value, text }) => ({ at: place(value)!, text })) };
}

/** Choices side by side, in their order, each in the middle of its band. */
export function choiceScale<Value>(choices: readonly Value[], text: (choice: Value) => string = String): Scale<Value> {
  const at = new Map(choices.map((choice, i) => [choice, (i + 0.5) / choices.length]));
  return {
    place: (value) => at.get(value),
    band: 1 / Math.max(1, choices.length),
    ticks: choices.map((choice) => ({ at: at.get(choice)!, text: text(choice) })),
  };
}

/**
 * The range that shows most of the values: whole where they lie together; where a few lie far off, more than five times
 * the distance from the lower to the upper quartile, without them. Undefined without a finite value.
 */
export function rangeOf(values: readonly number[]): Range | undefined {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const [low, high] = [sorted[0], sorted.at(-1)];
  if (low === undefined || high === undefined) return undefined;
  const quartile = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))]!;
  const [from, to] = [quartile(0.25), quartile(0.75)];
  const reach = 5 * (to - from);
  if (sorted.length < 8 || !(reach > 0) || !Number.isFinite(reach)) return { low, high };
  return {
    low: sorted.find((value) => value >= from - reach)!,
    high: sorted.findLast((value) => value <= to + reach)!,
  };
}

/** A range around one number. */
function widened(value: number, isLog: boolean): Range {
  if (isLog) return { low: value / 2, high: value * 2 };
  const by = Math.abs(value) * 0.05 || 1;
  return { low: value - by, high: value + by };
}
