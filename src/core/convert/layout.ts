import { breakCycles, layersOf } from './layers.ts';

/** A box to place; `height` counts from its top to its bottom, whatever is drawn there. */
export interface Box {
  readonly width: number;
  readonly height: number;
}

/** A line between two boxes, by their places in the list. */
export interface Edge {
  readonly from: number;
  readonly to: number;
}

/** Space between columns and between the boxes of one, in the unit of the boxes. */
export interface Spacing {
  readonly across: number;
  readonly down: number;
  /** Every coordinate is a multiple of it. */
  readonly grid: number;
}

/** Left top corner of a box. */
export type Position = readonly [x: number, y: number];

/** Sweeps over the layers [LIM]: after these few no graph at hand gets better. */
const SWEEPS = 8;
/** Places kept free for lines that pass layers [LIM]; a graph that needs more is laid out without. */
const MOST_PASSING = 50_000;

/** A box, or the place where a line passes a layer. */
interface Item {
  readonly box: number | undefined;
  readonly height: number;
  readonly layer: number;
  readonly before: Item[];
  readonly after: Item[];
  /** Its place in its layer. */
  at: number;
  y: number;
}

/**
 * Places boxes in columns so that lines go from left to right and no two boxes overlap: layers by the longest path,
 * order by barycentres with the fewest crossings found, heights as near to their neighbours as the order allows.
 * Parts that are not connected stand below one another, single boxes in rows. The same input gives the same positions.
 * Source: Sugiyama, Tagawa, Toda 1981; heights by isotonic regression (pool adjacent violators).
 */
export function layOut(boxes: readonly Box[], edges: readonly Edge[], spacing: Spacing): Position[] {
  const positions: Position[] = boxes.map(() => [0, 0]);
  const acyclic = breakCycles(boxes.length, edges);
  const singles: number[] = [];
  let [y, width] = [0, 0];
  for (const part of partsOf(boxes.length, acyclic)) {
    if (part.boxes.length === 1) {
      singles.push(part.boxes[0]!);
      continue;
    }
    const placed = placePart(boxes, part, spacing);
    for (const [box, [x, top]] of placed.positions) positions[box] = [x, y + top];
    y = onGrid(y + placed.height + 2 * spacing.down, spacing.grid);
    width = Math.max(width, placed.width);
  }
  placeRows(boxes, singles, Math.max(width, rowWidth(boxes, singles)), y, spacing, positions);
  return positions;
}

interface Part {
  readonly boxes: readonly number[];
  readonly edges: readonly Edge[];
}

/** What is connected, in the order of its first box. */
function partsOf(count: number, edges: readonly Edge[]): Part[] {
  const root = Array.from({ length: count }, (_, at) => at);
  const find = (at: number): number => {
    let top = at;
    while (root[top] !== top) top = root[top]!;
    for (let one = at; root[one] !== top; ) [one, root[one]] = [root[one]!, top];
    return top;
  };
  for (const { from, to } of edges) {
    const [a, b] = [find(from), find(to)];
    root[Math.max(a, b)] = Math.min(a, b);
  }
  const parts = new Map<number, { boxes: number[]; edges: Edge[] }>();
  for (let at = 0; at < count; at++) {
    const top = find(at);
    if (top === at) parts.set(at, { boxes: [], edges: [] });
    parts.get(top)!.boxes.push(at);
  }
  for (const edge of edges) parts.get(find(edge.from))!.edges.push(edge);
  return [...parts.values()];
}

function placePart(boxes: readonly Box[], part: Part, spacing: Spacing) {
  const layers = layered(boxes, part);
  order(layers);
  setHeights(layers, spacing);
  const positions = new Map<number, Position>();
  let x = 0;
  let width = 0;
  const top = layers.reduce((least, layer) => Math.min(least, layer[0]!.y), Number.POSITIVE_INFINITY);
  let height = 0;
  for (const layer of layers) {
    const real = layer.filter(({ box }) => box !== undefined);
    const widest = real.reduce((most, { box }) => Math.max(most, boxes[box!]!.width), 0);
    for (const { box, y } of real) {
      positions.set(box!, [x, y - top]);
      height = Math.max(height, y - top + boxes[box!]!.height);
    }
    width = x + widest;
    x = onGrid(x + widest + spacing.across, spacing.grid);
  }
  return { positions, width, height };
}

/** The items of each layer in the order of their boxes, with one for every layer that a line passes. */
function layered(boxes: readonly Box[], { boxes: own, edges }: Part): Item[][] {
  const layerOf = layersOf(own, edges);
  const last = own.reduce((most, box) => Math.max(most, layerOf.get(box)!), 0);
  const layers: Item[][] = Array.from({ length: last + 1 }, () => []);
  const add = (box: number | undefined, layer: number): Item => {
    const height = box === undefined ? 0 : boxes[box]!.height;
    const item: Item = { box, height, layer, before: [], after: [], at: layers[layer]!.length, y: 0 };
    layers[layer]!.push(item);
    return item;
  };
  const items = new Map(own.map((box) => [box, add(box, layerOf.get(box)!)]));
  const passing = edges.reduce((sum, { from, to }) => sum + layerOf.get(to)! - layerOf.get(from)! - 1, 0);
  // Lines of one output that pass the same layers share their places.
  const shared = new Map<string, Item>();
  const join = (from: Item, to: Item): void => {
    from.after.push(to);
    to.before.push(from);
  };
  for (const { from, to } of edges) {
    const end = items.get(to)!;
    let last = items.get(from)!;
    for (let layer = last.layer + 1; layer < end.layer && passing <= MOST_PASSING; layer++) {
      const key = `${from} ${layer}`;
      const known = shared.get(key);
      const next = known ?? add(undefined, layer);
      if (!known) {
        shared.set(key, next);
        join(last, next);
      }
      last = next;
    }
    if (end.layer === last.layer + 1) join(last, end);
  }
  return layers;
}

