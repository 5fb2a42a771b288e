import type { Json, JsonObject } from '../../../src/base/json.ts';
import type { LinkSource, Workflow } from '../../../src/core/workflow/types.ts';

/** A node that may be changed. */
interface DraftNode {
  class_type: string;
  mode?: number;
  readonly widgets: Record<string, Json>;
  readonly links: Record<string, LinkSource>;
  positional?: Record<string, Json>;
  readonly ui: Record<string, Json>;
}

interface DraftScope {
  readonly nodes: Record<string, DraftNode>;
  readonly outputs?: Record<string, { link?: LinkSource; readonly ui: JsonObject }>;
}

interface Draft extends DraftScope {
  readonly subgraphs: Record<string, DraftScope>;
}

/** What an edit may touch: nodes for which `isOurs` holds, by scope and id. */
type Territory = (scope: string | undefined, node: string) => boolean;

const LOCAL = ['value', 'value', 'value', 'mode', 'title', 'move'] as const;
const ANY = [...LOCAL, 'remove', 'add', 'connect', 'disconnect', 'replace'] as const;

/**
 * A copy of a workflow after some edits such as people make, at random. With a `territory` only edits that stay inside
 * of it: nothing is removed, and links are left alone, since they lie between nodes.
 */
export function edited(
  start: Workflow,
  count: number,
  next: () => number,
  side: string,
  territory?: Territory,
): Workflow {
  const draft = structuredClone(start) as Draft;
  for (let i = 0; i < count; i++) editOnce(draft, next, `${side}${i}`, territory);
  return draft as Workflow;
}

function editOnce(draft: Draft, next: () => number, tag: string, territory: Territory | undefined): void {
  const scopeId = pick([undefined, ...Object.keys(draft.subgraphs)], next);
  const scope = scopeId === undefined ? draft : draft.subgraphs[scopeId]!;
  const ids = Object.keys(scope.nodes).filter((id) => territory?.(scopeId, id) ?? true);
  if (ids.length === 0) return;
  const id = pick(ids, next);
  const node = scope.nodes[id]!;
  const kind = pick(territory ? LOCAL : ANY, next);
  if (kind === 'value') setValue(node, next, tag);
  else if (kind === 'mode') {
    if (node.mode === 4) delete node.mode;
    else node.mode = 4;
  } else if (kind === 'title') node.ui.title = `title ${tag}`;
  else if (kind === 'move') node.ui.pos = [Math.floor(next() * 2000), Math.floor(next() * 2000)];
  else if (kind === 'remove') remove(scope, id);
  else if (kind === 'add') {
    const free = String(Math.max(0, ...Object.keys(scope.nodes).map(Number).filter(Number.isFinite)) + 1);
    const copy = structuredClone(node);
    setValue(copy, next, tag);
    scope.nodes[free] = copy;
  } else if (kind === 'disconnect') disconnect(node, pick(Object.keys(node.links), next));
  else if (kind === 'connect') connect(scope, node, next);
  else if (kind === 'replace' && Object.keys(node.links).length === 0) node.class_type = `${node.class_type}X`;
}

function setValue(node: DraftNode, next: () => number, tag: string): void {
  const names = Object.keys(node.widgets);
  if (names.length === 0) return;
  const name = pick(names, next);
  const old = node.widgets[name];
  const value: Json = typeof old === 'number' ? Math.floor(next() * 1000) : `${tag} ${Math.floor(next() * 3)}`;
  node.widgets[name] = value;
  if (node.positional) delete node.positional[name];
  if (node.positional && Object.keys(node.positional).length === 0) delete node.positional;
}

/** As the page does it: the links that started at the node go, too. */
function remove(scope: DraftScope, id: string): void {
  delete scope.nodes[id];
  for (const node of Object.values(scope.nodes)) {
    for (const [input, { from }] of Object.entries(node.links)) if (from === id) disconnect(node, input);
  }
  for (const slot of Object.values(scope.outputs ?? {})) {
    if (slot.link?.from !== id) continue;
    delete slot.link;
    delete slot.ui.link_attrs;
  }
}

function disconnect(node: DraftNode, input: string | undefined): void {
  if (input === undefined) return;
  delete node.links[input];
  const attrs = node.ui.link_attrs as JsonObject | undefined;
  if (attrs === undefined) return;
  delete attrs[input];
  if (Object.keys(attrs).length === 0) delete node.ui.link_attrs;
}

/** A link of another node of the same scope that has the same type, so that the types still fit. */
function connect(scope: DraftScope, node: DraftNode, next: () => number): void {
  const input = pick(Object.keys(node.links), next);
  const type = typeOf(node, input);
  if (input === undefined || type === undefined) return;
  const others = Object.values(scope.nodes).flatMap((other) =>
    Object.entries(other.links).flatMap(([name, link]) => (typeOf(other, name) === type ? [link] : [])),
  );
  const link = pick(others, next);
  if (link !== undefined) node.links[input] = { ...link };
}

function typeOf(node: DraftNode, input: string | undefined): Json | undefined {
  const attrs = (node.ui.link_attrs as JsonObject | undefined)?.[input ?? ''] as JsonObject | undefined;
  return attrs?.type;
}

function pick<T>(list: readonly T[], next: () => number): T {
  return list[Math.floor(next() * list.length)]!;
}
