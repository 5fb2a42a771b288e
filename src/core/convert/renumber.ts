import { isObject, type Json } from '../../base/json.ts';
import { asNodeId, isIntegerId } from '../workflow/names.ts';
import type { LinkSource, NodeId, Subgraph, Workflow, WorkflowNode } from '../workflow/types.ts';
import { FileIds } from './origins.ts';

/** The order in which a file lists what the page counts through: definitions, their nodes, and the last id it gave. */
export interface FileOrder {
  readonly lastNodeId: number;
  readonly definitions: readonly { readonly id: string; readonly nodes: readonly NodeId[] }[];
}

/** Reads the order of a UI document; a part that has another shape says nothing. */
export function fileOrder(document: Json): FileOrder {
  const file = isObject(document) ? document : {};
  const state = isObject(file.state) ? file.state.lastNodeId : undefined;
  const last = file.last_node_id ?? state;
  const listed = isObject(file.definitions) ? file.definitions.subgraphs : [];
  return {
    lastNodeId: typeof last === 'number' ? last : 0,
    definitions: (Array.isArray(listed) ? listed : []).flatMap((entry) => {
      if (!isObject(entry) || typeof entry.id !== 'string' || !Array.isArray(entry.nodes)) return [];
      const ids = entry.nodes.flatMap((node) => (isObject(node) && node.id !== undefined ? [node.id] : []));
      return [{ id: entry.id, nodes: ids.map((id) => asNodeId(id, { source: '', path: '' })) }];
    }),
  };
}

/**
 * No node inside a definition shares its id with one of the root or of a definition before it: the later one gets the
 * next free id after the last the file gave; `ids` knows what the file calls it. [CV-2] Source: ComfyUI_frontend,
 * `subgraphDeduplication`.
 */
export function withUniqueIds(workflow: Workflow, order?: FileOrder): { workflow: Workflow; ids: FileIds } {
  const used = new Set(Object.keys(workflow.nodes));
  let last = order?.lastNodeId ?? 0;
  const renamed = new Map<string, Map<NodeId, NodeId>>();
  for (const { id, nodes } of orderOf(workflow, order)) {
    const names = new Map<NodeId, NodeId>();
    for (const old of nodes) {
      if (!used.has(old)) {
        used.add(old);
        if (isIntegerId(old)) last = Math.max(last, Number(old));
        continue;
      }
      do last++;
      while (used.has(String(last)));
      names.set(old, String(last));
      used.add(String(last));
    }
    if (names.size > 0) renamed.set(id, names);
  }
  const ids = new FileIds(renamed);
  if (renamed.size === 0) return { workflow, ids };
  const subgraphs: Record<string, Subgraph> = {};
  for (const [id, subgraph] of Object.entries(workflow.subgraphs)) {
    subgraphs[id] = renameInside(subgraph, renamed.get(id) ?? new Map(), renamed);
  }
  const nodes = Object.entries(workflow.nodes).map(([id, node]) => [id, withProxies(node, renamed)] as const);
  return { workflow: { ...workflow, nodes: Object.fromEntries(nodes), subgraphs }, ids };
}

/** The file's order, completed by what it does not list. */
function orderOf({ subgraphs }: Workflow, order: FileOrder | undefined): FileOrder['definitions'] {
  const listed = (order?.definitions ?? []).filter(({ id }) => Object.hasOwn(subgraphs, id));
  const ids = new Set(listed.map(({ id }) => id));
  const rest = Object.keys(subgraphs).filter((id) => !ids.has(id));
  return [...listed, ...rest.map((id) => ({ id, nodes: [] }))].map(({ id, nodes }) => {
    const own = subgraphs[id]!.nodes;
    // A set keeps the order in which its members come first.
    const known = nodes.filter((node) => Object.hasOwn(own, node));
    return { id, nodes: [...new Set([...known, ...Object.keys(own)])] };
  });
}

function renameInside(
  subgraph: Subgraph,
  names: ReadonlyMap<NodeId, NodeId>,
  renamed: ReadonlyMap<string, ReadonlyMap<NodeId, NodeId>>,
): Subgraph {
  const to = (id: NodeId) => names.get(id) ?? id;
  const link = (source: LinkSource): LinkSource => ({ ...source, from: to(source.from) });
  const nodes: Record<NodeId, WorkflowNode> = {};
  for (const [id, node] of Object.entries(subgraph.nodes)) {
    const links = Object.fromEntries(Object.entries(node.links).map(([name, source]) => [name, link(source)]));
    nodes[to(id)] = { ...withProxies(node, renamed), links };
  }
  const outputs = Object.entries(subgraph.outputs).map(([key, slot]) => [
    key,
    slot.link ? { ...slot, link: link(slot.link) } : slot,
  ]);
  return { ...subgraph, nodes, outputs: Object.fromEntries(outputs) };
}

/** The widgets an instance shows, under the new ids. */
function withProxies(node: WorkflowNode, renamed: ReadonlyMap<string, ReadonlyMap<NodeId, NodeId>>): WorkflowNode {
  const names = renamed.get(node.class_type);
  const properties = isObject(node.ui.properties) ? node.ui.properties : undefined;
  const listed = properties?.proxyWidgets;
  if (!names || !Array.isArray(listed)) return node;
  const proxyWidgets = listed.map((entry) => {
    if (!Array.isArray(entry)) return entry;
    const [id, ...rest] = entry;
    return [typeof id === 'string' ? (names.get(id) ?? id) : id!, ...rest];
  });
  return { ...node, ui: { ...node.ui, properties: { ...properties, proxyWidgets } } };
}
