import type { Json } from '../../../base/json.ts';
import type { Catalog, NodeDefinition } from '../../catalog/catalog.ts';
import { type DeclaredInput, declaredInputs } from '../../catalog/declared-inputs.ts';
import { own } from '../../workflow/names.ts';
import { scopeAt } from '../../workflow/scopes.ts';
import type { LinkSource, NodeId, Workflow, WorkflowNode } from '../../workflow/types.ts';

/** An output of a node. */
export interface OutputFact extends LinkSource {
  readonly slot: number;
  /** What it gives, MatchTypes resolved; `*` where nobody can tell. */
  readonly type: Json;
}

/** An input that a link feeds. */
export interface Reader {
  readonly node: NodeId;
  readonly input: string;
  readonly slot: number | string;
}

const MATCH = 'COMFY_MATCHTYPE_V3';
/** Nodes one behind the other that pass a type on; more is a cycle. */
const MOST_STEPS = 50;

/** What the nodes of one scope are and how they hang together; looked up once for all findings of the scope. */
export class Facts {
  readonly scope: string | undefined;
  readonly nodes: Readonly<Record<NodeId, WorkflowNode>>;
  private readonly catalog: Catalog;
  private readonly readersOf = new Map<NodeId, Reader[]>();
  private readonly declaredOf = new Map<NodeId, ReadonlyMap<string, DeclaredInput>>();
  private byType: Map<string, OutputFact[]> | undefined;

  constructor(workflow: Workflow, catalog: Catalog, scope: string | undefined) {
    this.scope = scope;
    this.catalog = catalog;
    this.nodes = scopeAt(workflow, scope)?.nodes ?? {};
    for (const [node, { links }] of Object.entries(this.nodes)) {
      for (const [input, { from, slot }] of Object.entries(links)) {
        const readers = this.readersOf.get(from);
        if (readers) readers.push({ node, input, slot });
        else this.readersOf.set(from, [{ node, input, slot }]);
      }
    }
  }

  /** Undefined for a node that is not there or has no known class. */
  definition(node: NodeId): NodeDefinition | undefined {
    const found = own(this.nodes, node);
    return found && this.catalog.node(found.class_type);
  }

  /** The inputs a node has, given what it holds; empty where its class is not known. */
  declared(node: NodeId): ReadonlyMap<string, DeclaredInput> {
    const known = this.declaredOf.get(node);
    if (known) return known;
    const found = own(this.nodes, node);
    const definition = this.definition(node);
    const declared = found && definition ? declaredInputs(definition, heldBy(found)).byName : new Map();
    this.declaredOf.set(node, declared);
    return declared;
  }

  /** The inputs that a node feeds. */
  readers(node: NodeId): readonly Reader[] {
    return this.readersOf.get(node) ?? [];
  }

  /** What a link brings; undefined where it leads to nothing. */
  typeOf({ from, slot }: LinkSource, steps = 0): Json | undefined {
    const type = typeof slot === 'number' ? this.definition(from)?.outputs[slot]?.type : undefined;
    if (type !== MATCH) return type;
    if (steps > MOST_STEPS) return '*';
    for (const [name, input] of this.declared(from)) {
      const link = input.type === MATCH ? own(this.nodes[from]!.links, name) : undefined;
      const passed = link && this.typeOf(link, steps + 1);
      if (passed !== undefined && passed !== '*') return passed;
    }
    return '*';
  }

  /** All outputs of the scope by their type. */
  outputs(): ReadonlyMap<string, readonly OutputFact[]> {
    if (this.byType) return this.byType;
    const byType = new Map<string, OutputFact[]>();
    for (const node of Object.keys(this.nodes)) {
      for (const slot of (this.definition(node)?.outputs ?? []).keys()) {
        const type = this.typeOf({ from: node, slot }) ?? '*';
        const key = typeof type === 'string' ? type : 'COMBO';
        const output = { from: node, slot, type };
        const list = byType.get(key);
        if (list) list.push(output);
        else byType.set(key, [output]);
      }
    }
    this.byType = byType;
    return byType;
  }

  /** A node and all that reads from it, directly or through others. */
  downstream(node: NodeId): ReadonlySet<NodeId> {
    const found = new Set([node]);
    for (const one of found) for (const reader of this.readers(one)) found.add(reader.node);
    return found;
  }

  /** Whether the node gives a result: its class says so. */
  isOutput(node: NodeId): boolean {
    return this.definition(node)?.flags.includes('output_node') === true;
  }

  /** Whether nobody takes anything from a node that is there to be taken from. */
  isUnread(node: NodeId): boolean {
    return this.readers(node).length === 0 && !this.isOutput(node);
  }
}

/** What the inputs of a node hold, by name, as a prompt would say it. */
export function heldBy({ widgets, links }: WorkflowNode): (name: string) => Json | undefined {
  return (name) => {
    const link = own(links, name);
    return link ? [link.from, link.slot] : own(widgets, name);
  };
}
