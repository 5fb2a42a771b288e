import type { JsonObject } from '../../../base/json.ts';
import { nearest } from '../../../base/nearest.ts';
import { scopeAt } from '../../workflow/scopes.ts';
import type { WorkflowNode } from '../../workflow/types.ts';
import { socketSlots } from '../../workflow/write-node.ts';
import { inputSlot } from '../slots.ts';
import { defineTransform, refuse } from '../transform.ts';
import { manyInto } from '../writing.ts';

/** An input under another name at all nodes of a class, in all scopes: after an upgrade of an engine or a pack. */
export const renameParam = defineTransform({
  name: 'rename-param',
  summary: 'Rename an input at all nodes of a class',
  args: {
    class: { type: 'text', required: true, at: 1, description: 'class of the nodes' },
    from: { type: 'text', required: true, at: 2, description: 'name of the input in the file' },
    to: { type: 'text', required: true, at: 3, description: 'its new name' },
    force: { type: 'flag', description: 'take a name that the catalog does not know' },
  },
  plan(workflow, { class: class_type, from, to, force }, { catalog }) {
    if (['__proto__', 'constructor', 'prototype', ''].includes(to))
      throw refuse('rename-param', `"${to}" cannot be the name of an input`, 'Choose another name.');
    const { workflow: copy, writing } = manyInto(workflow);
    let after = copy;
    let count = 0;
    const names = new Set<string>();
    let isClassThere = false;
    for (const scope of [undefined, ...Object.keys(workflow.subgraphs)]) {
      for (const [id, node] of Object.entries(scopeAt(workflow, scope)!.nodes)) {
        if (node.class_type !== class_type) continue;
        isClassThere = true;
        const place = { ...(scope === undefined ? {} : { scope }), node: id };
        const held = [...Object.keys(node.widgets), ...socketSlots(node).map(([name]) => name)];
        for (const name of held) names.add(name);
        if (!held.includes(from)) continue;
        if (held.includes(to)) {
          const remedy = 'Remove one of the two first (`disconnect`), or rename the other.';
          throw refuse('rename-param', `node ${id} has an input ${to} already`, remedy);
        }
        const slot = catalog.node(class_type) && inputSlot(workflow, { ...place, input: to }, catalog);
        if (catalog.node(class_type) && !slot && !force) {
          const known = catalog.node(class_type)!.inputs.map(({ name }) => name);
          const remedy = `Did you mean: ${nearest(to, known).join(', ')}? With --force any name is taken.`;
          throw refuse('rename-param', `the catalog knows no input ${to} of ${class_type}`, remedy);
        }
        after = writing.put(after, place, renamed(node, from, to));
        count++;
      }
    }
    if (count === 0) {
      const reason = isClassThere ? `no ${class_type} has an input ${from}` : `no node is a ${class_type}`;
      const remedy = isClassThere ? `They have: ${nearest(from, [...names]).join(', ')}.` : 'Check the class.';
      throw refuse('rename-param', reason, remedy);
    }
    return { after, notes: [`renamed at ${count} ${count === 1 ? 'node' : 'nodes'}`] };
  },
});

function renamed(node: WorkflowNode, from: string, to: string): WorkflowNode {
  const swap = <T>(map: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(map).map(([key, value]) => [key === from ? to : key, value]));
  const list = (names: unknown): string[] => (names as string[]).map((name) => (name === from ? to : name));
  const { sockets, socket_order, link_attrs, widget_order, unnamed } = node.ui;
  const ui: JsonObject = { ...node.ui };
  if (sockets !== undefined) {
    const renamedSockets = swap(sockets as JsonObject);
    const socket = renamedSockets[to] as JsonObject | undefined;
    const widget = socket?.widget as JsonObject | undefined;
    if (widget?.name === from) renamedSockets[to] = { ...socket, widget: { ...widget, name: to } };
    ui.sockets = renamedSockets;
  }
  if (socket_order !== undefined) ui.socket_order = list(socket_order);
  if (link_attrs !== undefined) ui.link_attrs = swap(link_attrs as JsonObject);
  if (widget_order !== undefined) ui.widget_order = list(widget_order);
  if (unnamed !== undefined) ui.unnamed = list(unnamed);
  return {
    ...node,
    widgets: swap(node.widgets),
    links: swap(node.links),
    ...(node.positional ? { positional: swap(node.positional) } : {}),
    ui,
  };
}
