import type { Chart } from '../../../core/chart/document.ts';
import { bar, rule } from '../../../core/chart/marks.ts';
import { type Drawn, label } from '../../../core/chart/panel.ts';
import { textWidth } from '../../../core/picture/measure.ts';
import { type Importance, importances } from '../results/importance.ts';
import { mulberry32 } from '../rng.ts';
import type { PlottedStudy } from './study.ts';

const ROW = 20;
const BARS = 300;
const WIDEST = 220;

/** The importance of a study for one thing asked of it. */
export interface ImportanceTarget {
  /** Name of the objective, or `front`. */
  readonly name: string;
  readonly list: readonly Importance[];
}

/** The importances for each objective; of several also for being near the front. The same study gives the same numbers. */
export function importanceTargets(study: PlottedStudy): ImportanceTarget[] {
  const of = (objective?: number) => importances(study, { objective, rng: mulberry32(study.trials.length) });
  const single = study.directions.map((_, at) => ({ name: study.objectives[at] ?? `objective ${at}`, list: of(at) }));
  return single.length === 1 ? single : [{ name: 'the Pareto front', list: of() }, ...single];
}

/** Bars of the share of each parameter; what chance would give is marked. */
export function plotImportance(study: PlottedStudy): Chart {
  const targets = importanceTargets(study).filter(({ list }) => list.some(({ value }) => value > 0));
  return {
    title: `${study.name}: importance`,
    panels: targets.map((target) => drawTarget(target, study)),
    legend:
      targets.length === 0
        ? []
        : [
            { sign: bar({ x: -6, y: -5 }, 12, 10, '', ['more than chance']), text: 'more than chance' },
            { sign: bar({ x: -6, y: -5 }, 12, 10, 'cwf-faint', ['chance']), text: 'no more than chance may give' },
            {
              sign: rule({ x: 0, y: -7 }, { x: 0, y: 7 }, 'cwf-limit'),
              text: 'what a parameter without effect stays below in 95 % of the cases',
            },
          ],
    remarks: targets.length === 0 ? ['Too few measured trials that differ for importance.'] : [],
  };
}

function drawTarget({ name, list }: ImportanceTarget, { trials }: PlottedStudy): Drawn {
  const names = Math.min(WIDEST, Math.max(60, ...list.map((one) => textWidth(one.name, 11)))) + 10;
  const most = Math.max(0.01, ...list.flatMap(({ share, chance = 0 }) => [share, Math.min(1, chance)]));
  const rows = list.map((one, i) => {
    const y = 26 + i * ROW;
    const length = (one.share / most) * BARS;
    const isSure = one.chance === undefined || one.share > one.chance;
    const limit = one.chance === undefined ? undefined : (Math.min(1, one.chance) / most) * BARS;
    const tip = [one.name.slice(0, 200), `${percent(one.share)} of what the parameters explain`];
    return [
      label(one.name, { x: 0, y: y + 12 }, names - 10, ''),
      bar({ x: names, y: y + 2 }, length, ROW - 7, isSure ? '' : 'cwf-faint', tip),
      ...(limit === undefined
        ? []
        : [rule({ x: names + limit, y: y + 1 }, { x: names + limit, y: y + ROW - 4 }, 'cwf-limit')]),
      label(percent(one.share), { x: names + BARS + 10, y: y + 12 }, 60, 'cwf-tick'),
    ].join('');
  });
  const title = label(`for ${name}`, { x: 0, y: 12 }, names + BARS, 'cwf-name', 13);
  const none = trials.length === 0 ? '' : rows.join('');
  return { markup: title + none, width: names + BARS + 60, height: 26 + list.length * ROW };
}

function percent(share: number): string {
  return share > 0 && share < 0.01 ? '< 1 %' : `${Math.round(share * 100)} %`;
}
