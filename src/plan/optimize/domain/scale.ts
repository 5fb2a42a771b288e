import type { Parameter, ParamValue } from '../space.ts';

/**
 * One parameter as a coordinate. A parameter with a countable number of values has one cell for each, of equal width
 * on a linear scale, and a value lies in the middle of its cell: drawing uniformly from [0, 1) gives each value the
 * same chance, the first and the last too.
 */
export interface Scale {
  readonly parameter: Parameter;
  /** How many values there are; Infinity for a float without a step. */
  readonly levels: number;
  /** Has the order of its values no meaning? Then a coordinate is the index of the choice instead. */
  readonly isCategorical: boolean;
  /** From a value to the coordinate: [0, 1], of a categorical one 0 to levels - 1. NaN for a value it does not have. */
  encode(value: ParamValue | undefined): number;
  /** The value nearest to a coordinate; coordinates out of range are moved in. */
  decode(coordinate: number): ParamValue;
  /** The value at a place in the order, from 0; only with a countable number of values. */
  valueAt(level: number): ParamValue;
  /** The place of a value in the order; -1 when it has none. */
  levelOf(value: ParamValue): number;
}

/** Makes the scale of a parameter that `checkSpace` accepts. */
export function scaleOf(parameter: Parameter): Scale {
  if (parameter.kind === 'ordinal' || parameter.kind === 'categorical') {
    return choiceScale(parameter, parameter.kind === 'categorical');
  }
  if (parameter.kind === 'float' && parameter.step === undefined) return continuousScale(parameter);
  return parameter.log ? logIntegerScale(parameter) : steppedScale(parameter);
}

type Continuous = Extract<Parameter, { kind: 'float' }>;
type Numeric = Extract<Parameter, { kind: 'float' | 'int' }>;
type Choices = Extract<Parameter, { kind: 'ordinal' | 'categorical' }>;

function choiceScale(parameter: Choices, isCategorical: boolean): Scale {
  const { choices } = parameter;
  const places = new Map(choices.map((choice, i) => [choice, i]));
  const levelOf = (value: ParamValue): number => places.get(value) ?? -1;
  const levels = choices.length;
  return {
    parameter,
    levels,
    isCategorical,
    encode: (value) => {
      const level = value === undefined ? -1 : levelOf(value);
      return level < 0 ? NaN : isCategorical ? level : (level + 0.5) / levels;
    },
    decode: (u) => choices[clampLevel(isCategorical ? Math.round(u) : Math.floor(u * levels), levels)]!,
    valueAt: (level) => choices[clampLevel(level, levels)]!,
    levelOf,
  };
}

function continuousScale(parameter: Continuous): Scale {
  const { low, high, log } = parameter;
  const [from, to] = log ? [Math.log(low), Math.log(high)] : [low, high];
  const width = to - from;
  return {
    parameter,
    levels: width > 0 ? Infinity : 1,
    isCategorical: false,
    encode: (value) => {
      if (typeof value !== 'number' || !(value >= low && value <= high)) return NaN;
      return width > 0 ? clamp01(((log ? Math.log(value) : value) - from) / width) : 0.5;
    },
    decode: (u) => {
      const at = from + clamp01(u) * width;
      return Math.min(high, Math.max(low, log ? Math.exp(at) : at));
    },
    valueAt: () => low,
    levelOf: (value) => (value === low && width === 0 ? 0 : -1),
  };
}

function steppedScale(parameter: Numeric): Scale {
  const { low, high, step = 1 } = parameter;
  const levels = levelCount(low, high, step);
  const valueAt = (level: number): number => tidy(low + clampLevel(level, levels) * step);
  const levelOf = (value: ParamValue): number => {
    if (typeof value !== 'number') return -1;
    const level = Math.round((value - low) / step);
    return level >= 0 && level < levels && Math.abs(value - (low + level * step)) <= 1e-9 * step ? level : -1;
  };
  return {
    parameter,
    levels,
    isCategorical: false,
    encode: (value) => {
      const level = value === undefined ? -1 : levelOf(value);
      return level < 0 ? NaN : (level + 0.5) / levels;
    },
    decode: (u) => valueAt(Math.floor(u * levels)),
    valueAt,
    levelOf,
  };
}

/** Whole numbers of which equal ratios are equally far apart: cells reach half a step to both sides, then the logarithm. */
function logIntegerScale(parameter: Numeric): Scale {
  const { low, high } = parameter;
  const from = Math.log(low - 0.5);
  const width = Math.log(high + 0.5) - from;
  const levels = high - low + 1;
  const levelOf = (value: ParamValue): number =>
    typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high ? value - low : -1;
  return {
    parameter,
    levels,
    isCategorical: false,
    encode: (value) => (value === undefined || levelOf(value) < 0 ? NaN : (Math.log(value as number) - from) / width),
    decode: (u) => low + clampLevel(Math.round(Math.exp(from + clamp01(u) * width)) - low, levels),
    valueAt: (level) => low + clampLevel(level, levels),
    levelOf,
  };
}

/** How many values `low + k·step` there are up to `high`, forgiving the last digits of decimal steps. */
export function levelCount(low: number, high: number, step: number): number {
  return Math.floor((high - low) / step + 1e-9) + 1;
}

/** Without the last digits that decimal steps leave: 0.1 + 2·0.1 is 0.3. */
function tidy(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(12));
}

function clampLevel(level: number, levels: number): number {
  return Math.min(levels - 1, Math.max(0, level));
}

function clamp01(u: number): number {
  return Math.min(1, Math.max(0, u));
}
