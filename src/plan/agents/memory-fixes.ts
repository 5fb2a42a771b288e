import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Catalog } from '../../core/catalog/catalog.ts';
import { declaredInputs } from '../../core/catalog/declared-inputs.ts';
import type { Edit } from '../../core/edit/edit.ts';
import type { Fix } from '../../core/validate/diagnostic.ts';
import { changeNode, setTo, toClass } from '../../core/validate/fixes/changes.ts';
import { defaultFor } from '../../core/validate/fixes/default-value.ts';
import type { InputPlace } from '../../core/workflow/effective.ts';
import { own } from '../../core/workflow/names.ts';
import { type NodePlace, nodeAt } from '../../core/workflow/scopes.ts';
import type { Workflow, WorkflowNode } from '../../core/workflow/types.ts';

/** Decodes or encodes piece by piece: the same picture but for faint seams. */
const TILED: Readonly<Record<string, string>> = { VAEDecode: 'VAEDecodeTiled', VAEEncode: 'VAEEncodeTiled' };
const TILED_CONFIDENCE = 0.85;
/** Fewer pictures, each as it was meant. */
const BATCH_CONFIDENCE = 0.75;
/** Another picture: the last resort. */
const SIZE_CONFIDENCE = 0.55;
const SHRINK = 0.75;
/** Sides stay multiples of this, which all latents take, and no smaller than four of it. */
const SIDE_STEP = 64;
const LEAST_SIDE = 256;

/** A run that ended for want of memory: the prompt as it was sent, and the node that failed in it. */
export interface OutOfMemory {
  readonly prompt: JsonObject;
  readonly node: string;
}

/**
 * What takes less memory at the node that failed, best first: its VAE in tiles, half the batch, three quarters of the
 * sides. Only values that stand in the document as they were sent, of the node and of those that it takes from.
 */
export function memoryFixes({ prompt, node }: OutOfMemory, workflow: Workflow, catalog: Catalog): Fix[] {
  const given = { workflow, catalog };
  const failed = placeInPrompt(workflow, node);
  const fixes = failed ? tiled(given, failed) : [];
  for (const id of upstream(prompt, node)) {
    const place = placeInPrompt(workflow, id);
    const sent = own(prompt, id);
    if (!place || !isObject(sent) || !isObject(sent.inputs)) continue;
    const { class_type, inputs } = sent;
    const name = `${String(class_type)} (${id})`;
    const held = (input: string): number | undefined => numberHeld(given, { ...place, input }, inputs[input]);
    const count = /^Repeat\w+Batch$/.test(String(class_type)) ? 'amount' : 'batch_size';
    const batch = held(count);
    if (batch !== undefined && batch > 1) {
      const half = Math.floor(batch / 2);
      const edits = setTo(given, { ...place, input: count }, half);
      fixes.push({ title: `halve ${count} of ${name}: ${batch} -> ${half}`, confidence: BATCH_CONFIDENCE, edits });
    }
    // Where a picture begins: what resizes one that is loaded was asked for that size.
    if (Object.values(inputs).some(isLink)) continue;
    const [width, height] = [held('width'), held('height')];
    if (width === undefined || height === undefined) continue;
    const [w, h] = [smaller(width), smaller(height)];
    if (w < LEAST_SIDE || h < LEAST_SIDE) continue;
    const edits = [...setTo(given, { ...place, input: 'width' }, w), ...setTo(given, { ...place, input: 'height' }, h)];
    fixes.push({ title: `shrink ${name}: ${width}x${height} -> ${w}x${h}`, confidence: SIZE_CONFIDENCE, edits });
  }
  return fixes.sort((a, b) => b.confidence - a.confidence);
}

/** The node of a document that a node of its prompt was made of: `12:3` is node 3 of the subgraph that 12 stands for. */
export function placeInPrompt(workflow: Workflow, id: string): NodePlace | undefined {
  if (nodeAt(workflow, { node: id })) return { node: id };
  const path = id.split(':');
  const node = path.pop()!;
  let scope: string | undefined;
  for (const part of path) {
    const instance = nodeAt(workflow, placed(scope, part));
    if (!instance || !own(workflow.subgraphs, instance.class_type)) return undefined;
    scope = instance.class_type;
  }
  const place = placed(scope, node);
  return nodeAt(workflow, place) ? place : undefined;
}

function placed(scope: string | undefined, node: string): NodePlace {
  return scope === undefined ? { node } : { scope, node };
}

function tiled(given: { workflow: Workflow; catalog: Catalog }, place: NodePlace): Fix[] {
  const node = nodeAt(given.workflow, place)!;
  const class_type = own(TILED, node.class_type);
  const definition = class_type === undefined ? undefined : given.catalog.node(class_type);
  if (class_type === undefined || !definition) return [];
  const title = `put ${class_type} in the place of ${node.class_type} (${place.node})`;
  return [{ title, confidence: TILED_CONFIDENCE, edits: inTiles(given, place, { ...node, class_type }) }];
}

/** The page draws the node anew, with its defaults; in a prompt they are written. */
function inTiles(given: { workflow: Workflow; catalog: Catalog }, place: NodePlace, node: WorkflowNode): Edit[] {
  if (given.workflow.format === 'ui') return toClass(given, place, node.class_type);
  const { required } = declaredInputs(given.catalog.node(node.class_type)!, (name) => own(node.widgets, name));
  const missing = required.filter(({ name }) => !Object.hasOwn(node.links, name) && !Object.hasOwn(node.widgets, name));
  const defaults = missing.flatMap((input): [string, Json][] => {
    const made = defaultFor(input);
    return made ? [[input.name, made.value]] : [];
  });
  return changeNode(given, place, { ...node, widgets: { ...node.widgets, ...Object.fromEntries(defaults) } });
}

/** A number that was sent and stands in the document as that. */
function numberHeld(
  { workflow }: { workflow: Workflow },
  place: InputPlace,
  sent: Json | undefined,
): number | undefined {
  const node = nodeAt(workflow, place)!;
  if (typeof sent !== 'number' || Object.hasOwn(node.links, place.input)) return undefined;
  return own(node.widgets, place.input) === sent ? sent : undefined;
}

function smaller(side: number): number {
  return Math.floor((side * SHRINK) / SIDE_STEP) * SIDE_STEP;
}

/** A node of a prompt and all it takes from; all nodes where the prompt has no such node. */
function upstream(prompt: JsonObject, node: string): Iterable<string> {
  if (!Object.hasOwn(prompt, node)) return Object.keys(prompt);
  const found = new Set([node]);
  for (const id of found) {
    const sent = own(prompt, id);
    if (!isObject(sent) || !isObject(sent.inputs)) continue;
    for (const value of Object.values(sent.inputs)) if (isLink(value)) found.add(value[0]);
  }
  return found;
}

function isLink(value: Json | undefined): value is [string, number] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'number';
}
