import type { Json } from '../../base/json.ts';
import { jsonEqual } from '../../base/json-text.ts';
import { compareIds, own } from '../workflow/names.ts';
import { INPUT_SIDE } from '../workflow/read-links.ts';
import { type NodePlace, nodeAt } from '../workflow/scopes.ts';
import type { LinkSource, Scope, Workflow, WorkflowNode } from '../workflow/types.ts';
import { compareValues } from './diff.ts';
import { type Edit, makeEdit, targetOf } from './edit.ts';
import { type Matching, matchWorkflows } from './match.ts';
import { NewIds } from './new-ids.ts';

/**
 * Nodes that went into a subgraph (`wrap`), or came out of one (`unwrap`), and are otherwise what they were. `edits` of the diff say no more than that; `changes` are what is left: edits of the nodes at their new places, by
 * the ids of the later version.
 */
export interface Wrap {
  readonly kind: 'wrap' | 'unwrap';
  /** Whether the subgraph was there before and is there after: the nodes moved, nothing was made or dissolved. */
  readonly kept: boolean;
  /** Id and name of the definition. */
  readonly subgraph: string;
  readonly name: string;
  /** The node that places it: in the later version of a wrap, in the earlier one of an unwrap. */
  readonly instance: NodePlace;
  readonly nodes: readonly { readonly before: NodePlace; readonly after: NodePlace }[];
  readonly edits: ReadonlySet<Edit>;
  readonly changes: readonly Edit[];
}

/** A subgraph that took in one node among new ones was not made by wrapping. */
const FEWEST = 2;

/** The wraps and unwraps among the edits from one workflow to another. [MA-3] */
export function findWraps(edits: readonly Edit[], before: Workflow, after: Workflow): Wrap[] {
  const hasMoved = edits.some(({ kind }) => kind === 'add-node' || kind === 'remove-node' || kind === 'replace-node');
  if (!hasMoved || Object.keys({ ...before.subgraphs, ...after.subgraphs }).length === 0) return [];
  return new WrapFinder(edits, before, after).find();
}

type Moved = Matching['moved'][number];
type Place = Pick<Wrap, 'kind' | 'kept' | 'subgraph' | 'instance'>;

class WrapFinder {
  private readonly edits: readonly Edit[];
  private readonly before: Workflow;
  private readonly after: Workflow;
  private readonly matching: Matching;
  private readonly ids: NewIds;
  /** Where a node of the earlier version is in the later one. */
  private readonly places = new Map<string, { readonly old: NodePlace; readonly now: NodePlace }>();

  constructor(edits: readonly Edit[], before: Workflow, after: Workflow) {
    this.edits = edits;
    this.before = before;
    this.after = after;
    this.matching = matchWorkflows(before, after);
    this.ids = new NewIds(edits);
    for (const { a, b, nodes } of this.matching.scopes)
      for (const [x, y] of nodes) this.place(placeOf(a, x), placeOf(b, y));
    for (const { a, b } of this.matching.moved) this.place(a, b);
  }

  private place(old: NodePlace, now: NodePlace): void {
    this.places.set(keyOf(old.scope, old.node), { old, now });
  }

  find(): Wrap[] {
    const out: Wrap[] = [];
    for (const kind of ['wrap', 'unwrap'] as const) {
      const [inner, workflow] = kind === 'wrap' ? (['b', this.after] as const) : (['a', this.before] as const);
      const groups = new Map<string, Moved[]>();
      for (const move of this.matching.moved) {
        const subgraph = move[inner].scope;
        if (subgraph === undefined || (this.isShared(subgraph, inner) && !this.isOwn(kind, move))) continue;
        groups.set(subgraph, [...(groups.get(subgraph) ?? []), move]);
      }
      for (const [subgraph, moves] of groups) {
        const instance = instanceOf(workflow, subgraph);
        const { name, nodes } = workflow.subgraphs[subgraph]!;
        const kept = this.isShared(subgraph, inner);
        if (instance === undefined || (!kept && moves.length < Math.min(FEWEST, Object.keys(nodes).length))) continue;
        const common = { kind, kept, subgraph, name, instance };
        const sorted = [...moves].sort((x, y) => compareIds(x.a.node, y.a.node));
        const moved = sorted.map(({ a, b }) => ({ before: a, after: b }));
        const told = this.edits.filter((edit) => this.isTold(edit, common, sorted));
        out.push({ ...common, nodes: moved, edits: new Set(told), changes: this.changesOf(common, sorted) });
      }
    }
    return out;
  }

