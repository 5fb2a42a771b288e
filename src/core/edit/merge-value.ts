import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { canonicalJson, joinPointer, jsonEqual } from '../../base/json-text.ts';
import { own } from '../workflow/names.ts';
import { isOtherNode } from './diff.ts';
import { isAtomic, kindOf, PRESENTATION_KINDS } from './kinds.ts';
import type { Decision, MergeOptions } from './merge.ts';

/** A decision before it has an id. */
export type MergedPlace = Omit<Decision, 'id'>;

type Side = Json | undefined;

/** Merges one place of the keyed form and what lies below it; decisions are appended to `out`. */
export function mergeValue(
  path: readonly string[],
  base: Side,
  ours: Side,
  theirs: Side,
  options: MergeOptions,
  out: MergedPlace[],
): Side {
  const oursChanged = !jsonEqual(base, ours);
  const theirsChanged = !jsonEqual(base, theirs);
  if (!oursChanged && !theirsChanged) return base;
  if (jsonEqual(ours, theirs)) return decide(path, base, ours, theirs, 'both', out);
  if (isTouchedTwice(path, base, ours, theirs, options)) return settle(path, base, ours, theirs, options, out);
  if (canDescend(path, base, ours, theirs))
    return mergeMembers(path, base, ours as JsonObject, theirs as JsonObject, options, out);
  if (!theirsChanged) return decide(path, base, ours, theirs, 'ours', out);
  if (!oursChanged) return decide(path, base, ours, theirs, 'theirs', out);
  if (isOrder(path, ours, theirs)) return mergeOrder(path, base, ours as Json[], theirs as Json[], out);
  const removal = mergeRemoval(path, base, ours, theirs, out);
  if (removal) return removal.value;
  if (isPresentation(path, base, outcome(base, ours, theirs))) return decide(path, base, ours, theirs, 'auto', out);
  return settle(path, base, ours, theirs, options, out);
}

/** With `isStrict`: both sides changed what one node does, be it in different values. [MG-10] */
function isTouchedTwice(path: readonly string[], base: Side, ours: Side, theirs: Side, options: MergeOptions): boolean {
  if (!options.isStrict || !isObject(base) || !isNode(path) || !canDescend(path, base, ours, theirs)) return false;
  return !onlyLooksDiffer(path, base, ours!) && !onlyLooksDiffer(path, base, theirs!);
}

function isNode(path: readonly string[]): boolean {
  return path.at(-2) === 'nodes' && (path.length === 2 || (path.length === 4 && path[0] === 'subgraphs'));
}

/** A decision that rules cannot make: as somebody resolved it, else the side that is to win, else open. [MG-11] */
function settle(
  path: readonly string[],
  base: Side,
  ours: Side,
  theirs: Side,
  { favor, resolutions }: MergeOptions,
  out: MergedPlace[],
): Side {
  const resolution = resolutions?.get(joinPointer(path));
  if (resolution === undefined) return decide(path, base, ours, theirs, favor ?? 'open', out);
  if ('take' in resolution) return decide(path, base, ours, theirs, resolution.take, out);
  decide(path, base, ours, theirs, 'value', out);
  return resolution.value;
}

/** Both sides are objects with members of their own meaning; a node of another class is another node. */
function canDescend(path: readonly string[], base: Side, ours: Side, theirs: Side): boolean {
  if (!isObject(ours) || !isObject(theirs) || isAtomic(path)) return false;
  if (base !== undefined && (!isObject(base) || isOtherNode(base, ours, path) || isOtherNode(base, theirs, path)))
    return false;
  return !isOtherNode(ours, theirs, path);
}

