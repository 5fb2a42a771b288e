import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { canonicalJson, jsonEqual } from '../../base/json-text.ts';
import { compareIds } from '../workflow/names.ts';
import { scopeAt } from '../workflow/scopes.ts';
import type { Scope, Workflow, WorkflowNode } from '../workflow/types.ts';
import { freshIds } from './fresh-id.ts';
import { renumber, renumberEdit } from './renumber.ts';

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
  const next = freshIds(nodeIds([base, ours, theirs]));
  let left = ours;
  let right = theirs;
  for (const scope of [undefined, ...Object.keys({ ...ours.subgraphs, ...theirs.subgraphs }).sort()]) {
    const [b, o, t] = [scopeAt(base, scope), scopeAt(left, scope), scopeAt(right, scope)];
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

/** Ids of the nodes of all scopes: ComfyUI counts them in one row. */
function nodeIds(workflows: readonly Workflow[]): string[] {
  return workflows.flatMap((workflow) =>
    [workflow, ...Object.values(workflow.subgraphs)].flatMap(({ nodes }) => Object.keys(nodes)),
  );
}

/** Moves a node to another id in one scope, with every link from it and every promoted widget that names it. */
function renameNode(workflow: Workflow, scope: string | undefined, id: string, to: string): Workflow {
  const path = scope === undefined ? ['nodes'] : ['subgraphs', scope, 'nodes'];
  return renumber(workflow, renumberEdit(path, [[id, to]]));
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

function asJson(node: WorkflowNode): JsonObject {
  return node as unknown as JsonObject;
}