/** Sweeps to and fro; of all orders seen the one with the fewest crossings stays. */
function order(layers: readonly Item[][]): void {
  let best = layers.map((layer) => [...layer]);
  let fewest = crossings(layers);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers : [...layers].reverse()) {
      const centre = new Map(layer.map((item) => [item, barycentre(item, isDown ? item.before : item.after)]));
      layer.sort((a, b) => centre.get(a)! - centre.get(b)! || a.at - b.at);
      number(layer);
    }
    const found = crossings(layers);
    if (found >= fewest) continue;
    fewest = found;
    best = layers.map((layer) => [...layer]);
  }
  for (const [at, layer] of best.entries()) {
    layers[at]!.splice(0, layer.length, ...layer);
    number(layers[at]!);
  }
}

function number(layer: readonly Item[]): void {
  for (const [at, item] of layer.entries()) item.at = at;
}

/** The mean place of its neighbours; its own where it has none. */
function barycentre(item: Item, neighbours: readonly Item[]): number {
  if (neighbours.length === 0) return item.at;
  return neighbours.reduce((sum, { at }) => sum + at, 0) / neighbours.length;
}

/** Crossings between each two neighbouring layers, counted with a Fenwick tree. */
function crossings(layers: readonly Item[][]): number {
  let count = 0;
  for (const [at, layer] of layers.slice(0, -1).entries()) {
    const tree = new Int32Array(layers[at + 1]!.length + 1);
    let seen = 0;
    for (const item of layer) {
      for (const { at: place } of item.after) {
        let upTo = 0;
        for (let i = place + 1; i > 0; i -= i & -i) upTo += tree[i]!;
        count += seen - upTo;
      }
      for (const { at: place } of item.after) {
        for (let i = place + 1; i < tree.length; i += i & -i) tree[i]!++;
        seen++;
      }
    }
  }
  return count;
}

/** Draws each box towards the middle of its neighbours as far as those beside it allow. */
function setHeights(layers: readonly Item[][], spacing: Spacing): void {
  for (const layer of layers) {
    let y = 0;
    for (const item of layer) {
      item.y = y;
      y += stride(item, spacing);
    }
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const isDown = sweep % 2 === 0;
    for (const layer of isDown ? layers : [...layers].reverse()) {
      const wanted = layer.map((item) => {
        const near = isDown ? item.before : item.after;
        const neighbours = near.length > 0 ? near : isDown ? item.after : item.before;
        if (neighbours.length === 0) return item.y;
        const centre = neighbours.reduce((sum, one) => sum + one.y + one.height / 2, 0) / neighbours.length;
        return centre - item.height / 2;
      });
      pool(layer, wanted, spacing);
    }
  }
}

/** The heights nearest to those wanted, by least squares, at which each item ends before the next one starts. */
function pool(layer: readonly Item[], wanted: readonly number[], spacing: Spacing): void {
  const offsets: number[] = [];
  let offset = 0;
  for (const item of layer) {
    offsets.push(offset);
    offset += stride(item, spacing);
  }
  const blocks: { sum: number; count: number }[] = [];
  for (const [at, want] of wanted.entries()) {
    let block = { sum: want - offsets[at]!, count: 1 };
    for (let last = blocks.at(-1); last && last.sum / last.count >= block.sum / block.count; last = blocks.at(-1)) {
      block = { sum: block.sum + last.sum, count: block.count + last.count };
      blocks.pop();
    }
    blocks.push(block);
  }
  let at = 0;
  for (const { sum, count } of blocks) {
    const base = Math.round(sum / count / spacing.grid) * spacing.grid;
    for (let i = 0; i < count; i++, at++) layer[at]!.y = base + offsets[at]!;
  }
}

/** From the top of an item to where the next one may start. */
function stride({ box, height }: Item, { down, grid }: Spacing): number {
  return onGrid(box === undefined ? grid : height + down, grid);
}

/** As wide as a square of all of them would be. */
function rowWidth(boxes: readonly Box[], singles: readonly number[]): number {
  return Math.sqrt(singles.reduce((sum, at) => sum + boxes[at]!.width * boxes[at]!.height, 0)) * 1.5;
}

function placeRows(
  boxes: readonly Box[],
  singles: readonly number[],
  width: number,
  top: number,
  { across, down, grid }: Spacing,
  positions: Position[],
): void {
  let [x, y, height] = [0, top, 0];
  for (const at of singles) {
    const box = boxes[at]!;
    if (x > 0 && x + box.width > width) {
      y = onGrid(y + height + down, grid);
      [x, height] = [0, 0];
    }
    positions[at] = [x, y];
    x = onGrid(x + box.width + across, grid);
    height = Math.max(height, box.height);
  }
}

function onGrid(value: number, grid: number): number {
  return Math.ceil(value / grid) * grid;
}
