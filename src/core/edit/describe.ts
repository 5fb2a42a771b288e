import type { Json, JsonObject } from '../../base/json.ts';
import { canonicalJson } from '../../base/json-text.ts';
import type { InputPlace } from '../workflow/effective.ts';
import { own } from '../workflow/names.ts';
import { type NodePlace, scopeAt } from '../workflow/scopes.ts';
import type { LinkSource, Scope, Subgraph, Workflow, WorkflowNode } from '../workflow/types.ts';
import { type Edit, targetOf } from './edit.ts';
import { NewIds } from './new-ids.ts';
import { renumberedIds } from './renumber.ts';
import { type SubgraphStep, subgraphPath } from './subgraph-path.ts';

/** Longest value shown in full, in characters. */
const LONG = 60;
/** Most pairs of old and new ids in a line. */
const SHOWN_IDS = 3;
const MODES: Record<number, string> = { 0: 'active', 2: 'muted', 4: 'bypassed' };

/**
 * One edit in one line: `KSampler "portrait" (3): steps 20 -> 30`; inside nested subgraphs the way there comes first:
 * `Refine > Upscale > KSampler (3): ...`. `before` names the nodes, `after` the ones that the same change added, `ids`
 * the new ids that the change ends with. Texts of the file stand in it as they are: whoever prints it escapes them.
 */
export function describeEdit(edit: Edit, before: Workflow, after?: Workflow, ids = NO_IDS): string {
  const { scope, node } = targetOf(edit);
  const names = { before, after, ids, scope };
  const steps = wayOf(edit, before, after, ids).map(({ name, subgraph }) => name || subgraph);
  const place = scope !== undefined && edit.path.length > 2 ? `${steps.join(' > ') || scope} > ` : '';
  if (node === undefined) return `${place}${describeOther(edit, names)}`;
  const known = findNode(node, names) ?? (edit.from as unknown as WorkflowNode) ?? (edit.to as unknown as WorkflowNode);
  const what = describeNodeEdit(edit, names);
  const label = `${place}${nodeLabel(idText(edit, node, names), known, before, after)}`;
  return what.startsWith('+') || what.startsWith('-')
    ? `${what.slice(0, 1)} ${label}${what.slice(1)}`
    : `${label}: ${what}`;
}

/** The way from the root to where an edit is, through the subgraphs it is nested in; [] in the root. */
export function wayOf(edit: Edit, before: Workflow, after?: Workflow, ids = NO_IDS): readonly SubgraphStep[] {
  const { scope } = targetOf(edit);
  if (scope === undefined || edit.path.length < 3) return [];
  const way = subgraphPath(before, scope);
  return way.length > 0 || after === undefined ? way : subgraphPath(after, ids.subgraph(scope));
}

/** `KSampler "portrait" (3)`: class (a subgraph by its name), title where it says more, id. */
export function nodeLabel(id: string, node: WorkflowNode, before: Workflow, after?: Workflow): string {
  const subgraph = own(before.subgraphs, node.class_type) ?? own(after?.subgraphs, node.class_type);
  const name = subgraph?.name || node.class_type;
  const title = node.ui?.title;
  const shown = typeof title === 'string' && title !== '' && title !== name ? ` "${cut(title)}"` : '';
  return `${name}${shown} (${id})`;
}

/** One input in words: `PrimitiveInt "steps" (12): value`, inside a subgraph after its name. */
export function placeText({ input, ...place }: InputPlace, workflow: Workflow): string {
  return `${placeLabel(place, workflow)}: ${input}`;
}

/** One node in words, inside a subgraph after its name: `Refine > KSampler (3)`. */
export function placeLabel({ scope, node }: NodePlace, workflow: Workflow): string {
  const holder = scope === undefined ? workflow : own(workflow.subgraphs, scope);
  const found = own(holder?.nodes, node);
  const place = scope === undefined ? '' : `${subgraphName(scope, workflow, undefined)} > `;
  return `${place}${found ? nodeLabel(node, found, workflow) : node}`;
}

/** A value as text, cut when long. */
export function showValue(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? JSON.stringify(cut(value)) : cut(canonicalJson(value));
}

/** Where the names in a line come from. */
interface Names {
  readonly before: Workflow;
  readonly after: Workflow | undefined;
  readonly ids: NewIds;
  readonly scope: string | undefined;
}

const NO_IDS = new NewIds([]);

/** The id of an edit's node; with its new one, where it gets one. */
function idText({ kind }: Edit, node: string, { before, ids, scope }: Names): string {
  const now = ids.node(scope, node);
  const isOld = kind !== 'add-node' && own(scopeAt(before, scope)?.nodes, node) !== undefined;
  return now !== node && isOld ? `${node} -> ${now}` : now;
}

function describeNodeEdit(edit: Edit, names: Names): string {
  const { from, to } = edit;
  const { before, after } = names;
  const name = edit.path.at(-1)!;
  switch (edit.kind) {
    case 'add-node':
      return '+';
    case 'remove-node':
      return '-';
    case 'replace-node':
      return `replaced by ${nodeLabel(edit.path.at(-1)!, to as unknown as WorkflowNode, before, after)}`;
    case 'connect':
    case 'disconnect':
      return `${name}: ${endLabel(from, names, 'old')} -> ${endLabel(to, names, 'new')}`;
    case 'set-mode':
      return `${modeName(from)} -> ${modeName(to)}`;
    case 'set-input':
      return `${name} ${showChange(from, to)}`;
    case 'set-positional':
      return `positional copy of ${changedNames(from, to)} ${showChange(oneValue(from, to), oneValue(to, from))}`;
    case 'set-proxies':
      return 'promoted widgets changed';
    case 'rename-node':
      return `title ${showChange(from, to)}`;
    default: {
      const [, ...what] = edit.path.slice(edit.path.indexOf('ui', edit.path[0] === 'subgraphs' ? 4 : 2));
      return `${what.join('.')} ${showChange(from, to)}`;
    }
  }
}

