import { gridOf } from '../gp/points.ts';
import type { Comparison } from '../preference/propagation.ts';
import { behind, fitUtilities } from '../preference/utilities.ts';
import type { History } from '../sampler.ts';
import { type Objective, PREFERENCE } from './definition.ts';
import type { TrialRecord } from './record.ts';

/** What somebody chose among trials of a study. */
export interface Answer {
  /** Of the choice. */
  readonly id: string;
  /** By numbers of trials; the best of several won against each of the others. */
  readonly pairs: readonly Comparison[];
}

/** What the fold of a study knows, as far as answers go. */
interface Judged {
  readonly records: readonly TrialRecord[];
  readonly open: readonly Pick<TrialRecord, 'answers'>[];
  readonly answers?: readonly Answer[];
}

/** Whether one of the objectives is what people prefer. */
export function isByPreference(objectives: readonly Objective[]): boolean {
  return objectives.some(({ name }) => name === PREFERENCE);
}

/**
 * The history with the utilities of its trials in the place of what people prefer: logits, 0 before anybody chose, fitted
 * anew from all answers (GP-16). [ST-25]
 */
export function withPreference(
  history: History,
  objectives: readonly Objective[],
  answers: readonly Answer[] = [],
  records: readonly TrialRecord[] = [],
): History {
  const at = objectives.findIndex(({ name }) => name === PREFERENCE);
  if (at < 0) return history;
  const copied = new Map(records.flatMap(({ number, copies }) => (copies === undefined ? [] : [[number, copies]])));
  const originalOf = (number: number): number => copied.get(number) ?? number;
  const shown = history.trials.filter(
    ({ number, state, values }) => state === 'COMPLETE' && values && !copied.has(number),
  );
  const place = new Map(shown.map(({ number }, i) => [number, i]));
  const comparisons = answers
    .flatMap(({ pairs }) => pairs)
    .map((pair) => ({ ...pair, winner: originalOf(pair.winner), loser: originalOf(pair.loser) }))
    .filter(({ winner, loser }) => winner !== loser && place.has(winner) && place.has(loser));
  const grid = gridOf(history.space);
  const points = shown.map(({ params }) => grid.encode(params));
  const placed = comparisons.map((pair) => ({
    ...pair,
    winner: place.get(pair.winner)!,
    loser: place.get(pair.loser)!,
  }));
  const means = cautious(points, placed, grid.categories);
  const trials = history.trials.map((trial) => {
    const utility = means[place.get(originalOf(trial.number)) ?? -1] ?? 0;
    const put = (values: readonly number[]): number[] => values.map((value, i) => (i === at ? utility : value));
    const intermediate = trial.intermediate.map((report) => ({ ...report, values: put(report.values) }));
    return { ...trial, intermediate, ...(trial.values ? { values: put(trial.values) } : {}) };
  });
  return { ...history, trials, comparisons };
}

/**
 * Utilities of points; of those that nobody saw what they have at least, by one standard error of the difference to the
 * best that was seen: nobody is to be told that a picture is best which nobody has looked at.
 */
function cautious(
  points: readonly Float64Array[],
  comparisons: readonly Comparison[],
  categories: readonly boolean[],
): Float64Array {
  const utilities = fitUtilities(points, comparisons, categories);
  const seen = [...new Set(comparisons.flatMap(({ winner, loser }) => [winner, loser]))];
  if (seen.length === 0) return utilities.means;
  const means = Float64Array.from(utilities.means);
  const champion = seen.reduce((best, i) => (means[i]! > means[best]! ? i : best));
  const asked = behind(utilities, points[champion]!);
  for (const [i, point] of points.entries()) {
    if (seen.includes(i)) continue;
    const less = asked.at(point);
    means[i] = utilities.means[champion]! - less - Math.sqrt(asked.variance);
  }
  return means;
}

/** The numbers of the trials that nobody has looked at: they have a picture, of their own, and are in no answer. */
export function waitingTrials({ records, answers = [] }: Judged): number[] {
  const seen = new Set(answers.flatMap(({ pairs }) => pairs.flatMap(({ winner, loser }) => [winner, loser])));
  return records.flatMap(({ number, state, copies }) =>
    state === 'COMPLETE' && copies === undefined && !seen.has(number) ? [number] : [],
  );
}

/** The ids of the answers that no point was asked with yet. [ST-25] */
export function newAnswers({ records, open, answers = [] }: Judged): string[] {
  const known = new Set([...records, ...open].flatMap((one) => one.answers ?? []));
  return answers.map(({ id }) => id).filter((id) => !known.has(id));
}
