import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { numberScale, type Scale } from '../../../src/core/chart/scale.ts';
import type { Parameter, ParamValue } from '../../../src/plan/optimize/space.ts';
import type { Objective } from '../../../src/plan/optimize/study/definition.ts';
import type { ReportedTrial, StudyReport } from '../../../src/porcelain/study-report.ts';
import { longText, type ValueScale, valueScale, valueText } from '../charts/numbers.ts';

/** What all parts of a study's page share. */
export interface Watched {
  readonly report: StudyReport;
  /** The trial that is pointed at, in whichever chart or table. */
  readonly current: number | undefined;
  setCurrent(trial: number | undefined): void;
  /** Trials that are compared. */
  readonly chosen: ReadonlySet<number>;
  toggle(trial: number): void;
  /** Whether a trial passes the filters. */
  isShown(trial: ReportedTrial): boolean;
  /** Grows with every filter that is set: charts are drawn anew then. */
  readonly filter: Filter;
  setFilter(filter: Filter): void;
  open(trial: number): void;
}

/** The study that a part belongs to. */
export const StudyContext = createContext<Watched | undefined>(undefined);

/** The study around a component. */
export function useStudy(): Watched {
  return useContext(StudyContext)!;
}

/** What trials must be like to be shown, by the names of columns. */
export type Filter = Readonly<Record<string, Bounds>>;

/** Numbers within ends, or some of the choices. */
export interface Bounds {
  readonly low?: number;
  readonly high?: number;
  readonly choices?: readonly ParamValue[];
}

/** One thing that trials differ in: a parameter, or what they are ranked by. */
export interface Dimension {
  readonly name: string;
  /** With what is good, for what is measured. */
  readonly title: string;
  readonly scale: Scale<ParamValue>;
  readonly choices?: readonly ParamValue[];
  /** Whether its axis is one of logarithms. */
  readonly isLog: boolean;
  readonly range?: { readonly low: number; readonly high: number };
  of(trial: ReportedTrial): ParamValue | undefined;
}

/** The parameters of a study, then what its trials are ranked by. */
export function dimensionsOf(report: StudyReport): Dimension[] {
  const { parameters, ranked } = report;
  return [
    ...parameters.map(parameterDimension),
    ...ranked.map((objective, at): Dimension => {
      const { place, ticks, isLog, low, high } = scoreScale(report, at);
      return {
        name: objective.name,
        title: `${objective.name} ${objective.direction === 'maximize' ? '↑' : '↓'}`,
        scale: { place: (value) => place(Number(value)), ticks },
        isLog,
        range: { low, high },
        of: ({ scores }) => scores?.[at],
      };
    }),
  ];
}

/** The axis of one of `ranked`, on which the best trials stand where they are. */
export function scoreScale({ trials }: StudyReport, objective: number, most = 5): ValueScale {
  const values = (list: readonly ReportedTrial[]): number[] => list.flatMap(({ scores }) => scores?.[objective] ?? []);
  return valueScale(values(trials), { most, shown: values(trials.filter(({ best }) => best)) });
}

function parameterDimension(parameter: Parameter): Dimension {
  const { name } = parameter;
  const of = ({ params }: ReportedTrial): ParamValue | undefined => params[name];
  if ('choices' in parameter) {
    const { choices } = parameter;
    return { name, title: name, scale: scaleOf(parameter), choices, isLog: false, of };
  }
  const { low, high, log = false } = parameter;
  return { name, title: name, scale: scaleOf(parameter), isLog: log && low > 0, range: { low, high }, of };
}

/** The axis of a parameter: the numbers it may have, or its choices, the first at the bottom. */
export function scaleOf(parameter: Parameter, most = 5): Scale<ParamValue> {
  if ('choices' in parameter) {
    const { choices } = parameter;
    const at = new Map(choices.map((choice, i) => [choice, (i + 0.5) / choices.length]));
    return {
      place: (value) => at.get(value),
      band: 1 / choices.length,
      ticks: choices.map((choice) => ({ at: at.get(choice)!, text: valueText(choice) })),
    };
  }
  const { place, ticks } = numberScale(parameter, { most, ...(parameter.log && { log: true }) });
  return { place: (value) => place(Number(value)), ticks };
}

