import { compareIds, own } from '../workflow/names.ts';
import { INPUT_SIDE } from '../workflow/read-links.ts';
import type { LinkSource, Scope, Subgraph, Workflow, WorkflowNode } from '../workflow/types.ts';
import { type Hash, hashText, hashValues, mix } from './node-hash.ts';

/** One node of a scope as matching sees it. */
export interface GraphNode {
  /** Definition it stands in; absent in the root. */
  readonly scope?: string;
  readonly id: string;
  readonly node: WorkflowNode;
  /** Its class; definitions that are matched are one class. */
  readonly kind: Hash;
  readonly values: Hash;
  readonly sources: Source[];
  readonly targets: Target[];
}

/** Where one input comes from: a node of the graph, or (`at` -1) something outside it, told by `outside`. */
interface Source {
  readonly name: string;
  /** Hash of the input's name and the output it comes from. */
  readonly key: Hash;
  readonly at: number;
  readonly slot: number | string;
  readonly outside: Hash;
}

/** An input, or (`at` -1) an output of the scope, that the node feeds. */
interface Target {
  readonly key: Hash;
  readonly at: number;
  readonly outside: Hash;
}

/**
 * The nodes of one scope with their links, in the order of their ids. Instances of the definitions in `inlined` are
 * followed: what stands in such a definition is part of the graph, linked as if it stood where its instance stands, and
 * so are those in it; a definition with several instances is followed at the first.
 */
export function scopeGraph(
  workflow: Workflow,
  scope: string | undefined,
  inlined: ReadonlySet<string>,
  kindOf: (classType: string) => Hash,
): GraphNode[] {
  return new GraphBuilder(workflow, inlined, kindOf).build(scope);
}

/** Where an inlined definition stands: its instance and the scope of that. */
interface Inlined {
  readonly instance: WorkflowNode;
  readonly outer: string | undefined;
}

interface End {
  readonly at: number;
  readonly slot: number | string;
  readonly outside: Hash;
}

class GraphBuilder {
  private readonly nodes: GraphNode[] = [];
  private readonly index = new Map<string, number>();
  private readonly places = new Map<string, Inlined>();
  private readonly instances = new Set<WorkflowNode>();
  private readonly workflow: Workflow;
  private readonly inlined: ReadonlySet<string>;
  private readonly kindOf: (classType: string) => Hash;

  constructor(workflow: Workflow, inlined: ReadonlySet<string>, kindOf: (classType: string) => Hash) {
    this.workflow = workflow;
    this.inlined = inlined;
    this.kindOf = kindOf;
  }

  build(scope: string | undefined): GraphNode[] {
    this.collect(scope);
    for (const [at, { scope: home, node }] of this.nodes.entries()) {
      // What an inlined instance is fed is what its nodes are fed.
      if (!this.instances.has(node)) this.connect(at, home, node);
    }
    const { outputs = {}, output_order = [] } = this.scopeOf(scope) as Partial<Subgraph>;
    for (const key of output_order) {
      const { name, link } = own(outputs, key) ?? { name: '' };
      const end = link && this.resolve(scope, link, 0);
      if (end && end.at >= 0)
        this.nodes[end.at]!.targets.push({ key: keyOf('', end.slot), at: -1, outside: hashText(name, 6) });
    }
    return this.nodes;
  }

  private collect(scope: string | undefined): void {
    const { nodes } = this.scopeOf(scope);
    for (const id of Object.keys(nodes).sort(compareIds)) {
      const node = nodes[id]!;
      this.index.set(`${scope ?? ''} ${id}`, this.nodes.length);
      const shared = {
        id,
        node,
        kind: this.kindOf(node.class_type),
        values: hashValues(node),
        sources: [],
        targets: [],
      };
      this.nodes.push(scope === undefined ? shared : { scope, ...shared });
      const inner = node.class_type;
      if (!this.inlined.has(inner) || this.places.has(inner) || inner === scope) continue;
      this.places.set(inner, { instance: node, outer: scope });
      this.instances.add(node);
      this.collect(inner);
    }
  }

  private connect(at: number, home: string | undefined, node: WorkflowNode): void {
    for (const name of Object.keys(node.links).sort()) {
      const link = node.links[name]!;
      const end = this.resolve(home, link, 0);
      if (end === undefined) continue;
      const key = keyOf(name, end.slot);
      this.nodes[at]!.sources.push({ name, key, ...end });
      if (end.at >= 0) this.nodes[end.at]!.targets.push({ key, at, outside: 0 });
    }
  }

  /** The node that really feeds a link, through the sides of inlined definitions; undefined when nothing does. */
  private resolve(scope: string | undefined, { from, slot }: LinkSource, depth: number): End | undefined {
    if (depth > this.places.size * 2) return undefined;
    const graph = this.scopeOf(scope) as Scope & Partial<Subgraph>;
    if (scope !== undefined && from === INPUT_SIDE) {
      const name = own(graph.inputs, String(slot))?.name ?? '';
      const place = this.places.get(scope);
      if (place === undefined) return { at: -1, slot: 0, outside: hashText(name, 7) };
      const link = own(place.instance.links, name);
      return link && this.resolve(place.outer, link, depth + 1);
    }
    const at = this.index.get(`${scope ?? ''} ${from}`);
    if (at === undefined) return { at: -1, slot, outside: hashText('', 8) };
    const { node } = this.nodes[at]!;
    if (!this.instances.has(node)) return { at, slot, outside: 0 };
    const inner = this.workflow.subgraphs[node.class_type]!;
    const link = own(inner.outputs, inner.output_order[Number(slot)] ?? '')?.link;
    return link && this.resolve(node.class_type, link, depth + 1);
  }

  private scopeOf(scope: string | undefined): Scope {
    return scope === undefined ? this.workflow : this.workflow.subgraphs[scope]!;
  }
}

function keyOf(input: string, slot: number | string): Hash {
  return mix(hashText(input), typeof slot === 'number' ? slot : hashText(slot));
}
