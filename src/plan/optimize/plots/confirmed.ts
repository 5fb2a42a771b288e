import { numberText } from '../../../core/chart/ticks.ts';
import type { ConfirmedTrial, PairedDifference } from '../results/confirmed.ts';
import type { Direction } from '../trial.ts';
import type { PlottedStudy } from './study.ts';

/** What is to be said of a trial, in words: how it stands against the one that others are told against. */
export function verdict(
  { number, failed, violation, differences = [], seeds }: ConfirmedTrial,
  { objectives, directions }: Pick<PlottedStudy, 'objectives' | 'directions'>,
): string {
  const told = differences.map((one, j) => {
    const name = objectives.length > 1 ? `${objectives[j]} ` : '';
    return `${name}${standing(one, directions[j]!)}, ${differenceText(one)}`;
  });
  return [
    ...(number === 0 ? ['as the base'] : []),
    ...(failed > 0 ? [`failed under ${failed} of ${seeds + failed} seeds`] : []),
    ...(violation > 0 ? ['breaks a limit'] : []),
    ...told,
  ].join('; ');
}

/** Whether a difference is surely good, surely bad, or neither. */
function standing({ limits }: PairedDifference, direction: Direction): string {
  if (limits === undefined) return 'one seed says little';
  const [low, high] = direction === 'maximize' ? limits : [-limits[1], -limits[0]];
  if (low > 0) return 'better';
  return high < 0 ? 'worse' : 'may be as good';
}

/** `−0.007 [−0.030, 0.016]`. */
function differenceText({ mean, limits }: PairedDifference): string {
  return limits === undefined
    ? numberText(mean)
    : `${numberText(mean)} [${numberText(limits[0])}, ${numberText(limits[1])}]`;
}
