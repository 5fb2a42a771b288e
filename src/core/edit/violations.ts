import { cyclicGroups } from '../../base/cyclic-groups.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { joinPointer } from '../../base/json-text.ts';
import { own } from '../workflow/names.ts';
import { INPUT_SIDE } from '../workflow/read-links.ts';
import type { LinkSource, Scope, Subgraph, Workflow, WorkflowNode } from '../workflow/types.ts';

/** A constraint of a graph that is broken: at which node and input, and in words. */
export interface Violation {
  /** Unique in one workflow: code, scope, node and input. */
  readonly id: string;
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
  /** Places of the keyed form that it stands on: a side that keeps the rule keeps it again with its own of all these. */
  readonly places: readonly (readonly string[])[];
}

/** A violation before it is told where it lies. */
interface Fault extends Pick<Violation, 'code' | 'message'> {
  /** Inside the scope. */
  readonly places: readonly (readonly string[])[];
}

/** What `workflow` breaks and none of `known` does: a merge must answer for its own faults, not for old ones. [MG-7] */
export function findViolations(workflow: Workflow, known: readonly Workflow[]): Violation[] {
  const old = new Set(known.flatMap((one) => violationsOf(one)).map(({ id }) => id));
  return violationsOf(workflow).filter((one) => !old.has(one.id));
}

/** Every constraint a workflow breaks that its own structure shows, without a catalog. */
export function violationsOf(workflow: Workflow): Violation[] {
  const out: Violation[] = [];
  // An API file without a node is no workflow any more: nobody could tell it from any other JSON.
  if (workflow.format === 'api' && Object.keys(workflow.nodes).length === 0) {
    out.push(violation({ code: 'NO_NODES', message: 'no node is left', places: [[]] }, []));
  }
  checkScope(workflow, undefined, workflow, out);
  for (const [id, subgraph] of Object.entries(workflow.subgraphs)) checkScope(workflow, id, subgraph, out);
  return out;
}

function checkScope(workflow: Workflow, scope: string | undefined, graph: Scope, out: Violation[]): void {
  const prefix = scope === undefined ? [] : ['subgraphs', scope];
  const add = (fault: Fault, node?: string, input?: string): void => {
    out.push(violation(fault, prefix, place(scope, node, input)));
  };
  for (const [id, node] of Object.entries(graph.nodes)) {
    if (isUuid(node.class_type) && workflow.format === 'ui' && !Object.hasOwn(workflow.subgraphs, node.class_type)) {
      const message = `node ${id} is an instance of a subgraph that is not there`;
      const fault = violation({ code: 'MISSING_SUBGRAPH', message, places: [['nodes', id]] }, prefix, place(scope, id));
      // The definition lies outside of the scope.
      out.push({ ...fault, places: [...fault.places, ['subgraphs', node.class_type]] });
    }
    for (const [input, link] of Object.entries(node.links)) {
      const fault = linkFault(graph, link) ?? typeFault(graph, node, id, input, link);
      const own = linkPlaces(id, input);
      if (fault)
        add(
          { ...fault, places: [...own, ...fault.places], message: `node ${id}, input ${input}: ${fault.message}` },
          id,
          input,
        );
      if (workflow.format === 'api' && Object.hasOwn(node.widgets, input)) {
        const message = `node ${id}, input ${input}: has a value and a link`;
        add({ code: 'VALUE_AND_LINK', message, places: [...own, ['nodes', id, 'widgets', input]] }, id, input);
      }
    }
  }
  for (const [key, slot] of Object.entries((graph as Partial<Subgraph>).outputs ?? {})) {
    const fault = slot.link && linkFault(graph, slot.link);
    const places = [['outputs', key, 'link'], ['outputs', key, 'ui', 'link_attrs'], ...(fault?.places ?? [])];
    if (fault) add({ ...fault, places, message: `output ${slot.name}: ${fault.message}` }, undefined, slot.name);
  }
  for (const cycle of cyclesOf(graph)) {
    // A cycle goes when all its links are those of a side that has none, never by one link of it alone.
    const places = cycle.flatMap((id) =>
      Object.entries(graph.nodes[id]!.links)
        .filter(([, { from }]) => cycle.includes(from))
        .flatMap(([input]) => linkPlaces(id, input)),
    );
    for (const id of cycle) add({ code: 'CYCLE', message: `node ${id} feeds itself`, places }, id);
  }
}

function linkPlaces(node: string, input: string): string[][] {
  return [
    ['nodes', node, 'links', input],
    ['nodes', node, 'ui', 'link_attrs', input],
  ];
}

function linkFault(graph: Scope, link: LinkSource): Fault | undefined {
  const { inputs } = graph as Partial<Subgraph>;
  if (inputs && link.from === INPUT_SIDE) {
    const slot = String(link.slot);
    const there = typeof link.slot === 'string' && Object.hasOwn(inputs, link.slot);
    const places = [['inputs', slot], ['input_order']];
    return there ? undefined : { code: 'MISSING_SLOT', message: `the subgraph has no input ${slot}`, places };
  }
  const source = own(graph.nodes, link.from);
  if (!source) {
    const message = `its link comes from node ${link.from}, which is not there`;
    return { code: 'DANGLING_LINK', message, places: [['nodes', link.from]] };
  }
  const outputs = source.ui.outputs as JsonObject | undefined;
  if (outputs && !Object.hasOwn(outputs, String(link.slot))) {
    const places = [['nodes', link.from, 'ui', 'outputs']];
    return { code: 'MISSING_SLOT', message: `node ${link.from} has no output ${link.slot}`, places };
  }
  return undefined;
}

function typeFault(graph: Scope, node: WorkflowNode, id: string, input: string, link: LinkSource): Fault | undefined {
  const socket = own(node.ui.sockets as JsonObject | undefined, input) as JsonObject | undefined;
  const output = own(own(graph.nodes, link.from)?.ui.outputs as JsonObject | undefined, String(link.slot)) as
    | JsonObject
    | undefined;
  if (!socket || !output || compatible(output.type, socket.type)) return undefined;
  return {
    code: 'TYPE_CLASH',
    message: `takes ${String(socket.type)}, node ${link.from} gives ${String(output.type)}`,
    places: [
      ['nodes', id, 'ui', 'sockets', input],
      ['nodes', link.from, 'ui', 'outputs', String(link.slot)],
    ],
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

/** Nodes that lie on cycles of links, those of one cycle together, in order. */
function cyclesOf({ nodes }: Scope): string[][] {
  const sources = (id: string): string[] =>
    Object.values(nodes[id]!.links)
      .map(({ from }) => from)
      .filter((from) => Object.hasOwn(nodes, from));
  return cyclicGroups(Object.keys(nodes), sources)
    .map((group) => group.sort())
    .sort(([a], [b]) => (a! < b! ? -1 : 1));
}

type Where = Pick<Violation, 'scope' | 'node' | 'input'>;

function violation({ places, code, message }: Fault, prefix: readonly string[], where: Where = {}): Violation {
  const parts = [where.scope, where.node, where.input].filter((part) => part !== undefined);
  const id = code + joinPointer(parts);
  return { id, code, ...where, message, places: places.map((path) => [...prefix, ...path]) };
}

function place(scope: string | undefined, node?: string, input?: string): Where {
  return {
    ...(scope === undefined ? {} : { scope }),
    ...(node === undefined ? {} : { node }),
    ...(input === undefined ? {} : { input }),
  };
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}
