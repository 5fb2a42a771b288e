import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { own } from '../workflow/names.ts';
import { INPUT_SIDE } from '../workflow/read-links.ts';
import { type NodePlace, nodeAt, scopeAt, withNode } from '../workflow/scopes.ts';
import type { LinkSource, Scope, Subgraph, Workflow, WorkflowNode } from '../workflow/types.ts';

/** The next free number for a link of a scope of a UI file: those of the file stay what they are. */
export function freeLinkId(workflow: Workflow, scope: string | undefined): number {
  const inside = scopeAt(workflow, scope)!;
  const attrs = Object.values(inside.nodes).flatMap(({ ui }) => Object.values((ui.link_attrs ?? {}) as JsonObject));
  const outputs = scope === undefined ? {} : workflow.subgraphs[scope]!.outputs;
  for (const { ui } of Object.values(outputs)) if (ui.link_attrs !== undefined) attrs.push(ui.link_attrs);
  const ids = [...attrs.map((one) => (one as JsonObject).id), ...looseRows(inside).map(rowId)];
  return ids.reduce<number>((most, id) => (typeof id === 'number' && id > most ? id : most), 0) + 1;
}

/**
 * The workflow with an output ready to feed one more input: it is there, and a list of links that disagreed with the
 * table, which would now leave one out, follows from the links again.
 */
export function listedByOrigin(workflow: Workflow, scope: string | undefined, { from, slot }: LinkSource): Workflow {
  if (scope !== undefined && from === INPUT_SIDE) {
    const inner = workflow.subgraphs[scope]!;
    const input = own(inner.inputs, String(slot));
    if (input?.ui.linkIds === undefined) return workflow;
    const { linkIds: _, ...ui } = input.ui;
    const inputs = { ...inner.inputs, [slot]: { ...input, ui } };
    return { ...workflow, subgraphs: { ...workflow.subgraphs, [scope]: { ...inner, inputs } } };
  }
  const place = { ...(scope === undefined ? {} : { scope }), node: from };
  const node = nodeAt(workflow, place);
  if (!node) return workflow;
  const outputs = { ...((node.ui.outputs ?? {}) as JsonObject) };
  const count = Object.keys(outputs).length;
  for (let at = count; at <= Number(slot); at++) outputs[String(at)] = { name: '', type: '*' };
  const output = outputs[String(slot)];
  if (!isObject(output) || (output.links === undefined && count > Number(slot))) return workflow;
  const { links: _, ...rest } = output;
  const { odd_outputs: _odd, ...ui } = node.ui;
  return withNode(workflow, place, { ...node, ui: { ...ui, outputs: { ...outputs, [String(slot)]: rest } } });
}

/** What else a file says of a node that is gone: rows of links that no input took, widgets and pictures an instance shows. */
export function forgetNode(workflow: Workflow, { scope, node: id }: NodePlace): Workflow {
  const rows = withoutRows(workflow, scope, id);
  if (scope === undefined) return rows;
  let after = rows;
  for (const at of [undefined, ...Object.keys(after.subgraphs)]) {
    for (const [node, instance] of Object.entries(scopeAt(after, at)!.nodes)) {
      if (instance.class_type !== scope) continue;
      const place = { ...(at === undefined ? {} : { scope: at }), node };
      after = withNode(after, place, withoutShown(instance, id));
    }
  }
  return after;
}

function withoutRows(workflow: Workflow, scope: string | undefined, id: string): Workflow {
  const inside = scopeAt(workflow, scope) as Workflow | Subgraph;
  const loose = inside.ui.loose_links as JsonObject | undefined;
  if (!loose) return workflow;
  const left = Object.entries(loose).filter(([, row]) => !rowEnds(row).includes(id));
  const { loose_links: _, ...rest } = inside.ui;
  const ui = left.length > 0 ? { ...rest, loose_links: Object.fromEntries(left) } : rest;
  if (scope === undefined) return { ...workflow, ui };
  return { ...workflow, subgraphs: { ...workflow.subgraphs, [scope]: { ...(inside as Subgraph), ui } } };
}

/** An instance without the widgets of an inner node: their entries in `proxyWidgets`, and the values at those places. */
function withoutShown(instance: WorkflowNode, id: string): WorkflowNode {
  const { properties } = instance.ui;
  if (!isObject(properties)) return instance;
  const proxies = Array.isArray(properties.proxyWidgets) ? properties.proxyWidgets : [];
  const isOf = (entry: Json): boolean => Array.isArray(entry) && String(entry[0]) === id;
  const previews = Array.isArray(properties.previewExposures) ? properties.previewExposures : [];
  const isPreview = (entry: Json): boolean => isObject(entry) && String(entry.sourceNodeId) === id;
  if (!proxies.some(isOf) && !previews.some(isPreview)) return instance;
  const gone = new Set(proxies.flatMap((entry) => (isOf(entry) ? [String((entry as Json[])[1])] : [])));
  const kept = proxies.flatMap((entry) => (isOf(entry) ? [] : [String((entry as Json[])[1])]));
  for (const name of kept) gone.delete(name);
  const filtered = {
    ...properties,
    ...(proxies.length > 0 ? { proxyWidgets: proxies.filter((entry) => !isOf(entry)) } : {}),
    ...(previews.length > 0 ? { previewExposures: previews.filter((entry) => !isPreview(entry)) } : {}),
  };
  const widgets = Object.fromEntries(Object.entries(instance.widgets).filter(([name]) => !gone.has(name)));
  const order = instance.ui.widget_order as string[] | undefined;
  return {
    ...instance,
    widgets,
    ui: {
      ...instance.ui,
      properties: filtered,
      ...(order ? { widget_order: order.filter((name) => !gone.has(name)) } : {}),
    },
  };
}

function looseRows(scope: Scope): Json[] {
  const { ui } = scope as Workflow | Subgraph;
  return Object.values((ui.loose_links ?? {}) as JsonObject);
}

function rowId(row: Json): Json | undefined {
  return Array.isArray(row) ? row[0] : (row as JsonObject).id;
}

function rowEnds(row: Json): string[] {
  const ends = Array.isArray(row) ? [row[1], row[3]] : [(row as JsonObject).origin_id, (row as JsonObject).target_id];
  return ends.map(String);
}
