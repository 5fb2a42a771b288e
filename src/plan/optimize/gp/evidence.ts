import { promptEffects } from '../fidelity/prompt-effects.ts';
import { asMinimised } from '../front.ts';
import type { Fidelity, History } from '../sampler.ts';
import type { Trial } from '../trial.ts';
import type { OwnSample } from './model.ts';
import type { Grid } from './points.ts';
import { isSame } from './propose.ts';

/** Most points of one model; time grows with the third power. */
const MOST_POINTS = 300;

/** What a trial was worth at a rung of a fidelity whose reports are whole values. */
export interface RungReport {
  readonly step: number;
  /** One for each objective, minimised. */
  readonly losses: readonly number[];
}

/** A trial of which values are known: it ended with them, or was given a part of the fidelity so far. */
export interface Outcome {
  /** Of the trial. */
  readonly number: number;
  readonly point: Float64Array;
  /** One for each objective, minimised; at the rung it reached where `rungs` are there. */
  readonly losses: readonly number[];
  /** How many measurements the losses are the mean of; 1 where absent. */
  readonly count?: number;
  /** Its reports, of a fidelity whose reports are whole values at cheaper settings. */
  readonly rungs?: readonly RungReport[];
  /** Whether it was given less than all so far. */
  readonly isPart?: boolean;
  /** Where they were measured; over 0 is violated. */
  readonly constraints: readonly number[] | undefined;
}

/** What a study knows, in the numbers of the models; in the order of the trials' numbers. */
export interface Evidence {
  readonly outcomes: readonly Outcome[];
  /** Points that failed by themselves: out of memory, or invalid. */
  readonly crashed: readonly Float64Array[];
  /** Points that others try now, or will. */
  readonly pending: readonly Float64Array[];
  /** All of them, and those that ended without telling anything; not those that only the world made fail. */
  readonly tried: readonly Float64Array[];
}

/**
 * Values that are not finite tell no more than that the trial ended. With a fidelity trials that were given a part of it
 * are outcomes, too: of images with what each image adds for all trials taken out. [GP-14] [GP-15]
 */
export function evidenceOf(history: History, grid: Grid): Evidence {
  const outcomes: Outcome[] = [];
  const crashed: Float64Array[] = [];
  const pending: Float64Array[] = [];
  const tried: Float64Array[] = [];
  const known = knownBy(history);
  for (const trial of [...history.trials].sort((a, b) => a.number - b.number)) {
    const { number, state, constraints } = trial;
    const point = grid.encode(trial.params);
    if (state !== 'FAIL' || crashes(trial)) tried.push(point);
    const outcome = state === 'FAIL' ? undefined : known(trial);
    if (crashes(trial)) crashed.push(point);
    else if (outcome) {
      const isPart = state !== 'COMPLETE';
      outcomes.push({ number, point, ...outcome, constraints, ...(isPart ? { isPart } : {}) });
    } else if (state === 'RUNNING' || state === 'WAITING') pending.push(point);
  }
  return { outcomes, crashed, pending, tried };
}

type KnownOf = (trial: Trial) => Pick<Outcome, 'losses' | 'count' | 'rungs'> | undefined;

function knownBy(history: History): KnownOf {
  const { trials, directions, fidelity } = history;
  const atEnd: KnownOf = ({ state, values }) =>
    state === 'COMPLETE' && values?.every(Number.isFinite) ? { losses: asMinimised(values, directions) } : undefined;
  if (fidelity === undefined) return atEnd;
  if (isLadder(fidelity)) return (trial) => atRungs(trial, history) ?? atEnd(trial);
  const means = directions.map((direction, j) => {
    const sign = direction === 'maximize' ? -1 : 1;
    const cells = trials.flatMap(({ number, state, intermediate }) =>
      state === 'FAIL'
        ? []
        : intermediate.map(({ step, values }) => ({ trial: number, prompt: step, loss: sign * (values[j] ?? NaN) })),
    );
    return promptEffects(cells.filter(({ loss }) => Number.isFinite(loss))).trials;
  });
  return (trial) => {
    const { number, intermediate } = trial;
    if (intermediate.length === 0) return atEnd(trial);
    const losses = means.map((of) => of.get(number) ?? NaN);
    return losses.every(Number.isFinite) ? { losses, count: intermediate.length } : undefined;
  };
}

/** Whether each report is a whole value at a cheaper setting. */
export function isLadder({ kind }: Fidelity): boolean {
  return kind !== 'images';
}

function atRungs({ intermediate }: Trial, { directions }: History): ReturnType<KnownOf> {
  const rungs = intermediate
    .filter(({ values }) => values.length === directions.length && values.every(Number.isFinite))
    .map(({ step, values }) => ({ step, losses: asMinimised(values, directions) }));
  return rungs.length === 0 ? undefined : { losses: rungs.at(-1)!.losses, rungs };
}

function crashes({ state, failure }: Trial): boolean {
  return state === 'FAIL' && (failure === 'out-of-memory' || failure === 'invalid');
}

/** True where no measured constraint is violated. */
export function isFeasible({ constraints }: Outcome): boolean {
  return !constraints?.some((value) => value > 0);
}

/**
 * What one objective's model is fitted to: points that were tried again count once, with the mean of their values; of
 * too many points the best and the newest.
 */
export function sampleOf(grid: Grid, outcomes: readonly Outcome[], objective: number): OwnSample {
  const groups: { point: Float64Array; sum: number; count: number }[] = [];
  for (const { point, losses, count = 1 } of outcomes) {
    const known = groups.find((group) => isSame(grid, group.point, point));
    if (known === undefined) groups.push({ point, sum: count * losses[objective]!, count });
    else {
      known.sum += count * losses[objective]!;
      known.count += count;
    }
  }
  let kept = groups;
  if (groups.length > MOST_POINTS) {
    const byValue = [...groups].sort((a, b) => a.sum / a.count - b.sum / b.count);
    const best = new Set(byValue.slice(0, MOST_POINTS / 2));
    const newest = new Set(groups.filter((group) => !best.has(group)).slice(-MOST_POINTS / 2));
    kept = groups.filter((group) => best.has(group) || newest.has(group));
  }
  return {
    points: kept.map(({ point }) => point),
    values: kept.map(({ sum, count }) => sum / count),
    counts: kept.map(({ count }) => count),
  };
}
