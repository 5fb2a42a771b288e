import { clip, width as columnsOf } from '../../../base/columns.ts';
import type { Span, StyledLine } from '../../../base/styled-text.ts';
import { numberText } from '../../../core/chart/ticks.ts';
import { bestTrials, measuredTrials } from '../results/best.ts';
import { bestSoFar, hypervolumeSoFar, type Step } from '../results/progress.ts';
import type { PlottedStudy } from './study.ts';
import { terminalLeaderboard, terminalPareto } from './terminal.ts';
import { barText, cell, cut, plain, type TerminalOptions } from './terminal-canvas.ts';

/** What happens in a study now, in words of whoever runs it. */
export interface LiveStudy {
  /** Trials in all. */
  readonly budget: number;
  readonly running: readonly LiveTrial[];
  /** How long it has run and may take yet, in words. */
  readonly time: string;
  /** What is to be done by whoever looks. */
  readonly notice?: string;
}

/** A trial that runs. */
export interface LiveTrial {
  readonly number: number;
  readonly runner: string;
  /** `ImageBlur (5)`, `measuring`. */
  readonly doing: string;
  /** How much of that is done, from 0 to 1, where it tells. */
  readonly part?: number;
  readonly time: string;
}

/** Rows of a front among other things, and what its axes and legend take besides. */
const FRONT = { rows: 6, around: 5 };
/** Rows of a leaderboard: a front is only drawn where so many remain, and more are not shown. */
const LEAST = 6;
const MOST = 10;
/** Columns below which a front shows nothing. */
const NARROW = 40;
/** Columns of a bar, and of the course of a study. */
const BAR = 16;
const COURSE = 40;
const LEVELS = '▁▂▃▄▅▆▇█';
const ASCII_LEVELS = '_.:-=+*#';

/**
 * A running study in the rows of a terminal: how far it is, what runs where, the best trials, of two objectives the front
 * where there is room, and the course of the best value or of the hypervolume. [PL-12]
 */
export function terminalBoard(
  study: PlottedStudy,
  live: LiveStudy,
  options: TerminalOptions & { readonly rows: number },
): StyledLine[] {
  const top = [titleLine(study, live, options), ...live.running.map((one) => runningLine(one, options))];
  const course = courseLine(study, options);
  const bottom: StyledLine[] = [
    ...(course ? [course] : []),
    ...(live.notice === undefined
      ? []
      : [[{ text: cut(live.notice, options.columns, options), tone: 'best' as const }]]),
  ];
  const room = options.rows - top.length - bottom.length;
  const measured = measuredTrials(study).length;
  const isFlat = study.directions.length === 2 && measured > 2;
  const hasFront = isFlat && options.columns >= NARROW && room >= FRONT.rows + FRONT.around + LEAST + 2;
  const front = hasFront ? terminalPareto(study, { ...options, rows: FRONT.rows }) : [];
  // A heading above, and below what is left out.
  const most = Math.min(MOST, room - front.length - 2);
  const board = most < 1 ? [] : terminalLeaderboard(study, options, most);
  return [...top, ...board, ...front, ...bottom].slice(0, options.rows).map((line) => fitted(line, options));
}

function titleLine({ name, trials }: PlottedStudy, { budget, time }: LiveStudy, options: TerminalOptions): StyledLine {
  const ended = trials.filter(({ state }) => state !== 'RUNNING' && state !== 'WAITING');
  const failed = ended.filter(({ state }) => state === 'FAIL').length;
  const pruned = ended.filter(({ state }) => state === 'PRUNED').length;
  const told = [
    `${ended.length} of ${budget} trials`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(pruned > 0 ? [`${pruned} pruned`] : []),
  ].join(', ');
  const title = clip(name, Math.min(40, options.columns));
  const rest = cut(`  ${told}  ${time}`, options.columns - columnsOf(title), options);
  return [{ text: plain(title, options), tone: 'name' }, { text: rest }];
}

function runningLine({ number, runner, doing, part, time }: LiveTrial, options: TerminalOptions): StyledLine {
  const head = `  ${cell(runner, Math.min(12, columnsOf(clip(runner, 12))), options)}  trial ${number}  `;
  const bar: Span[] = [];
  if (part !== undefined && options.columns > 60) {
    bar.push({ text: cell(barText(part, BAR, options), BAR, options), tone: 'mark' }, { text: ' ' });
  }
  const used = columnsOf(head) + (bar.length > 0 ? BAR + 1 : 0);
  const rest = cut(`${doing}  ${time}`, Math.max(0, options.columns - used), options);
  return [{ text: cut(head, options.columns, options), tone: 'dim' }, ...bar, { text: rest, tone: 'dim' }];
}

/** The best value, or the hypervolume, after each trial; undefined while there is none. */
function courseLine(study: PlottedStudy, options: TerminalOptions): StyledLine | undefined {
  const isOne = study.directions.length === 1;
  const steps = isOne ? bestSoFar(study) : hypervolumeSoFar(study, study.reference);
  const last = steps.findLast(({ isBetter }) => isBetter);
  if (!last) return undefined;
  const count = bestTrials(study).length;
  const name = isOne ? 'best' : 'hypervolume';
  const told = isOne
    ? `${study.objectives[0]} ${numberText(last.value)}, trial ${last.number}`
    : `${count} on the front, the last by trial ${last.number}`;
  const room = Math.max(0, Math.min(COURSE, options.columns - columnsOf(name) - 4 - columnsOf(told)));
  const line = spark(steps, isOne && study.directions[0] === 'minimize', room, options);
  const text = cut(`  ${told}`, Math.max(0, options.columns - columnsOf(name) - 2 - columnsOf(line)), options);
  return [{ text: cut(`${name}  `, options.columns, options), tone: 'dim' }, { text: line, tone: 'best' }, { text }];
}

/** A line cut to the columns that there are. */
function fitted(line: StyledLine, options: TerminalOptions): StyledLine {
  let left = options.columns;
  return line.map((span) => {
    const text = cut(span.text, left, options);
    left -= columnsOf(text);
    return { ...span, text };
  });
}

/** Steps as a row of bars, the highest what is best. */
function spark(steps: readonly Step[], isSmallGood: boolean, columns: number, options: TerminalOptions): string {
  const values = steps.map(({ value }) => (isSmallGood ? -value : value));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const levels = options.ascii ? ASCII_LEVELS : LEVELS;
  const cells = Math.min(columns, values.length);
  return Array.from({ length: cells }, (_, i) => {
    // The last of those that share a column.
    const value = values[Math.ceil(((i + 1) * values.length) / cells) - 1]!;
    const share = high > low ? (value - low) / (high - low) : 1;
    return levels[Math.min(levels.length - 1, Math.floor(share * levels.length))]!;
  }).join('');
}