  /** Between two scopes that both sides have a node goes out of a definition only into the root. */
  private isOwn(kind: Wrap['kind'], { a, b }: Moved): boolean {
    if (a.scope !== undefined && !this.isShared(a.scope, 'a')) return false;
    if (b.scope !== undefined && !this.isShared(b.scope, 'b')) return false;
    return (kind === 'unwrap') === (b.scope === undefined);
  }

  private isShared(subgraph: string, side: 'a' | 'b'): boolean {
    return this.matching.scopes.some((match) => match[side] === subgraph);
  }

  /** Whether an edit of the diff says nothing but that the nodes went in, or came out. */
  private isTold(edit: Edit, { kind, kept, subgraph, instance }: Place, moves: readonly Moved[]): boolean {
    const { path } = edit;
    const scope = targetOf(edit).scope;
    const id = path.at(-1)!;
    const isGone = (node: string): boolean => moves.some(({ a }) => a.scope === scope && a.node === node);
    const isNew = (node: string): boolean => {
      const there = placeOf(this.ids.subgraph(scope), this.ids.node(scope, node));
      return moves.some(({ b }) => isSame(b, there));
    };
    const isInstance = (node: string): boolean =>
      kind === 'wrap'
        ? isSame(instance, placeOf(this.ids.subgraph(scope), this.ids.node(scope, node)))
        : isSame(instance, placeOf(scope, node));
    switch (edit.kind) {
      case 'add-subgraph':
        return kind === 'wrap' && this.ids.subgraph(id) === subgraph;
      case 'remove-subgraph':
        return kind === 'unwrap' && id === subgraph;
      case 'remove-node':
        return kind === 'wrap' || kept ? isGone(id) : isInstance(id);
      case 'add-node':
        return kind === 'unwrap' || kept ? isNew(id) : isInstance(id);
      case 'replace-node':
        return !kept && isInstance(id) && (kind === 'wrap' ? isGone(id) : isNew(id));
      case 'connect':
      case 'disconnect':
        return this.isSameSource(edit);
      case 'set-interface':
        return id === 'link' && (this.isSameSource(edit) || (kept && this.isFedAlike(subgraph, scope, path[3]!)));
      default:
        return false;
    }
  }

  /** Whether a link that was changed comes from the same node as before, through the sides of subgraphs. */
  private isSameSource({ path, from, to }: Edit): boolean {
    if (from === undefined || to === undefined) return false;
    const scope = targetOf({ path }).scope;
    const link = to as unknown as LinkSource;
    const renamed = { ...link, from: this.ids.node(scope, link.from) };
    const end = resolve(this.before, scope, from as unknown as LinkSource);
    return isSameEnd(this.imageOf(end), resolve(this.after, this.ids.subgraph(scope), renamed));
  }

  /** Whether whatever an output of a kept subgraph feeds is fed by the same nodes as before. */
  private isFedAlike(subgraph: string, scope: string | undefined, output: string): boolean {
    if (scope === undefined || this.ids.subgraph(scope) !== this.ids.subgraph(subgraph)) return false;
    const type = this.ids.subgraph(scope);
    const slot = this.after.subgraphs[type]!.output_order.indexOf(output);
    if (slot < 0) return false;
    for (const { old, now } of this.places.values()) {
      for (const [name, link] of Object.entries(nodeAt(this.after, now)!.links)) {
        if (link.slot !== slot || nodeAt(this.after, placeOf(now.scope, link.from))?.class_type !== type) continue;
        const was = own(nodeAt(this.before, old)!.links, name);
        const end = was && resolve(this.before, old.scope, was);
        if (!isSameEnd(this.imageOf(end), resolve(this.after, now.scope, link))) return false;
      }
    }
    return true;
  }

  private imageOf(end: End | undefined): End | undefined {
    const place = end && this.places.get(keyOf(end.scope, end.node))?.now;
    return place && { ...place, slot: end.slot };
  }

  private changesOf({ kind, kept, subgraph, instance }: Place, moves: readonly Moved[]): Edit[] {
    const out: Edit[] = [];
    for (const { a, b } of moves) {
      const [x, y] = [nodeAt(this.before, a)!, nodeAt(this.after, b)!];
      const [one, other] =
        kind === 'wrap'
          ? [x, promoted(this.after, y, subgraph, instance)]
          : [promoted(this.before, x, subgraph, instance), y];
      const was = { ...one, links: this.linksThere(one, other, a, b), class_type: y.class_type };
      out.push(
        ...compareValues(was as unknown as Json, other as unknown as Json, [...prefix(b.scope), 'nodes', b.node]),
      );
    }
    if (kind === 'unwrap' || kept) return out;
    const moved = new Set(moves.map(({ b }) => b.node));
    const { nodes } = this.after.subgraphs[subgraph]!;
    for (const id of Object.keys(nodes).sort(compareIds)) {
      if (moved.has(id) || this.isWrapped(nodes[id]!.class_type)) continue;
      out.push(makeEdit(['subgraphs', subgraph, 'nodes', id], undefined, nodes[id] as unknown as Json));
    }
    return out;
  }

