import type { Chart, LegendEntry } from '../../../core/chart/document.ts';
import { cross, dot, path, type Spot } from '../../../core/chart/marks.ts';
import { type Drawn, drawPanel } from '../../../core/chart/panel.ts';
import { measuredTrials } from '../results/best.ts';
import { bestSoFar, hypervolumeSoFar, type Step } from '../results/progress.ts';
import { objectiveText, type PlottedStudy, trialScale, trialTip, valueScale } from './study.ts';

const HEIGHT = 230;
const WIDTHS = [900, 460];

/** Signs of trials that all charts share. */
export const SIGNS = {
  complete: { sign: dot({ x: 0, y: 0 }, '', ['complete']), text: 'trial' },
  best: { sign: dot({ x: 0, y: 0 }, 'cwf-best', ['best'], 4), text: 'best' },
  infeasible: { sign: dot({ x: 0, y: 0 }, 'cwf-hollow', ['infeasible']), text: 'violates a constraint' },
  other: { sign: cross({ x: 0, y: 0 }, ['no value']), text: 'no value: failed, pruned or running' },
} satisfies Record<string, LegendEntry>;

/** Values by trial with the best so far: a panel for each objective, of several one of the hypervolume, too. */
export function plotHistory(study: PlottedStudy): Chart {
  const isOne = study.directions.length === 1;
  const width = WIDTHS[isOne ? 0 : 1]!;
  const measured = measuredTrials(study);
  const panels = study.directions.map((_, at) => drawObjective(study, at, width));
  return {
    title: `${study.name}: history`,
    panels: isOne ? panels : [...panels, drawVolume(study, width)],
    legend: [
      SIGNS.complete,
      SIGNS.best,
      ...(measured.some(({ violation }) => violation > 0) ? [SIGNS.infeasible] : []),
      ...(measured.length < study.trials.length ? [SIGNS.other] : []),
    ],
  };
}

function drawObjective(study: PlottedStudy, at: number, width: number): Drawn {
  const measured = measuredTrials(study);
  const steps = bestSoFar(study, at);
  const better = new Set(steps.filter(({ isBetter }) => isBetter).map(({ number }) => number));
  const values = new Map(measured.map((one) => [one.trial.number, one]));
  return drawPanel<number, number>({
    x: { scale: trialScale(study), label: 'trial' },
    y: { scale: valueScale(measured.map((one) => one.values[at]!)), label: objectiveText(study, at) },
    width,
    height: HEIGHT,
    marks: (spot, { top, height }) => [
      stair(steps, spot),
      ...study.trials.map((trial) => {
        const one = values.get(trial.number);
        const place = one && spot(trial.number, one.values[at]!);
        if (!one || !place) {
          return cross({ x: spot(trial.number, 0)?.x ?? 0, y: top + height - 6 }, trialTip(study, trial));
        }
        const isBetter = better.has(trial.number);
        const name = one.violation > 0 ? 'cwf-hollow' : isBetter ? 'cwf-best' : '';
        return dot(place, name, trialTip(study, trial), isBetter ? 4.2 : 3.2);
      }),
    ],
  });
}

function drawVolume(study: PlottedStudy, width: number): Drawn {
  const steps = hypervolumeSoFar(study, study.reference);
  return drawPanel<number, number>({
    x: { scale: trialScale(study), label: 'trial' },
    y: { scale: valueScale(steps.map(({ value }) => value)), label: 'hypervolume of the front (large is good)' },
    width,
    height: HEIGHT,
    marks: (spot) => [
      stair(steps, spot),
      ...steps.flatMap(({ number, value, isBetter }) => {
        const place = isBetter && spot(number, value);
        return place ? [dot(place, 'cwf-best', [`trial ${number}: hypervolume ${value.toPrecision(4)}`], 3.2)] : [];
      }),
    ],
  });
}

function stair(steps: readonly Step[], spot: (x: number, y: number) => Spot | undefined): string {
  const spots = steps.flatMap(({ number, value }) => spot(number, value) ?? []);
  return spots.length > 1 ? path(spots, 'cwf-best', undefined, true) : '';
}
