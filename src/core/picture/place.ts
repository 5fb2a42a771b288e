import { isObject, type Json } from '../../base/json.ts';
import type { WorkflowNode } from '../workflow/types.ts';

/** A rectangle in pixels; `y` grows downwards. */
export interface Rect {
  x: number;
  y: number;
  readonly w: number;
  readonly h: number;
}

/** Where a node stands in the editor, and how large it is there. */
export interface EditorRect extends Rect {
  readonly title: number;
}

/** Height of a node's title bar in the editor, which lies above its position (LiteGraph's NODE_TITLE_HEIGHT). */
const TITLE = 30;
/** Beyond this the editor shows nothing, and numbers lose their digits. */
const FAR = 1e6;
/** Space kept between boxes. */
const GAP = { x: 28, y: 14 };
/** Widest strip without any box that is kept as it is. */
const EMPTY = 64;

/** Where the editor has a node; undefined where the file does not say. */
export function editorRect({ ui }: WorkflowNode): EditorRect | undefined {
  const [x, y] = pair(ui['pos']);
  if (x === undefined || y === undefined) return undefined;
  const [w = 210, h = 60] = pair(ui['size']);
  return { x, y: y - TITLE, w: Math.max(w, 40), h: Math.max(h, 0) + TITLE, title: TITLE };
}

/** Four numbers of a group, as the editor saves them. */
export function groupRect(bounding: Json | undefined): Rect | undefined {
  const [x, y] = pair(bounding);
  const [w, h] = pair(Array.isArray(bounding) ? bounding.slice(2) : undefined);
  if (x === undefined || y === undefined || w === undefined || h === undefined) return undefined;
  return { x, y, w, h };
}

/**
 * Gives boxes, which are smaller than the nodes they stand for, the places of their nodes: drawn closer by one factor per
 * axis (a typical node becomes a typical box), then moved down where they would overlap, then empty strips are cut out. What
 * stood left of something still does. `lead`: room that a box wants above itself.
 */
export function placeAsSaved(
  boxes: readonly Rect[],
  saved: readonly EditorRect[],
  lead: (box: Rect) => number = () => 0,
): void {
  const factorX = Math.min(1, (median(boxes.map(({ w }) => w)) + GAP.x) / (median(saved.map(({ w }) => w)) + GAP.x));
  const factorY = Math.min(1, (median(boxes.map(({ h }) => h)) + GAP.y) / (median(saved.map(({ h }) => h)) + GAP.y));
  for (const [i, box] of boxes.entries()) {
    box.x = saved[i]!.x * factorX;
    box.y = saved[i]!.y * factorY;
  }
  pushDown(boxes, lead);
  closeGaps(boxes, 'x', 'w');
  closeGaps(boxes, 'y', 'h');
}

/** Moves boxes down until none overlaps another or stands in the room above it, from the top; the others stay. */
export function pushDown(boxes: readonly Rect[], lead: (box: Rect) => number = () => 0): void {
  const placed: Rect[] = [];
  for (const box of [...boxes].sort((a, b) => a.y - b.y || a.x - b.x)) {
    const column = placed.filter((other) => box.x < other.x + other.w + GAP.x && other.x < box.x + box.w + GAP.x);
    // By their tops: a box that was passed once is above for good.
    column.sort((a, b) => a.y - lead(a) - (b.y - lead(b)));
    for (const other of column) {
      const [top, otherTop] = [box.y - lead(box), other.y - lead(other)];
      if (top < other.y + other.h + GAP.y && otherTop < box.y + box.h + GAP.y)
        box.y = other.y + other.h + GAP.y + lead(box);
    }
    placed.push(box);
  }
}

/** Narrows every strip that no box touches. */
function closeGaps(boxes: readonly Rect[], axis: 'x' | 'y', size: 'w' | 'h'): void {
  let end: number | undefined;
  let shift = 0;
  for (const box of [...boxes].sort((a, b) => a[axis] - b[axis])) {
    const start = box[axis];
    if (end !== undefined && start - end > EMPTY) shift += start - end - EMPTY;
    end = Math.max(end ?? start, start + box[size]);
    box[axis] = start - shift;
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 1;
}

/** Two numbers of the editor: a list, or an object with the keys 0 and 1. */
function pair(value: Json | undefined): [number?, number?] {
  const list = Array.isArray(value) ? value : isObject(value) ? [value['0'], value['1']] : [];
  const [a, b] = [list[0], list[1]].map((one) => {
    const number = typeof one === 'bigint' ? Number(one) : one;
    return typeof number === 'number' && Math.abs(number) < FAR ? number : undefined;
  });
  return [a, b];
}
