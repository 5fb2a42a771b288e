import { isObject, type JsonObject } from '../../base/json.ts';
import type { Scope } from '../workflow/types.ts';
import { placeInLayers } from './layers.ts';
import { fitText, textWidth } from './measure.ts';
import { type EditorRect, editorRect, groupRect, placeAsSaved, pushDown, type Rect } from './place.ts';
import type { Row } from './rows.ts';
import { INPUTS, type Item, OUTPUTS, type Panel, type Wire } from './scene.ts';

/** Sizes of text and lines, in pixels. */
export const FONT = { title: 12, row: 11 };
export const LINE = 15;
export const HEAD = 22;
export const PAD = 8;
const WIDTH = { still: 184, changed: 256 };
/** What a group keeps free around its boxes; its title stands above them. */
const FRAME = { side: 8, top: 22 };
/** Widest id, in pixels. */
const MOST_ID = 80;
/** Most lines in one box. */
const MOST_LINES = 14;
/** Most boxes in one panel; beyond it only what changed and what it is linked to. */
const MOST_BOXES = 400;

/** One line of a box: pieces of text in a colour each. */
export interface Line {
  readonly pieces: readonly { readonly kind: 'name' | 'old' | 'new' | 'plain'; readonly text: string }[];
  readonly input?: string;
  /** Which row of the item it is of. */
  readonly row?: number;
}

/** An item with its place and what is written in it. */
export interface Box extends Rect {
  readonly item: Item;
  readonly title: string;
  /** The id with its sign; empty where there is none. */
  readonly id: string;
  readonly lines: readonly Line[];
}

/** A group of the editor around the boxes of its nodes. */
export interface Frame extends Rect {
  readonly title: string;
}

/** A panel with everything in its place; the top left corner is 0, 0. */
export interface LaidOut {
  readonly boxes: readonly Box[];
  readonly wires: readonly Wire[];
  readonly frames: readonly Frame[];
  readonly width: number;
  readonly height: number;
  /** Number of items that are not drawn. */
  readonly left: number;
}

/** Gives the items of a panel boxes, and the boxes places: those of the editor, or layers where most have none. [DF-5] */
export function layOut(panel: Panel): LaidOut {
  const items = shownItems(panel);
  const shown = new Set(items.map(({ key }) => key));
  const wires = panel.wires.filter(({ from, to }) => shown.has(from) && shown.has(to));
  const boxes = items.map(boxOf);
  const inner = boxes.filter(({ item }) => item.node !== undefined);
  const saved = inner.map(({ item }) => editorRect(item.node!));
  const known = saved.filter((rect) => rect !== undefined);
  let frames: Frame[] = [];
  if (known.length * 2 > inner.length) {
    const rects = saved.map((rect) => rect ?? beside(known));
    const groups = groupsOf(panel.scope, inner, rects);
    const first = new Set(groups.flatMap(({ held }) => held.filter((box) => isFirst(box, held, inner, rects))));
    placeAsSaved(inner, rects, (box) => (first.has(box as Box) ? FRAME.top : 0));
    placeSides(boxes, inner);
    frames = withTitlesApart(groups.map(frameOf));
  } else {
    const index = new Map(boxes.map(({ item }, i) => [item.key, i]));
    placeInLayers(
      boxes,
      wires.filter(({ fate }) => fate !== 'removed').map(({ from, to }) => [index.get(from)!, index.get(to)!] as const),
    );
    pushDown(boxes);
  }
  const all: Rect[] = [...boxes, ...frames];
  const [x0, y0] = all.length === 0 ? [0, 0] : [Math.min(...all.map(({ x }) => x)), Math.min(...all.map(({ y }) => y))];
  for (const rect of all) {
    rect.x -= x0;
    rect.y -= y0;
  }
  return {
    boxes,
    wires,
    frames,
    width: Math.max(0, ...all.map(({ x, w }) => x + w)),
    height: Math.max(0, ...all.map(({ y, h }) => y + h)),
    left: panel.items.length - items.length,
  };
}

