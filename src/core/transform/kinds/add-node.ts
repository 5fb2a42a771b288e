import { CwfError } from '../../../base/errors.ts';
import { scopeAt } from '../../workflow/scopes.ts';
import type { Workflow } from '../../workflow/types.ts';
import { checkClass } from '../check-class.ts';
import { connectChecked } from '../checked-wire.ts';
import { openNotes } from '../left-open.ts';
import { addNode as addTo, nextId } from '../nodes.ts';
import { putValue } from '../put-value.ts';
import { readOutput } from '../read-args.ts';
import { defineTransform, refuse } from '../transform.ts';

/** A node of a class, with the page's defaults, the values and links that are given, and a free id. [TE-1] [TE-2] */
export const addNode = defineTransform({
  name: 'add-node',
  summary: 'Add a node; what is not given has its default',
  args: {
    class: { type: 'text', required: true, at: 1, description: 'class of the node, or a subgraph of the file' },
    set: { type: 'values', description: 'values by input' },
    link: { type: 'names', description: 'outputs by the input they feed' },
    title: { type: 'text', description: 'title of the node' },
    near: { type: 'node', description: 'node to put it beside' },
    subgraph: { type: 'subgraph', description: 'subgraph to put it into' },
    id: { type: 'text', description: 'id; the next free number where absent' },
    force: { type: 'flag', description: 'take classes and values that the catalog refuses' },
  },
  plan(workflow, args, setting) {
    const { catalog, source } = setting;
    const force = args.force === true;
    const scope = args.subgraph ?? args.near?.scope;
    const at = scope === undefined ? {} : { scope };
    const class_type = checkClass(workflow, args.class, 'add-node', setting, { force });
    if (scope !== undefined && holds(workflow, class_type, scope))
      throw refuse('add-node', 'a subgraph cannot stand inside itself', 'Choose another subgraph.');
    if (args.id !== undefined) checkId(workflow, scope, args.id, source);
    const wires = Object.entries(args.link ?? {}).map(([input, text]) => {
      return { input, output: readOutput(text, { workflow, catalog, source }) };
    });
    const after = [...wires.map(({ output }) => output.node), ...(args.near ? [args.near.node] : [])];
    const added = addTo(workflow, { ...at, class_type, after, id: args.id, title: args.title }, catalog);
    const node = added.id;
    let made = added.workflow;
    // Keys of dynamic combos first: they say which other inputs there are.
    const values = Object.entries(args.set ?? {}).sort(([a], [b]) => a.split('.').length - b.split('.').length);
    for (const [input, given] of values) {
      made = putValue(made, { ...at, node, input }, given, setting, { force }).after;
    }
    for (const { input, output } of wires) {
      made = connectChecked(made, output, { ...at, node, input }, setting).after;
    }
    const notes = openNotes(workflow, made, [{ ...at, node }], catalog);
    return { after: made, notes: [`the new node is ${node}`, ...notes] };
  },
});

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

function checkId(workflow: Workflow, scope: string | undefined, id: string, source: string): void {
  if (!/^[A-Za-z0-9][\w:.-]{0,63}$/.test(id) || FORBIDDEN.has(id) || /^0\d/.test(id)) {
    const reason = `${id.slice(0, 60)} cannot be the id of a node`;
    throw refuse('add-node', reason, 'An id is a number, or letters, digits, ":", "." and "-".');
  }
  const taken = [scopeAt(workflow, scope)!, workflow, ...Object.values(workflow.subgraphs)].find(({ nodes }) =>
    Object.hasOwn(nodes, id),
  );
  if (!taken) return;
  const { class_type } = taken.nodes[id]!;
  throw new CwfError('NODE_EXISTS', { source, node: id, class_type, free: nextId(workflow) });
}

/** Whether a definition is or has inside, at whatever depth, another one. */
function holds({ subgraphs }: Workflow, definition: string, inner: string): boolean {
  const seen = new Set<string>();
  const waiting = [definition];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (next === inner) return true;
    if (seen.has(next) || !Object.hasOwn(subgraphs, next)) continue;
    seen.add(next);
    for (const { class_type } of Object.values(subgraphs[next]!.nodes)) waiting.push(class_type);
  }
  return false;
}
