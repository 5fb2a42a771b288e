import type { Chart } from '../../../core/chart/document.ts';
import { bar, dot, lineGroup, path } from '../../../core/chart/marks.ts';
import { drawPanel } from '../../../core/chart/panel.ts';
import { choiceScale, numberScale } from '../../../core/chart/scale.ts';
import { numberText } from '../../../core/chart/ticks.ts';
import { bestTrials } from '../results/best.ts';
import type { Trial } from '../trial.ts';
import { finite, objectiveText, type PlottedStudy, stateText, trialTip, valueScale } from './study.ts';

/** What trials reported on their way, a line each; pruned ones are dashed. */
export function plotIntermediate(study: PlottedStudy, objective = 0): Chart {
  const reported = study.trials.filter(({ intermediate }) => intermediate.length > 0);
  const steps = finite(reported.flatMap(({ intermediate }) => intermediate.map(({ step }) => step)));
  const values = finite(reported.flatMap(({ intermediate }) => intermediate.map((one) => one.values[objective])));
  const best = new Set(bestTrials(study).map(({ number }) => number));
  const title = `${study.name}: intermediate values`;
  if (values.length === 0) return { title, panels: [], remarks: ['No trial reported anything on its way.'] };
  const [low, high] = [Math.min(...steps), Math.max(...steps)];
  const order = [...reported].sort((a, b) => weight(a, best) - weight(b, best));
  const panel = drawPanel<number, number>({
    x: { scale: numberScale({ low, high }, { most: 8, pad: 0.02 }), label: 'step' },
    y: { scale: valueScale(values), label: objectiveText(study, objective) },
    width: 900,
    height: 260,
    marks: (spot) => [
      lineGroup(
        order.map((trial) => {
          const spots = [...trial.intermediate]
            .sort((a, b) => a.step - b.step)
            .flatMap((one) => spot(one.step, one.values[objective] ?? Number.NaN) ?? []);
          const name = best.has(trial.number) ? 'cwf-best' : trial.state === 'COMPLETE' ? '' : 'cwf-wrong';
          const tip = trialTip(study, trial);
          // One report is a point; a line has no length then.
          return spots.length === 1
            ? dot(spots[0]!, name === 'cwf-wrong' ? 'cwf-hollow' : name, tip, 2.6)
            : path(spots, `cwf-trial ${name}`, tip);
        }),
      ),
    ],
  });
  const line = (name: string) =>
    path(
      [
        { x: -7, y: 0 },
        { x: 7, y: 0 },
      ],
      name,
    );
  return {
    title,
    panels: [panel],
    legend: [
      { sign: line(''), text: 'complete' },
      { sign: line('cwf-best'), text: 'best' },
      { sign: line('cwf-wrong'), text: 'pruned, failed or running' },
    ],
  };
}

function weight({ number, state }: Trial, best: ReadonlySet<number>): number {
  return best.has(number) ? 2 : state === 'COMPLETE' ? 1 : 0;
}

/** Units of a time axis in seconds. */
const UNITS = [
  [86_400 * 3, 86_400, 'days'],
  [3_600 * 3, 3_600, 'hours'],
  [60 * 3, 60, 'minutes'],
  [0, 1, 'seconds'],
] as const;

/** Height of the row of one worker. */
const ROW = 26;
const MOST_ROWS = 24;

/**
 * When each trial ran, a bar each, in as few rows as run at once: a study of one worker has one row. What runs ends at the
 * last time that is known.
 */
export function plotTimeline(study: PlottedStudy): Chart {
  const { times = new Map() } = study;
  const title = `${study.name}: timeline`;
  const known = study.trials.filter(({ number }) => times.has(number));
  if (known.length === 0) return { title, panels: [], remarks: ['No trial has a time.'] };
  const ends = finite(known.flatMap(({ number }) => [times.get(number)?.start, times.get(number)?.end]));
  const last = ends.reduce((most, end) => Math.max(most, end), 0);
  const [, unit, name] = UNITS.find(([from]) => last >= from)!;
  const best = new Set(bestTrials(study).map(({ number }) => number));
  const spans = known.map((trial) => {
    const { start, end } = times.get(trial.number)!;
    return { trial, start, end, until: end ?? last };
  });
  const rows = rowsOf(spans);
  const drawn = rows.slice(0, MOST_ROWS);
  const panel = drawPanel<number, number>({
    x: { scale: numberScale({ low: 0, high: last / unit }, { most: 8, pad: 0.01 }), label: `${name} since the start` },
    y: { scale: choiceScale([...drawn.keys()].reverse(), (row) => String(row + 1)), label: 'trials at once' },
    width: 900,
    height: drawn.length * ROW,
    marks: (spot) =>
      drawn.flatMap((row, at) =>
        row.flatMap(({ trial, start, end, until }) => {
          const [from, to] = [spot(start / unit, at), spot(until / unit, at)];
          if (!from || !to) return [];
          const kind = best.has(trial.number) ? 'cwf-best' : trial.state === 'COMPLETE' ? '' : 'cwf-wrong';
          const took = end === undefined ? 'not over' : `${numberText((end - start) / unit)} ${name}`;
          const tip = [`trial ${trial.number}: ${stateText(trial)}`, took];
          const width = to.x - from.x;
          // A gap between neighbours, where there is room for one.
          return [bar({ x: from.x, y: from.y - ROW / 2 + 5 }, width > 3 ? width - 1 : width, ROW - 10, kind, tip)];
        }),
      ),
  });
  const sign = (kind: string) => bar({ x: -6, y: -5 }, 12, 10, kind, [kind]);
  return {
    title,
    panels: [panel],
    legend: [
      { sign: sign(''), text: 'complete' },
      { sign: sign('cwf-best'), text: 'best' },
      { sign: sign('cwf-wrong'), text: 'pruned, failed or running' },
    ],
    remarks: rows.length > MOST_ROWS ? [`${MOST_ROWS} of ${rows.length} rows are drawn.`] : [],
  };
}

/** Spans in rows in which none overlaps another: each in the first row that is free. */
function rowsOf<Span extends { readonly start: number; readonly until: number }>(spans: readonly Span[]): Span[][] {
  const rows: Span[][] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const free = rows.find((row) => row.at(-1)!.until <= span.start);
    if (free) free.push(span);
    else rows.push([span]);
  }
  return rows;
}
