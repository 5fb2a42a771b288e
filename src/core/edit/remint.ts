import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { canonicalJson, jsonEqual } from '../../base/json-text.ts';
import { compareIds, idNumber, isIntegerId, own } from '../workflow/names.ts';
import type { LinkSource, Scope, Subgraph, Workflow, WorkflowNode } from '../workflow/types.ts';

/** A new node or group that got another id in a merge, and on which side. */
export interface Remint {
  readonly side: 'ours' | 'theirs';
  readonly what: 'node' | 'group';
  readonly scope?: string;
  readonly from: string;
  readonly to: string;
}

interface Sides {
  readonly ours: Workflow;
  readonly theirs: Workflow;
  readonly reminted: readonly Remint[];
}

/**
 * Gives new ids to nodes and groups that both sides added under one id for different things: ComfyUI counts ids up, so
 * two people's first new node always collides. The one with the larger canonical text moves, so that the choice does
 * not depend on which side is ours; all its references move with it. [MG-3]
 */
export function remintCollisions(base: Workflow, ours: Workflow, theirs: Workflow): Sides {
  const reminted: Remint[] = [];
  const next = counter([base, ours, theirs]);
  let left = ours;
  let right = theirs;
  for (const scope of [undefined, ...Object.keys({ ...ours.subgraphs, ...theirs.subgraphs }).sort()]) {
    const [b, o, t] = [scopeOf(base, scope), scopeOf(left, scope), scopeOf(right, scope)];
    // A definition that both sides added under one uuid is one thing in two versions: its nodes are the same nodes.
    if (!o || !t || (scope !== undefined && !b)) continue;
    for (const id of collisions(b?.nodes, o.nodes, t.nodes, isSameNode)) {
      const side = canonicalJson(asJson(o.nodes[id]!)) > canonicalJson(asJson(t.nodes[id]!)) ? 'ours' : 'theirs';
      const to = next(id);
      reminted.push({ side, what: 'node', ...(scope === undefined ? {} : { scope }), from: id, to });
      if (side === 'ours') left = renameNode(left, scope, id, to);
      else right = renameNode(right, scope, id, to);
    }
    const groups = [groupsOf(b), groupsOf(o), groupsOf(t)] as const;
    for (const key of collisions(groups[0], groups[1], groups[2], jsonEqual)) {
      const side = canonicalJson(groups[1][key]!) > canonicalJson(groups[2][key]!) ? 'ours' : 'theirs';
      const to = freeGroup(groups);
      groups[1][to] = null;
      reminted.push({ side, what: 'group', ...(scope === undefined ? {} : { scope }), from: key, to });
      if (side === 'ours') left = renameGroup(left, scope, key, to);
      else right = renameGroup(right, scope, key, to);
    }
  }
  return { ours: left, theirs: right, reminted };
}

/** Ids that both sides added and that do not mean the same. */
function collisions<T>(
  base: Readonly<Record<string, T>> | undefined,
  ours: Readonly<Record<string, T>>,
  theirs: Readonly<Record<string, T>>,
  same: (a: T, b: T) => boolean,
): string[] {
  const both = Object.keys(ours).filter((id) => Object.hasOwn(theirs, id) && !(base && Object.hasOwn(base, id)));
  return both.filter((id) => !same(ours[id]!, theirs[id]!)).sort(compareIds);
}

/** The same node on both sides: equal graph part (it was cherry-picked, say); looks are merged value by value. */
function isSameNode(a: WorkflowNode, b: WorkflowNode): boolean {
  return jsonEqual({ ...asJson(a), ui: {} }, { ...asJson(b), ui: {} });
}

function counter(workflows: readonly Workflow[]): (id: string) => string {
  const taken = new Set<string>();
  for (const workflow of workflows) {
    for (const scope of [workflow, ...Object.values(workflow.subgraphs)])
      for (const id of Object.keys(scope.nodes)) taken.add(id);
  }
  // Ids a counter could not count on from are left aside.
  const numbers = [...taken].filter(isIntegerId).map(Number).filter(Number.isSafeInteger);
  let last = numbers.reduce((max, id) => Math.max(max, id), 0);
  return (id) => {
    if (isIntegerId(id)) return String(++last);
    let n = 2;
    while (taken.has(`${id}-${n}`)) n++;
    taken.add(`${id}-${n}`);
    return `${id}-${n}`;
  };
}

