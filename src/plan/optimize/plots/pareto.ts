import type { Chart } from '../../../core/chart/document.ts';
import { dot, path } from '../../../core/chart/marks.ts';
import { type Drawn, drawPanel } from '../../../core/chart/panel.ts';
import { shade } from '../../../core/chart/style.ts';
import { bestTrials, measuredTrials } from '../results/best.ts';
import { SIGNS } from './history.ts';
import { objectiveText, type PlottedStudy, trialTip, valueScale } from './study.ts';

const SIZES = [
  { width: 560, height: 380 },
  { width: 420, height: 300 },
];
/** Most pairs of objectives; of more the first ones. */
const MOST = 6;

/** Trials by two objectives with the front; of more than two a panel for each pair, the front being that of all. */
export function plotPareto(study: PlottedStudy): Chart {
  const measured = measuredTrials(study);
  const pairs = study.directions.flatMap((_, a) =>
    study.directions.slice(a + 1).map((_, k) => [a, a + 1 + k] as const),
  );
  const size = SIZES[pairs.length === 1 ? 0 : 1]!;
  const isDrawn = pairs.length > 0 && measured.length > 0;
  return {
    title: `${study.name}: Pareto front`,
    panels: isDrawn ? pairs.slice(0, MOST).map(([a, b]) => drawPair(study, a, b, size)) : [],
    legend: isDrawn
      ? [
          { ...SIGNS.best, text: 'on the front' },
          SIGNS.complete,
          ...(measured.some(({ violation }) => violation > 0) ? [SIGNS.infeasible] : []),
        ]
      : [],
    remarks: [
      ...(pairs.length === 0
        ? ['A front needs two objectives.']
        : measured.length === 0
          ? ['No trial has values yet.']
          : []),
      ...(pairs.length > MOST ? [`${MOST} of ${pairs.length} pairs of objectives are drawn.`] : []),
    ],
  };
}

function drawPair(study: PlottedStudy, a: number, b: number, size: { width: number; height: number }): Drawn {
  const measured = measuredTrials(study);
  const best = new Set(bestTrials(study).map(({ number }) => number));
  const front = measured.filter(({ trial }) => best.has(trial.number)).sort((p, q) => p.values[a]! - q.values[a]!);
  const last = measured.at(-1)?.trial.number || 1;
  return drawPanel<number, number>({
    x: {
      scale: valueScale(
        measured.map(({ values }) => values[a]!),
        6,
      ),
      label: objectiveText(study, a),
    },
    y: { scale: valueScale(measured.map(({ values }) => values[b]!)), label: objectiveText(study, b) },
    ...size,
    marks: (spot) => {
      const corners = front.flatMap(({ values }) => spot(values[a]!, values[b]!) ?? []);
      // What the front does not reach: from point to point the worse of both, as the hypervolume counts it.
      const steps = corners.flatMap((corner, i) => {
        const before = corners[i - 1];
        if (!before) return [corner];
        const isLarge = study.directions[a] === 'maximize';
        return [isLarge ? { x: before.x, y: corner.y } : { x: corner.x, y: before.y }, corner];
      });
      return [
        ...(study.directions.length === 2 && steps.length > 1 ? [path(steps, 'cwf-best')] : []),
        ...[...measured]
          .sort((p, q) => Number(best.has(p.trial.number)) - Number(best.has(q.trial.number)))
          .flatMap(({ trial, values, violation }) => {
            const place = spot(values[a]!, values[b]!);
            const isBest = best.has(trial.number);
            const name = violation > 0 ? 'cwf-hollow' : isBest ? 'cwf-best' : shade(trial.number / last);
            return place ? [dot(place, name, trialTip(study, trial), isBest ? 4.4 : 3.2)] : [];
          }),
      ];
    },
  });
}
