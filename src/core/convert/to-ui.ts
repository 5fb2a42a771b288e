import type { Json, JsonObject } from '../../base/json.ts';
import { jsonEqual } from '../../base/json-text.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { compareIds, idNumber, isIntegerId } from '../workflow/names.ts';
import { readWorkflow } from '../workflow/read.ts';
import type { NodeId, Workflow } from '../workflow/types.ts';
import { writeWorkflow } from '../workflow/write.ts';
import { convertToApi } from './convert.ts';
import { type Diagnostic, Remarks } from './diagnostics.ts';
import { type Edge, layOut, type Position } from './layout.ts';
import { drawForUi, type UiNode } from './to-ui-node.ts';
import { nodeSize, TITLE_HEIGHT } from './to-ui-size.ts';

/** A prompt as a file of ComfyUI's page. With an error among the diagnostics it must not be used. */
export interface UiConversion {
  readonly document: JsonObject;
  readonly diagnostics: readonly Diagnostic[];
}

const ROOT = { id: undefined, name: '' };
const SPACING = { across: 70, down: 40, grid: 10 };

interface UiLink {
  readonly id: number;
  readonly from: NodeId;
  readonly slot: number;
  readonly to: NodeId;
  readonly toSlot: number;
  type: string;
}

/**
 * The UI format (schema 0.4) of an API workflow: what ComfyUI's page makes when it opens a prompt, laid out anew. What
 * is remarked on is what the way back would say otherwise: without a remark `convertToApi` of the document is the
 * prompt again, `_meta` aside. Rules CV-60 to CV-67 in docs/conversion.md.
 */
export function convertToUi(workflow: Workflow, catalog: Catalog): UiConversion {
  const remarks = new Remarks();
  const ids = Object.keys(workflow.nodes).sort(compareIds);
  const nodes = new Map(ids.map((id) => [id, drawForUi(id, workflow.nodes[id]!, catalog)]));
  for (const node of nodes.values()) {
    if (node.definition) continue;
    remarks.add('CLASS_UNKNOWN', { scope: ROOT, node }, 'the catalog has no such class: its inputs are kept as given');
  }
  const links = linksOf(nodes, remarks);
  typeLinks(nodes, links);
  const document = writeDocument(nodes, links);
  remarkOnWayBack(workflow, document, catalog, remarks);
  return { document, diagnostics: remarks.list() };
}

/** One link for each input that has one, in the order of nodes and their sockets. */
function linksOf(nodes: ReadonlyMap<NodeId, UiNode>, remarks: Remarks): UiLink[] {
  const links: UiLink[] = [];
  for (const [to, node] of nodes) {
    for (const [toSlot, { name, link }] of node.inputs.entries()) {
      if (!link) continue;
      const slot = Number(link.slot);
      if (nodes.has(link.from)) links.push({ id: links.length + 1, from: link.from, slot, to, toSlot, type: '*' });
      else {
        const message = `it is linked to node ${link.from}, which is not there`;
        remarks.add('LINK_DANGLING', { scope: ROOT, node, input: name }, message);
      }
    }
  }
  return links;
}

/** A link has the type of its output. An output that no definition knows has that of the first input it feeds. [CV-63] */
function typeLinks(nodes: ReadonlyMap<NodeId, UiNode>, links: readonly UiLink[]): void {
  for (const link of links) {
    const { outputs } = nodes.get(link.from)!;
    const target = nodes.get(link.to)!.inputs[link.toSlot]!;
    while (outputs.length <= link.slot) outputs.push({ name: `output_${outputs.length}`, type: '*', isList: false });
    const output = outputs[link.slot]!;
    if (output.name === `output_${link.slot}` && output.type === '*') output.type = target.type;
    link.type = output.type;
    if (!nodes.get(link.to)!.definition && target.type === '*') target.type = output.type;
  }
}

