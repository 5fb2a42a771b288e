import { studentBound } from '../../../base/student.ts';
import { asMinimised, nonDominated } from '../front.ts';
import { recommendations } from '../gp/recommend.ts';
import type { History } from '../sampler.ts';
import type { Space } from '../space.ts';
import type { Confirmation } from '../study/confirmation.ts';
import type { StudyDefinition } from '../study/definition.ts';
import { historyOf, type StudyState } from '../study/state.ts';
import { isWeighted, utilityIn } from '../study/utility.ts';
import type { Direction, Trial } from '../trial.ts';
import { bestTrials, order } from './best.ts';

/** By how much a trial differs from another under the same seeds. */
export interface PairedDifference {
  readonly mean: number;
  /** 95 % limits by Student's t; none where they share one seed alone. */
  readonly limits?: readonly [low: number, high: number];
}

/** A trial under seeds that its study did not have. */
export interface ConfirmedTrial {
  readonly number: number;
  /** Seeds it was measured under, and those it failed under. */
  readonly seeds: number;
  readonly failed: number;
  /** Means of what trials are ranked by; none where every seed failed. */
  readonly values: readonly number[];
  /** Standard errors of the means; none of one seed. */
  readonly errors: readonly number[];
  /** By how much the limits are violated in the mean, in all; 0 is feasible. */
  readonly violation: number;
  /** Whether it is the best of them, of several objectives one of the front of the means. */
  readonly isBest: boolean;
  /** Against `against` of the study, for each of what trials are ranked by, in its unit. */
  readonly differences?: readonly PairedDifference[];
}

/** What confirmation says of a study. */
export interface ConfirmedStudy {
  /** Best first. */
  readonly trials: readonly ConfirmedTrial[];
  /** The trial that others are told against: the best, of several objectives the workflow as it is. */
  readonly against?: number;
}

/** Chance of limits that do not hold the truth. */
const OUTSIDE = 0.05;

/**
 * The trials to confirm, `count` of them and the first: of one objective the best one as measured and then those of which
 * the model expects most, of several those of the front that are nearest to the best of each. What took the outcome of
 * another trial is that one. [ST-27]
 */
export function trialsToConfirm(
  definition: StudyDefinition,
  space: Space,
  state: StudyState,
  count: number,
): readonly number[] {
  const history = historyOf(definition, space, state);
  const copied = new Map(state.records.map(({ number, copies = number }) => [number, copies]));
  const wanted = history.directions.length > 1 ? nearestOfFront(history) : bestOf(history);
  const numbers = wanted.map((number) => copied.get(number) ?? number);
  return [...new Set(numbers)].slice(0, count);
}

/** The best one, then the others by the model's mean. */
function bestOf(history: History): number[] {
  const best = bestTrials(history).map(({ number }) => number);
  const expected = recommendations(history, history.trials.length).map(({ trial }) => trial);
  return [...best.slice(0, 1), ...expected, ...best];
}

/** Numbers of the front, the nearest to the best of each objective first: from the worst to the best of the front. */
export function nearestOfFront(history: Pick<History, 'directions' | 'trials'>): number[] {
  const front = bestTrials(history).map(({ number, values = [] }) => ({
    number,
    losses: asMinimised(values, history.directions),
  }));
  const ends = history.directions.map((_, j) => {
    const all = front.map(({ losses }) => losses[j]!);
    return [Math.min(...all), Math.max(...all)] as const;
  });
  const off = (losses: readonly number[]): number =>
    losses.reduce((sum, loss, j) => sum + ((loss - ends[j]![0]) / (ends[j]![1] - ends[j]![0] || 1)) ** 2, 0);
  return front.sort((a, b) => off(a.losses) - off(b.losses) || a.number - b.number).map(({ number }) => number);
}

/** What confirmation says so far; undefined where nothing was confirmed. [ST-28] */
export function confirmedStudy(
  definition: StudyDefinition,
  space: Space,
  state: StudyState,
): ConfirmedStudy | undefined {
  const { confirmations = [] } = state;
  if (confirmations.length === 0) return undefined;
  const ranked = rankingOf(definition, space, state);
  const numbers = [...new Set(confirmations.map(({ number }) => number))];
  const seen = numbers.map((number) =>
    seenUnder(
      number,
      confirmations.filter((one) => one.number === number),
      ranked,
    ),
  );
  const best = bestUnderSeeds(seen, ranked.directions);
  const isOne = ranked.directions.length === 1;
  const chosen = isOne ? [...best][0] : seen.find(({ number, rows }) => number === 0 && rows.size > 0)?.number;
  const reference = seen.find(({ number }) => number === chosen);
  const trials = seen.map(
    ({ number, rows, failed, means, violation }): ConfirmedTrial => ({
      number,
      seeds: rows.size,
      failed,
      values: means,
      errors: errorsOf([...rows.values()]),
      violation,
      isBest: best.has(number),
      ...(reference && reference.number !== number ? differencesOf(rows, reference.rows) : {}),
    }),
  );
  const place = ({ failed, violation, isBest }: ConfirmedTrial): number[] => [failed, violation, isBest ? 0 : 1];
  trials.sort((a, b) => {
    const [one, other] = [place(a), place(b)];
    const at = one.findIndex((value, i) => value !== other[i]);
    if (at >= 0) return order(one[at]!, other[at]!);
    const [x = Infinity] = asMinimised(a.values, ranked.directions);
    const [y = Infinity] = asMinimised(b.values, ranked.directions);
    return order(x, y) || a.number - b.number;
  });
  return { trials, ...(chosen === undefined ? {} : { against: chosen }) };
}

