import { clip, width as columnsOf } from '../../../base/columns.ts';
import type { StyledLine } from '../../../base/styled-text.ts';
import { numberColumn } from '../../../core/chart/ticks.ts';
import { bestTrials, measuredTrials } from '../results/best.ts';
import { leaderboard } from '../results/leaderboard.ts';
import { bestSoFar } from '../results/progress.ts';
import { differenceText } from './board.ts';
import { importanceTargets } from './importance.ts';
import { objectiveText, type PlottedStudy, trialScale, valueScale } from './study.ts';
import {
  barText,
  cell,
  cut,
  drawTerminal,
  plain,
  signOf,
  type TerminalMark,
  type TerminalOptions,
} from './terminal-canvas.ts';

/** Widest chart: a wider one is no better to read. */
const WIDEST = 110;
/** Columns of rank and number in a leaderboard. */
const FRONT = 13;
/** Longest name of a parameter, in columns. */
const NAME = 32;

/** Values by trial with the best so far, one chart for each objective. [PL-11] */
export function terminalHistory(study: PlottedStudy, options: TerminalOptions): StyledLine[] {
  const measured = measuredTrials(study);
  const columns = Math.min(WIDEST, options.columns);
  const rows = options.rows ?? 12;
  const x = trialScale(study);
  return study.directions.flatMap((_, at): StyledLine[] => {
    const y = lifted(
      valueScale(
        measured.map(({ values }) => values[at]!),
        6,
      ),
      rows,
    );
    const steps = bestSoFar(study, at);
    const better = new Set(steps.filter(({ isBetter }) => isBetter).map(({ number }) => number));
    const values = new Map(measured.map((one) => [one.trial.number, one]));
    const across = (number: number): number => x.place(number) ?? 0;
    const line = stairMarks(steps, across, (value) => y.place(value) ?? 0, columns);
    const dots = study.trials.map(({ number }): TerminalMark => {
      const one = values.get(number);
      const up = one && y.place(one.values[at]!);
      if (!one || up === undefined) return { x: across(number), y: 0, sign: 'wrong', tone: 'wrong' };
      if (one.violation > 0) return { x: across(number), y: up, sign: 'infeasible', tone: 'wrong' };
      return better.has(number)
        ? { x: across(number), y: up, sign: 'best', tone: 'best' }
        : { x: across(number), y: up, sign: 'trial', tone: 'mark' };
    });
    dots.sort((a, b) => ORDER.indexOf(a.sign) - ORDER.indexOf(b.sign));
    return [
      [{ text: cut(`${objectiveText(study, at)} by trial`, columns, options), tone: 'name' }],
      ...drawTerminal([...line, ...dots], { x, y }, { ...options, columns, rows }),
      legend(
        measured.length < study.trials.length,
        measured.some(({ violation }) => violation > 0),
        options,
      ),
    ];
  });
}

/** A scale that leaves the lowest row of a chart to trials without a value. */
function lifted({ place, ticks }: Scale, rows: number): Scale {
  const lift = (at: number): number => (1 + at * (rows - 1)) / rows;
  return {
    place: (value) => {
      const at = place(value);
      return at === undefined ? undefined : lift(at);
    },
    ticks: ticks.map(({ at, text }) => ({ at: lift(at), text })),
  };
}

/** What covers what. */
const ORDER: readonly TerminalMark['sign'][] = ['line', 'wrong', 'trial', 'infeasible', 'best'];

/** Two objectives against each other with the front; of more the first two. [PL-11] */
export function terminalPareto(study: PlottedStudy, options: TerminalOptions): StyledLine[] {
  const measured = measuredTrials(study);
  if (study.directions.length < 2) return [[{ text: 'A front needs two objectives.' }]];
  const columns = Math.min(WIDEST, options.columns);
  const best = new Set(bestTrials(study).map(({ number }) => number));
  const [x, y] = [0, 1].map((at) =>
    valueScale(
      measured.map(({ values }) => values[at]!),
      6,
    ),
  ) as [Scale, Scale];
  const marks = measured.map(({ trial, values, violation }): TerminalMark => {
    const place = { x: x.place(values[0]!) ?? 0, y: y.place(values[1]!) ?? 0 };
    if (violation > 0) return { ...place, sign: 'infeasible', tone: 'wrong' };
    return best.has(trial.number)
      ? { ...place, sign: 'best', tone: 'best' }
      : { ...place, sign: 'trial', tone: 'mark' };
  });
  marks.sort((a, b) => ORDER.indexOf(a.sign) - ORDER.indexOf(b.sign));
  const under = cut(`${' '.repeat(8)}${objectiveText(study, 0)}`, columns, options);
  return [
    [{ text: cut(objectiveText(study, 1), columns, options), tone: 'name' }],
    ...drawTerminal(marks, { x, y }, { ...options, columns, rows: options.rows ?? 16 }),
    [{ text: under, tone: 'name' }],
    legend(
      false,
      measured.some(({ violation }) => violation > 0),
      options,
      'on the front',
    ),
  ];
}

type Scale = ReturnType<typeof valueScale>;