/** Room beyond both ends of an axis of numbers, as `numberScale` has it. */
const PAD = 0.04;

/** What a part of an axis holds, from and to as parts of it, 0 at the bottom. */
export function boundsBetween({ choices, scale, range, isLog }: Dimension, from: number, to: number): Bounds {
  if (choices)
    return {
      choices: choices.filter((choice) => {
        const at = scale.place(choice)!;
        const half = (scale.band ?? 0) / 2;
        return at + half > from && at - half < to;
      }),
    };
  const { low, high } = range ?? { low: 0, high: 1 };
  const value = (at: number): number => {
    const part = (at - PAD) / (1 - 2 * PAD);
    return isLog ? low * (high / low) ** part : low + part * (high - low);
  };
  return {
    ...(from > PAD ? { low: Number(value(from).toPrecision(4)) } : {}),
    ...(to < 1 - PAD ? { high: Number(value(to).toPrecision(4)) } : {}),
  };
}

/** Whether a trial passes a filter. */
export function passes(trial: ReportedTrial, filter: Filter, dimensions: readonly Dimension[]): boolean {
  return dimensions.every(({ name, of }) => {
    const bounds = filter[name];
    if (!bounds) return true;
    const value = of(trial);
    if (bounds.choices) return value !== undefined && bounds.choices.includes(value);
    const number = Number(value ?? Number.NaN);
    return number >= (bounds.low ?? Number.NEGATIVE_INFINITY) && number <= (bounds.high ?? Number.POSITIVE_INFINITY);
  });
}

/** `loss, small is good`. */
export function goodText({ name, direction }: Objective): string {
  return `${name}, ${direction === 'maximize' ? 'large' : 'small'} is good`;
}

/** How a trial ended, in a word or two. */
export function stateText({ state, failure, violation = 0, copies }: ReportedTrial): string {
  if (copies !== undefined) return `as trial ${copies}`;
  if (state === 'FAIL') return failure === undefined ? 'failed' : `failed: ${failure}`;
  if (state === 'COMPLETE') return violation > 0 ? 'over a limit' : 'complete';
  return state.toLowerCase();
}

/** A trial as a tip: its number and state, its values, what differs from the base. */
export function trialTip({ ranked, point }: StudyReport, trial: ReportedTrial): string[] {
  const { number, rank, scores, differences, reason } = trial;
  return [
    `Trial ${number}${rank === undefined ? '' : `, rank ${rank}`}: ${stateText(trial)}`,
    ...(scores ? ranked.map(({ name }, at) => `${name} ${longText(scores[at])}`) : reason ? [reason] : []),
    ...differences
      .slice(0, 6)
      .map(({ name, from, to }) =>
        point ? `${name} ${valueText(from) || 'none'} → ${valueText(to) || 'none'}` : `${name} ${valueText(to)}`,
      ),
  ];
}

/** What differs from the base in one line. */
export function changesText({ point }: StudyReport, { differences }: ReportedTrial): string {
  if (differences.length === 0) return 'as the base';
  return differences
    .map(({ name, from, to }) =>
      point ? `${name} ${valueText(from) || 'none'} → ${valueText(to) || 'none'}` : `${name} ${valueText(to)}`,
    )
    .join(', ');
}

/** By what part of the measured trials each is better, 0 to 1, in one of `ranked`; by number. */
export function goodnessOf({ ranked, trials }: StudyReport, objective: number): ReadonlyMap<number, number> {
  const sign = ranked[objective]?.direction === 'maximize' ? -1 : 1;
  const measured = trials.filter(({ scores }) => scores !== undefined);
  const sorted = measured.map(({ scores }) => sign * scores![objective]!).sort((a, b) => a - b);
  return new Map(
    measured.map(({ number, scores }) => [number, 1 - sorted.indexOf(sign * scores![objective]!) / sorted.length]),
  );
}

/** The step of eight that a part, 0 to 1, has in colour: `shade-0` faint, `shade-7` strong. */
export function shade(part: number): string {
  return `shade-${Math.min(7, Math.max(0, Math.floor(part * 8)))}`;
}

/** Names a trial to every command. */
export function trialRev({ study }: StudyReport, number: number): string {
  return `trial/${study}/${number}`;
}
