import { jsonEqual } from '../../base/json-text.ts';
import { applyEdits, invertEdits } from '../edit/compile.ts';
import { type Edit, isPresentationEdit, targetOf } from '../edit/edit.ts';
import { NewIds } from '../edit/new-ids.ts';
import { subgraphPath } from '../edit/subgraph-path.ts';
import { findWraps, outside } from '../edit/wraps.ts';
import { compareIds, own } from '../workflow/names.ts';
import { INPUT_SIDE } from '../workflow/read-links.ts';
import type { LinkSource, Scope, Subgraph, Workflow, WorkflowNode } from '../workflow/types.ts';
import { className, otherValuesOf, type Row, rowOf, scopeIn, slotRowOf, titleOf, valuesOf } from './rows.ts';
import { type ClassSlots, type Slots, sideSlots, slotsOf } from './slots.ts';

/** What became of a node or a link. `moved`: it went into a subgraph, or came out of one, and is what it was. */
export type Fate = 'same' | 'added' | 'removed' | 'changed' | 'moved';

/** One node as it is drawn, or the inputs or outputs of a subgraph. */
export interface Item {
  /** Id of a node in the ids of the earlier version, or one of the two sides. */
  readonly key: string;
  readonly fate: Fate;
  readonly title: string;
  /** Class, where the title says something else. */
  readonly type?: string;
  /** Id that the file shows. */
  readonly id?: string;
  readonly rows: readonly Row[];
  /** The definition that it is an instance of, in the ids of the earlier version. */
  readonly opens?: string;
  /** What links end at and begin at; absent where they end at the box as a whole. */
  readonly slots?: Slots;
  /** The node whose place it takes: the later one where there is one. */
  readonly node?: WorkflowNode;
}

/** One link between two items. */
export interface Wire {
  readonly from: string;
  readonly to: string;
  readonly input: string;
  /** Index of the output it leaves from, or the id of a subgraph's input. */
  readonly slot: string;
  readonly fate: Exclude<Fate, 'changed'>;
  /** ComfyUI's type of what goes through it, where that is known: `MODEL`. */
  readonly type?: string;
}

/** One scope: the root, or a subgraph in which something changed. */
export interface Panel {
  /** Id of the definition in the ids of the earlier version; absent for the root. */
  readonly id?: string;
  /** Names of the subgraphs that lead to it; [] for the root. */
  readonly way: readonly string[];
  readonly fate: Fate;
  readonly items: readonly Item[];
  readonly wires: readonly Wire[];
  /** Groups of the editor: `ui.groups` of the later version. */
  readonly scope: Scope | undefined;
}

/** What is to be drawn: either side may be absent. */
export interface Pictured {
  readonly file: string;
  readonly before?: Workflow;
  readonly after?: Workflow;
  /** From `before` to `after`. */
  readonly edits: readonly Edit[];
}

/** Keys of the items for a subgraph's own inputs and outputs; no node has them as its id. */
export const INPUTS = ' inputs';
export const OUTPUTS = ' outputs';

/**
 * The panels of a change: the root first, then every subgraph in which the graph changed, from outside inwards. `whole`:
 * subgraphs that did not change, too, and of each node its values and slots.
 */
export function panelsOf({ before, after, edits }: Pictured, whole?: ClassSlots): Panel[] {
  const some = before ?? after;
  if (some === undefined) return [];
  const nothing: Workflow = { format: some.format, nodes: {}, subgraphs: {}, ui: {} };
  return new SceneMaker(before ?? nothing, after ?? nothing, before && after ? edits : undefined, whole).panels();
}

class SceneMaker {
  private readonly before: Workflow;
  /** The later version in the ids of the earlier one. */
  private readonly after: Workflow;
  private readonly ids: NewIds;
  /** Graph edits by scope and node. */
  private readonly edits = new Map<string, Edit[]>();
  private readonly moved = new Set<string>();
  /** Nodes that wrapped ones were linked to and that stayed where they are, by the names that edits give them. */
  private readonly outsiders: Record<string, WorkflowNode> = {};

  private readonly whole: ClassSlots | undefined;