/** All items, or, of too many, those that changed and their neighbours. */
function shownItems({ items, wires }: Panel): readonly Item[] {
  if (items.length <= MOST_BOXES) return items;
  const keys = new Set(items.filter(({ fate }) => fate !== 'same').map(({ key }) => key));
  const near = new Set(keys);
  for (const { from, to } of wires) {
    if (keys.has(from)) near.add(to);
    if (keys.has(to)) near.add(from);
  }
  const first = items.filter(({ key }) => keys.has(key)).slice(0, MOST_BOXES);
  const taken = new Set(first.map(({ key }) => key));
  for (const { key } of items) if (taken.size < MOST_BOXES && near.has(key)) taken.add(key);
  return items.filter(({ key }) => taken.has(key));
}

function boxOf(item: Item): Box {
  const w = item.rows.length > 0 && item.rows.some(({ plain }) => !plain) ? WIDTH.changed : WIDTH.still;
  const room = w - 2 * PAD;
  const id = item.id === undefined ? '' : fitText(`#${item.id}`, MOST_ID, FONT.row);
  // Bold type, with a sign before it, is a little wider.
  const head =
    (room - textWidth(id, FONT.row) - 4) / (item.fate === 'same' ? 1 : 1.12) - (item.fate === 'same' ? 0 : 14);
  const lines: Line[] = [];
  const changed = item.fate !== 'same' && item.fate !== 'moved';
  const { slots } = item;
  if (item.type !== undefined && (changed || item.id === undefined))
    lines.push({ pieces: [{ kind: 'plain', text: fitText(item.type, room, FONT.row) }] });
  for (const [at, row] of item.rows.entries()) lines.push(...linesOf(row, room).map((line) => ({ ...line, row: at })));
  const shown =
    lines.length > MOST_LINES
      ? [
          ...lines.slice(0, MOST_LINES - 1),
          { pieces: [{ kind: 'plain' as const, text: `… ${lines.length - MOST_LINES + 1} more lines` }] },
        ]
      : lines;
  const count = shown.length + slotLines({ slots });
  const h = HEAD + (count > 0 ? count * LINE + 6 : 0);
  return { item, title: fitText(item.title, head, FONT.title), id, lines: shown, x: 0, y: 0, w, h };
}

/** Number of lines that the slots of an item take, above what else is written in its box. */
export function slotLines({ slots }: Pick<Item, 'slots'>): number {
  return slots === undefined ? 0 : Math.max(slots.inputs.length, slots.outputs.length);
}

/** One line where all fits, else the name and below it what was and what is, from where they differ. */
function linesOf({ name, from, to, input, plain }: Row, room: number): Line[] {
  const cut = (text: string, width: number): string => fitText(text, width, FONT.row);
  const at = input === undefined ? {} : { input };
  if (plain) {
    if (to === undefined) return [{ pieces: [{ kind: 'plain', text: cut(name, room) }], ...at }];
    const label = cut(name, room * 0.6);
    const value = cut(to, room - textWidth(`${label} `, FONT.row));
    return [
      {
        pieces: [
          { kind: 'name', text: `${label} ` },
          { kind: 'plain', text: value },
        ],
        ...at,
      },
    ];
  }
  const old = from ?? '';
  const now = to ?? '';
  const arrow = from !== undefined && to !== undefined ? ' → ' : '';
  if (textWidth(`${name}  ${old}${arrow}${now}`, FONT.row) <= room) {
    const pieces: Line['pieces'][number][] = [{ kind: 'name', text: `${cut(name, room)} ` }];
    if (from !== undefined) pieces.push({ kind: 'old', text: cut(from, room) });
    if (arrow) pieces.push({ kind: 'plain', text: arrow });
    if (to !== undefined) pieces.push({ kind: 'new', text: cut(to, room) });
    return [{ pieces, ...at }];
  }
  const same = sameStart(old, now);
  // What both begin with is left out only where the rest would not fit after it.
  const isLong = [old, now].some((text) => textWidth(text, FONT.row) > room - 14);
  const skip = from !== undefined && to !== undefined && isLong && same > 12 ? same - 6 : 0;
  const value = (text: string): string => cut(skip > 0 ? `…${text.slice(skip)}` : text, room - 14);
  return [
    { pieces: [{ kind: 'name', text: cut(name, room) }], ...at },
    ...(from === undefined ? [] : [{ pieces: [{ kind: 'old' as const, text: `− ${value(from)}` }] }]),
    ...(to === undefined ? [] : [{ pieces: [{ kind: 'new' as const, text: `+ ${value(to)}` }] }]),
  ];
}