function mergeMembers(
  path: readonly string[],
  base: Side,
  ours: JsonObject,
  theirs: JsonObject,
  options: MergeOptions,
  out: MergedPlace[],
): JsonObject {
  const from = isObject(base) ? base : {};
  const merged: JsonObject = {};
  for (const key of Object.keys({ ...from, ...ours, ...theirs }).sort()) {
    const value = mergeValue([...path, key], own(from, key), own(ours, key), own(theirs, key), options, out);
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}

/** What names the kind of a decision: a removal where a side removed, whichever side it was. */
function outcome(base: Side, ours: Side, theirs: Side): Side {
  return base !== undefined && (ours === undefined || theirs === undefined) ? undefined : (ours ?? theirs);
}

/**
 * One side removed what the other changed, or put a node of another class in its place. Where the other changed only
 * how it looks, that holds [MG-4]; else the decision is open. `undefined` when neither side removed.
 */
function mergeRemoval(
  path: readonly string[],
  base: Side,
  ours: Side,
  theirs: Side,
  out: MergedPlace[],
): { value: Side } | undefined {
  if (base === undefined) return undefined;
  const isGone = (side: Side): boolean =>
    side === undefined || (isObject(base) && isObject(side) && isOtherNode(base, side, path));
  if (isGone(ours) === isGone(theirs)) return undefined;
  const [remover, changed] = isGone(ours) ? (['ours', theirs] as const) : (['theirs', ours] as const);
  if (!onlyLooksDiffer(path, base, changed!)) return undefined;
  return { value: decide(path, base, ours, theirs, remover, out) };
}

function onlyLooksDiffer(path: readonly string[], a: Json, b: Json): boolean {
  if (jsonEqual(a, b)) return true;
  if (isObject(a) && isObject(b) && !isAtomic(path) && !isOtherNode(a, b, path)) {
    return Object.keys({ ...a, ...b }).every((key) => {
      const [x, y] = [own(a, key), own(b, key)];
      if (x === undefined || y === undefined) return jsonEqual(x, y) || isPresentation([...path, key], x, y);
      return onlyLooksDiffer([...path, key], x, y);
    });
  }
  return isPresentation(path, a, b);
}

function isPresentation(path: readonly string[], from: Side, to: Side): boolean {
  return PRESENTATION_KINDS.has(kindOf(path, from, to));
}

/** Lists that only say in which order the members of a map stand. */
function isOrder(path: readonly string[], ours: Side, theirs: Side): boolean {
  if (!Array.isArray(ours) || !Array.isArray(theirs)) return false;
  const place = path[0] === 'subgraphs' ? path.slice(2) : path;
  if (place.length === 1) return ['input_order', 'output_order'].includes(place[0]!);
  const isOfNode = place.length === 4 && place[0] === 'nodes' && place[2] === 'ui';
  return isOfNode && ['socket_order', 'widget_order', 'unnamed'].includes(place[3]!);
}

/**
 * Both sides changed an order: members of the base that both kept, in the base's order, then what either side added,
 * by its place in its own list; the same whichever side is ours. [MG-5]
 */
function mergeOrder(path: readonly string[], base: Side, ours: Json[], theirs: Json[], out: MergedPlace[]): Json[] {
  const from = Array.isArray(base) ? base : [];
  const kept = from.filter((member) => ours.includes(member) && theirs.includes(member));
  const added = new Map<Json, number>();
  for (const list of [ours, theirs]) {
    for (const [index, member] of list.entries()) {
      if (!from.includes(member)) added.set(member, Math.min(index, added.get(member) ?? index));
    }
  }
  const late = [...added].sort(([a, i], [b, j]) => i - j || (String(a) < String(b) ? -1 : 1));
  out.push(placeOf(path, base, ours, theirs, 'both', false));
  return [...kept, ...late.map(([member]) => member)];
}

function decide(
  path: readonly string[],
  base: Side,
  ours: Side,
  theirs: Side,
  action: Decision['action'],
  out: MergedPlace[],
): Side {
  out.push(placeOf(path, base, ours, theirs, action, action === 'open'));
  switch (action) {
    case 'ours':
    case 'both':
      return ours;
    case 'theirs':
      return theirs;
    case 'open':
    case 'base':
    case 'value':
      return base;
    case 'auto':
      return larger(ours, theirs);
  }
}

/** A choice that does not depend on which side is ours: looks are not worth a question. [MG-6] */
function larger(a: Side, b: Side): Side {
  if (a === undefined || b === undefined) return a ?? b;
  return canonicalJson(a) >= canonicalJson(b) ? a : b;
}

function placeOf(
  path: readonly string[],
  base: Side,
  ours: Side,
  theirs: Side,
  action: Decision['action'],
  conflict: boolean,
): MergedPlace {
  return {
    kind: kindOf(path, base, outcome(base, ours, theirs)),
    path,
    ...(base === undefined ? {} : { base }),
    ...(ours === undefined ? {} : { ours }),
    ...(theirs === undefined ? {} : { theirs }),
    action,
    conflict,
  };
}
