import { normalCdf } from '../../../base/normal.ts';
import type { Parameter, ParamValue } from '../space.ts';

/** Most cells of the grid on which the density of a number is compared. */
const MOST_CELLS = 50;
/** Narrowest kernel in cells: 90 % of it then lies in its own cell. */
const NARROWEST = 0.5 / 1.64;

/**
 * Cells of a parameter: one for each choice, each step, at most 50 for a number; a whole number with `log` has one for
 * each doubling, as Optuna cuts it.
 */
export function cellsOf(parameter: Parameter): number {
  if ('choices' in parameter) return parameter.choices.length;
  const { kind, low, high, log } = parameter;
  if (high <= low) return 1;
  if (kind === 'int' && log) return Math.min(Math.ceil(Math.log2(high - low + 1)) + 1, MOST_CELLS);
  const step = parameter.step ?? (kind === 'int' ? 1 : undefined);
  return step === undefined ? MOST_CELLS : Math.min(Math.round((high - low) / step) + 1, MOST_CELLS);
}

/** The cell of a value, from 0; a value between two cells goes to the lower one. */
export function cellOf(parameter: Parameter, value: ParamValue): number {
  if ('choices' in parameter) return Math.max(0, parameter.choices.indexOf(value));
  const scale = parameter.log ? Math.log : (x: number) => x;
  const [low, high, cells] = [scale(parameter.low), scale(parameter.high), cellsOf(parameter)];
  if (cells === 1) return 0;
  const cell = Math.ceil(((scale(Number(value)) - low) / (high - low)) * (cells - 1) - 0.5);
  return Math.min(cells - 1, Math.max(0, cell));
}

/**
 * Makes the probability of each cell from the number of trials in each: a mixture of one kernel for each cell that was met,
 * weighted by its trials, and one of weight 1 over everything. Numbers have normal kernels of the width of Scott's rule
 * (Scott 1992), cut off at the ends; categories a kernel that leaves 1/(kinds of cells met + 1) to each other choice.
 * As PED-ANOVA has it in Optuna 5.0 (`ScottParzenEstimator`).
 */
export function densityOf(parameter: Parameter): (counts: readonly number[]) => number[] {
  const cells = cellsOf(parameter);
  if (parameter.kind === 'categorical') return (counts) => categorical(metOf(counts), cells);
  const prior = truncatedNormal(cells, cells)((cells - 1) / 2);
  const kernels = new Map<number, ReturnType<typeof truncatedNormal>>();
  return (counts) => {
    const met = metOf(counts);
    if (met.length === 0) return Array<number>(cells).fill(1 / cells);
    const total = met.reduce((sum, { count }) => sum + count, 1);
    const width = scottWidth(met);
    const kernel = kernels.get(width) ?? truncatedNormal(width, cells);
    kernels.set(width, kernel);
    const density = counts.map((_, at) => prior(at) / total);
    for (const { cell, count } of met) {
      const at = kernel(cell);
      for (let i = 0; i < cells; i++) density[i]! += (count / total) * at(i);
    }
    return density;
  };
}

interface Met {
  readonly cell: number;
  readonly count: number;
}

function metOf(counts: readonly number[]): Met[] {
  return counts.flatMap((count, cell) => (count > 0 ? [{ cell, count }] : []));
}

function categorical(met: readonly Met[], choices: number): number[] {
  if (met.length === 0) return Array<number>(choices).fill(1 / choices);
  const total = met.reduce((sum, { count }) => sum + count, 1);
  const rest = 1 / (met.length + 1);
  const whole = 1 + choices * rest;
  const density = Array<number>(choices).fill((1 / total) * (1 / choices));
  for (const { cell, count } of met) {
    for (let i = 0; i < choices; i++) density[i]! += ((count / total) * (rest + (i === cell ? 1 : 0))) / whole;
  }
  return density;
}

/** Scott's rule: the smaller of deviation and interquartile range over 1.34, times 1.059·n^(−1/5). */
function scottWidth(met: readonly Met[]): number {
  const n = met.reduce((sum, { count }) => sum + count, 0);
  const mean = met.reduce((sum, { cell, count }) => sum + cell * count, 0) / n;
  const squares = met.reduce((sum, { cell, count }) => sum + count * (cell - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, n - 1));
  const quarter = (trials: number, isFull: (sum: number) => boolean): number => {
    let sum = 0;
    for (const { cell, count } of met) {
      sum += count;
      if (sum > trials || (isFull(sum) && sum >= trials)) return cell;
    }
    return met.at(-1)!.cell;
  };
  const range = quarter(Math.floor((3 * n) / 4), () => false) - quarter(Math.floor(n / 4), () => true);
  return Math.max(NARROWEST, 1.059 * Math.min(range / 1.34, deviation) * n ** -0.2);
}

/** Normal distributions of one width on cells 0 to cells - 1, cut off half a cell beyond the ends. */
function truncatedNormal(width: number, cells: number): (mean: number) => (cell: number) => number {
  const kept = new Map<number, number>();
  const below = (distance: number): number => {
    const value = kept.get(distance) ?? normalCdf(distance / width);
    kept.set(distance, value);
    return value;
  };
  return (mean) => {
    const whole = below(cells - 0.5 - mean) - below(-0.5 - mean);
    return (cell) => (below(cell + 0.5 - mean) - below(cell - 0.5 - mean)) / whole;
  };
}
