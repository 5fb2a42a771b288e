import { element as el, escapeText } from '../picture/markup.ts';
import { fitText, textWidth } from '../picture/measure.ts';
import { type Drawn, label } from './panel.ts';
import { CHART_STYLE } from './style.ts';

/** A sign of a chart and what it means. */
export interface LegendEntry {
  /** Markup of a mark around (0, 0), at most 12 wide. */
  readonly sign: string;
  readonly text: string;
}

/** One chart: panels side by side, as many to a row as fit. */
export interface Chart {
  readonly title: string;
  readonly panels: readonly Drawn[];
  readonly legend?: readonly LegendEntry[];
  /** What is to be said of it, a line each. */
  readonly remarks?: readonly string[];
}

const MARGIN = 16;
const GAP = 22;
const LINE = 18;
const WIDEST = 1080;

/** A chart as an SVG document: no script, nothing that is loaded, light and dark. [PL-9] */
export function chartDocument(chart: Chart): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${drawChart(chart, true)}\n`;
}

/** A chart as an `svg` element of a page that has the style. */
export function drawChart({ title, panels, legend = [], remarks = [] }: Chart, isWhole = false): string {
  const margin = isWhole ? MARGIN : 2;
  let y = margin;
  const parts: string[] = [];
  if (isWhole) {
    parts.push(label(title, { x: margin, y: y + 13 }, WIDEST, 'cwf-name', 13));
    y += LINE + 6;
  }
  if (legend.length > 0) {
    const drawn = drawLegend(legend);
    parts.push(placed(drawn, margin, y));
    y += drawn.height;
  }
  for (const remark of remarks) {
    parts.push(label(remark, { x: margin, y: y + 12 }, WIDEST, 'cwf-tick'));
    y += LINE;
  }
  let [x, deepest, right] = [margin, 0, margin + 300];
  for (const panel of panels) {
    if (x > margin && x + panel.width > WIDEST) {
      [x, y, deepest] = [margin, y + deepest + GAP, 0];
    }
    parts.push(placed(panel, x, y));
    right = Math.max(right, x + panel.width);
    deepest = Math.max(deepest, panel.height);
    x += panel.width + GAP;
  }
  const width = Math.ceil(Math.max(right, ...legendWidth(legend, remarks)) + margin);
  const size = { width, height: Math.ceil(y + deepest + margin) };
  return el(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'cwf-chart',
      role: 'img',
      ...size,
      viewBox: `0 0 ${size.width} ${size.height}`,
    },
    el('title', {}, escapeText(fitText(title, 2000, 10))),
    ...(isWhole ? [el('style', {}, CHART_STYLE), el('rect', { class: 'cwf-paper', x: 0, y: 0, ...size })] : []),
    ...parts,
  );
}

function placed({ markup }: Drawn, x: number, y: number): string {
  return el('g', { transform: `translate(${Math.round(x)} ${Math.round(y)})` }, markup);
}

function drawLegend(entries: readonly LegendEntry[]): Drawn {
  let x = 0;
  const parts = entries.map(({ sign, text }) => {
    const mark = el('g', { transform: `translate(${Math.round(x) + 7} 8)` }, sign);
    const words = el('text', { class: 'cwf-tick', x: x + 18, y: 12 }, escapeText(text));
    x += 18 + textWidth(text, 11) + 18;
    return mark + words;
  });
  return { markup: parts.join(''), width: x, height: LINE + 4 };
}

function legendWidth(legend: readonly LegendEntry[], remarks: readonly string[]): number[] {
  const texts = legend.reduce((sum, { text }) => sum + 36 + textWidth(text, 11), 0);
  return [texts, ...remarks.map((remark) => textWidth(fitText(remark, WIDEST, 11), 11))];
}
