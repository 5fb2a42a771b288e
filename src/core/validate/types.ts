import { isObject, type Json } from '../../base/json.ts';
import type { InputDefinition } from '../catalog/catalog.ts';
import { allowedTypes, typesFit } from '../catalog/socket-types.ts';
import type { Graph, GraphNode } from './graph.ts';

const ANY = '*';
const MATCH = 'COMFY_MATCHTYPE_V3';

/** A template of a node that matches types: the type all its inputs and outputs have in this graph. */
interface Resolved {
  /** `*` while nothing that is linked says otherwise. */
  readonly type: string;
  /** The input that decided it. */
  readonly by?: string;
}

/**
 * What outputs really give: a node that matches types (`COMFY_MATCHTYPE_V3`) gives the type of what feeds it, through
 * chains of such nodes of any length. Without recursion, so that no chain is too long.
 */
export class OutputTypes {
  private readonly graph: Graph;
  private readonly known = new Map<string, ReadonlyMap<string, Resolved>>();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  /** The type of an output slot; undefined where the node, its class or the slot is not known. */
  output(id: string, slot: number): Json | undefined {
    const node = this.graph.nodes.get(id);
    const type = node?.definition?.outputs[slot]?.type;
    if (type !== MATCH || !node) return type;
    // The definition does not say which template an output has: with one alone it is that.
    const [template, ...others] = templatesOf(node).keys();
    return template === undefined || others.length > 0 ? ANY : this.template(node, template).type;
  }

  /** What a template of a node is in this graph. */
  template(node: GraphNode, template: string): Resolved {
    if (!this.known.has(node.id)) this.resolve(node);
    return this.known.get(node.id)?.get(template) ?? { type: ANY };
  }

  /** Depth first over the nodes that match types, sources before readers; a cycle is cut where it is met again. */
  private resolve(start: GraphNode): void {
    const open = [{ node: start, sources: this.matchingSources(start) }];
    const seen = new Set([start.id]);
    while (open.length > 0) {
      const { node, sources } = open.at(-1)!;
      const next = sources.pop();
      if (next === undefined) {
        this.known.set(node.id, this.settle(node));
        open.pop();
      } else if (!seen.has(next.id) && !this.known.has(next.id)) {
        seen.add(next.id);
        open.push({ node: next, sources: this.matchingSources(next) });
      }
    }
  }

  private matchingSources(node: GraphNode): GraphNode[] {
    return [...templatesOf(node).values()].flat().flatMap((input) => {
      const held = node.inputs.get(input.name);
      const source = held?.kind === 'link' ? this.graph.nodes.get(held.from) : undefined;
      const type = held?.kind === 'link' ? source?.definition?.outputs[held.slot]?.type : undefined;
      return source && type === MATCH ? [source] : [];
    });
  }

  private settle(node: GraphNode): Map<string, Resolved> {
    const out = new Map<string, Resolved>();
    for (const [template, inputs] of templatesOf(node)) {
      const allowed = allowedTypes(inputs[0]!) ?? ANY;
      let found: Resolved | undefined;
      for (const { name } of inputs) {
        const held = node.inputs.get(name);
        const source = held?.kind === 'link' ? this.graph.nodes.get(held.from) : undefined;
        const given = held?.kind === 'link' ? source?.definition?.outputs[held.slot]?.type : undefined;
        if (given === undefined || held?.kind !== 'link') continue;
        // A source on the way back of a cycle is not settled yet, and says nothing.
        if (given === MATCH && !this.known.has(held.from)) continue;
        const type = Array.isArray(given) ? 'COMBO' : this.output(held.from, held.slot);
        if (typeof type !== 'string' || type === ANY || !typesFit(type, allowed)) continue;
        found ??= { type: common(type, allowed), by: name };
      }
      out.set(template, found ?? { type: allowed });
    }
    return out;
  }
}

/** The id of the template that an input matches types by; undefined for any other input. */
export function templateOf({ type, options }: Pick<InputDefinition, 'type' | 'options'>): string | undefined {
  if (type !== MATCH) return undefined;
  const id = isObject(options.template) ? options.template.template_id : undefined;
  return typeof id === 'string' ? id : '';
}

function templatesOf({ declared }: GraphNode): Map<string, Pick<InputDefinition, 'name' | 'type' | 'options'>[]> {
  const out = new Map<string, Pick<InputDefinition, 'name' | 'type' | 'options'>[]>();
  for (const input of declared?.byName.values() ?? []) {
    const template = templateOf(input);
    if (template === undefined) continue;
    const inputs = out.get(template) ?? [];
    inputs.push(input);
    out.set(template, inputs);
  }
  return out;
}

/** The members of a type that the other lets through. */
function common(type: string, allowed: string): string {
  if (allowed === ANY) return type;
  const lets = new Set(allowed.split(',').map((one) => one.trim()));
  return type
    .split(',')
    .filter((one) => lets.has(one.trim()))
    .join(',');
}
