import { isObject, type Json, type JsonObject } from '../../../base/json.ts';
import { own } from '../../workflow/names.ts';
import { INPUT_SIDE, type LinkRow, OUTPUT_SIDE, readLinkRows } from '../../workflow/read-links.ts';
import type { Scope, Subgraph, Workflow, WorkflowNode } from '../../workflow/types.ts';
import { scopesOf } from '../document.ts';
import type { Report } from '../report.ts';
import type { Rule } from './rule.ts';

/**
 * [VS-10] A UI file says each link three times: in its table, at the input and at the output. Where these disagree the
 * page follows the input; what the table says besides is lost, and a row that leads nowhere is left over.
 */
export const rule: Rule = {
  name: 'link-table',
  codes: ['LINK_LIES'],
  check({ workflow }, report) {
    if (workflow.format !== 'ui') return;
    for (const { id, scope } of scopesOf(workflow)) {
      for (const row of readLinkRows(looseRows(scope), { source: '', path: '' })) tellRow(id, scope, row, report);
      for (const [node, at] of Object.entries(scope.nodes)) tellSockets(id, node, at, report);
      if (id !== undefined) tellSlots(id, scope as Subgraph, report);
    }
  },
};

function looseRows({ ui }: Pick<Workflow | Subgraph, 'ui'>): Json[] {
  return isObject(ui.loose_links) ? Object.values(ui.loose_links) : [];
}

/** A row of the table that no input takes up. */
function tellRow(scope: string | undefined, graph: Scope, row: LinkRow, report: Report): void {
  const { id, from, fromSlot, to, toSlot } = row;
  const target = own(graph.nodes, to);
  const data = { link: id, from, slot: fromSlot, to, input: toSlot };
  const place = { ...(scope === undefined ? {} : { scope }), node: to };
  const isFromSide = scope !== undefined && from === INPUT_SIDE;
  if (target && (isFromSide || own(graph.nodes, from))) {
    const input = socketAt(target, toSlot);
    const origin = isFromSide ? 'an input of the subgraph' : `node ${from}`;
    const said = saidBy(target, input);
    // The same link said twice is told by no finding: it is the one that is there.
    const taken = input === undefined ? undefined : own(target.links, input);
    if (taken?.from === from && String(taken.slot) === String(fromSlot)) return;
    const message = `link ${String(id)} of the table comes from ${origin}, and ${said}: it is lost`;
    // Where the input has a link of its own, that is what is shown and sent.
    const severity = taken ? 'warning' : 'error';
    const finding = { code: 'LINK_LIES', severity, message, data } as const;
    report.add(finding, { ...place, class_type: target.class_type, ...(input === undefined ? {} : { input }) });
    return;
  }
  if (to === OUTPUT_SIDE && scope !== undefined && own(graph.nodes, from)) return;
  const gone = target || to === OUTPUT_SIDE ? from : to;
  const message = `link ${String(id)} of the table is left over: node ${gone} is not there`;
  report.add(
    { code: 'LINK_LIES', severity: 'warning', message, data },
    target ? { ...place, class_type: target.class_type } : { ...place, node: gone },
  );
}

function socketAt(node: WorkflowNode, slot: Json): string | undefined {
  const order = Array.isArray(node.ui.socket_order) ? node.ui.socket_order : [];
  const name = typeof slot === 'number' ? order[slot] : undefined;
  return typeof name === 'string' ? name : undefined;
}

function saidBy(node: WorkflowNode, input: string | undefined): string {
  if (input === undefined) return 'the node has no such input';
  const link = own(node.links, input);
  return link ? `the input is linked to node ${link.from}` : 'the input does not name it';
}

/** Slots of a definition that list other links than the table has; an output without one gives nothing. */
function tellSlots(scope: string, { inputs, outputs }: Subgraph, report: Report): void {
  for (const [side, slots] of [['input', inputs] as const, ['output', outputs] as const]) {
    for (const { name, link, ui } of Object.values(slots)) {
      if (!Array.isArray(ui.linkIds)) continue;
      const isLost = side === 'output' && link === undefined;
      const message = isLost
        ? `${side} ${name} of the subgraph names links that the table does not have: it gives nothing`
        : `${side} ${name} of the subgraph lists other links than it has`;
      const severity = isLost ? 'error' : 'info';
      report.add({ code: 'LINK_LIES', severity, message, data: { links: ui.linkIds } }, { scope, input: name });
    }
  }
}

/** Inputs that name a link which is not in the table, and outputs that list other links than start there. */
function tellSockets(scope: string | undefined, id: string, node: WorkflowNode, report: Report): void {
  const place = { ...(scope === undefined ? {} : { scope }), node: id, class_type: node.class_type };
  for (const [input, socket] of Object.entries((node.ui.sockets ?? {}) as JsonObject)) {
    const link = isObject(socket) ? socket.link : undefined;
    if (link === undefined || own(node.links, input)) continue;
    const message = `the input names link ${String(link)}, and the table has no such link to it: it is not linked`;
    report.add({ code: 'LINK_LIES', message, data: { link } }, { ...place, input });
  }
  const outputs = (node.ui.outputs ?? {}) as JsonObject;
  const wrong = Object.keys(outputs).filter((slot) => {
    const output = outputs[slot];
    return isObject(output) && output.links !== undefined;
  });
  if (wrong.length === 0) return;
  const message = `output ${wrong.join(', ')} lists other links than start there`;
  report.add({ code: 'LINK_LIES', severity: 'info', message, data: { outputs: wrong } }, place);
}
