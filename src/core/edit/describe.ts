import type { Json, JsonObject } from '../../base/json.ts';
import { canonicalJson } from '../../base/json-text.ts';
import type { InputPlace } from '../workflow/effective.ts';
import { own } from '../workflow/names.ts';
import type { LinkSource, Scope, Workflow, WorkflowNode } from '../workflow/types.ts';
import { type Edit, isPresentationEdit, targetOf } from './edit.ts';

/** Longest value shown in full, in characters. */
const LONG = 60;
const MODES: Record<number, string> = { 0: 'active', 2: 'muted', 4: 'bypassed' };

/**
 * One edit in one line: `KSampler "portrait" (3): steps 20 -> 30`. `before` names the nodes, `after` the ones that the
 * same change added. Texts of the file stand in it as they are: whoever prints it escapes them.
 */
export function describeEdit(edit: Edit, before: Workflow, after?: Workflow): string {
  const { scope, node } = targetOf(edit);
  const scopes = [scopeOf(before, scope), scopeOf(after, scope)];
  const place = scope !== undefined && edit.path.length > 2 ? `${subgraphName(scope, before, after)} > ` : '';
  if (node === undefined) return `${place}${describeOther(edit, before, after)}`;
  const known =
    findNode(node, scopes) ?? (edit.from as unknown as WorkflowNode) ?? (edit.to as unknown as WorkflowNode);
  const label = `${place}${nodeLabel(node, known, before, after)}`;
  const what = describeNodeEdit(edit, scopes, before, after);
  return what.startsWith('+') || what.startsWith('-')
    ? `${what.slice(0, 1)} ${label}${what.slice(1)}`
    : `${label}: ${what}`;
}

/** A commit subject for edits: the graph changes of one node in full, else the first and how many more. */
export function summarizeEdits(edits: readonly Edit[], before: Workflow, after?: Workflow): string {
  const graph = edits.filter((edit) => !isPresentationEdit(edit));
  if (edits.length === 0) return 'no change';
  if (graph.length === 0) return layoutSummary(edits, before, after);
  const first = describeEdit(graph[0]!, before, after);
  return graph.length === 1 ? first : `${first} and ${graph.length - 1} more ${graph.length === 2 ? 'edit' : 'edits'}`;
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
export function placeText({ scope, node, input }: InputPlace, workflow: Workflow): string {
  const holder = scope === undefined ? workflow : own(workflow.subgraphs, scope);
  const found = own(holder?.nodes, node);
  const place = scope === undefined ? '' : `${subgraphName(scope, workflow, undefined)} > `;
  return `${place}${found ? nodeLabel(node, found, workflow) : node}: ${input}`;
}

/** A value as text, cut when long. */
export function showValue(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' ? JSON.stringify(cut(value)) : cut(canonicalJson(value));
}

function describeNodeEdit(edit: Edit, scopes: (Scope | undefined)[], before: Workflow, after?: Workflow): string {
  const { from, to } = edit;
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
      return `${name}: ${endLabel(from, scopes, before, after)} -> ${endLabel(to, scopes, before, after)}`;
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

function describeOther(edit: Edit, before: Workflow, after?: Workflow): string {
  const { from, to, path } = edit;
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

/** Where a link comes from: `CheckpointLoaderSimple (4).MODEL`. */
function endLabel(end: Json | undefined, scopes: (Scope | undefined)[], before: Workflow, after?: Workflow): string {
  if (end === undefined) return 'nothing';
  const { from, slot } = end as unknown as LinkSource;
  if (typeof slot === 'string') {
    const inputs = scopes.map((scope) => (scope as { inputs?: Record<string, { name: string }> } | undefined)?.inputs);
    return `input ${inputs.map((one) => own(one, slot)?.name).find((name) => name !== undefined) ?? slot}`;
  }
  const node = findNode(from, scopes);
  if (!node) return `(${from}).${slot}`;
  const output = (node.ui.outputs as Record<string, JsonObject> | undefined)?.[String(slot)];
  return `${nodeLabel(from, node, before, after)}.${typeof output?.name === 'string' && output.name !== '' ? output.name : slot}`;
}

function findNode(id: string, scopes: (Scope | undefined)[]): WorkflowNode | undefined {
  return scopes.map((scope) => own(scope?.nodes, id)).find((node) => node !== undefined);
}

function scopeOf(workflow: Workflow | undefined, scope: string | undefined): Scope | undefined {
  return scope === undefined ? workflow : own(workflow?.subgraphs, scope);
}

function subgraphName(id: string, before: Workflow, after?: Workflow): string {
  return own(before.subgraphs, id)?.name || own(after?.subgraphs, id)?.name || id;
}

function layoutSummary(edits: readonly Edit[], before: Workflow, after?: Workflow): string {
  const renamed = edits.filter(({ kind }) => kind === 'rename-node');
  if (renamed.length === 1 && edits.length === 1) return describeEdit(edits[0]!, before, after);
  const nodes = new Set(
    edits.map((edit) => targetOf(edit)).flatMap(({ scope, node }) => (node ? [`${scope} ${node}`] : [])),
  );
  return nodes.size === 0 ? 'layout' : `layout of ${nodes.size} ${nodes.size === 1 ? 'node' : 'nodes'}`;
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
