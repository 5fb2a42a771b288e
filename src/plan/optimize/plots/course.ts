import type { Chart } from '../../../core/chart/document.ts';
import { bar, dot, path } from '../../../core/chart/marks.ts';
import { drawPanel } from '../../../core/chart/panel.ts';
import { numberScale } from '../../../core/chart/scale.ts';
import { bestTrials } from '../results/best.ts';
import type { Trial } from '../trial.ts';
import { finite, objectiveText, type PlottedStudy, stateText, trialScale, trialTip, valueScale } from './study.ts';

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
    marks: (spot) =>
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

/** When each trial ran, a bar each, by number; what runs ends at the last time that is known. */
export function plotTimeline(study: PlottedStudy): Chart {
  const { times = new Map() } = study;
  const title = `${study.name}: timeline`;
  const drawn = study.trials.filter(({ number }) => times.has(number));
  if (drawn.length === 0) return { title, panels: [], remarks: ['No trial has a time.'] };
  const ends = finite(drawn.flatMap(({ number }) => [times.get(number)?.start, times.get(number)?.end]));
  const last = ends.reduce((most, end) => Math.max(most, end), 0);
  const [, unit, name] = UNITS.find(([from]) => last >= from)!;
  const best = new Set(bestTrials(study).map(({ number }) => number));
  const height = Math.min(600, Math.max(80, drawn.length * 14));
  const thick = Math.max(1, Math.min(11, (height / drawn.length) * 0.75));
  const panel = drawPanel<number, number>({
    x: { scale: numberScale({ low: 0, high: last / unit }, { most: 8, pad: 0.01 }), label: `${name} since the start` },
    y: { scale: trialScale(study), label: 'trial' },
    width: 900,
    height,
    marks: (spot) =>
      drawn.flatMap((trial) => {
        const { start, end } = times.get(trial.number)!;
        const [from, to] = [spot(start / unit, trial.number), spot((end ?? last) / unit, trial.number)];
        if (!from || !to) return [];
        const kind = best.has(trial.number) ? 'cwf-best' : trial.state === 'COMPLETE' ? '' : 'cwf-wrong';
        const took = end === undefined ? 'not over' : `${((end - start) / unit).toPrecision(3)} ${name}`;
        const tip = [`trial ${trial.number}: ${stateText(trial)}`, took];
        return [bar({ x: from.x, y: from.y - thick / 2 }, to.x - from.x, thick, kind, tip)];
      }),
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
  };
}
