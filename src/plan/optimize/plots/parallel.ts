import type { Chart } from '../../../core/chart/document.ts';
import { lineGroup, path, rule, type Spot } from '../../../core/chart/marks.ts';
import { type Drawn, label } from '../../../core/chart/panel.ts';
import type { Scale } from '../../../core/chart/scale.ts';
import { shade } from '../../../core/chart/style.ts';
import { element as el, escapeText } from '../../../core/picture/markup.ts';
import { fitText } from '../../../core/picture/measure.ts';
import { bestTrials, measuredTrials } from '../results/best.ts';
import type { ParamValue } from '../space.ts';
import type { Trial } from '../trial.ts';
import { objectiveText, type PlottedStudy, parameterScale, trialTip, valueScale } from './study.ts';

const HEIGHT = 300;
/** Height for each choice of a list that is longer than that. */
const CHOICE = 13;
/** Width of all columns, and the least and greatest distance of two. */
const WIDTH = 1000;
const APART = { least: 72, most: 170 };
const TOP = 42;

interface Column {
  readonly name: string;
  readonly scale: Scale<ParamValue>;
  readonly isConditional: boolean;
  of(trial: Trial): ParamValue | undefined;
}

/** A line for each trial through all parameters to the objectives; better ones are stronger in colour and on top. */
export function plotParallel(study: PlottedStudy, objective = 0): Chart {
  const measured = measuredTrials(study);
  const lines = (name: string) =>
    path(
      [
        { x: -7, y: 0 },
        { x: 7, y: 0 },
      ],
      name,
    );
  return {
    title: `${study.name}: parallel coordinates`,
    panels: measured.length === 0 ? [] : [drawColumns(study, objective)],
    legend:
      measured.length === 0
        ? []
        : [
            { sign: lines(shade(0)), text: `worse in ${study.objectives[objective] ?? 'the objective'}` },
            { sign: lines(shade(1)), text: 'better' },
            { sign: lines('cwf-best'), text: 'best' },
          ],
    remarks: measured.length === 0 ? ['No trial has a value yet.'] : [],
  };
}

function drawColumns(study: PlottedStudy, objective: number): Drawn {
  const measured = measuredTrials(study);
  const columns = columnsOf(study);
  const choices = Math.max(0, ...columns.map(({ scale }) => (scale.band ? scale.ticks.length : 0)));
  const height = Math.max(HEIGHT, choices * CHOICE);
  const hasInactive = columns.some(({ isConditional }) => isConditional);
  const best = new Set(bestTrials(study).map(({ number }) => number));
  // By rank: each shade is as many trials, however far off the worst ones lie.
  const sorted = measured.map(({ losses }) => losses[objective]!).sort((a, b) => a - b);
  const goodness = (loss: number): number => 1 - sorted.indexOf(loss) / sorted.length;
  const rank = (one: (typeof measured)[number]): number =>
    best.has(one.trial.number) ? 2 : one.violation > 0 ? -1 : goodness(one.losses[objective]!);
  const floor = TOP + height;
  const apart = Math.min(APART.most, Math.max(APART.least, WIDTH / (columns.length - 1)));
  const leftOf = (column: number): number => 50 + column * apart;
  const spotOf = (trial: Trial, { scale, of }: Column, i: number): Spot => {
    const value = of(trial);
    const at = value === undefined ? undefined : scale.place(value);
    return { x: leftOf(i), y: at === undefined ? floor + 22 : TOP + (1 - at) * height };
  };
  const lines = [...measured]
    .sort((a, b) => rank(a) - rank(b) || b.trial.number - a.trial.number)
    .map((one) => {
      const { trial, losses, violation } = one;
      const name = best.has(trial.number)
        ? 'cwf-best'
        : violation > 0
          ? 'cwf-wrong'
          : shade(goodness(losses[objective]!));
      return path(
        columns.map((column, i) => spotOf(trial, column, i)),
        `cwf-trial ${name}`,
        trialTip(study, trial),
      );
    });
  return {
    markup: [
      lineGroup(lines),
      ...columns.map((column, i) => drawAxis(column, leftOf(i), height, apart, i % 2 === 1)),
    ].join(''),
    width: leftOf(columns.length - 1) + 80,
    height: floor + (hasInactive ? 32 : 8),
  };
}

function columnsOf(study: PlottedStudy): Column[] {
  const measured = measuredTrials(study);
  const parameters = study.space.parameters.map((parameter): Column => {
    const { name, when = [] } = parameter;
    return { name, scale: parameterScale(parameter), isConditional: when.length > 0, of: ({ params }) => params[name] };
  });
  const objectives = study.directions.map((_, at): Column => {
    const { place, ticks } = valueScale(measured.map(({ values }) => values[at]!));
    return {
      name: objectiveText(study, at),
      scale: { place: (value) => place(Number(value)), ticks },
      isConditional: false,
      of: ({ values }) => values?.[at],
    };
  });
  return [...parameters, ...objectives];
}

/** The axis of one column; names stand in two rows, so that long ones have room. */
function drawAxis(
  { name, scale, isConditional }: Column,
  x: number,
  height: number,
  apart: number,
  isLower: boolean,
): string {
  const floor = TOP + height;
  const ticks = scale.ticks.map(({ at, text }) => {
    const y = TOP + (1 - at) * height;
    const words = { class: 'cwf-tick', x: x + 6, y: y + 4 };
    return rule({ x: x - 3, y }, { x: x + 3, y }) + halo(fitText(text, Math.max(40, apart - 30), 11), words);
  });
  const inactive = { class: 'cwf-tick', x: x + 6, y: floor + 26 };
  return [
    el('g', { 'text-anchor': 'middle' }, label(name, { x, y: isLower ? 28 : 12 }, 2 * apart - 24, '')),
    rule({ x, y: TOP }, { x, y: floor }, 'cwf-axis'),
    ...ticks,
    ...(isConditional ? [halo('none', inactive)] : []),
  ].join('');
}

/** A text that stands out from the lines behind it. */
function halo(text: string, attributes: Readonly<Record<string, string | number>>): string {
  return el('text', { ...attributes, class: `${attributes['class']} cwf-halo` }, escapeText(text));
}
