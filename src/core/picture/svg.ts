import type { NodePlace } from '../workflow/scopes.ts';
import { type Box, HEAD, type LaidOut, LINE, layOut, PAD } from './boxes.ts';
import { element as el, escapeText } from './markup.ts';
import { fitText } from './measure.ts';
import { type Fate, type Panel, type Pictured, panelsOf, type Wire } from './scene.ts';
import { STYLE } from './style.ts';
import { round, wirePath } from './wire-path.ts';

const MARGIN = 20;
const CAPTION = 26;
/** Most panels of one picture; the others are counted. */
const MOST_PANELS = 40;
/** What is said of a box besides its colour. */
export const SIGNS: Readonly<Record<Fate, string>> = { same: '', added: '+', removed: '−', changed: '~', moved: '→' };

/** A picture of changed files as one SVG document, without scripts and without anything that is loaded. [DF-5, DF-6] */
export function drawSvg(files: readonly Pictured[]): string {
  const blocks: Block[] = [];
  for (const [i, file] of files.entries()) {
    if (files.length > 1) blocks.push({ markup: caption(file.file, 'cwf-file'), width: 400, height: CAPTION });
    blocks.push(...blocksOf(file, i));
  }
  if (files.length === 0) blocks.push({ markup: caption('Nothing changed', 'cwf-way'), width: 300, height: CAPTION });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${document(blocks, files.map(({ file }) => file).join(', '))}\n`;
}

/** A picture in a page, and the names of its boxes. */
export interface Drawn {
  readonly markup: string;
  /** Name of the box of a node, by the ids of the earlier version; undefined where it is not drawn. */
  boxOf(place: NodePlace): string | undefined;
}

/** The picture of one file as an `svg` element to stand in a page that has the style. */
export function drawInPage(file: Pictured, index: number): Drawn {
  const blocks = blocksOf(file, index);
  return {
    markup: document(blocks, file.file, false),
    boxOf: ({ scope, node }) => blocks.find((one) => one.boxes && one.scope === scope)?.boxes?.get(node),
  };
}

interface Block {
  readonly markup: string;
  readonly width: number;
  readonly height: number;
  /** Of a panel: its scope, and the names of its boxes by node. */
  readonly scope?: string | undefined;
  readonly boxes?: ReadonlyMap<string, string>;
}

function document(blocks: readonly Block[], title: string, whole = true): string {
  const width = Math.max(420, ...blocks.map((block) => block.width)) + 2 * MARGIN;
  let y = MARGIN + (whole ? CAPTION : 0);
  const placed = blocks.map((block) => {
    const markup = el('g', { transform: `translate(${MARGIN} ${round(y)})` }, block.markup);
    y += block.height + MARGIN;
    return markup;
  });
  const size = { width: Math.ceil(width), height: Math.ceil(y) };
  return el(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'cwf-picture',
      role: 'img',
      ...size,
      viewBox: `0 0 ${size.width} ${size.height}`,
    },
    el('title', {}, escapeText(fitText(`Changes of ${title}`, 4000, 10))),
    ...(whole
      ? [
          el('style', {}, STYLE),
          el('rect', { class: 'cwf-paper', x: 0, y: 0, ...size }),
          el('g', { transform: `translate(${MARGIN} ${MARGIN})` }, legend()),
        ]
      : []),
    ...placed,
  );
}

function blocksOf(file: Pictured, index: number): Block[] {
  const panels = panelsOf(file);
  const blocks = panels.slice(0, MOST_PANELS).map((panel, at) => block(panel, `n${index}-${at}`));
  const left = panels.length - blocks.length;
  if (left > 0) blocks.push({ markup: caption(`and ${left} more subgraphs`, 'cwf-way'), width: 300, height: CAPTION });
  return blocks;
}

function block(panel: Panel, prefix: string): Block {
  const laid = layOut(panel);
  const isRoot = panel.way.length === 0;
  const words = [
    isRoot ? 'Workflow' : `Subgraph ${panel.way.join(' › ')}`,
    ...(panel.fate === 'added' ? ['(new)'] : panel.fate === 'removed' ? ['(removed)'] : []),
    ...(laid.left > 0 ? [`(${laid.left} unchanged or further nodes are not drawn)`] : []),
  ];
  const title = caption(words.join(' '), 'cwf-way');
  const body = el('g', { transform: `translate(${PAD} ${CAPTION + PAD})` }, ...drawPanel(laid, prefix));
  const [width, height] = [laid.width + 2 * PAD, laid.height + 2 * PAD];
  const sheet = el('rect', { class: 'cwf-sheet', x: 0, y: CAPTION, width, height, rx: 6 });
  const names = new Map(laid.boxes.map(({ item }, i) => [item.key, `${prefix}-${i}`]));
  return { markup: title + sheet + body, width, height: height + CAPTION, scope: panel.id, boxes: names };
}

function drawPanel({ boxes, wires, frames }: LaidOut, prefix: string): string[] {
  const byKey = new Map(boxes.map((box) => [box.item.key, box]));
  const order: Wire['fate'][] = ['same', 'moved', 'removed', 'added'];
  return [
    ...frames.map(({ x, y, w, h, title }) =>
      el(
        'g',
        { class: 'cwf-group' },
        el('rect', { x, y, width: w, height: h, rx: 4 }),
        el('text', { x: x + 6, y: y + 14 }, escapeText(title)),
      ),
    ),
    // What changed lies above what did not.
    ...order.flatMap((fate) =>
      wires
        .filter((wire) => wire.fate === fate)
        .map((wire) => drawWire(wire, byKey.get(wire.from)!, byKey.get(wire.to)!)),
    ),
    ...boxes.map((box, i) => drawBox(box, `${prefix}-${i}`)),
  ];
}

function drawWire(wire: Wire, from: Box, to: Box): string {
  return el('path', { class: `cwf-wire cwf-${wire.fate}`, d: wirePath(wire, from, to) });
}

function drawBox({ item, title, id: number, lines, x, y, w, h }: Box, id: string): string {
  const sign = SIGNS[item.fate];
  const about = [item.title, item.type, item.id === undefined ? undefined : `#${item.id}`].filter(Boolean).join(' ');
  return el(
    'g',
    { class: `cwf-box cwf-${item.fate}`, id, transform: `translate(${round(x)} ${round(y)})` },
    el('title', {}, escapeText(fitText(about, 2000, 10))),
    el('rect', { class: 'cwf-body', x: 0, y: 0, width: w, height: h, rx: 4 }),
    el('path', { class: 'cwf-edge', d: `M2 2V${round(h - 2)}` }),
    el('text', { class: 'cwf-title', x: PAD, y: 15 }, escapeText(sign === '' ? title : `${sign} ${title}`)),
    ...(number === ''
      ? []
      : [el('text', { class: 'cwf-id', x: w - 6, y: 15, 'text-anchor': 'end' }, escapeText(number))]),
    ...lines.map(({ pieces }, i) =>
      el(
        'text',
        { class: 'cwf-row', x: PAD, y: HEAD + 3 + (i + 1) * LINE - 4 },
        ...pieces.map(({ kind, text }) => el('tspan', { class: `cwf-${kind}` }, escapeText(text))),
      ),
    ),
  );
}

/** What the colours and signs mean. */
function legend(): string {
  const words: [Fate, string][] = [
    ['added', 'added'],
    ['removed', 'removed'],
    ['changed', 'changed'],
    ['moved', 'went into or out of a subgraph'],
  ];
  let x = 0;
  return words
    .map(([fate, word]) => {
      const at = x;
      x += 34 + word.length * 7;
      return el(
        'g',
        { class: `cwf-box cwf-${fate}`, transform: `translate(${at} 0)` },
        el('rect', { class: 'cwf-body', x: 0, y: 0, width: 16, height: 16, rx: 3 }),
        el('text', { class: 'cwf-title', x: 4, y: 12 }, SIGNS[fate]),
        el('text', { class: 'cwf-row', x: 22, y: 12 }, word),
      );
    })
    .join('');
}

function caption(text: string, name: string): string {
  return el('text', { class: name, x: 0, y: 17 }, escapeText(fitText(text, 1200, 13)));
}