  /** The links of a node before the change, in the words of its new place. */
  private linksThere(x: WorkflowNode, y: WorkflowNode, a: NodePlace, b: NodePlace): Record<string, LinkSource> {
    const links: Record<string, LinkSource> = {};
    for (const [name, link] of Object.entries(x.links)) {
      const end = this.imageOf(resolve(this.before, a.scope, link));
      const now = own(y.links, name);
      if (now && isSameEnd(end, resolve(this.after, b.scope, now))) links[name] = now;
      else if (end && end.scope === b.scope) links[name] = { from: end.node, slot: end.slot };
      else links[name] = { ...link, from: outside(link.from) };
    }
    return links;
  }

  /** An instance of a definition that was wrapped itself is told of there. */
  private isWrapped(type: string): boolean {
    return this.matching.moved.some(({ b }) => b.scope === type) && !this.isShared(type, 'b');
  }
}

/** How `changes` name a node that stood beside the wrapped ones and is not where they are now. */
export function outside(id: string): string {
  return `${id}, outside`;
}

/** Where a link really starts: an output of a node that is no instance, seen through the sides of subgraphs. */
interface End extends NodePlace {
  readonly slot: number | string;
}

const MAX_STEPS = 64;

function resolve(workflow: Workflow, scope: string | undefined, link: LinkSource, steps = 0): End | undefined {
  if (steps > MAX_STEPS) return undefined;
  const graph: Scope | undefined = scope === undefined ? workflow : own(workflow.subgraphs, scope);
  const node = own(graph?.nodes, link.from);
  if (node !== undefined) {
    const inner = own(workflow.subgraphs, node.class_type);
    const output = inner && own(inner.outputs, inner.output_order[Number(link.slot)] ?? '');
    if (inner === undefined) return { ...placeOf(scope, link.from), slot: link.slot };
    return output?.link && resolve(workflow, node.class_type, output.link, steps + 1);
  }
  if (scope === undefined) return undefined;
  const place = instanceOf(workflow, scope);
  const name = own(workflow.subgraphs[scope]!.inputs, String(link.slot))?.name ?? '';
  const outer = place && own(nodeAt(workflow, place)!.links, name);
  return outer && resolve(workflow, place.scope, outer, steps + 1);
}

/**
 * A node of a definition as its instance runs it: an input that the definition only passes on, and that nothing feeds, is
 * no link but the instance's own value.
 */
function promoted(workflow: Workflow, node: WorkflowNode, subgraph: string, instance: NodePlace): WorkflowNode {
  const { inputs } = workflow.subgraphs[subgraph]!;
  const { links: fed, widgets: shown } = nodeAt(workflow, instance)!;
  const links = { ...node.links };
  const widgets = { ...node.widgets };
  for (const [name, { from, slot }] of Object.entries(node.links)) {
    const outer = from === INPUT_SIDE ? own(inputs, String(slot))?.name : undefined;
    if (outer === undefined || Object.hasOwn(fed, outer) || !Object.hasOwn(widgets, name)) continue;
    delete links[name];
    widgets[name] = own(shown, outer) ?? widgets[name]!;
  }
  return { ...node, links, widgets };
}

/** The first node that places a definition: in the root, else in the definitions in order of their ids. */
function instanceOf(workflow: Workflow, subgraph: string): NodePlace | undefined {
  for (const scope of [undefined, ...Object.keys(workflow.subgraphs).sort()]) {
    const { nodes } = scope === undefined ? workflow : workflow.subgraphs[scope]!;
    const ids = Object.keys(nodes).filter((id) => nodes[id]!.class_type === subgraph);
    if (ids.length > 0) return placeOf(scope, ids.sort(compareIds)[0]!);
  }
  return undefined;
}

function isSameEnd(a: End | undefined, b: End | undefined): boolean {
  return a !== undefined && b !== undefined && isSame(a, b) && jsonEqual(a.slot, b.slot);
}

function isSame(a: NodePlace, b: NodePlace): boolean {
  return a.scope === b.scope && a.node === b.node;
}

function placeOf(scope: string | undefined, node: string): NodePlace {
  return scope === undefined ? { node } : { scope, node };
}

function keyOf(scope: string | undefined, node: string): string {
  return `${scope ?? ''} ${node}`;
}

function prefix(scope: string | undefined): readonly string[] {
  return scope === undefined ? [] : ['subgraphs', scope];
}