function describeOther(edit: Edit, names: Names): string {
  const { from, to, path } = edit;
  const { before, after } = names;
  switch (edit.kind) {
    case 'set-format':
      return `format ${String(from)} -> ${String(to)}`;
    case 'add-subgraph':
      return `+ subgraph ${subgraphName(path[1]!, before, after)}`;
    case 'remove-subgraph':
      return `- subgraph ${subgraphName(path[1]!, before, after)}`;
    case 'rename-subgraph':
      return `name ${showChange(from, to)}`;
    case 'set-interface': {
      const [side, key, ...what] = path.slice(2);
      if (side?.endsWith('_order')) return `order of ${side.replace('_order', 's')} changed`;
      const slot = slotName(edit, side!, key!, before, after);
      const word = side === 'inputs' ? 'input' : 'output';
      if (what.length === 0) return from === undefined ? `+ ${word} ${slot}` : `- ${word} ${slot}`;
      return `${word} ${slot}: ${what.join('.')} ${showChange(from, to)}`;
    }
    case 'renumber':
      return describeIds(edit);
    default: {
      const what = (path[0] === 'subgraphs' ? path.slice(2) : path).filter((part) => part !== 'ui');
      return `${what.join('.')} ${showChange(from, to)}`;
    }
  }
}

function showChange(from: Json | undefined, to: Json | undefined): string {
  if (from === undefined) return `set to ${showValue(to)}`;
  if (to === undefined) return `removed (was ${showValue(from)})`;
  return `${showValue(from)} -> ${showValue(to)}`;
}

function slotName(edit: Edit, side: string, key: string, before: Workflow, after?: Workflow): string {
  const scope = edit.path[1]!;
  for (const workflow of [before, after]) {
    const slot = own(own(workflow?.subgraphs, scope)?.[side as 'inputs' | 'outputs'], key);
    if (slot) return slot.name;
  }
  return ((edit.from ?? edit.to) as JsonObject | undefined)?.name?.toString() ?? key;
}

/** `new ids of nodes: 3 -> 103, 4 -> 104 and 7 more`. */
function describeIds(edit: Edit): string {
  const pairs = renumberedIds(edit);
  const shown = pairs.slice(0, SHOWN_IDS).map(([from, to]) => `${from} -> ${to}`);
  const more = pairs.length > shown.length ? ` and ${pairs.length - shown.length} more` : '';
  return `new ids of ${edit.path.at(-1)}: ${shown.join(', ')}${more}`;
}

/** Where a link comes from: `CheckpointLoaderSimple (4).MODEL`; a new end goes by its new id. */
function endLabel(end: Json | undefined, names: Names, side: 'old' | 'new'): string {
  if (end === undefined) return 'nothing';
  const { from, slot } = end as unknown as LinkSource;
  if (typeof slot === 'string') {
    const slots = scopesOf(names).map((scope) => (scope as Partial<Subgraph> | undefined)?.inputs);
    return `input ${slots.map((one) => own(one, slot)?.name).find((name) => name !== undefined) ?? slot}`;
  }
  const id = side === 'old' ? from : names.ids.node(names.scope, from);
  const node = findNode(from, names);
  if (!node) return `(${id}).${slot}`;
  const output = (node.ui.outputs as Record<string, JsonObject> | undefined)?.[String(slot)];
  const name = typeof output?.name === 'string' && output.name !== '' ? output.name : slot;
  return `${nodeLabel(id, node, names.before, names.after)}.${name}`;
}

/** A node by the id that edits use: of the earlier version, else of the later one, where it may have another. */
function findNode(id: string, names: Names): WorkflowNode | undefined {
  const [before, after] = scopesOf(names);
  return own(before?.nodes, id) ?? own(after?.nodes, names.ids.node(names.scope, id));
}

/** The scope of an edit in the earlier and in the later version. */
function scopesOf({ before, after, ids, scope }: Names): [Scope | undefined, Scope | undefined] {
  return [scopeAt(before, scope), scopeAt(after, ids.subgraph(scope))];
}

function subgraphName(id: string, before: Workflow, after?: Workflow): string {
  return own(before.subgraphs, id)?.name || own(after?.subgraphs, id)?.name || id;
}

function changedNames(from: Json | undefined, to: Json | undefined): string {
  return [...new Set([...Object.keys(from ?? {}), ...Object.keys(to ?? {})])].join(', ');
}

function oneValue(side: Json | undefined, other: Json | undefined): Json | undefined {
  const keys = [...new Set([...Object.keys(side ?? {}), ...Object.keys(other ?? {})])];
  return keys.length === 1 ? (side as JsonObject | undefined)?.[keys[0]!] : side;
}

function modeName(mode: Json | undefined): string {
  return MODES[Number(mode ?? 0)] ?? `mode ${String(mode)}`;
}

function cut(text: string): string {
  const flat = text.replaceAll('\n', ' ');
  return flat.length > LONG ? `${flat.slice(0, LONG - 1)}…` : flat;
}
