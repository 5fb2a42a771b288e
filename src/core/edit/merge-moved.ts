import type { Json, JsonObject } from '../../base/json.ts';
import { jsonEqual } from '../../base/json-text.ts';
import { effectiveValue } from '../workflow/effective.ts';
import { own } from '../workflow/names.ts';
import { INPUT_SIDE } from '../workflow/read-links.ts';
import { type NodePlace, nodeAt, withNode, withValue } from '../workflow/scopes.ts';
import type { Workflow, WorkflowNode } from '../workflow/types.ts';
import { matchWorkflows } from './match.ts';
import type { MergeOptions } from './merge.ts';
import { type MergedPlace, mergeValue } from './merge-value.ts';
import { comparePaths } from './pointer.ts';

interface Sides {
  readonly ours: Workflow;
  readonly theirs: Workflow;
}

/** What belongs to where a node stands: its links and sockets, and its place on the canvas. */
const OF_PLACE = ['sockets', 'socket_order', 'link_attrs', 'outputs', 'pos', 'order'];

/**
 * One side put nodes into a subgraph (or took them out) and the other changed what they do: the change follows each
 * node to where it went [MG-13], to the widget that its instance shows where that is what counts. Returns the sides
 * with that done, so that nothing is changed any more where the node was; decisions are appended to `out`. A node with
 * other links, of another class, or that both sides moved, is left to be asked about.
 */
export function followMoves(
  base: Workflow,
  sides: Sides,
  isMoved: Readonly<Record<keyof Sides, boolean>>,
  options: MergeOptions,
  out: MergedPlace[],
): Sides {
  let { ours, theirs } = sides;
  const places: MergedPlace[] = [];
  if (isMoved.ours) [ours, theirs] = follow(base, ours, theirs, 'ours', options, places);
  if (isMoved.theirs) [theirs, ours] = follow(base, theirs, ours, 'theirs', options, places);
  out.push(...places.sort((a, b) => comparePaths(a.path, b.path)));
  return { ours, theirs };
}

/** Carries what `other` changed to where `mover` put the nodes; returns both. `side` is the mover's name. */
function follow(
  base: Workflow,
  mover: Workflow,
  other: Workflow,
  side: keyof Sides,
  options: MergeOptions,
  out: MergedPlace[],
): [Workflow, Workflow] {
  for (const { a: before, b: after } of matchWorkflows(base, mover).moved) {
    const [old, now, changed] = [nodeAt(base, before), nodeAt(mover, after), nodeAt(other, before)];
    if (!old || !now || !changed || nodeAt(mover, before) || jsonEqual(asJson(old), asJson(changed))) continue;
    if (old.class_type !== changed.class_type || !jsonEqual(asJson(old).links, asJson(changed).links)) continue;
    const path = pathOf(after);
    const there = [asJson(now), asJson(standingAs(changed, now))] as const;
    const [x, y] = side === 'ours' ? there : [there[1], there[0]];
    const node = mergeValue(path, asJson(standingAs(old, now)), x, y, options, out) as unknown as WorkflowNode;
    mover = withNode(mover, after, node);
    mover = withShown(mover, after, old, node);
    other = withNode(other, before, old);
  }
  return [mover, other];
}

/** A node as it would be where another one stands: with its links and sockets. */
function standingAs(node: WorkflowNode, there: WorkflowNode): WorkflowNode {
  const ui: Record<string, Json> = {};
  for (const [key, value] of Object.entries(node.ui)) if (!OF_PLACE.includes(key)) ui[key] = value;
  for (const key of OF_PLACE) {
    const value = own(there.ui, key);
    if (value !== undefined) ui[key] = value;
  }
  return { ...node, links: there.links, ui };
}

/** A value that the instance shows is the one that counts: it changes with the one inside, unless the mover set it. */
function withShown(mover: Workflow, place: NodePlace, old: WorkflowNode, now: WorkflowNode): Workflow {
  let workflow = mover;
  for (const [input, value] of Object.entries(now.widgets)) {
    const before = own(old.widgets, input);
    if (jsonEqual(before, value) || own(now.links, input)?.from !== INPUT_SIDE) continue;
    const shown = effectiveValue(workflow, { ...place, input });
    if (shown.kind !== 'value' || !jsonEqual(shown.value, before)) continue;
    const holder = nodeAt(workflow, shown.place)!;
    workflow = withNode(workflow, shown.place, withValue(holder, shown.place.input, value));
  }
  return workflow;
}

function pathOf({ scope, node }: NodePlace): string[] {
  return [...(scope === undefined ? [] : ['subgraphs', scope]), 'nodes', node];
}

function asJson(node: WorkflowNode): JsonObject {
  return node as unknown as JsonObject;
}
