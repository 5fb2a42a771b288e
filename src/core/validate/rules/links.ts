import type { Json } from '../../../base/json.ts';
import type { DeclaredInput } from '../../catalog/declared-inputs.ts';
import { allowedTypes, typesFit } from '../../catalog/socket-types.ts';
import type { Graph, GraphNode } from '../graph.ts';
import { linkFault } from '../link-fault.ts';
import { placeData, type Report } from '../report.ts';
import { OutputTypes, templateOf } from '../types.ts';
import { nodeName } from '../words.ts';
import type { Rule } from './rule.ts';

/** [VS-5] Links: of the right form, from a node that is there, from an output it has, of a type the input takes. */
export const rule: Rule = {
  name: 'links',
  codes: ['LINK_MALFORMED', 'LINK_DANGLING', 'SLOT_OUT_OF_RANGE', 'TYPE_MISMATCH', 'LINK_UNDECLARED'],
  check({ graph }, report) {
    const types = new OutputTypes(graph);
    for (const node of graph.nodes.values()) {
      for (const [name, input] of node.inputs) {
        if (input.kind === 'list') checkList(graph, node, name, input.value, report);
        if (input.kind === 'link') checkLink(graph, types, node, name, input, report);
      }
    }
  },
};

function checkList(graph: Graph, node: GraphNode, name: string, list: readonly Json[], report: Report): void {
  // What the class does not have is looked at as a value, unless the server would follow it.
  const [from, slot] = list;
  const isFollowed = list.length === 2 && typeof from === 'string' && typeof slot === 'number';
  if (node.declared && !isKnown(node, name) && !isFollowed) return;
  const { message, to } = linkFault(list, graph, node.declared?.byName.get(name));
  const isGone = isFollowed && !graph.nodes.has(from);
  const data = { value: [...list], ...(to === undefined ? {} : { to }) };
  report.atNode({ code: isGone ? 'LINK_DANGLING' : 'LINK_MALFORMED', message, data }, node, name);
}

function checkLink(
  graph: Graph,
  types: OutputTypes,
  node: GraphNode,
  name: string,
  { from, slot }: { from: string; slot: number },
  report: Report,
): void {
  const source = graph.nodes.get(from);
  if (!source) {
    const message = `it is linked to node ${from}, which is not there`;
    report.atNode({ code: 'LINK_DANGLING', message, data: { from, slot } }, node, name);
    return;
  }
  const data = { from: source.place.node, slot, ...scopeOf(source, node) };
  const outputs = source.definition?.outputs;
  if (outputs && slot >= outputs.length) {
    const has = outputs.length === 0 ? 'has no outputs' : `has the outputs 0 to ${outputs.length - 1}`;
    const message = `it is linked to output ${slot} of ${nodeName(source)}, which ${has}`;
    report.atNode({ code: 'SLOT_OUT_OF_RANGE', message, data: { ...data, outputs: outputs.length } }, node, name);
    return;
  }
  const declared = node.declared?.byName.get(name);
  if (declared) checkType(types, node, declared, source, { from, slot }, data, report);
  else if (node.declared && !isKnown(node, name)) {
    const message = `${node.classType} has no such input, and a link from ${nodeName(source)} feeds it`;
    report.atNode({ code: 'LINK_UNDECLARED', message, data }, node, name);
  }
}

function checkType(
  types: OutputTypes,
  node: GraphNode,
  input: DeclaredInput,
  source: GraphNode,
  { from, slot }: { from: string; slot: number },
  data: Record<string, Json>,
  report: Report,
): void {
  const gives = types.output(from, slot);
  if (gives === undefined) return;
  const mismatch = (takes: string, why: string): void => {
    const message = `it takes ${takes}${why}, and output ${slot} of ${nodeName(source)} gives ${shownType(gives)}`;
    report.atNode({ code: 'TYPE_MISMATCH', message, data: { ...data, takes, gives } }, node, input.name);
  };
  const allowed = allowedTypes(input);
  if (allowed === undefined) {
    if (!typesFit(gives, input.type)) mismatch(input.type, '');
    return;
  }
  const given = Array.isArray(gives) ? 'COMBO' : gives;
  if (!typesFit(given, allowed)) {
    mismatch(allowed, '');
    return;
  }
  const resolved = types.template(node, templateOf(input)!);
  if (resolved.by !== undefined && resolved.by !== input.name && !typesFit(given, resolved.type))
    mismatch(resolved.type, ` like ${resolved.by}`);
}

function shownType(type: Json): string {
  return Array.isArray(type) ? 'one of a list' : String(type);
}

/** Whether the class may have an input of that name: it declares it, it is hidden, or the key above it is not known. */
function isKnown({ definition, declared }: GraphNode, name: string): boolean {
  return (
    declared!.byName.has(name) ||
    definition!.inputs.some((one) => one.name === name && one.section === 'hidden') ||
    declared!.open.some((combo) => name.startsWith(`${combo.name}.`)) ||
    [...declared!.growing.keys()].some((growing) => name.startsWith(`${growing}.`))
  );
}

function scopeOf(source: GraphNode, node: GraphNode): Record<string, Json> {
  if (source.place.scope === node.place.scope) return {};
  return { source: placeData(source.place) };
}
