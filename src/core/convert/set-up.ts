import { isObject, type JsonObject } from '../../base/json.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { compareIds } from '../workflow/names.ts';
import { byId, INPUT_SIDE, type LinkRow, OUTPUT_SIDE, readLinkRows } from '../workflow/read-links.ts';
import type { Scope, Subgraph, Workflow, WorkflowNode } from '../workflow/types.ts';
import {
  MOST_NESTED,
  type Page,
  type PageInput,
  type PageNode,
  type PageScope,
  type PageSlot,
  slotType,
} from './page.ts';
import { migrateProxies } from './proxies.ts';
import type { Remarks } from './remarks.ts';
import { type SetUp, setUpNode } from './set-up-node.ts';

/**
 * The page as ComfyUI sets it up: definitions before those that use them, then the root; in each scope nodes and
 * their values, then what instances show of their definition's widgets. [CV-10]
 */
export function setUpPage(workflow: Workflow, catalog: Catalog, remarks: Remarks): Page {
  const definitions = new Map<string, PageScope>();
  const setUp: SetUp = { catalog, remarks, definitions };
  for (const id of innermostFirst(workflow, remarks)) {
    const subgraph = workflow.subgraphs[id]!;
    definitions.set(id, setUpScope(setUp, subgraph, id, subgraph.name, subgraph));
  }
  return { root: setUpScope(setUp, workflow, undefined, ''), definitions };
}

/** Ids of the definitions, each after those whose instances it holds. */
function innermostFirst({ subgraphs }: Workflow, remarks: Remarks): string[] {
  const done = new Set<string>();
  const open = new Set<string>();
  const visit = (id: string): void => {
    if (done.has(id) || !Object.hasOwn(subgraphs, id)) return;
    if (open.size > MOST_NESTED) {
      const message = `subgraphs stand inside one another more than ${MOST_NESTED} levels deep`;
      remarks.add('TOO_LARGE', { scope: { id, name: subgraphs[id]!.name } }, message);
      return;
    }
    if (open.has(id)) {
      const scope = { id, name: subgraphs[id]!.name };
      remarks.add('DEFINITION_CYCLE', { scope }, 'the subgraph stands inside itself');
      return;
    }
    open.add(id);
    for (const { class_type } of Object.values(subgraphs[id]!.nodes)) visit(class_type);
    open.delete(id);
    done.add(id);
  };
  for (const id of Object.keys(subgraphs)) visit(id);
  return [...done];
}

function setUpScope(setUp: SetUp, scope: Scope, id: string | undefined, name: string, subgraph?: Subgraph): PageScope {
  const nodes = new Map<string, PageNode>();
  const page: PageScope = {
    id,
    name,
    nodes,
    inputs: [],
    outputs: (subgraph?.output_order ?? []).map((key, at) => outputSlot(subgraph!, key, at)),
  };
  const files = new Map<PageNode, WorkflowNode>();
  // In the order of ids, whatever that of the file: the same graph gives the same prompt, byte for byte. [CV-24]
  for (const nodeId of Object.keys(scope.nodes).sort(compareIds)) {
    const file = scope.nodes[nodeId]!;
    const node = setUpNode(setUp, page, nodeId, file);
    nodes.set(nodeId, node);
    files.set(node, file);
  }
  page.inputs.push(...inputSlots(page, subgraph));
  remarkOnLoose(setUp, page, looseRows(subgraph ?? (scope as Workflow)));
  for (const [node, file] of files) if (node.role === 'instance') migrateProxies(setUp, page, node, file);
  return page;
}

/** Where several links lead into one output the page keeps the first of its table, which is the oldest. [CV-6] */
function outputSlot(subgraph: Subgraph, key: string, at: number): PageScope['outputs'][number] {
  const { outputs, input_order } = subgraph;
  const { name, type, link, ui: slotUi } = outputs[key]!;
  const first = looseRows(subgraph)
    .filter(({ to, toSlot }) => to === OUTPUT_SIDE && toSlot === at)
    .sort((a, b) => byId(a.id, b.id))[0];
  const attrs = isObject(slotUi.link_attrs) ? slotUi.link_attrs : {};
  const isOlder = first && (!link || byId(first.id, attrs.id ?? null) < 0);
  if (!isOlder) return { name, type: slotType(type), link };
  const slot = Number(first.fromSlot);
  return {
    name,
    type: slotType(type),
    link: { from: first.from, slot: first.from === INPUT_SIDE ? (input_order[slot] ?? slot) : slot },
  };
}

/** Rows of the link table that no node names. */
function looseRows({ ui }: Subgraph | Workflow): LinkRow[] {
  return readLinkRows(Object.values((ui.loose_links ?? {}) as JsonObject), { source: '', path: '' });
}

/** A row between nodes that are there says something that the nodes do not: what they say is sent. [CV-6] */
function remarkOnLoose({ remarks }: SetUp, scope: PageScope, rows: readonly LinkRow[]): void {
  for (const { id, from, fromSlot, to, toSlot } of rows) {
    const node = scope.nodes.get(to);
    if (!node || !scope.nodes.has(from)) continue;
    const taken = node.inputs.some(({ link }) => link?.from === from && link.slot === fromSlot);
    if (taken) continue;
    const message = `link ${id} of the table, from node ${from}, leads to its input ${toSlot}, which does not name it`;
    remarks.add('LINK_LOOSE', { scope, node }, message);
  }
}

/** The inputs inside that each slot of a definition feeds, oldest link first. */
function inputSlots(page: PageScope, subgraph: Subgraph | undefined): PageSlot[] {
  if (!subgraph) return [];
  const targets = new Map<string, { node: string; input: PageInput; id: number }[]>();
  for (const [id, node] of page.nodes) {
    const attrs = (subgraph.nodes[id]!.ui.link_attrs ?? {}) as JsonObject;
    for (const input of node.inputs) {
      if (input.link?.from !== INPUT_SIDE) continue;
      const link = attrs[input.name];
      const key = String(input.link.slot);
      const list = targets.get(key) ?? [];
      list.push({ node: id, input, id: isObject(link) ? Number(link.id) : Number.MAX_SAFE_INTEGER });
      targets.set(key, list);
    }
  }
  return subgraph.input_order.map((key) => {
    const { name, type } = subgraph.inputs[key]!;
    const list = (targets.get(key) ?? []).sort((a, b) => a.id - b.id);
    return { key, name, type: slotType(type), targets: list.map(({ node, input }) => ({ node, input })) };
  });
}