/** Number of characters that two texts begin with alike; never between the halves of one character. */
function sameStart(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at++;
  return at > 0 && /[\ud800-\udbff]/.test(a[at - 1]!) ? at - 1 : at;
}

/** A node without a place, among some that have one: under all others. */
function beside(known: readonly EditorRect[]): EditorRect {
  const [first] = known;
  return { ...first!, y: Math.max(...known.map(({ y, h }) => y + h)) + 40 };
}

/** The inputs of a subgraph stand left of everything, its outputs right. */
function placeSides(boxes: readonly Box[], inner: readonly Box[]): void {
  const left = inner.length === 0 ? 0 : Math.min(...inner.map(({ x }) => x));
  const right = inner.length === 0 ? 0 : Math.max(...inner.map(({ x, w }) => x + w));
  const [top, bottom] = [Math.min(...inner.map(({ y }) => y)), Math.max(...inner.map(({ y, h }) => y + h))];
  for (const box of boxes) {
    if (box.item.node !== undefined) continue;
    box.x = box.item.key === INPUTS ? left - box.w - 56 : box.item.key === OUTPUTS ? right + 56 : box.x;
    box.y = Number.isFinite(top) ? (top + bottom - box.h) / 2 : 0;
  }
}

interface Group {
  readonly title: string;
  readonly held: readonly Box[];
}

/** The groups of the editor that hold a box. */
function groupsOf(scope: Scope | undefined, boxes: readonly Box[], saved: readonly EditorRect[]): Group[] {
  const { ui = {} } = (scope ?? {}) as { ui?: Readonly<JsonObject> };
  const groups: Group[] = [];
  for (const group of isObject(ui.groups) ? Object.values(ui.groups) : []) {
    const rect = isObject(group) ? groupRect(group.bounding) : undefined;
    const held = rect ? boxes.filter((_, i) => holds(rect, saved[i]!)) : [];
    const { title } = group as JsonObject;
    if (held.length > 0) groups.push({ title: typeof title === 'string' ? title : '', held });
  }
  return groups;
}

/** Whether a box is one of the topmost of its group: the title of the group needs room above it. */
function isFirst(box: Box, held: readonly Box[], boxes: readonly Box[], saved: readonly EditorRect[]): boolean {
  const top = (one: Box): number => saved[boxes.indexOf(one)]!.y;
  return top(box) < Math.min(...held.map(top)) + 40;
}

function frameOf({ title, held }: Group): Frame {
  const [x, y] = [Math.min(...held.map((b) => b.x)) - FRAME.side, Math.min(...held.map((b) => b.y)) - FRAME.top];
  const [right, bottom] = [Math.max(...held.map((b) => b.x + b.w)), Math.max(...held.map((b) => b.y + b.h))];
  const w = right - x + FRAME.side;
  return { x, y, w, h: bottom - y + FRAME.side, title: fitText(title, w - 12, FONT.row) };
}

/** Frames whose titles would lie on each other: the wider one, which holds the other, grows upwards. */
function withTitlesApart(frames: readonly Frame[]): Frame[] {
  const done: Frame[] = [];
  for (const frame of [...frames].sort((a, b) => a.w - b.w)) {
    let { y, h } = frame;
    const isTaken = (other: Frame): boolean =>
      Math.abs(other.y - y) < LINE && other.x < frame.x + frame.w && frame.x < other.x + other.w;
    while (done.some(isTaken)) {
      y -= LINE;
      h += LINE;
    }
    done.push({ ...frame, y, h });
  }
  return done;
}

/** Whether the middle of a node lies in a group, which is how the editor tells. */
function holds(group: Rect, { x, y, w, h }: Rect): boolean {
  const [midX, midY] = [x + w / 2, y + h / 2];
  return midX >= group.x && midX <= group.x + group.w && midY >= group.y && midY <= group.y + group.h;
}
