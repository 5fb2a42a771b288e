import { asMinimised } from '../front.ts';
import type { History } from '../sampler.ts';
import type { Trial } from '../trial.ts';
import type { Objective } from './definition.ts';

/** Trials that say how far apart values of an objective lie; later ones move nothing any more. */
const SCALED_BY = 10;

/** Whether the objectives are one number together. */
export function isWeighted(objectives: readonly Objective[]): boolean {
  return objectives.some(({ weight }) => weight !== undefined);
}

/**
 * A study of several objectives as one of their utility, which is to be large: the mean, by weight, of what a trial gained
 * over the first one that was measured, in units of the range of the middle half of the first ten. So 0 is the workflow as
 * it is, and with equal weights an objective may lose as many of its units as another gains. A unit is that of the first
 * ten alone: when they are measured the utility of a trial never changes again. [ST-16]
 */
export function asUtility(history: History, objectives: readonly Objective[]): History {
  const { directions: _directions, trials, reference: _reference, ...rest } = history;
  const utilityOf = utilityIn(history, objectives);
  const utility = (values: readonly number[]): [number] => [utilityOf(values)];
  return {
    ...rest,
    directions: ['maximize'],
    trials: trials.map((trial) => ({
      ...trial,
      ...(trial.values ? { values: utility(trial.values) } : {}),
      intermediate: trial.intermediate.map((report) => ({ ...report, values: utility(report.values) })),
    })),
  };
}

/** What values of the objectives come to in a study, as `asUtility` says. */
export function utilityIn(
  { directions, trials }: Pick<History, 'directions' | 'trials'>,
  objectives: readonly Objective[],
): (values: readonly number[]) => number {
  const first = [...trials]
    .sort((a, b) => a.number - b.number)
    .flatMap((trial) => {
      const values = firstValues(trial);
      return values?.length === directions.length && values.every(Number.isFinite)
        ? [asMinimised(values, directions)]
        : [];
    })
    .slice(0, SCALED_BY);
  const zero = first[0] ?? directions.map(() => 0);
  const units = directions.map((_, j) => unitOf(first.map((losses) => losses[j]!)));
  const weights = objectives.map(({ weight = 1 }) => weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return (values) => {
    const losses = asMinimised(values, directions);
    return weights.reduce((sum, weight, j) => sum + (weight * (zero[j]! - losses[j]!)) / units[j]!, 0) / total;
  };
}

/** What was measured first of a trial: it stays when the trial is given more. */
function firstValues({ state, values, intermediate }: Trial): readonly number[] | undefined {
  if (state === 'FAIL') return undefined;
  return intermediate[0]?.values ?? (state === 'COMPLETE' ? values : undefined);
}

/** The range of the middle half; of values that are nearly all equal the whole range, or their size. */
function unitOf(losses: readonly number[]): number {
  const sorted = [...losses].sort((a, b) => a - b);
  if (sorted.length === 0) return 1;
  const at = (share: number): number => {
    const place = share * (sorted.length - 1);
    const low = sorted[Math.floor(place)]!;
    return low + (place - Math.floor(place)) * (sorted[Math.ceil(place)]! - low);
  };
  return at(0.75) - at(0.25) || sorted.at(-1)! - sorted[0]! || Math.abs(sorted[0]!) || 1;
}