function writeDocument(nodes: ReadonlyMap<NodeId, UiNode>, links: readonly UiLink[]): JsonObject {
  const ids = [...nodes.keys()];
  const sizes = [...nodes.values()].map(nodeSize);
  const index = new Map(ids.map((id, at) => [id, at]));
  const edges: Edge[] = links.map(({ from, to }) => ({ from: index.get(from)!, to: index.get(to)! }));
  const boxes = sizes.map(([width, height]) => ({ width, height: height + TITLE_HEIGHT }));
  const positions = layOut(boxes, edges, SPACING);
  const ranks = ranksOf(positions);
  const incoming = new Map(links.map(({ id, to, toSlot }) => [`${toSlot} ${to}`, id]));
  const outgoing = new Map<string, number[]>();
  for (const { id, from, slot } of links) {
    const key = `${slot} ${from}`;
    outgoing.set(key, [...(outgoing.get(key) ?? []), id]);
  }
  const last = ids.filter(isIntegerId).map((id) => Number(id));
  return {
    last_node_id: last.reduce((most, id) => Math.max(most, id), 0),
    last_link_id: links.length,
    nodes: [...nodes].map(([id, node], at) => ({
      id: fileId(id),
      type: node.classType,
      // The page draws the title above the place of a node.
      pos: [positions[at]![0], positions[at]![1] + TITLE_HEIGHT],
      size: [...sizes[at]!],
      flags: {},
      order: ranks[at]!,
      mode: 0,
      inputs: node.inputs.map(({ name, type, widget, isOptional }, slot) => ({
        name,
        type,
        ...(isOptional ? { shape: OPTIONAL_SHAPE } : {}),
        ...(widget === undefined ? {} : { widget: { name: widget } }),
        link: incoming.get(`${slot} ${id}`) ?? null,
      })),
      outputs: node.outputs.map(({ name, type, isList }, slot) => ({
        name,
        type,
        ...(isList ? { shape: LIST_SHAPE } : {}),
        links: outgoing.get(`${slot} ${id}`) ?? null,
      })),
      ...(node.title === undefined ? {} : { title: node.title }),
      properties: node.properties,
      ...(node.positions.length > 0 ? { widgets_values: node.positions } : {}),
      ...(Object.keys(node.named).length > 0 ? { widgets_values_named: node.named } : {}),
    })),
    links: links.map(({ id, from, slot, to, toSlot, type }) => [id, fileId(from), slot, fileId(to), toSlot, type]),
    groups: [],
    config: {},
    extra: {},
    version: 0.4,
  };
}

/** LiteGraph's shapes of sockets: a hollow circle for what may be left out, a grid for a list. */
const OPTIONAL_SHAPE = 7;
const LIST_SHAPE = 6;

/** An id that is an integer is one in the file, any other stays a text, as the page keeps both. [CV-61] */
function fileId(id: NodeId): number | bigint | string {
  return isIntegerId(id) ? idNumber(id) : id;
}

/** The order in which the page would run nodes: from left to right. */
function ranksOf(positions: readonly Position[]): number[] {
  const order = positions.map((_, at) => at);
  order.sort((a, b) => positions[a]![0] - positions[b]![0] || positions[a]![1] - positions[b]![1]);
  const ranks: number[] = [];
  for (const [rank, at] of order.entries()) ranks[at] = rank;
  return ranks;
}

/** Compares the prompt with the one that the page would send of the document. [CV-67] */
function remarkOnWayBack(workflow: Workflow, document: JsonObject, catalog: Catalog, remarks: Remarks): void {
  const read = readWorkflow(document, { catalog, source: 'the converted workflow' });
  const back = convertToApi(read, catalog, { now: new Date(0), choose: () => 0 });
  const given = writeWorkflow(workflow) as Record<string, { readonly inputs?: JsonObject }>;
  const said = new Set(remarks.list().map(({ node, input }) => `${node} ${input}`));
  const explained = new Map(back.diagnostics.map((one) => [`${one.node} ${one.input}`, one]));
  for (const [id, file] of Object.entries(workflow.nodes)) {
    const node = { id, classType: file.class_type };
    const before = given[id]!.inputs ?? {};
    const after = back.prompt[id]?.inputs;
    if (!after) {
      remarks.add('CLASS_OF_PAGE', { scope: ROOT, node }, 'a class of the page itself, which sends no such node');
      continue;
    }
    for (const input of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const [a, b] = [before[input], after[input]];
      if (jsonEqual(asDoubles(a), b) || said.has(`${id} ${input}`)) continue;
      const subject = { scope: ROOT, node, input };
      const why = explained.get(`${id} ${input}`);
      if (why) remarks.add(why.code, subject, why.message);
      else if (a === undefined) remarks.add('VALUE_ADDED', subject, `the prompt has none: the page sends ${shown(b)}`);
      else if (b !== undefined) remarks.add('VALUE_CHANGED', subject, `the page sends it as ${shown(b)}`);
      else if (isInput(catalog, file.class_type, input)) {
        remarks.add('VALUE_LOST', subject, 'the page has no widget that could hold its value');
      } else {
        remarks.add('INPUT_UNKNOWN', subject, 'the catalog has no such input: kept in the file, not sent by the page');
      }
    }
  }
}

function isInput(catalog: Catalog, classType: string, input: string): boolean {
  const inputs = catalog.node(classType)?.inputs ?? [];
  return inputs.some(({ name, section }) => section !== 'hidden' && (input === name || input.startsWith(`${name}.`)));
}

/** The page's numbers are doubles; that is said where a prompt is made. [CV-18] */
function asDoubles(value: Json | undefined): Json | undefined {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map((one) => asDoubles(one)!);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asDoubles(one)!]));
}

function shown(value: Json | undefined): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
