import type { Json } from '../../../base/json.ts';
import type { Catalog, NodeDefinition } from '../../catalog/catalog.ts';
import { type DeclaredInput, declaredInputs } from '../../catalog/declared-inputs.ts';
import { downstreamOf, type User, type Users, usersByNode } from '../../transform/scope-wires.ts';
import { type OutputSlot, outputSlots } from '../../transform/slots.ts';
import { own } from '../../workflow/names.ts';
import { INPUT_SIDE } from '../../workflow/read-links.ts';
import { scopeAt } from '../../workflow/scopes.ts';
import type { LinkSource, NodeId, Workflow, WorkflowNode } from '../../workflow/types.ts';

/** An output of a node or of the input side of a definition. */
export interface OutputFact extends LinkSource {
  /** What it gives; `*` where nobody can tell. */
  readonly type: string;
}

const MUTED = 2;

/** What the nodes of one scope are and how they hang together; looked up once for all findings of the scope. */
export class Facts {
  readonly scope: string | undefined;
  readonly nodes: Readonly<Record<NodeId, WorkflowNode>>;
  private readonly catalog: Catalog;
  private readonly workflow: Workflow;
  private readonly users: Users;
  private readonly outputsOf = new Map<NodeId, readonly OutputSlot[]>();
  private readonly declaredOf = new Map<NodeId, ReadonlyMap<string, DeclaredInput>>();
  private used: ReadonlySet<string> | undefined;
  private readonly alike = new Map<string, Map<string, NodeId[]>>();
  private byType: Map<string, OutputFact[]> | undefined;

  constructor(workflow: Workflow, catalog: Catalog, scope: string | undefined) {
    this.scope = scope;
    this.catalog = catalog;
    this.workflow = workflow;
    this.nodes = scopeAt(workflow, scope)?.nodes ?? {};
    this.users = usersByNode(workflow, scope);
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
  readers(node: NodeId): readonly User[] {
    return this.users.get(node) ?? [];
  }

  /** What a link brings, MatchTypes resolved and `*` where nobody can tell; undefined where it leads to nothing. */
  typeOf({ from, slot }: LinkSource): string | undefined {
    return this.slotsOf(from).find((one) => one.slot === slot)?.type;
  }

  /** The name of an output. */
  outputName({ from, slot }: LinkSource): string {
    return this.slotsOf(from).find((one) => one.slot === slot)?.name ?? String(slot);
  }

  /** The outputs of a node; none where nothing says which it has. */
  slotsOf(node: NodeId): readonly OutputSlot[] {
    const known = this.outputsOf.get(node);
    if (known) return known;
    const place = this.scope === undefined ? { node } : { scope: this.scope, node };
    const slots = outputSlots(this.workflow, place, this.catalog) ?? [];
    this.outputsOf.set(node, slots);
    return slots;
  }

  /** All outputs of the scope by their type. */
  outputs(): ReadonlyMap<string, readonly OutputFact[]> {
    if (this.byType) return this.byType;
    const byType = new Map<string, OutputFact[]>();
    const ids = Object.keys(this.nodes).filter((node) => this.nodes[node]!.mode !== MUTED);
    for (const from of this.scope === undefined ? ids : [...ids, INPUT_SIDE]) {
      for (const { slot, type } of this.slotsOf(from)) {
        const list = byType.get(type);
        if (list) list.push({ from, slot, type });
        else byType.set(type, [{ from, slot, type }]);
      }
    }
    this.byType = byType;
    return byType;
  }

  /** A node and all that reads from it, directly or through others. */
  downstream(node: NodeId): ReadonlySet<NodeId> {
    return downstreamOf(this.users, node);
  }

  /** The classes that the nodes of the scope are of. */
  classes(): ReadonlySet<string> {
    this.used ??= new Set(Object.values(this.nodes).map(({ class_type }) => class_type));
    return this.used;
  }

  /** By source (`<node> <slot>`): the nodes whose input of this name and type it feeds. */
  fedAlike(input: string, type: string): ReadonlyMap<string, readonly NodeId[]> {
    const key = `${type} ${input}`;
    const known = this.alike.get(key);
    if (known) return known;
    const found = new Map<string, NodeId[]>();
    this.alike.set(key, found);
    for (const users of this.users.values()) {
      for (const { node, input: name, source } of users) {
        if (name !== input || this.declared(node).get(name)?.type !== type) continue;
        const from = `${source.from} ${source.slot}`;
        const nodes = found.get(from);
        if (nodes) nodes.push(node);
        else found.set(from, [node]);
      }
    }
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
