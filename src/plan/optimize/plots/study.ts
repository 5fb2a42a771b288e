import type { Tip } from '../../../core/chart/marks.ts';
import { choiceScale, numberScale, rangeOf, type Scale } from '../../../core/chart/scale.ts';
import { numberText } from '../../../core/chart/ticks.ts';
import { violationOf } from '../results/best.ts';
import type { History } from '../sampler.ts';
import type { Parameter, Params, ParamValue } from '../space.ts';
import type { Trial } from '../trial.ts';

/** A study with what a picture of it says besides. */
export interface PlottedStudy extends History {
  readonly name: string;
  /** Names of the objectives, one for each direction. */
  readonly objectives: readonly string[];
  /** The point that people had before. */
  readonly base?: Params;
  /** When trials ran, by number, in seconds since the study began; without an end one that runs. */
  readonly times?: ReadonlyMap<number, { readonly start: number; readonly end?: number }>;
}

/** Most characters of a name or value in a tip. */
const LONGEST = 80;

/** A value of a parameter in few characters. */
export function valueText(value: ParamValue | undefined): string {
  if (value === undefined) return 'none';
  return typeof value === 'number' ? numberText(value) : shortText(String(value));
}

/** A text of a file, cut; markup and controls are left to who draws it. */
export function shortText(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** How a trial ended, in a word or two. */
export function stateText(trial: Trial): string {
  if (trial.state === 'FAIL') return trial.failure === undefined ? 'failed' : `failed: ${trial.failure}`;
  if (trial.state === 'COMPLETE') return violationOf(trial) > 0 ? 'infeasible' : 'complete';
  return trial.state.toLowerCase();
}

/** A trial as a tip: its number and state, its values, its parameters. */
export function trialTip({ objectives, space }: PlottedStudy, trial: Trial): Tip {
  const values = objectives.map((name, i) => `${shortText(name)} ${numberText(trial.values?.[i] ?? Number.NaN)}`);
  const params = space.parameters
    .filter(({ name }) => trial.params[name] !== undefined)
    .map(({ name }) => `${shortText(name)} ${valueText(trial.params[name])}`);
  return [`trial ${trial.number}: ${stateText(trial)}`, ...(trial.values ? values : []), ...params];
}

/** The axis of a parameter: the numbers it may have, or its choices. */
export function parameterScale(parameter: Parameter, most = 5): Scale<ParamValue> {
  if ('choices' in parameter) return choiceScale(parameter.choices, valueText);
  const { place, ticks } = numberScale(parameter, { most, ...(parameter.log && { log: true }) });
  return { place: (value) => place(Number(value)), ticks };
}

/** The axis of numbers that were measured; 0 to 1 where there are none. */
export function valueScale(values: readonly number[], most = 5): Scale<number> {
  return numberScale(rangeOf(values) ?? { low: 0, high: 1 }, { most });
}

/** The axis of trial numbers. */
export function trialScale({ trials }: PlottedStudy): Scale<number> {
  const last = trials.reduce((most, { number }) => Math.max(most, number), 1);
  const { place, ticks } = numberScale({ low: 0, high: last }, { most: Math.min(8, last), pad: 0.02 });
  return { place, ticks: ticks.filter(({ text }) => /^\d+$/.test(text)) };
}

/** `loss (small is good)`. */
export function objectiveText({ objectives, directions }: PlottedStudy, at: number): string {
  return `${objectives[at] ?? `objective ${at}`} (${directions[at] === 'maximize' ? 'large' : 'small'} is good)`;
}

/** Each different number of a list once, ascending; undefined is left out. */
export function finite(values: readonly (number | undefined)[]): number[] {
  return values.filter((value): value is number => value !== undefined && Number.isFinite(value));
}
