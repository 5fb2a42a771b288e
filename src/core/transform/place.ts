import type { Json } from '../../base/json.ts';
import { TITLE_HEIGHT } from '../convert/to-ui-size.ts';
import { own } from '../workflow/names.ts';
import type { NodeId, Scope, WorkflowNode } from '../workflow/types.ts';

/** What a new node should stand close to. */
export interface Neighbours {
  /** Nodes it takes from: it stands right of them. */
  readonly after?: readonly NodeId[];
  /** Nodes it feeds: without others before it, it stands left of them. */
  readonly before?: readonly NodeId[];
}

/** A node's rectangle on the canvas without its title, which the page draws above. */
interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const ACROSS = 70;
const DOWN = 40;
const GRID = 10;
const DEFAULT_SIZE = [210, 100] as const;

/**
 * A free place for a node of this size: beside its neighbours, moved down past whatever stands there. Without
 * neighbours it is below all others. The same scope gives the same place. [TE-3]
 */
export function findPlace(
  scope: Scope,
  [width, height]: readonly [number, number],
  near: Neighbours,
): [number, number] {
  const taken = Object.values(scope.nodes).flatMap((node) => rectOf(node) ?? []);
  let [x, y] = startOf(scope, taken, width, near).map(onGrid) as [number, number];
  // Each step goes past one rectangle for good, so that coordinates beyond all numbers end it too.
  for (let left = taken.length; left > 0; left--) {
    const hit = taken.find((one) => overlaps(one, { x, y, width, height }));
    if (!hit) return [x, y];
    y = onGrid(hit.y + hit.height + DOWN + TITLE_HEIGHT);
  }
  return [x, y];
}

function startOf(scope: Scope, taken: readonly Rect[], width: number, near: Neighbours): [number, number] {
  const rects = (ids: readonly NodeId[] = []) =>
    ids.flatMap((id) => {
      const node = own(scope.nodes, id);
      return (node && rectOf(node)) ?? [];
    });
  const [after, before] = [rects(near.after), rects(near.before)];
  if (after.length > 0) {
    const last = after.reduce((a, b) => (b.x + b.width > a.x + a.width ? b : a));
    return [last.x + last.width + ACROSS, last.y];
  }
  if (before.length > 0) {
    const first = before.reduce((a, b) => (b.x < a.x ? b : a));
    return [first.x - width - ACROSS, first.y];
  }
  if (taken.length === 0) return [0, TITLE_HEIGHT];
  const left = Math.min(...taken.map((one) => one.x));
  return [left, Math.max(...taken.map((one) => one.y + one.height)) + DOWN + TITLE_HEIGHT];
}

function overlaps(a: Rect, b: Rect): boolean {
  const isBeside = a.x + a.width <= b.x || b.x + b.width <= a.x;
  const isApart = a.y + a.height + TITLE_HEIGHT <= b.y || b.y + b.height + TITLE_HEIGHT <= a.y;
  return !isBeside && !isApart;
}

function rectOf({ ui }: WorkflowNode): Rect | undefined {
  const pos = pair(ui.pos);
  const [width, height] = pair(ui.size) ?? DEFAULT_SIZE;
  return pos && { x: pos[0], y: pos[1], width, height };
}

/** Two finite numbers, as a list or as the object that old pages saved (`{"0": x, "1": y}`). */
function pair(value: Json | undefined): readonly [number, number] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const [a, b] = [(value as Record<string, Json>)['0'], (value as Record<string, Json>)['1']];
  const isPair = typeof a === 'number' && typeof b === 'number' && Number.isFinite(a) && Number.isFinite(b);
  return isPair ? [a, b] : undefined;
}

function onGrid(value: number): number {
  return Math.ceil(value / GRID) * GRID;
}
