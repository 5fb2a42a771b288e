import { CwfError } from '../../base/errors.ts';
import { joinPointer } from '../../base/json-text.ts';
import { nearest } from '../../base/nearest.ts';
import { own } from './names.ts';
import type { LinkSource, NodeId, Scope, Workflow, WorkflowNode } from './types.ts';

/** One input of one node. `path` is its place in the keyed form: in `links` when a link feeds it, else in `widgets`. */
export interface Address {
  /** Subgraph definition (uuid); absent for the root. */
  readonly scope?: string;
  readonly node: NodeId;
  readonly input: string;
  readonly path: string;
  /** The link that feeds the input, where there is one. */
  readonly link?: LinkSource;
}

/** A node found by its address, with the scope it stands in. */
export interface NodeAddress {
  readonly scope?: string;
  readonly node: NodeId;
}

const MOST_SHOWN = 8;

/**
 * Reads `[<subgraph>/]<node>.<input>`: the subgraph by uuid or unique name, the node by id, unique title or unique
 * class, an instance by the name of its subgraph. Ids win over titles; dots and slashes inside names are found by trying. Throws ADDRESS_INVALID,
 * NODE_NOT_FOUND or INPUT_NOT_FOUND with the nearest names.
 */
export function parseAddress(text: string, workflow: Workflow, source = 'workflow'): Address {
  const [uuid, rest] = splitScope(text, workflow);
  const scope = scopeOf(workflow, uuid);
  if (!rest.includes('.')) throw invalid(text, 'there is no dot between node and input');
  const [id, input] = splitNode(text, rest, scope, workflow, source);
  const node = scope.nodes[id]!;
  const link = Object.hasOwn(node.links, input) ? node.links[input] : undefined;
  if (link === undefined && !Object.hasOwn(node.widgets, input)) {
    const known = nearest(input, [...new Set([...Object.keys(node.widgets), ...Object.keys(node.links)])]);
    throw new CwfError('INPUT_NOT_FOUND', { source, node: id, class_type: node.class_type, input, known });
  }
  return { scope: uuid, node: id, input, path: inputPath(uuid, id, link ? 'links' : 'widgets', input), link };
}

/**
 * Reads `[<subgraph>/]<node>.<slot>` without a look at the slots of the node: what stands behind the dot is as given.
 * A definition's own sides are nodes -10 and -20. Throws ADDRESS_INVALID or NODE_NOT_FOUND.
 */
export function parseSlotAddress(
  text: string,
  workflow: Workflow,
  source = 'workflow',
): NodeAddress & { readonly slot: string } {
  const [uuid, rest] = splitScope(text, workflow);
  const at = uuid === undefined ? {} : { scope: uuid };
  const [, side, slot] = /^(-10|-20)\.(.*)$/s.exec(uuid === undefined ? '' : rest) ?? [];
  if (side !== undefined) return { ...at, node: side, slot: slot! };
  if (!rest.includes('.')) throw invalid(text, 'there is no dot between node and input');
  const [node, name] = splitNode(text, rest, scopeOf(workflow, uuid), workflow, source);
  return { ...at, node, slot: name };
}

/** The subgraph that a text names: by uuid or unique name. Throws SUBGRAPH_NOT_FOUND. */
export function parseScope(text: string, workflow: Workflow, source = 'workflow'): string {
  const [uuid, rest] = splitScope(`${text}/`, workflow);
  if (uuid !== undefined && rest === '') return uuid;
  const known = Object.entries(workflow.subgraphs).map(([id, { name }]) => `${name} (${id})`);
  throw new CwfError('SUBGRAPH_NOT_FOUND', { source, subgraph: text, known: nearest(text, known) });
}

/** Reads `[<subgraph>/]<node>` in the same way. Throws ADDRESS_INVALID or NODE_NOT_FOUND. */
export function parseNodeAddress(text: string, workflow: Workflow, source = 'workflow'): NodeAddress {
  const [uuid, rest] = splitScope(text, workflow);
  const scope = scopeOf(workflow, uuid);
  const id = findNode(text, rest, scope, workflow);
  if (id === undefined) throw noNode(rest, scope, workflow, source);
  return { scope: uuid, node: id };
}

