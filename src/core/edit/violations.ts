import type { Json, JsonObject } from '../../base/json.ts';
import { own } from '../workflow/names.ts';
import { INPUT_SIDE } from '../workflow/read-links.ts';
import type { LinkSource, Scope, Subgraph, Workflow, WorkflowNode } from '../workflow/types.ts';

/** A constraint of a graph that is broken: at which node and input, and in words. */
export interface Violation {
  readonly code:
    | 'DANGLING_LINK'
    | 'MISSING_SLOT'
    | 'VALUE_AND_LINK'
    | 'TYPE_CLASH'
    | 'CYCLE'
    | 'MISSING_SUBGRAPH'
    | 'NO_NODES';
  readonly scope?: string;
  readonly node?: string;
  readonly input?: string;
  readonly message: string;
}

/** What `workflow` breaks and none of `known` does: a merge must answer for its own faults, not for old ones. [MG-7] */
export function findViolations(workflow: Workflow, known: readonly Workflow[]): Violation[] {
  const old = new Set(known.flatMap((one) => violationsOf(one)).map(keyOf));
  return violationsOf(workflow).filter((one) => !old.has(keyOf(one)));
}

/** Every constraint a workflow breaks that its own structure shows, without a catalog. */
export function violationsOf(workflow: Workflow): Violation[] {
  const out: Violation[] = [];
  // An API file without a node is no workflow any more: nobody could tell it from any other JSON.
  if (workflow.format === 'api' && Object.keys(workflow.nodes).length === 0) {
    out.push({ code: 'NO_NODES', message: 'no node is left' });
  }
  checkScope(workflow, undefined, workflow, out);
  for (const [id, subgraph] of Object.entries(workflow.subgraphs)) checkScope(workflow, id, subgraph, out);
  return out;
}

function checkScope(workflow: Workflow, scope: string | undefined, graph: Scope, out: Violation[]): void {
  const at = scope === undefined ? {} : { scope };
  for (const [id, node] of Object.entries(graph.nodes)) {
    if (isUuid(node.class_type) && workflow.format === 'ui' && !Object.hasOwn(workflow.subgraphs, node.class_type)) {
      out.push({
        code: 'MISSING_SUBGRAPH',
        ...at,
        node: id,
        message: `node ${id} is an instance of a subgraph that is not there`,
      });
    }
    for (const [input, link] of Object.entries(node.links)) {
      const fault = linkFault(graph, link) ?? typeFault(graph, node, input, link);
      if (fault)
        out.push({ ...fault, ...at, node: id, input, message: `node ${id}, input ${input}: ${fault.message}` });
      if (workflow.format === 'api' && Object.hasOwn(node.widgets, input)) {
        const message = `node ${id}, input ${input}: has a value and a link`;
        out.push({ code: 'VALUE_AND_LINK', ...at, node: id, input, message });
      }
    }
  }
  for (const slot of Object.values((graph as Partial<Subgraph>).outputs ?? {})) {
    const fault = slot.link && linkFault(graph, slot.link);
    if (fault) out.push({ ...fault, ...at, input: slot.name, message: `output ${slot.name}: ${fault.message}` });
  }
  for (const id of nodesOnCycles(graph))
    out.push({ code: 'CYCLE', ...at, node: id, message: `node ${id} feeds itself` });
}

function linkFault(graph: Scope, link: LinkSource): Pick<Violation, 'code' | 'message'> | undefined {
  const { inputs } = graph as Partial<Subgraph>;
  if (inputs && link.from === INPUT_SIDE) {
    const there = typeof link.slot === 'string' && Object.hasOwn(inputs, link.slot);
    return there ? undefined : { code: 'MISSING_SLOT', message: `the subgraph has no input ${link.slot}` };
  }
  const source = own(graph.nodes, link.from);
  if (!source) return { code: 'DANGLING_LINK', message: `its link comes from node ${link.from}, which is not there` };
  const outputs = source.ui.outputs as JsonObject | undefined;
  if (outputs && !Object.hasOwn(outputs, String(link.slot))) {
    return { code: 'MISSING_SLOT', message: `node ${link.from} has no output ${link.slot}` };
  }
  return undefined;
}

function typeFault(
  graph: Scope,
  node: WorkflowNode,
  input: string,
  link: LinkSource,
): Pick<Violation, 'code' | 'message'> | undefined {
  const socket = own(node.ui.sockets as JsonObject | undefined, input) as JsonObject | undefined;
  const output = own(own(graph.nodes, link.from)?.ui.outputs as JsonObject | undefined, String(link.slot)) as
    | JsonObject
    | undefined;
  if (!socket || !output || compatible(output.type, socket.type)) return undefined;
  return {
    code: 'TYPE_CLASH',
    message: `takes ${String(socket.type)}, node ${link.from} gives ${String(output.type)}`,
  };
}

/** LiteGraph's isValidConnection: equal, `*` on a side, or comma lists that overlap, without regard to case. */
function compatible(a: Json | undefined, b: Json | undefined): boolean {
  if (typeof a !== 'string' || typeof b !== 'string' || a === '' || b === '' || a === '*' || b === '*') return true;
  const types = new Set(a.toLowerCase().split(','));
  return (
    types.has('*') ||
    b
      .toLowerCase()
      .split(',')
      .some((type) => type === '*' || types.has(type))
  );
}

/** Nodes that lie on a cycle of links: strongly connected components by an iterative Tarjan (1972). */
function nodesOnCycles(graph: Scope): string[] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open: string[] = [];
  const isOpen = new Set<string>();
  const out: string[] = [];
  const sources = (id: string): string[] =>
    Object.values(graph.nodes[id]!.links)
      .map(({ from }) => from)
      .filter((from) => Object.hasOwn(graph.nodes, from));
  for (const root of Object.keys(graph.nodes)) {
    if (index.has(root)) continue;
    const work: { id: string; next: number; from: string[] }[] = [];
    const enter = (id: string): void => {
      index.set(id, index.size);
      low.set(id, index.get(id)!);
      open.push(id);
      isOpen.add(id);
      work.push({ id, next: 0, from: sources(id) });
    };
    enter(root);
    while (work.length > 0) {
      const frame = work.at(-1)!;
      const child = frame.from[frame.next++];
      if (child !== undefined) {
        if (!index.has(child)) enter(child);
        else if (isOpen.has(child)) low.set(frame.id, Math.min(low.get(frame.id)!, index.get(child)!));
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent) low.set(parent.id, Math.min(low.get(parent.id)!, low.get(frame.id)!));
      if (low.get(frame.id) !== index.get(frame.id)) continue;
      const part = open.splice(open.indexOf(frame.id));
      for (const id of part) isOpen.delete(id);
      if (part.length > 1 || sources(frame.id).includes(frame.id)) out.push(...part);
    }
  }
  return out.sort();
}

function keyOf({ code, scope, node, input }: Violation): string {
  return [code, scope ?? '', node ?? '', input ?? ''].join('\n');
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