/** Bars of the importance of each parameter; those that chance may give have a question mark. [PL-11] */
export function terminalImportance(study: PlottedStudy, options: TerminalOptions): StyledLine[] {
  const targets = importanceTargets(study).filter(({ list }) => list.some(({ value }) => value > 0));
  if (targets.length === 0) return [[{ text: 'Too few measured trials that differ for importance.' }]];
  return targets.flatMap(({ name, list }, i): StyledLine[] => {
    const names = Math.min(NAME, Math.max(...list.map((one) => columnsOf(clip(one.name, NAME)))));
    const bars = Math.max(8, Math.min(40, options.columns - names - 10));
    const most = Math.max(0.01, ...list.map(({ share }) => share));
    const rows = list.map((one): StyledLine => {
      const isSure = one.chance === undefined || one.share > one.chance;
      const share = one.share > 0 && one.share < 0.01 ? '<1 %' : `${Math.round(one.share * 100)} %`;
      return [
        {
          text: `${cell(one.name, names, options)}  ${share.padStart(5)}${isSure ? '  ' : ' ?'}  `,
          ...(isSure ? {} : { tone: 'dim' }),
        },
        { text: barText(one.share / most, bars, options), tone: isSure ? 'mark' : 'dim' },
      ];
    });
    const hasChance = list.some(({ share, chance }) => chance !== undefined && share <= chance && share > 0);
    const title = cut(`importance for ${name}`, options.columns, options);
    return [
      ...(i > 0 ? [[]] : []),
      [{ text: title, tone: 'name' }],
      ...rows,
      ...(hasChance ? [[{ text: '?  no more than chance may give', tone: 'dim' } as const]] : []),
    ];
  });
}

/** The best trials, a line each: rank, number, values, what differs from the base. [PL-11] */
export function terminalLeaderboard(study: PlottedStudy, options: TerminalOptions, most = 10): StyledLine[] {
  const rows = leaderboard(study, study.base);
  if (rows.length === 0) return [[{ text: 'No trial has a value yet.' }]];
  const shown = rows.slice(0, most);
  const columns = study.objectives.map((name, i) => {
    const texts = numberColumn(shown.map(({ values }) => values[i]!)).map((text) => plain(text, options));
    const head = cell(name, Math.min(16, columnsOf(clip(name, 16))), options);
    const size = Math.max(columnsOf(head), ...texts.map(columnsOf));
    return { head: head.padStart(size), texts: texts.map((text) => text.padStart(size)) };
  });
  const narrow = Math.max(0, options.columns - FRONT);
  const head = cut(`${columns.map((one) => one.head).join('  ')}  `, narrow, options);
  const room = narrow - columnsOf(head);
  const about = study.base ? 'changed from the base' : 'parameters';
  const lines = shown.map((row, i): StyledLine => {
    const changes = row.differences.map((one) => differenceText(one, study.base !== undefined)).join(', ');
    const words = row.violation > 0 ? `infeasible; ${changes}` : changes || 'as the base';
    const front = `${String(row.rank).padStart(4)}  ${String(row.trial.number).padStart(5)}  `;
    const values = cut(`${columns.map(({ texts }) => texts[i]!).join('  ')}  `, narrow, options);
    return [
      { text: front + values, ...(row.isBest && { tone: 'best' as const }) },
      { text: cut(words, room, options), ...(row.violation > 0 && { tone: 'wrong' as const }) },
    ];
  });
  const left = rows.length - shown.length;
  return [
    [{ text: `rank  trial  ${head}${cut(about, room, options)}`, tone: 'dim' }],
    ...lines,
    ...(left > 0 ? [[{ text: `and ${left} more`, tone: 'dim' } as const]] : []),
  ];
}

/** The best so far as a line across all columns. */
function stairMarks(
  steps: ReturnType<typeof bestSoFar>,
  across: (number: number) => number,
  up: (value: number) => number,
  columns: number,
): TerminalMark[] {
  return steps.flatMap((step, i) => {
    const [from, to] = [across(step.number), steps[i + 1] ? across(steps[i + 1]!.number) : across(step.number)];
    const cells = Math.max(1, Math.ceil((to - from) * columns));
    return Array.from({ length: cells }, (_, k) => ({
      x: from + (k / cells) * (to - from),
      y: up(step.value),
      sign: 'line' as const,
      tone: 'best' as const,
    }));
  });
}

function legend(hasWrong: boolean, isLimited: boolean, options: TerminalOptions, best = 'new best'): StyledLine {
  const sign = (name: TerminalMark['sign']): string => signOf(name, options);
  return [
    { text: `    ${sign('best')}`, tone: 'best' },
    { text: ` ${best}  `, tone: 'dim' },
    { text: sign('trial'), tone: 'mark' },
    { text: ' trial', tone: 'dim' },
    ...(isLimited ? [{ text: `  ${sign('infeasible')} violates a constraint`, tone: 'wrong' } as const] : []),
    ...(hasWrong ? [{ text: `  ${sign('wrong')} no value`, tone: 'wrong' } as const] : []),
  ];
}
