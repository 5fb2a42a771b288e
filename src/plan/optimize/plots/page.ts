import { type Chart, drawChart } from '../../../core/chart/document.ts';
import { CHART_STYLE } from '../../../core/chart/style.ts';
import { numberText } from '../../../core/chart/ticks.ts';
import { element as el, escapeText } from '../../../core/picture/markup.ts';
import { standalonePage } from '../../../core/picture/standalone.ts';
import { bestTrials } from '../results/best.ts';
import { leaderboardTable } from './board.ts';
import { plotIntermediate, plotTimeline } from './course.ts';
import { plotHistory } from './history.ts';
import type { TrialImages } from './images.ts';
import { plotImportance } from './importance.ts';
import { plotParallel } from './parallel.ts';
import { plotPareto } from './pareto.ts';
import { plotSlices } from './slice.ts';
import { type PlottedStudy, shortText } from './study.ts';
import { why, whySection } from './why.ts';

const PAGE_STYLE = `
:root{color-scheme:light dark}
body.cwf-chart{margin:0;background:var(--paper);color:var(--ink);font:15px/1.45 system-ui,"Segoe UI","Helvetica Neue",Arial,"DejaVu Sans",sans-serif}
main{padding:20px 24px;max-width:1180px}
h1{font-size:20px;margin:0 0 4px;overflow-wrap:anywhere}h2{font-size:17px;margin:30px 0 8px}
p{margin:4px 0;overflow-wrap:anywhere}.dim{color:var(--dim)}
.wide{overflow-x:auto}
.wide:focus-visible{outline:2px solid var(--mark)}
table{border-collapse:collapse;font-size:13px}
th{text-align:left;font-weight:600;color:var(--dim);vertical-align:bottom;max-width:14em;overflow-wrap:anywhere}
th,td{padding:4px 12px 4px 0;border-bottom:1px solid var(--line)}
td{vertical-align:middle;max-width:44em;overflow-wrap:anywhere}
td.number{font-variant-numeric:tabular-nums;white-space:nowrap}
tr.best td:first-child{box-shadow:inset 3px 0 var(--best);padding-left:8px;font-weight:600}
td:first-child,th:first-child{padding-left:8px}
td img{display:block;width:96px;height:96px;object-fit:contain}
summary{cursor:pointer;color:var(--dim);padding:6px 0}summary:focus-visible{outline:2px solid var(--mark)}
.change{display:inline-block;background:var(--sheet);border:1px solid var(--line);border-radius:4px;padding:0 6px;margin:1px 2px}
`;

/**
 * A study as one page that stands alone: leaderboard with pictures, why the best won, all charts. No script and nothing from
 * elsewhere; its policy forbids a browser everything but its own style and pictures. Well-formed as XML, too. [PL-9, PL-10]
 */
export function drawStudyPage(study: PlottedStudy, images: TrialImages = new Map()): string {
  return standalonePage({
    title: `cwf study: ${shortText(study.name)}`,
    styles: [CHART_STYLE, PAGE_STYLE],
    name: 'cwf-chart',
    hasImages: true,
    content: [
      el('h1', {}, escapeText(study.name)),
      el('p', {}, escapeText(summaryText(study))),
      section('Leaderboard', leaderboardTable(study, images)),
      ...study.directions.flatMap((_, at) => {
        const reasons = why(study, at);
        const title =
          study.directions.length === 1 ? 'Why the best won' : `Why the best in ${study.objectives[at]} won`;
        return reasons ? [section(title, whySection(reasons))] : [];
      }),
      chartSection('History', plotHistory(study)),
      ...(study.directions.length > 1 ? [chartSection('Pareto front', plotPareto(study))] : []),
      chartSection('Importance', plotImportance(study)),
      ...study.directions.flatMap((_, at) => {
        const of = study.directions.length === 1 ? '' : ` for ${study.objectives[at]}`;
        return [
          chartSection(`Parallel coordinates${of}`, plotParallel(study, at)),
          chartSection(`Slices${of}`, plotSlices(study, at)),
          ...(study.trials.some(({ intermediate }) => intermediate.length > 0)
            ? [chartSection(`Intermediate values${of}`, plotIntermediate(study, at))]
            : []),
        ];
      }),
      ...(study.times && study.times.size > 0 ? [chartSection('Timeline', plotTimeline(study))] : []),
    ],
  });
}

/** `60 trials: 52 complete, 3 failed. Best: trial 12, loss 0.12`. */
export function summaryText(study: PlottedStudy): string {
  const { trials, objectives } = study;
  const counts = (['COMPLETE', 'PRUNED', 'FAIL', 'RUNNING', 'WAITING'] as const)
    .map((state) => [trials.filter((trial) => trial.state === state).length, WORDS[state]] as const)
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${count} ${word}`);
  const best = bestTrials(study);
  const values = objectives.map((name, i) => `${shortText(name)} ${numberText(best[0]?.values?.[i] ?? Number.NaN)}`);
  const told =
    best.length === 0
      ? 'No feasible value yet.'
      : study.directions.length > 1
        ? `${best.length} on the Pareto front.`
        : `Best: trial ${best[0]!.number}, ${values.join(', ')}.`;
  return `${trials.length} ${trials.length === 1 ? 'trial' : 'trials'}${counts.length > 0 ? `: ${counts.join(', ')}` : ''}. ${told}`;
}

const WORDS = {
  COMPLETE: 'complete',
  PRUNED: 'pruned',
  FAIL: 'failed',
  RUNNING: 'running',
  WAITING: 'waiting',
} as const;

function section(title: string, ...children: readonly string[]): string {
  return el('section', {}, el('h2', {}, escapeText(shortText(title))), ...children);
}

function chartSection(title: string, chart: Chart): string {
  return section(
    title,
    el('div', { class: 'wide', tabindex: 0, role: 'region', 'aria-label': title }, drawChart(chart)),
  );
}