/** The pointer of a value in the keyed form. */
export function inputPath(scope: string | undefined, node: NodeId, part: 'widgets' | 'links', input: string): string {
  return joinPointer([...(scope === undefined ? [] : ['subgraphs', scope]), 'nodes', node, part, input]);
}

/** What a node is called by its user: its title, or nothing when it has none of its own. */
export function nodeTitle(node: WorkflowNode): string | undefined {
  const { title } = node.ui;
  return typeof title === 'string' && title !== '' && title !== node.class_type ? title : undefined;
}

function scopeOf(workflow: Workflow, uuid: string | undefined): Scope {
  return uuid === undefined ? workflow : workflow.subgraphs[uuid]!;
}

/** The scope, and what is left of the text. Without a subgraph of that name the whole text belongs to the root. */
function splitScope(text: string, workflow: Workflow): [string | undefined, string] {
  const subgraphs = Object.entries(workflow.subgraphs);
  for (let at = text.indexOf('/'); at !== -1; at = text.indexOf('/', at + 1)) {
    const name = text.slice(0, at);
    if (Object.hasOwn(workflow.subgraphs, name)) return [name, text.slice(at + 1)];
    const named = subgraphs.filter(([, subgraph]) => subgraph.name === name);
    if (named.length > 1)
      throw invalid(text, `"${name}" names ${named.length} subgraphs: ${named.map(([id]) => id).join(', ')}`);
    if (named.length === 1) return [named[0]![0], text.slice(at + 1)];
  }
  return [undefined, text];
}

function splitNode(text: string, rest: string, scope: Scope, workflow: Workflow, source: string): [NodeId, string] {
  const dots: number[] = [];
  for (let at = rest.indexOf('.'); at !== -1; at = rest.indexOf('.', at + 1)) dots.push(at);
  for (const at of dots)
    if (Object.hasOwn(scope.nodes, rest.slice(0, at))) return [rest.slice(0, at), rest.slice(at + 1)];
  for (const at of dots) {
    const id = findNode(text, rest.slice(0, at), scope, workflow);
    if (id !== undefined) return [id, rest.slice(at + 1)];
  }
  throw noNode(rest.slice(0, dots[0]), scope, workflow, source);
}

function findNode(text: string, name: string, scope: Scope, workflow: Workflow): NodeId | undefined {
  if (Object.hasOwn(scope.nodes, name)) return name;
  const nodes = Object.entries(scope.nodes);
  const subgraphName = ({ class_type }: WorkflowNode) => own(workflow.subgraphs, class_type)?.name;
  for (const called of [nodeTitle, (node: WorkflowNode) => node.class_type, subgraphName]) {
    const found = nodes.filter(([, node]) => called(node) === name).map(([id]) => id);
    if (found.length > 1)
      throw invalid(text, `"${name}" names ${found.length} nodes: ${found.slice(0, MOST_SHOWN).join(', ')}`);
    if (found.length === 1) return found[0];
  }
  return undefined;
}

function noNode(name: string, scope: Scope, workflow: Workflow, source: string): CwfError {
  const label = ([id, node]: [string, WorkflowNode]): string => {
    const title = nodeTitle(node);
    const type = own(workflow.subgraphs, node.class_type)?.name || node.class_type;
    return `${id} (${type}${title === undefined ? '' : ` "${title}"`})`;
  };
  const inside =
    scope !== workflow
      ? []
      : Object.entries(workflow.subgraphs).flatMap(([uuid, subgraph]) => {
          const meant = Object.entries(subgraph.nodes).filter(
            ([id, node]) => id === name || nodeTitle(node) === name || node.class_type === name,
          );
          return meant.map((one) => `${subgraph.name || uuid}/${label(one)}`);
        });
  const known = nearest(name, Object.entries(scope.nodes).map(label));
  const more = inside.length > 0 ? { inside: inside.slice(0, MOST_SHOWN) } : {};
  return new CwfError('NODE_NOT_FOUND', { source, node: name, known, ...more });
}

function invalid(text: string, reason: string): CwfError {
  return new CwfError('ADDRESS_INVALID', { text, reason });
}