/**
 * Numbers of the best: of one objective one, else the front, by the means over the seeds that all of them had. One with less
 * than half of the seeds of another is not among them: it may have had a lucky one.
 */
function bestUnderSeeds(seen: readonly Seen[], directions: readonly Direction[]): ReadonlySet<number> {
  const sound = seen.filter(({ failed, violation, rows }) => failed === 0 && violation === 0 && rows.size > 0);
  const most = Math.max(...sound.map(({ rows }) => rows.size));
  const ranked = sound.filter(({ rows }) => 2 * rows.size >= most);
  const shared = [...(ranked[0]?.rows.keys() ?? [])].filter((image) => ranked.every(({ rows }) => rows.has(image)));
  const losses = ranked.map(({ rows, means }) =>
    asMinimised(shared.length > 0 ? meansOf(shared.map((image) => rows.get(image)!)) : means, directions),
  );
  return new Set(nonDominated(losses).map((i) => ranked[i]!.number));
}

interface Ranking {
  readonly directions: readonly Direction[];
  valuesOf(values: readonly number[]): readonly number[];
}

/** What trials are ranked by: their values, or the utility that weights make of them. */
function rankingOf(definition: StudyDefinition, space: Space, state: StudyState): Ranking {
  const { objectives } = definition;
  const plain = { ...definition, objectives: objectives.map(({ name, direction }) => ({ name, direction })) };
  const history = historyOf(plain, space, state);
  if (!isWeighted(objectives)) return { directions: history.directions, valuesOf: (values) => values };
  const utility = utilityIn(history, objectives);
  return { directions: ['maximize'], valuesOf: (values) => [utility(values)] };
}

interface Seen {
  readonly number: number;
  /** By seed. */
  readonly rows: ReadonlyMap<number, readonly number[]>;
  readonly failed: number;
  readonly means: readonly number[];
  readonly violation: number;
}

function seenUnder(number: number, runs: readonly Confirmation[], { valuesOf }: Ranking): Seen {
  const rows = new Map(runs.flatMap(({ image, values }) => (values ? [[image, valuesOf(values)] as const] : [])));
  const limits = runs.flatMap(({ constraints }) => (constraints ? [constraints] : []));
  return {
    number,
    rows,
    failed: runs.length - rows.size,
    means: meansOf([...rows.values()]),
    violation: meansOf(limits).reduce((sum, each) => sum + Math.max(0, each), 0),
  };
}

function differencesOf(
  rows: Seen['rows'],
  others: Seen['rows'],
): { readonly differences?: readonly PairedDifference[] } {
  const shared = [...rows].flatMap(([image, values]) => {
    const other = others.get(image);
    return other ? [values.map((value, j) => value - other[j]!)] : [];
  });
  if (shared.length === 0) return {};
  const errors = errorsOf(shared);
  return {
    differences: meansOf(shared).map((mean, j) => {
      if (shared.length < 2) return { mean };
      const half = studentBound(OUTSIDE, shared.length - 1) * errors[j]!;
      return { mean, limits: [mean - half, mean + half] };
    }),
  };
}

function meansOf(rows: readonly (readonly number[])[]): number[] {
  const [first = []] = rows;
  return first.map((_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length);
}

/** Standard errors of the means; none of fewer than two rows. */
function errorsOf(rows: readonly (readonly number[])[]): number[] {
  const n = rows.length;
  if (n < 2) return [];
  return meansOf(rows).map((mean, j) =>
    Math.sqrt(rows.reduce((sum, row) => sum + (row[j]! - mean) ** 2, 0) / (n - 1) / n),
  );
}

/**
 * The number of the trial to take: the best, of several objectives the nearest of the front; where the best as measured
 * was confirmed, what confirmation says. Undefined while there is none. [ST-15] [ST-28]
 */
export function trialToTake(definition: StudyDefinition, space: Space, state: StudyState): number | undefined {
  const history = historyOf(definition, space, state);
  const [measured] = history.directions.length > 1 ? nearestOfFront(history) : bestTrials(history).map(numberOf);
  const confirmed = confirmedStudy(definition, space, state)?.trials ?? [];
  const copies = state.records.find(({ number }) => number === measured)?.copies ?? measured;
  if (!confirmed.some(({ number }) => number === copies)) return measured;
  const sound = confirmed.filter(({ isBest }) => isBest);
  if (history.directions.length === 1) return sound[0]?.number ?? measured;
  const trials: Trial[] = sound.map(({ number, values }) => ({
    number,
    state: 'COMPLETE',
    params: {},
    values,
    intermediate: [],
  }));
  return nearestOfFront({ directions: history.directions, trials })[0] ?? measured;
}

const numberOf = ({ number }: Trial): number => number;
