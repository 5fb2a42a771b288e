import type { History } from '../sampler.ts';
import type { Parameter, ParamValue, Space } from '../space.ts';
import { measuredTrials } from './best.ts';
import { bestSoFar, hypervolumeSoFar, type Step } from './progress.ts';

/** Why a study goes on, or why it is over. */
export type StopDecision =
  | { readonly stop: false; readonly kind: 'going'; readonly reason: string }
  | { readonly stop: true; readonly kind: 'improvement' | 'stagnation' | 'exhausted'; readonly reason: string };

/** What the decision may know besides the trials. */
export interface StopOptions {
  /**
   * What the sampler expected of its last points, oldest first: the expected improvement of one objective in its unit, or of
   * the hypervolume.
   */
  readonly expected?: readonly number[];
  /** Standard error of the best value from repeats or a model, in the unit of the objective; 0 or less is: not known. */
  readonly noise?: number;
  /** Measured trials before anything but exhaustion stops. */
  readonly fewest?: number;
  /** Measured trials without progress that stop. */
  readonly patience?: number;
}

/** As Optuna's `Terminator(min_n_trials=20)` and `BestValueStagnationEvaluator(max_stagnation_trials=30)`. */
const FEWEST = 20;
const PATIENCE = 30;
/** Points in a row of which little must be expected: the maximum of one acquisition may be missed. */
const IN_A_ROW = 3;
/** Without a known noise: the part of all that the study has gained that is below notice. */
const PART = 0.01;

/**
 * Whether nothing more is to be expected. A study is over when what may still be gained is less than what cannot be told
 * from noise (Makarova et al., Automatic Termination for Hyperparameter Optimization, AutoML 2022), with the sampler's
 * expected improvement as the gain (Nguyen et al. 2017, Ishibashi et al. 2023); when its best value, or hypervolume, has not
 * moved for long; or when every point has been tried. [PL-7]
 */
export function decideStop(history: History, options: StopOptions = {}): StopDecision {
  const { expected = [], noise = 0, fewest = FEWEST, patience = PATIENCE } = options;
  const measured = measuredTrials(history);
  const tried = triedPoints(history);
  if (tried > 0 && countPoints(history.space, tried + 1) <= tried) {
    return { stop: true, kind: 'exhausted', reason: `all ${tried} points of the space were tried` };
  }
  const steps = history.directions.length === 1 ? bestSoFar(history) : hypervolumeSoFar(history, history.reference);
  if (measured.length < fewest) return going(`${measured.length} of ${fewest} trials before it may stop`);
  const last = expected.filter(Number.isFinite).slice(-IN_A_ROW);
  const error = noise > 0 && history.directions.length === 1 ? noise : PART * gainSoFar(steps);
  if (last.length === IN_A_ROW && error > 0 && Math.max(...last) < error) {
    const text = `at most ${brief(Math.max(...last))} is expected of another trial, ${brief(error)} is below notice`;
    return { stop: true, kind: 'improvement', reason: text };
  }
  const still = stillFor(steps);
  if (still >= patience) return { stop: true, kind: 'stagnation', reason: `no progress in ${still} trials` };
  return going(still === 0 ? 'the last trial was progress' : `${still} of ${patience} trials without progress`);
}

/** The number of points of a space, counted up to `most`; infinite ones give `most`. */
export function countPoints({ parameters }: Space, most: number): number {
  if (parameters.some((parameter) => valuesOf(parameter) === undefined)) return most;
  const walk = (at: number, point: Readonly<Record<string, ParamValue>>, left: number): number => {
    const parameter = parameters[at];
    if (!parameter) return 1;
    const isThere = (parameter.when ?? []).every(({ parent, values }) => values.includes(point[parent]!));
    if (!isThere) return walk(at + 1, point, left);
    const { count, value } = valuesOf(parameter)!;
    let sum = 0;
    for (let i = 0; i < count && sum < left; i++) {
      sum += walk(at + 1, { ...point, [parameter.name]: value(i) }, left - sum);
    }
    return sum;
  };
  return Math.min(most, walk(0, {}, most));
}

function valuesOf(parameter: Parameter): { readonly count: number; value(i: number): ParamValue } | undefined {
  if ('choices' in parameter) return { count: parameter.choices.length, value: (i) => parameter.choices[i]! };
  const { kind, low, high } = parameter;
  const step = parameter.step ?? (kind === 'int' ? 1 : undefined);
  if (high <= low) return { count: 1, value: () => low };
  if (step === undefined) return undefined;
  return { count: Math.floor((high - low) / step + 1e-9) + 1, value: (i) => low + i * step };
}

/** Different points that ended, also those that failed for what they are. */
function triedPoints({ space, trials }: History): number {
  const keys = trials
    .filter(({ state, failure }) => state === 'COMPLETE' || state === 'PRUNED' || (failure && failure !== 'error'))
    .map(({ params }) => JSON.stringify(space.parameters.map(({ name }) => params[name] ?? null)));
  return new Set(keys).size;
}

/** Trials since the last progress. */
function stillFor(steps: readonly Step[]): number {
  const last = steps.findLastIndex(({ isBetter }) => isBetter);
  return steps.length - 1 - last;
}

/** What has been gained from the first measured trial on, in the unit of the steps. */
function gainSoFar(steps: readonly Step[]): number {
  return steps.length === 0 ? 0 : Math.abs(steps.at(-1)!.value - steps[0]!.value);
}

function brief(value: number): string {
  return value.toPrecision(2).replace(/e([+-])0*/, 'e$1');
}

function going(reason: string): StopDecision {
  return { stop: false, kind: 'going', reason };
}