  constructor(before: Workflow, after: Workflow, edits: readonly Edit[] | undefined, whole: ClassSlots | undefined) {
    this.before = before;
    this.whole = whole;
    this.ids = new NewIds(edits ?? []);
    const renumbering = (edits ?? []).filter(({ kind }) => kind === 'renumber');
    // Renumbering comes last: without it both versions have one set of ids.
    this.after =
      renumbering.length === 0
        ? after
        : applyEdits(
            before,
            edits!.filter((e) => e.kind !== 'renumber'),
          );
    if (edits === undefined) return;
    const wraps = findWraps(edits, before, after);
    const hidden = new Set(wraps.flatMap((wrap) => [...wrap.edits]));
    for (const edit of edits) if (!isPresentationEdit(edit) && !hidden.has(edit)) this.note(edit, targetOf(edit));
    const old = new NewIds(invertEdits(renumbering));
    for (const wrap of wraps) {
      for (const [id, node] of Object.entries(scopeIn(before, wrap.nodes[0]?.before.scope)?.nodes ?? {}))
        this.outsiders[outside(id)] = node;
      for (const { before: from, after: to } of wrap.nodes) {
        this.moved.add(keyOf(from.scope, from.node));
        this.moved.add(keyOf(old.subgraph(to.scope), old.node(old.subgraph(to.scope), to.node)));
      }
      for (const edit of wrap.changes) {
        const { scope, node } = targetOf(edit);
        const inner = old.subgraph(scope);
        if (!isPresentationEdit(edit) && node !== undefined)
          this.note(edit, { scope: inner, node: old.node(inner, node) });
      }
    }
  }

  panels(): Panel[] {
    const scopes = [...new Set([...Object.keys(this.before.subgraphs), ...Object.keys(this.after.subgraphs)])]
      .filter((scope) => this.whole !== undefined || this.ownFate(scope) !== 'same')
      .map((scope) => ({ scope, way: this.wayTo(scope) }))
      .sort((a, b) => a.way.length - b.way.length || compareText(a.way.join('\n'), b.way.join('\n')));
    return [this.panel(undefined, []), ...scopes.map(({ scope, way }) => this.panel(scope, way))];
  }

  private note(edit: Edit, { scope, node }: { scope?: string | undefined; node?: string | undefined }): void {
    const key = keyOf(scope, node ?? '');
    const known = this.edits.get(key);
    if (known) known.push(edit);
    else this.edits.set(key, [edit]);
  }

  private panel(scope: string | undefined, way: readonly string[]): Panel {
    const [old, now] = [scopeIn(this.before, scope), scopeIn(this.after, scope)];
    const keys = [...new Set([...Object.keys(old?.nodes ?? {}), ...Object.keys(now?.nodes ?? {})])].sort(compareIds);
    const fate = scope === undefined ? this.rootFate(old, now) : this.ownFate(scope);
    const wires = keys
      .flatMap((id) => wiresTo(id, own(old?.nodes, id)?.links, own(now?.nodes, id)?.links))
      .map((wire) => (this.hasMoved(scope, wire) ? { ...wire, fate: 'moved' as const } : wire));
    const item = (id: string): Item => this.item(scope, id, own(old?.nodes, id), own(now?.nodes, id), wires);
    if (scope === undefined) return withTypes({ way, fate, items: keys.map(item), wires, scope: now ?? old });
    const [before, after] = [old as Subgraph | undefined, now as Subgraph | undefined];
    wires.push(...wiresTo(OUTPUTS, outputLinks(before), outputLinks(after)));
    const sides = this.sides(scope, before, after).filter(
      ({ key, rows }) => rows.length > 0 || wires.some(({ from, to }) => from === key || to === key),
    );
    const items = [...keys.map(item), ...sides];
    return withTypes({ id: scope, way, fate, items, wires, scope: now ?? old });
  }

  /** Whether a link went along with both of its nodes. */
  private hasMoved(scope: string | undefined, { from, to, input }: Wire): boolean {
    if (!this.moved.has(keyOf(scope, from)) || !this.moved.has(keyOf(scope, to))) return false;
    return !(this.edits.get(keyOf(scope, to)) ?? []).some((edit) => targetOf(edit).input === input);
  }

  private item(
    scope: string | undefined,
    id: string,
    old: WorkflowNode | undefined,
    now: WorkflowNode | undefined,
    wires: readonly Wire[],
  ): Item {
    const node = (now ?? old)!;
    const workflow = now ? this.after : this.before;
    const edits = this.edits.get(keyOf(scope, id)) ?? [];
    const scopes = [scopeIn(this.before, scope), scopeIn(this.after, scope), { nodes: this.outsiders }];
    const rows = edits.map((edit) => rowOf(edit, scopes, this.after)).filter((row) => row !== undefined);
    const inside = this.changesInside(node.class_type);
    const moved = this.moved.has(keyOf(scope, id));
    const fate: Fate =
      old && now
        ? edits.length > 0 || inside > 0
          ? 'changed'
          : 'same'
        : moved
          ? rows.length > 0
            ? 'changed'
            : 'moved'
          : now
            ? 'added'
            : 'removed';
    if (this.whole) rows.push(...otherValuesOf(node, rows));
    else if (fate === 'added' || fate === 'removed') rows.push(...valuesOf(node));
    if (old && now && inside > 0)
      rows.push({ name: `${inside} ${inside === 1 ? 'change' : 'changes'} inside`, plain: true });
    const [title, type] = [titleOf(node, workflow), className(node, workflow)];
    return {
      key: id,
      fate,
      title,
      ...(type === title ? {} : { type }),
      id: this.ids.node(scope, id),
      rows,
      ...(own(workflow.subgraphs, node.class_type) ? { opens: node.class_type } : {}),
      ...(this.whole === undefined ? {} : { slots: slotsOf([now, old], usedOf(id, wires), this.whole) }),
      node,
    };
  }

