import { normalQuantile } from '../../../base/normal.ts';
import type { History } from '../sampler.ts';
import type { Params, ParamValue, Space } from '../space.ts';
import type { Trial } from '../trial.ts';
import { type AdditiveModel, fitAdditive } from './additive.ts';
import { bestTrials, measuredTrials } from './best.ts';
import { differencesOf } from './leaderboard.ts';

/** One change from the base to the winner, and what it did. */
export interface ExplainedChange {
  readonly name: string;
  /** Undefined is: not there. */
  readonly from?: ParamValue;
  readonly to?: ParamValue;
  /** What the change alone is estimated to do to the objective, in its unit; undefined where no model could be fitted. */
  readonly effect?: number;
  /** Standard error of the effect. */
  readonly error?: number;
  /** `better` and `worse` only where all signs are sure at 95 % together and the model predicts trials it has not seen. */
  readonly verdict: 'better' | 'worse' | 'unclear';
  /** Trials that are the winner without this change: their number, and the winner's value less the mean of theirs. */
  readonly direct?: { readonly trials: number; readonly difference: number };
}

/** Why a trial beats the base, as far as the trials tell. */
export interface Explanation {
  /** Number of the trial. */
  readonly winner: number;
  readonly objective: number;
  /** The greatest estimated gain first. */
  readonly changes: readonly ExplainedChange[];
  /** The winner's value less that of the base; only where the base was a trial. It favours the winner: it was chosen. */
  readonly observed?: number;
  /** The sum of the changes by the model, and its standard error. */
  readonly estimated?: { readonly effect: number; readonly error: number };
  /** Part of the variance of unseen trials that the model predicts; at 0 or below its effects say nothing. */
  readonly predicted?: number;
  /** Measured trials that it rests on. */
  readonly trials: number;
}

/** What is to be explained. */
export interface ExplainOptions {
  readonly base: Params;
  /** Number of the trial; the best of the objective where none is given. */
  readonly winner?: number;
  readonly objective?: number;
}

/** Fewest trials for a verdict: with fewer even the error of an effect is unknown. */
const FEWEST = 8;
/** That all verdicts of an explanation hold at once, by Šidák's correction (JASA 62, 1967). */
const CONFIDENCE = 0.95;

/**
 * The differences of a trial from the base, ordered by what each contributes: from an additive model of all measured
 * trials, whose error holds noise and what no sum explains, and from trials that differ in this one change alone. Changes
 * that only work together show as a gap between `observed` and `estimated`. Undefined without a measured winner. [PL-6]
 */
export function explainWinner(
  history: History,
  { base, winner, objective = 0 }: ExplainOptions,
): Explanation | undefined {
  const measured = measuredTrials(history);
  const sign = history.directions[objective] === 'maximize' ? -1 : 1;
  const won = measured.find(({ trial }) => trial.number === (winner ?? bestOf(history, objective)?.number));
  if (!won) return undefined;
  const to = won.trial.params;
  const model = fitAdditive(
    history.space,
    measured.map(({ trial }) => trial.params),
    measured.map(({ values }) => values[objective]!),
  );
  const isTrusted = model !== undefined && model.predicted > 0 && measured.length >= FEWEST;
  const differences = differencesOf(history.space, base, to);
  const sure = normalQuantile((1 + CONFIDENCE ** (1 / Math.max(1, differences.length))) / 2);
  const changes = differences.map((difference): ExplainedChange => {
    const { name } = difference;
    const without = measured.filter(({ trial }) => isWithout(history.space, trial.params, to, base, name));
    const direct = without.length > 0 && {
      trials: without.length,
      difference: won.values[objective]! - mean(without.map(({ values }) => values[objective]!)),
    };
    const effect = model && effectOf(model, base, to, name);
    const isSure = isTrusted && effect !== undefined && Math.abs(effect.mean) > sure * effect.error;
    return {
      ...difference,
      ...(effect && { effect: effect.mean, error: effect.error }),
      verdict: isSure ? (sign * effect.mean < 0 ? 'better' : 'worse') : 'unclear',
      ...(direct && { direct }),
    };
  });
  changes.sort((a, b) => sign * (a.effect ?? 0) - sign * (b.effect ?? 0));
  const started = measured.filter(({ trial }) => differencesOf(history.space, base, trial.params).length === 0);
  const whole = model?.effect(base, to);
  return {
    winner: won.trial.number,
    objective,
    changes,
    ...(started.length > 0 && {
      observed: won.values[objective]! - mean(started.map(({ values }) => values[objective]!)),
    }),
    ...(model && whole && { estimated: { effect: whole.mean, error: whole.error }, predicted: model.predicted }),
    trials: measured.length,
  };
}

function bestOf(history: History, objective: number): Trial | undefined {
  const sign = history.directions[objective] === 'maximize' ? -1 : 1;
  return bestTrials(history).reduce<Trial | undefined>(
    (best, trial) => (!best || sign * trial.values![objective]! < sign * best.values![objective]! ? trial : best),
    undefined,
  );
}

/** What one change does: from the winner with the old value of this parameter to the winner. */
function effectOf(model: AdditiveModel, base: Params, to: Params, name: string) {
  const { [name]: _, ...rest } = to;
  return model.effect(base[name] === undefined ? rest : { ...rest, [name]: base[name] }, to);
}

/** Whether a point is the winner but for one change: what hangs on the parameter may differ, too. */
function isWithout(space: Space, point: Params, winner: Params, base: Params, name: string): boolean {
  if (point[name] !== base[name]) return false;
  const loose = new Set([name]);
  for (const { name: child, when = [] } of space.parameters) {
    if (when.some(({ parent }) => loose.has(parent))) loose.add(child);
  }
  return space.parameters.every(({ name: other }) => loose.has(other) || point[other] === winner[other]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
