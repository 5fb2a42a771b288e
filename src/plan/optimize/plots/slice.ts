import type { Chart } from '../../../core/chart/document.ts';
import { dot } from '../../../core/chart/marks.ts';
import { type Drawn, drawPanel } from '../../../core/chart/panel.ts';
import { shade } from '../../../core/chart/style.ts';
import { bestTrials, measuredTrials } from '../results/best.ts';
import type { Parameter, ParamValue } from '../space.ts';
import { SIGNS } from './history.ts';
import { objectiveText, type PlottedStudy, parameterScale, trialTip, valueScale } from './study.ts';

const WIDTH = 280;
const HEIGHT = 180;
/** Least width of a choice: its label is turned, but not on top of the next one. */
const CHOICE = 15;

/** One objective by each parameter, a panel each; later trials are stronger in colour. */
export function plotSlices(study: PlottedStudy, objective = 0): Chart {
  const measured = measuredTrials(study);
  return {
    title: `${study.name}: ${study.objectives[objective] ?? ''} by parameter`,
    panels: measured.length === 0 ? [] : study.space.parameters.map((one) => drawSlice(study, one, objective)),
    legend:
      measured.length === 0
        ? []
        : [
            { sign: dot({ x: 0, y: 0 }, shade(0), ['early']), text: 'early' },
            { sign: dot({ x: 0, y: 0 }, shade(1), ['late']), text: 'late' },
            SIGNS.best,
            ...(measured.some(({ violation }) => violation > 0) ? [SIGNS.infeasible] : []),
          ],
    remarks: measured.length === 0 ? ['No trial has a value yet.'] : [],
  };
}

function drawSlice(study: PlottedStudy, parameter: Parameter, objective: number): Drawn {
  const measured = measuredTrials(study);
  const best = new Set(bestTrials(study).map(({ number }) => number));
  const choices = 'choices' in parameter ? parameter.choices.length : 0;
  const last = measured.at(-1)?.trial.number || 1;
  const scale = parameterScale(parameter);
  // Trials of one choice stand beside each other, or one dot would hide the others.
  const spread = choices > 0 ? 0.5 * Math.min(40, WIDTH / choices) : 0;
  const drawn = measured.filter(({ trial }) => trial.params[parameter.name] !== undefined);
  const ordered = [...drawn].sort((a, b) => Number(best.has(a.trial.number)) - Number(best.has(b.trial.number)));
  return drawPanel<ParamValue, number>({
    x: { scale, label: parameter.name },
    y: { scale: valueScale(measured.map(({ values }) => values[objective]!)), label: objectiveText(study, objective) },
    width: Math.max(WIDTH, choices * CHOICE),
    height: HEIGHT,
    marks: (spot) =>
      ordered.flatMap(({ trial, values, violation }) => {
        const place = spot(trial.params[parameter.name]!, values[objective]!);
        if (!place) return [];
        const isBest = best.has(trial.number);
        const name = violation > 0 ? 'cwf-hollow' : isBest ? 'cwf-best' : shade(trial.number / last);
        const x = place.x + spread * (((trial.number * 0.618034) % 1) - 0.5);
        return [dot({ x, y: place.y }, name, trialTip(study, trial), isBest ? 4.2 : 3)];
      }),
  });
}
