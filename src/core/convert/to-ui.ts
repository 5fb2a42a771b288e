import type { Json, JsonObject } from '../../base/json.ts';
import { jsonEqual } from '../../base/json-text.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { compareIds, idNumber, isIntegerId } from '../workflow/names.ts';
import { readWorkflow } from '../workflow/read.ts';
import { linkOf } from '../workflow/read-api.ts';
import type { NodeId, Workflow } from '../workflow/types.ts';
import { writeWorkflow } from '../workflow/write.ts';
import { convertToApi } from './convert.ts';
import { type Edge, layOut, type Position } from './layout.ts';
import { type Remark, Remarks } from './remarks.ts';
import { isOfPage } from './set-up-node.ts';
import { drawForUi, type UiNode } from './to-ui-node.ts';
import { nodeSize, TITLE_HEIGHT } from './to-ui-size.ts';
import { canHold, type HeldValue, holdValues, type WithValues } from './to-ui-values.ts';

/** A prompt as a file of ComfyUI's page. With an error among the diagnostics it must not be used. */
export interface UiConversion {
  readonly document: JsonObject;
  readonly diagnostics: readonly Remark[];
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
 * prompt again, `_meta` aside. Rules CV-60 to CV-68 in docs/conversion.md.
 */
export function convertToUi(workflow: Workflow, catalog: Catalog): UiConversion {
  const plain = draw(workflow, catalog);
  const held = compare(workflow, plain.document, catalog).filter((place) => canHold(workflow, place, catalog));
  if (held.length === 0) return plain;
  const remarks = new Remarks();
  for (const { node, input } of held) {
    const subject = { scope: ROOT, node: { id: node, classType: workflow.nodes[node]!.class_type }, input };
    remarks.add('VALUE_HELD', subject, 'no widget of the node can hold its value: it stands in the subgraph "Values"');
  }
  return draw(workflow, catalog, holdValues(workflow, held, catalog, freeId(workflow)), remarks);
}

function draw(workflow: Workflow, catalog: Catalog, more?: WithValues, remarks = new Remarks()): UiConversion {
  const shown = more?.workflow ?? workflow;
  const ids = Object.keys(shown.nodes).sort(compareIds);
  const nodes = new Map(ids.map((id) => [id, drawForUi(id, shown.nodes[id]!, catalog)]));
  for (const node of nodes.values()) {
    if (node.definition) continue;
    remarks.add('CLASS_UNKNOWN', { scope: ROOT, node }, 'the catalog has no such class: its inputs are kept as given');
  }
  if (more) nodes.set(more.node.id, more.node);
  const links = linksOf(nodes, remarks);
  typeLinks(nodes, links);
  const document = writeDocument(nodes, links);
  if (more) document.definitions = { subgraphs: [more.definition] };
  remarkOnWayBack(workflow, document, catalog, remarks);
  return { document, diagnostics: remarks.list() };
}

/** Values that the page would not send or send as others, as far as nothing else is said of them. */
function compare(workflow: Workflow, document: JsonObject, catalog: Catalog): HeldValue[] {
  return wayBack(workflow, document, catalog).flatMap(({ node, input, before, after, why }) =>
    before === undefined || why || linkOf(before) || (after === undefined && !isInput(catalog, node.classType, input))
      ? []
      : [{ node: node.id, input, value: before }],
  );
}

/** The next integer after all of the prompt's: the last nodes of the page have the highest ids. */
function freeId({ nodes }: Workflow): number {
  const parts = Object.keys(nodes).flatMap((id) => id.split(':').filter(isIntegerId).map(Number));
  const safe = parts.filter(Number.isSafeInteger);
  return safe.reduce((most, id) => Math.max(most, id), 0) + 1;
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
    const known = outgoing.get(key);
    if (known) known.push(id);
    else outgoing.set(key, [id]);
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

/** A place where the page would send something else than the prompt has. */
interface Difference {
  readonly node: { readonly id: NodeId; readonly classType: string };
  readonly input: string;
  readonly before: Json | undefined;
  readonly after: Json | undefined;
  /** What the conversion itself says of the place. */
  readonly why: Remark | undefined;
}

/** Compares the prompt with the one that the page would send of the document; nodes that it would not are left out. */
function wayBack(workflow: Workflow, document: JsonObject, catalog: Catalog): Difference[] {
  const read = readWorkflow(document, { catalog, source: 'the converted workflow' });
  const back = convertToApi(read, catalog, { now: new Date(0), choose: () => 0 });
  const given = writeWorkflow(workflow) as Record<string, { readonly inputs?: JsonObject }>;
  const explained = new Map(back.diagnostics.map((one) => [`${one.node} ${one.input}`, one]));
  return Object.entries(workflow.nodes).flatMap(([id, { class_type: classType }]) => {
    const before = given[id]!.inputs ?? {};
    const after = back.prompt[id]?.inputs ?? {};
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].flatMap((input): Difference[] => {
      const [a, b] = [before[input], after[input]];
      const why = explained.get(`${id} ${input}`);
      return jsonEqual(asDoubles(a), b) ? [] : [{ node: { id, classType }, input, before: a, after: b, why }];
    });
  });
}

/** Remarks on every place where the way back is not the prompt. [CV-67] */
function remarkOnWayBack(workflow: Workflow, document: JsonObject, catalog: Catalog, remarks: Remarks): void {
  const said = new Set(
    remarks.list().flatMap(({ code, node, input }) => (code === 'VALUE_HELD' ? [] : [`${node} ${input}`])),
  );
  for (const [id, { class_type: classType }] of Object.entries(workflow.nodes)) {
    if (!isOfPage(classType)) continue;
    remarks.add(
      'CLASS_OF_PAGE',
      { scope: ROOT, node: { id, classType } },
      'no server knows this class, and the page sends no such node',
    );
  }
  for (const { node, input, before, after, why } of wayBack(workflow, document, catalog)) {
    if (said.has(`${node.id} ${input}`) || isOfPage(node.classType)) continue;
    const subject = { scope: ROOT, node, input };
    const isUnknown = after === undefined && !isInput(catalog, node.classType, input);
    if (why && !isUnknown) remarks.add(why.code, subject, why.message);
    else if (before === undefined)
      remarks.add('VALUE_ADDED', subject, `the prompt has none: the page sends ${shown(after)}`);
    else if (after !== undefined) remarks.add('VALUE_CHANGED', subject, `the page sends it as ${shown(after)}`);
    else if (isUnknown) {
      remarks.add('INPUT_UNKNOWN', subject, 'the catalog has no such input: kept in the file, not sent by the page');
    } else remarks.add('VALUE_LOST', subject, 'nothing in the page could hold its value');
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