  private sides(scope: string, before: Subgraph | undefined, after: Subgraph | undefined): Item[] {
    const found = (this.edits.get(keyOf(scope, '')) ?? []).map((edit) => slotRowOf(edit, before, after));
    const side = (key: string, which: 'inputs' | 'outputs'): Item => {
      const rows = found.filter((one) => one?.side === which).map((one) => one!.row);
      const slots = after ?? before;
      const names = slots![`${which === 'inputs' ? 'input' : 'output'}_order`].map(
        (id) => slots![which][id]?.name ?? id,
      );
      const title = which === 'inputs' ? 'Inputs' : 'Outputs';
      const fate = rows.length > 0 ? 'changed' : 'same';
      if (this.whole) return { key, fate, title, rows, slots: sideSlots([after, before], which) };
      return { key, fate, title, type: names.join(', '), rows };
    };
    return [side(INPUTS, 'inputs'), side(OUTPUTS, 'outputs')];
  }

  private rootFate(old: Scope | Subgraph | undefined, now: Scope | Subgraph | undefined): Fate {
    if (old === undefined || now === undefined) return old === undefined ? 'added' : 'removed';
    return this.edits.size > 0 ? 'changed' : 'same';
  }

  /** What became of a definition itself, whatever became of those inside it. */
  private ownFate(scope: string): Fate {
    const [old, now] = [own(this.before.subgraphs, scope), own(this.after.subgraphs, scope)];
    if (old === undefined) return 'added';
    if (now === undefined) return 'removed';
    return this.changesIn(scope) > 0 ? 'changed' : 'same';
  }

  private changesIn(scope: string): number {
    const prefix = keyOf(scope, '');
    let sum = 0;
    for (const [key, edits] of this.edits) if (key.startsWith(prefix)) sum += edits.length;
    return sum;
  }

  /** Changes in a definition both versions have and in all that it places. */
  private changesInside(scope: string): number {
    const seen = new Set<string>();
    const queue = [scope];
    let sum = 0;
    for (const one of queue) {
      if (seen.has(one) || !own(this.before.subgraphs, one) || !own(this.after.subgraphs, one)) continue;
      seen.add(one);
      sum += this.changesIn(one);
      for (const { class_type } of Object.values(this.after.subgraphs[one]!.nodes)) queue.push(class_type);
    }
    return sum;
  }

  private wayTo(scope: string): string[] {
    const now = subgraphPath(this.after, scope);
    const steps = now.length > 0 ? now : subgraphPath(this.before, scope);
    return steps.map(({ name, subgraph }) => name || subgraph);
  }
}

type Links = Readonly<Record<string, LinkSource>>;

function wiresTo(to: string, old: Links = {}, now: Links = {}): Wire[] {
  const wires: Wire[] = [];
  const add = (input: string, { from, slot }: LinkSource, fate: Wire['fate']): void => {
    wires.push({ from: from === INPUT_SIDE ? INPUTS : from, to, input, slot: String(slot), fate });
  };
  for (const input of new Set([...Object.keys(old), ...Object.keys(now)])) {
    const [was, is] = [own(old, input), own(now, input)];
    const equal = was && is && jsonEqual({ ...was }, { ...is });
    if (was && !equal) add(input, was, 'removed');
    if (is) add(input, is, equal ? 'same' : 'added');
  }
  return wires;
}

/** The outputs of a node that links leave from. */
function usedOf(id: string, wires: readonly Wire[]): Set<string> {
  return new Set(wires.flatMap(({ from, slot }) => (from === id ? [slot] : [])));
}

/** Wires with the type of the slot they leave from, else of the one they end at. */
function withTypes(panel: Panel): Panel {
  const slots = new Map(panel.items.map((item) => [item.key, item.slots]));
  const wires = panel.wires.map((wire) => {
    const given = slots.get(wire.from)?.outputs.find(({ key }) => key === wire.slot)?.type;
    const type = given ?? slots.get(wire.to)?.inputs.find(({ key }) => key === wire.input)?.type;
    return type === undefined ? wire : { ...wire, type };
  });
  return { ...panel, wires };
}

function outputLinks(subgraph: Subgraph | undefined): Links {
  const links: Record<string, LinkSource> = {};
  for (const [key, { link }] of Object.entries(subgraph?.outputs ?? {})) if (link) links[key] = link;
  return links;
}

/** The text of a scope ends where its quotes do, whatever a node is called. */
function keyOf(scope: string | undefined, node: string): string {
  return `${JSON.stringify(scope ?? null)} ${node}`;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
