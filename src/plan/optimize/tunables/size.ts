import { placeKey } from '../../../core/workflow/effective.ts';
import { limitsOf } from './bounds.ts';
import { type Draft, isHosted, type Reader } from './draft.ts';
import type { LiveGraph, LiveNode, LiveValue } from './live.ts';
import { followsSize, hasSize } from './meanings.ts';
import type { ModelFinder } from './model-of.ts';
import type { FoundModel, Target } from './tunable.ts';
import type { Decision } from './tune.ts';

/** A node that makes something of a size, and where its sides live. */
interface Sized {
  readonly node: LiveNode;
  readonly width: LiveValue;
  readonly height: LiveValue;
}

/** Sides of the present size that are tried beside those the family was made for. */
const SCALES = [0.5, 0.625, 0.75, 0.875, 1.25];
/** How far the shape may be from the present one: a portrait stays one. */
const SHAPE = 1.12;
const LEAST_SIDE = 256;

/**
 * The sizes of a workflow: width and height are one parameter, and so are all latents of one size, with the schedules
 * that go by them. Sizes keep the shape of the present one. [SP-8]
 */
export function sizeDrafts(graph: LiveGraph, models: ModelFinder): Draft[] {
  const bySize = new Map<string, Sized[]>();
  for (const node of graph.nodes) {
    if (!hasSize(node) || isHosted(node)) continue;
    const [width, ...otherWidths] = graph.placesOf(node, 'width');
    const [height, ...otherHeights] = graph.placesOf(node, 'height');
    if (!width || !height || otherWidths.length + otherHeights.length > 0) continue;
    if (typeof width.value !== 'number' || typeof height.value !== 'number') continue;
    const size = `${width.value}x${height.value}`;
    bySize.set(size, [...(bySize.get(size) ?? []), { node, width, height }]);
  }
  return [...bySize.values()]
    .filter((nodes) => nodes.some(({ node }) => !followsSize(node)))
    .map((nodes) => draftOf(nodes, models.of(nodes.find(({ node }) => !followsSize(node))!.node)));
}

function draftOf(nodes: readonly Sized[], model: FoundModel): Draft {
  const { width, height } = nodes[0]!;
  const [w, h] = [width.value as number, height.value as number];
  const targets = new Map<string, Target>();
  for (const one of nodes) {
    targets.set(placeKey(one.width.place), { place: one.width.place, write: { as: 'width' }, held: w });
    targets.set(placeKey(one.height.place), { place: one.height.place, write: { as: 'height' }, held: h });
  }
  const isSquare = nodes.some((one) => placeKey(one.width.place) === placeKey(one.height.place));
  const readers = nodes.flatMap(({ node }): Reader[] =>
    ['width', 'height'].map((side) => ({ node, input: node.declared!.byName.get(side)! })),
  );
  return {
    word: 'size',
    meaning: 'size',
    current: `${w}x${h}`,
    targets: [...targets.values()],
    readers,
    decide: (name) => decideSize(name, [w, h], readers, model, isSquare),
  };
}

function decideSize(
  name: string,
  [w, h]: readonly [number, number],
  readers: readonly Reader[],
  { detected }: FoundModel,
  isSquare: boolean,
): Decision {
  const family = detected?.family;
  const multiple = family?.multiple ?? 16;
  const most = Math.max(family?.most_pixels ?? 0, w * h);
  const limits = limitsOf(readers.map(({ input }) => input));
  const scaled = SCALES.map((scale) => [w, h].map((side) => Math.round((side * scale) / multiple) * multiple));
  const made = (family?.sizes ?? []).filter(([x, y]) => {
    const shape = x / y / (w / h);
    return shape < SHAPE && shape > 1 / SHAPE;
  });
  const fits = ([x, y]: readonly number[]): boolean => {
    const sides = [x!, y!];
    if (sides.some((side) => side < Math.max(LEAST_SIDE, limits.low) || side > limits.high)) return false;
    if (limits.step !== undefined && sides.some((side) => side % limits.step! !== 0)) return false;
    return x! * y! <= most && (!isSquare || x === y);
  };
  const all = [[w, h], ...[...made, ...scaled].filter(fits)].sort(([a, b], [c, d]) => a! * b! - c! * d! || a! - c!);
  const choices = [...new Set(all.map(([x, y]) => `${x}x${y}`))];
  const why = family ? `${family.id}: multiples of ${multiple}` : `multiples of ${multiple}: the family is not known`;
  return choices.length > 1 ? { parameter: { name, kind: 'ordinal', choices }, why } : { why: 'no other size fits' };
}
