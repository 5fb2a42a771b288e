import { element as el, escapeText } from '../picture/markup.ts';
import { fitText, textWidth } from '../picture/measure.ts';
import { rule, type Spot } from './marks.ts';
import type { Scale } from './scale.ts';

/** One axis of a panel. */
export interface Axis<Value> {
  readonly scale: Scale<Value>;
  readonly label: string;
}

/** Something drawn, from its own left upper corner on. */
export interface Drawn {
  readonly markup: string;
  readonly width: number;
  readonly height: number;
}

/** The field that the axes enclose, in pixels. */
export interface Field {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A chart of two axes; its marks are drawn by whoever asks for it. */
export interface PanelOptions<X, Y> {
  readonly title?: string;
  readonly x: Axis<X>;
  readonly y: Axis<Y>;
  /** Size of the field, without ticks and labels. */
  readonly width: number;
  readonly height: number;
  /** Markup of the marks; `spot` gives undefined where an axis has no place for a value. */
  marks(spot: (x: X, y: Y) => Spot | undefined, field: Field): readonly string[];
}

const SIZE = 11;
const LINE = 15;
const GAP = 6;
/** Longest text of a tick, in pixels. */
const LONGEST = 150;
/** Labels that do not fit side by side are turned by so much. */
const TURN = 50;

/** Draws a chart with its axes. [PL-9] */
export function drawPanel<X, Y>({ title, x, y, width, height, marks }: PanelOptions<X, Y>): Drawn {
  const yTexts = y.scale.ticks.map(({ text }) => fitText(text, LONGEST, SIZE));
  const beside = Math.ceil(Math.max(24, ...yTexts.map((text) => textWidth(text, SIZE)))) + GAP;
  const left = Math.max(beside, overhang(x.scale, width));
  const top = (title === undefined ? 0 : LINE + 4) + LINE + 2;
  const field: Field = { left, top, width, height };
  const below = drawBelow(x, field);
  const spot = (a: X, b: Y): Spot | undefined => {
    const [px, py] = [x.scale.place(a), y.scale.place(b)];
    return px === undefined || py === undefined ? undefined : { x: left + px * width, y: top + (1 - py) * height };
  };
  const rows = y.scale.ticks.map(({ at }, i) => {
    const level = top + (1 - at) * height;
    const text = el(
      'text',
      { class: 'cwf-tick', x: left - GAP, y: level + 4, 'text-anchor': 'end' },
      escapeText(yTexts[i]!),
    );
    return rule({ x: left, y: level }, { x: left + width, y: level }) + text;
  });
  const whole = left + width + 14;
  return {
    markup: [
      ...(title === undefined ? [] : [label(title, { x: 0, y: 12 }, whole, 'cwf-name', 13)]),
      label(y.label, { x: 0, y: top - 7 }, whole, 'cwf-tick', SIZE),
      el('rect', { class: 'cwf-area', x: left, y: top, width, height }),
      ...rows,
      below.markup,
      ...marks(spot, field),
    ].join(''),
    width: whole,
    height: top + height + below.height,
  };
}

/** Whether the labels below do not fit side by side. */
function isCrowded<X>({ ticks, band }: Scale<X>, width: number): boolean {
  const room = band === undefined ? width / Math.max(1, ticks.length) : band * width;
  return ticks.some(({ text }) => textWidth(fitText(text, LONGEST, SIZE), SIZE) + 4 > room);
}

/** How far turned labels reach to the left of the field. */
function overhang<X>(scale: Scale<X>, width: number): number {
  if (!isCrowded(scale, width)) return 0;
  const across = Math.cos((TURN * Math.PI) / 180);
  return Math.max(
    0,
    ...scale.ticks.map(({ at, text }) => textWidth(fitText(text, LONGEST, SIZE), SIZE) * across - at * width),
  );
}

/** The ticks and the label under a field. */
function drawBelow<X>({ scale, label: name }: Axis<X>, { left, top, width, height }: Field): Omit<Drawn, 'width'> {
  const floor = top + height;
  const texts = scale.ticks.map(({ text }) => fitText(text, LONGEST, SIZE));
  const longest = Math.max(0, ...texts.map((text) => textWidth(text, SIZE)));
  const isTurned = isCrowded(scale, width);
  const ticks = scale.ticks.map(({ at }, i) => {
    const [x, y] = [left + at * width, floor + (isTurned ? 10 : 14)];
    const turned = isTurned && { transform: `rotate(-${TURN} ${Math.round(x * 100) / 100} ${y})` };
    return el(
      'text',
      { class: 'cwf-tick', x: isTurned ? x + 3 : x, y, 'text-anchor': isTurned ? 'end' : 'middle', ...turned },
      escapeText(texts[i]!),
    );
  });
  const lines = scale.ticks.map(({ at }) => rule({ x: left + at * width, y: top }, { x: left + at * width, y: floor }));
  const depth = isTurned ? longest * Math.sin((TURN * Math.PI) / 180) + 16 : 18;
  const under = fitText(name, width + 20, SIZE);
  const text = el(
    'text',
    { x: left + width / 2, y: floor + depth + 11, 'text-anchor': 'middle' },
    escapeText(under),
    ...(under === name ? [] : [el('title', {}, escapeText(name.slice(0, 1000)))]),
  );
  return {
    markup: [...lines, ...ticks, ...(name === '' ? [] : [text])].join(''),
    height: depth + (name === '' ? 2 : LINE + 4),
  };
}

/** A text at a place, cut to a width; the whole of it is told to who rests on it. */
export function label(text: string, { x, y }: Spot, width: number, name: string, size = SIZE): string {
  const shown = fitText(text, width, size);
  const rest = shown === text ? [] : [el('title', {}, escapeText(text.slice(0, 1000)))];
  return el('text', { class: name, x, y }, escapeText(shown), ...rest);
}
