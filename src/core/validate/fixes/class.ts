import { isObject, type Json, type JsonObject } from '../../../base/json.ts';
import { REPLACEMENTS, type Replacement } from '../../catalog/replacements.ts';
import { diffByIds } from '../../edit/diff.ts';
import { makeEdit } from '../../edit/edit.ts';
import { replaceClass } from '../../transform/replace-class.ts';
import { own } from '../../workflow/names.ts';
import { linkOf } from '../../workflow/read-api.ts';
import type { NodePlace } from '../../workflow/scopes.ts';
import type { LinkSource, WorkflowNode } from '../../workflow/types.ts';
import type { Diagnostic, Fix } from '../diagnostic.ts';
import { changeNode, toClass } from './changes.ts';
import { advise, type FixContext, type Fixer, placeOf, type Remedy } from './fixer.ts';
import { inferClass } from './infer-class.ts';
import { shown } from './subject.ts';

const REPLACED = 0.95;

/** CLASS_MISSING, CLASS_UNKNOWN: the class whose name, inputs and outputs fit best, where one stands out. */
export const fixClass: Fixer = (diagnostic, context) => {
  const { node: id } = diagnostic;
  if (id === undefined) return { fixes: [] };
  const node = own(context.facts.nodes, id) ?? carriedNode(context, id);
  if (!node) return { fixes: [] };
  const name = node.class_type;
  const ranked = inferClass(context, { id, node, name });
  const fixes = ranked.slice(0, 3).map(({ name: to, confidence }) => ({
    title: `make node ${id} a ${to}: its name, inputs and readers fit that class`,
    confidence,
    edits: [...release(context, id), ...asClass(context, placeOf(diagnostic), node, to)],
  }));
  const what = name === '' ? 'the node has no class' : `no class is called ${shown(name)} in this version`;
  if (fixes.length === 0) return advise(`${what}: install what it comes from, or say what to put in its place`);
  return { fixes, ...(fixes[0]!.confidence < 0.5 ? { advice: `${what}, and several could be meant: say which` } : {}) };
};

/** CLASS_REPLACED: what the server does by itself, done in the file. */
export const fixReplaced: Fixer = (diagnostic, context) => {
  const place = placeOf(diagnostic);
  const node = own(context.facts.nodes, place.node);
  const found = node && REPLACEMENTS.get(node.class_type);
  if (!node || !found || !context.catalog.node(found.to)) return { fixes: [] };
  const edits = asReplaced(context, place, node, found);
  return {
    fixes: [{ title: `make node ${place.node} a ${found.to}, as the server does`, confidence: REPLACED, edits }],
  };
};

/** A node with another class; an entry that was none becomes one. */
function asClass(context: FixContext, place: NodePlace, node: WorkflowNode, class_type: string): Fix['edits'] {
  if (own(context.facts.nodes, place.node)) return toClass(context, place, class_type);
  return changeNode(context, place, { ...node, class_type });
}

function asReplaced(
  context: FixContext,
  place: NodePlace,
  node: WorkflowNode,
  { to, inputs, outputs }: Replacement,
): Fix['edits'] {
  if (context.workflow.format === 'api')
    return changeNode(context, place, { ...(inputs ? remapped(node, inputs) : node), class_type: to });
  const renaming = {
    inputs: Object.fromEntries((inputs ?? []).flatMap((one) => ('from' in one ? [[one.from, one.name]] : []))),
    values: Object.fromEntries((inputs ?? []).flatMap((one) => ('value' in one ? [[one.name, one.value]] : []))),
    ...(outputs ? { outputs: Object.fromEntries(outputs.map((one) => [one.from, one.to])) } : {}),
  };
  return diffByIds(context.workflow, replaceClass(context.workflow, place, to, context.catalog, renaming).workflow);
}

function remapped(
  node: WorkflowNode,
  inputs: readonly ({ name: string; from: string } | { name: string; value: Json })[],
): WorkflowNode {
  const widgets: Record<string, Json> = {};
  const links: Record<string, LinkSource> = {};
  for (const input of inputs) {
    if ('value' in input) widgets[input.name] = input.value;
    else {
      const [value, link] = [own(node.widgets, input.from), own(node.links, input.from)];
      if (link) links[input.name] = link;
      else if (value !== undefined) widgets[input.name] = value;
    }
  }
  return { ...node, widgets, links };
}

/** An entry of a prompt that has inputs and no class, as a node without one. */
export function carriedNode({ workflow }: FixContext, id: string): WorkflowNode | undefined {
  const entry = own((workflow.ui.carried ?? {}) as JsonObject, id);
  if (!isObject(entry)) return undefined;
  const { class_type: _class, inputs, _meta, ...rest } = entry;
  const widgets: Record<string, Json> = {};
  const links: Record<string, LinkSource> = {};
  for (const [name, value] of Object.entries(isObject(inputs) ? inputs : {})) {
    const link = linkOf(value);
    if (link) links[name] = link;
    else widgets[name] = value;
  }
  const { title, ...meta } = isObject(_meta) ? _meta : {};
  const ui: JsonObject = {
    ...(Object.keys(rest).length > 0 ? { carried: rest } : {}),
    ...(isObject(_meta) ? { meta } : {}),
  };
  return { class_type: '', widgets, links, ui: typeof title === 'string' ? { ...ui, title } : ui };
}

/** The edits that take an entry that is no node out of a prompt. */
export function release({ workflow }: FixContext, id: string): Fix['edits'] {
  const carried = (workflow.ui.carried ?? {}) as JsonObject;
  const entry = own(carried, id);
  if (entry === undefined) return [];
  const isLast = Object.keys(carried).length === 1;
  return [isLast ? makeEdit(['ui', 'carried'], carried, undefined) : makeEdit(['ui', 'carried', id], entry, undefined)];
}

/** Whether a finding says that a node is gone as a whole: nothing but its id is left. */
export function isHollow({ node }: Diagnostic, context: FixContext): boolean {
  return node !== undefined && !own(context.facts.nodes, node) && !carriedNode(context, node);
}

/** A remedy with its fixes best first. */
export function bestFirst(remedy: Remedy): Remedy {
  return { ...remedy, fixes: [...remedy.fixes].sort((a, b) => b.confidence - a.confidence) };
}
