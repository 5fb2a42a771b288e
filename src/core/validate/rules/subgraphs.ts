import { isObject, type Json, type JsonObject } from '../../../base/json.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { own } from '../../workflow/names.ts';
import type { Subgraph, Workflow, WorkflowNode } from '../../workflow/types.ts';
import { isDefinitionId, scopesOf } from '../document.ts';
import type { FindingPlace, Report } from '../report.ts';
import { oneOf } from '../words.ts';
import type { Rule } from './rule.ts';

/** [VS-13] Instances stand for definitions that are there, do not contain themselves, and have the same slots. */
export const rule: Rule = {
  name: 'subgraphs',
  codes: ['SUBGRAPH_MISSING', 'SUBGRAPH_RECURSIVE', 'SUBGRAPH_INTERFACE'],
  check({ workflow, graph }, report) {
    if (workflow.format !== 'ui') return;
    for (const { id, scope } of scopesOf(workflow)) {
      for (const [nodeId, node] of Object.entries(scope.nodes)) {
        const inner = own(workflow.subgraphs, node.class_type);
        const place = { ...(id === undefined ? {} : { scope: id }), node: nodeId, class_type: node.class_type };
        if (inner) checkInstance(workflow, graph.catalog, node, inner, place, report);
        else if (isDefinitionId(node.class_type)) {
          const message = 'the file has no definition of the subgraph it stands for';
          report.add({ code: 'SUBGRAPH_MISSING', message, data: { definition: node.class_type } }, place);
        }
      }
    }
    for (const path of recursions(workflow)) {
      const names = [...path, path[0]!].map((id) => workflow.subgraphs[id]!.name || id);
      const message = `the subgraph contains itself: ${names.join(' -> ')}`;
      report.add({ code: 'SUBGRAPH_RECURSIVE', message, data: { definitions: [...path] } }, { scope: path[0]! });
    }
  },
};

function checkInstance(
  workflow: Workflow,
  catalog: Catalog,
  node: WorkflowNode,
  inner: Subgraph,
  place: FindingPlace,
  report: Report,
): void {
  const names = new Set(inner.input_order.map((key) => inner.inputs[key]!.name));
  const sockets = (node.ui.sockets ?? {}) as JsonObject;
  for (const key of Object.keys(node.links)) {
    const socket = own(sockets, key);
    const name = isObject(socket) && typeof socket.name === 'string' ? socket.name : key;
    if (names.has(name)) continue;
    const message = `${inner.name || 'the subgraph'} has no input ${JSON.stringify(name)}: the link to it is lost`;
    report.add({ code: 'SUBGRAPH_INTERFACE', message, data: { inputs: [...names] } }, { ...place, input: key });
  }
  const lost = proxiesNowhere(workflow, catalog, node, inner);
  if (lost.length === 0) return;
  const message = `it shows widgets that are not there: ${oneOf(lost)}`;
  report.add({ code: 'SUBGRAPH_INTERFACE', severity: 'warning', message, data: { proxies: [...lost] } }, place);
}

/** Entries of `proxyWidgets` that lead to no node of the definition. */
function proxiesNowhere(_workflow: Workflow, _catalog: Catalog, node: WorkflowNode, inner: Subgraph): string[] {
  const { properties } = node.ui;
  const listed: Json | undefined = isObject(properties) ? properties.proxyWidgets : undefined;
  if (!Array.isArray(listed)) return [];
  return listed.flatMap((entry) => {
    const [id, widget] = Array.isArray(entry) ? entry : [];
    if (typeof id !== 'string' || typeof widget !== 'string') return ['an entry that is no pair of texts'];
    if (id === '-1') return inner.input_order.some((key) => inner.inputs[key]!.name === widget) ? [] : [widget];
    return own(inner.nodes, id) ? [] : [`${id}.${widget}`];
  });
}

/** Definitions that contain themselves, each such ring once, by its first member. */
function recursions({ subgraphs }: Workflow): string[][] {
  const out: string[][] = [];
  const done = new Set<string>();
  for (const start of Object.keys(subgraphs)) {
    if (done.has(start)) continue;
    const path = ringFrom(subgraphs, start);
    for (const id of path) done.add(id);
    if (path.length > 0) out.push(path);
  }
  return out;
}

/** The shortest way from a definition back to itself, by breadth; empty where there is none. */
function ringFrom(subgraphs: Workflow['subgraphs'], start: string): string[] {
  const before = new Map<string, string>();
  const queue = [start];
  for (const id of queue) {
    for (const { class_type } of Object.values(subgraphs[id]!.nodes)) {
      if (!Object.hasOwn(subgraphs, class_type) || before.has(class_type)) continue;
      before.set(class_type, id);
      queue.push(class_type);
    }
  }
  if (!before.has(start)) return [];
  const path = [start];
  for (let id = before.get(start)!; id !== start; id = before.get(id)!) path.unshift(id);
  return [path.at(-1)!, ...path.slice(0, -1)];
}
