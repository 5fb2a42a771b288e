import { element as el, escapeText } from '../picture/markup.ts';

/** Where something stands, in pixels. */
export interface Spot {
  readonly x: number;
  readonly y: number;
}

/** What a reader sees who rests on a mark: a line each, escaped here. */
export type Tip = readonly string[];

/** A dot; `class` of this program. */
export function dot({ x, y }: Spot, name: string, tip: Tip, radius = 3.2): string {
  return el('circle', { class: `cwf-dot ${name}`, cx: x, cy: y, r: radius }, title(tip));
}

/** A cross: a trial without a value. */
export function cross({ x, y }: Spot, tip: Tip, size = 3): string {
  const d = `M${at(x - size)} ${at(y - size)}l${2 * size} ${2 * size}m0 ${-2 * size}l${-2 * size} ${2 * size}`;
  return el('path', { class: 'cwf-cross', d }, title(tip));
}

/** A line through spots; in a stair it goes sideways first, then up or down. */
export function path(spots: readonly Spot[], name: string, tip?: Tip, stair = false): string {
  const d = spots
    .map(({ x, y }, i) => (i === 0 ? `M${at(x)} ${at(y)}` : stair ? `H${at(x)}V${at(y)}` : `L${at(x)} ${at(y)}`))
    .join('');
  return el('path', { class: `cwf-path ${name}`, d }, ...(tip ? [title(tip)] : []));
}

/** Lines from which on those that are not marked fade. */
const MANY = 100;

/** Lines of many things over each other. */
export function lineGroup(lines: readonly string[]): string {
  return el('g', lines.length > MANY ? { class: 'cwf-many' } : {}, ...lines);
}

/** A bar with its left upper corner and its size. */
export function bar({ x, y }: Spot, width: number, height: number, name: string, tip: Tip): string {
  return el('rect', { class: `cwf-bar ${name}`, x, y, width: Math.max(0.5, width), height, rx: 2 }, title(tip));
}

/** A straight line of the chart itself. */
export function rule(from: Spot, to: Spot, name = 'cwf-grid'): string {
  return el('path', { class: name, d: `M${at(from.x)} ${at(from.y)}L${at(to.x)} ${at(to.y)}` });
}

/** The tip of a mark: its text is escaped, its line ends are ours. */
export function title(tip: Tip): string {
  return el('title', {}, tip.map(escapeText).join('\n'));
}

function at(value: number): string {
  return String(Math.round(value * 100) / 100);
}
