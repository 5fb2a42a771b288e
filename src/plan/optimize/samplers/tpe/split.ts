import { asMinimised, hypervolume, nonDominatedSort } from '../../front.ts';
import { reachedBy, scoreAt } from '../../pruners/standing.ts';
import type { Fidelity, History } from '../../sampler.ts';
import type { Direction, Trial } from '../../trial.ts';

/** A history in two: what to look near, and what to look away from; both by number. */
export interface Split {
  readonly good: readonly Trial[];
  readonly bad: readonly Trial[];
  /** Trials that ended with something to learn from. */
  readonly ended: number;
}

/** The good are a tenth, of one objective 25 at the most (Optuna's rule). */
const SHARE = 0.1;
const MOST = 25;
/** Where nothing is said of reports, the last one counts. */
const WHOLE: Fidelity = { kind: 'resolution', rungs: [1], reduction: 2 };

/**
 * Splits a history by Optuna's rules: first what is allowed, by value; then what was pruned, by the step it reached and
 * its value there; then what is not allowed, by how much. Several objectives go by layers of non-dominated points, the
 * last layer by what it adds to the hypervolume. What ran out of memory without saying by how much, and what others
 * try now, is never good. What the world made fail tells nothing.
 */
export function splitTrials({ trials, directions, reference, fidelity = WHOLE }: History): Split {
  const complete: Trial[] = [];
  const pruned: Trial[] = [];
  const violating: Trial[] = [];
  const rest: Trial[] = [];
  for (const trial of trials) {
    const { state, failure } = trial;
    const excess = excessOf(trial);
    if (state === 'RUNNING' || state === 'WAITING') rest.push(trial);
    else if (state === 'FAIL' && (failure ?? 'error') === 'error') continue;
    else if (excess > 0) violating.push(trial);
    else if (state === 'FAIL') rest.push(trial);
    else if (state === 'COMPLETE' && isMeasured(trial.values, directions)) complete.push(trial);
    else if (state === 'PRUNED' && scoreAt(trial, reachedBy(trial), fidelity, directions)) pruned.push(trial);
  }
  const failed = rest.filter(({ state }) => state === 'FAIL').length;
  const ended = complete.length + pruned.length + violating.length + failed;
  const tenth = Math.ceil(SHARE * ended);
  const wanted = directions.length === 1 ? Math.min(tenth, MOST) : tenth;
  const given = reference && asMinimised(reference, directions);
  const ranked = [
    ...best(complete, wanted, (trial) => asMinimised(trial.values!, directions), given),
    ...prunedInOrder(pruned, (trial) => scoreAt(trial, reachedBy(trial), fidelity, directions)!),
    ...[...violating].sort((a, b) => excessOf(a) - excessOf(b) || a.number - b.number),
  ];
  const good = new Set(ranked.slice(0, wanted));
  const all = [...complete, ...pruned, ...violating, ...rest].sort((a, b) => a.number - b.number);
  return { good: all.filter((trial) => good.has(trial)), bad: all.filter((trial) => !good.has(trial)), ended };
}

/** By how much a trial breaks its limits, all together; 0 when it keeps them or nobody measured. */
export function excessOf({ constraints = [] }: Trial): number {
  return constraints.reduce((sum, value) => sum + Math.max(0, value), 0);
}

function isMeasured(values: readonly number[] | undefined, directions: readonly Direction[]): boolean {
  return values !== undefined && values.length === directions.length && values.every(Number.isFinite);
}

/** The trials in order, exactly as far as the first `wanted` go. */
function best(
  trials: readonly Trial[],
  wanted: number,
  valuesOf: (trial: Trial) => readonly number[],
  reference?: readonly number[],
): Trial[] {
  const points = trials.map(valuesOf);
  if ((points[0]?.length ?? 1) === 1) {
    return [...trials.keys()]
      .sort((a, b) => points[a]![0]! - points[b]![0]! || trials[a]!.number - trials[b]!.number)
      .map((i) => trials[i]!);
  }
  const order: number[] = [];
  for (const layer of nonDominatedSort(points)) {
    const room = wanted - order.length;
    order.push(...(room > 0 && room < layer.length ? spread(layer, points, room, reference) : layer));
  }
  return order.map((i) => trials[i]!);
}

/**
 * The layer with those `room` members first that together add most to the hypervolume, chosen greedily. Without a
 * reference point a tenth beyond the worst of the layer, as Optuna's.
 */
function spread(
  layer: readonly number[],
  points: readonly (readonly number[])[],
  room: number,
  given?: readonly number[],
): number[] {
  const worst = points[0]!.map((_, k) => Math.max(...layer.map((i) => points[i]![k]!)));
  const reference = worst.map((value, k) => Math.max(given?.[k] ?? -Infinity, 1.1 * value, 0.9 * value) || 1e-12);
  const left = new Set(layer);
  const chosen: number[] = [];
  while (chosen.length < room) {
    const front = chosen.map((i) => points[i]!);
    let [next, most] = [-1, -1];
    for (const i of left) {
      const volume = hypervolume([...front, points[i]!], reference);
      if (volume > most) [next, most] = [i, volume];
    }
    chosen.push(next);
    left.delete(next);
  }
  return [...chosen, ...left];
}

function prunedInOrder(trials: readonly Trial[], valuesOf: (trial: Trial) => readonly number[]): Trial[] {
  const steps = new Map<number, Trial[]>();
  for (const trial of trials) steps.set(reachedBy(trial), [...(steps.get(reachedBy(trial)) ?? []), trial]);
  return [...steps].sort(([a], [b]) => b - a).flatMap(([, members]) => best(members, members.length, valuesOf));
}