/** Moves a node to another id in one scope, with every link from it and every promoted widget that names it. */
function renameNode(workflow: Workflow, scope: string | undefined, id: string, to: string): Workflow {
  const rename = (link: LinkSource): LinkSource => (link.from === id ? { ...link, from: to } : link);
  const inScope = (one: Scope): Record<string, WorkflowNode> => {
    const nodes: Record<string, WorkflowNode> = {};
    for (const [key, node] of Object.entries(one.nodes)) {
      nodes[key === id ? to : key] = { ...node, links: mapValues(node.links, rename) };
    }
    return nodes;
  };
  if (scope === undefined) return { ...workflow, nodes: inScope(workflow), ui: renameRows(workflow.ui, id, to) };
  const definition = workflow.subgraphs[scope]!;
  const outputs = mapValues(definition.outputs, (slot) => (slot.link ? { ...slot, link: rename(slot.link) } : slot));
  const ui = renameRows(definition.ui, id, to);
  const subgraphs = { ...workflow.subgraphs, [scope]: { ...definition, nodes: inScope(definition), outputs, ui } };
  const promote = (one: Scope): Record<string, WorkflowNode> =>
    mapValues(one.nodes, (node) => (node.class_type === scope ? renameProxies(node, id, to) : node));
  return {
    ...workflow,
    nodes: promote(workflow),
    subgraphs: mapValues(subgraphs, (one): Subgraph => ({ ...one, nodes: promote(one) })),
  };
}

/** Links that no input holds, carried as the file has them: rows that name the node go with it. */
function renameRows(ui: Readonly<Record<string, Json>>, id: string, to: string): Readonly<Record<string, Json>> {
  const { loose_links, floatingLinks } = ui;
  const end = (value: Json): Json => (String(value) !== id ? value : typeof value === 'string' ? to : idNumber(to));
  const row = (link: Json): Json => {
    if (Array.isArray(link)) return link.map((member, i) => (i === 1 || i === 3 ? end(member) : member));
    if (!isObject(link) || link.origin_id === undefined || link.target_id === undefined) return link;
    return { ...link, origin_id: end(link.origin_id), target_id: end(link.target_id) };
  };
  return {
    ...ui,
    ...(isObject(loose_links) ? { loose_links: mapValues(loose_links, row) } : {}),
    ...(Array.isArray(floatingLinks) ? { floatingLinks: floatingLinks.map(row) } : {}),
  };
}

/** `properties.proxyWidgets` of an instance lists `[inner node id, widget name]`. */
function renameProxies(node: WorkflowNode, id: string, to: string): WorkflowNode {
  const properties = node.ui.properties;
  if (!isObject(properties) || !Array.isArray(properties.proxyWidgets)) return node;
  const proxyWidgets = properties.proxyWidgets.map((entry) =>
    Array.isArray(entry) && String(entry[0]) === id
      ? [typeof entry[0] === 'string' ? to : idNumber(to), ...entry.slice(1)]
      : entry,
  );
  return { ...node, ui: { ...node.ui, properties: { ...properties, proxyWidgets } } };
}

function renameGroup(workflow: Workflow, scope: string | undefined, key: string, to: string): Workflow {
  const moved = (ui: Readonly<Record<string, Json>>): Record<string, Json> => {
    const { [key]: group, ...rest } = ui.groups as JsonObject;
    const named = isObject(group) && group.id !== undefined ? { ...group, id: Number(to) } : group!;
    return { ...ui, groups: { ...rest, [to]: named } };
  };
  if (scope === undefined) return { ...workflow, ui: moved(workflow.ui) };
  const definition = workflow.subgraphs[scope]!;
  return { ...workflow, subgraphs: { ...workflow.subgraphs, [scope]: { ...definition, ui: moved(definition.ui) } } };
}

function freeGroup(groups: readonly JsonObject[]): string {
  const keys = groups.flatMap((group) => Object.keys(group));
  const isByPlace = keys.some((key) => key.startsWith('#'));
  const last = keys.reduce((max, key) => Math.max(max, Number(key.replace('#', '')) || 0), 0);
  return `${isByPlace ? '#' : ''}${last + 1}`;
}

function groupsOf(scope: Scope | undefined): JsonObject {
  const groups = (scope as { ui?: JsonObject } | undefined)?.ui?.groups;
  return isObject(groups) ? { ...groups } : {};
}

function scopeOf(workflow: Workflow, scope: string | undefined): Scope | undefined {
  return scope === undefined ? workflow : own(workflow.subgraphs, scope);
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, fn: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fn(value)]));
}

function asJson(node: WorkflowNode): JsonObject {
  return node as unknown as JsonObject;
}
