import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { joinPointer } from '../../base/json-text.ts';
import { asKey, shape } from './names.ts';
import type { ReadOptions } from './read.ts';
import type { LinkSource, Workflow, WorkflowNode } from './types.ts';

/**
 * Reads an API-format document `{id: {class_type, inputs, _meta}}`. Entries that are no nodes (a comment, say) are
 * carried; an object with `inputs` but without a class is refused, since it is a damaged node. [CF-2]
 */
export function readApi(document: JsonObject, { source }: ReadOptions): Workflow {
  const nodes: Record<string, WorkflowNode> = {};
  const carried: JsonObject = {};
  for (const [id, entry] of Object.entries(document)) {
    if (isObject(entry) && typeof entry.class_type === 'string') nodes[id] = readNode(id, entry, source);
    else if (isObject(entry) && 'inputs' in entry) {
      throw shape({ source, path: joinPointer([id, 'class_type']) }, `node ${id} has no class_type`);
    } else carried[id] = entry;
  }
  return { format: 'api', nodes, subgraphs: {}, ui: Object.keys(carried).length > 0 ? { carried } : {} };
}

function readNode(id: string, entry: JsonObject, source: string): WorkflowNode {
  const { class_type, inputs, _meta, ...rest } = entry;
  if (inputs !== undefined && !isObject(inputs)) {
    throw shape({ source, path: joinPointer([id, 'inputs']) }, 'inputs is not an object');
  }
  const widgets: Record<string, Json> = {};
  const links: Record<string, LinkSource> = {};
  for (const [name, value] of Object.entries(inputs ?? {})) {
    const link = linkOf(value);
    if (link) links[name] = link;
    else widgets[name] = value;
  }
  const ui: JsonObject = Object.keys(rest).length > 0 ? { carried: rest } : {};
  if (inputs === undefined) ui.no_inputs = true;
  if (isObject(_meta)) {
    const { title, ...meta } = _meta;
    if (typeof title === 'string') ui.title = title;
    else if (title !== undefined) ui.odd_title = title;
    ui.meta = meta;
  } else if (_meta !== undefined) ui.odd_meta = _meta;
  return { class_type: asKey(class_type, { source, path: joinPointer([id]) }, 'class_type'), widgets, links, ui };
}

/** The link a value is read as: ComfyUI's own rule (comfy_execution/graph_utils.py, is_link), a list of a text and a number. */
export function linkOf(value: Json): LinkSource | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [from, slot] = value;
  if (typeof from !== 'string' || typeof slot !== 'number' || !Number.isInteger(slot) || slot < 0) return undefined;
  return { from, slot };
}
