import type { JsonObject } from '../../../base/json.ts';
import { REPLACEMENTS, type Replacement } from '../../catalog/replacements.ts';
import { type NodePlace, scopeAt } from '../../workflow/scopes.ts';
import type { Workflow } from '../../workflow/types.ts';
import { openNotes } from '../left-open.ts';
import { type Renaming, replaceClass } from '../replace-class.ts';
import { defineTransform, refuse } from '../transform.ts';

/** Classes that the engine itself replaces, replaced in the file: at one node, or wherever they stand. */
export const replaceDeprecated = defineTransform({
  name: 'replace-deprecated',
  summary: 'Put the classes in that stand for replaced ones',
  args: { node: { type: 'node', at: 1, description: 'only this node' } },
  plan(workflow, { node }, { catalog }) {
    const places = node ? [node] : allNodes(workflow);
    const found = places.flatMap((place) => {
      const { class_type } = scopeAt(workflow, place.scope)!.nodes[place.node]!;
      const replacement = REPLACEMENTS.get(class_type);
      return replacement && catalog.node(replacement.to) ? [{ place, replacement, class_type }] : [];
    });
    if (found.length === 0) {
      const reason = node ? `nothing stands for the class of node ${node.node}` : 'no node is of a replaced class';
      throw refuse(
        'replace-deprecated',
        reason,
        `Replaced are: ${[...REPLACEMENTS.keys()].map((name) => name.trim()).join(', ')}.`,
      );
    }
    let after = workflow;
    const notes: string[] = [];
    for (const { place, replacement, class_type } of found) {
      const { workflow: next, lost } = replaceClass(after, place, replacement.to, catalog, renamingOf(replacement));
      after = next;
      notes.push(`node ${place.node}: ${class_type.trim()} is ${replacement.to} now`);
      if (lost.length > 0) notes.push(`node ${place.node} lost: ${lost.join(', ')}`);
    }
    const changed = found.map(({ place }) => place);
    return { after, notes: [...notes, ...openNotes(workflow, after, changed, catalog)] };
  },
});

function renamingOf({ inputs = [], outputs, widgets = [] }: Replacement): Renaming {
  const names: Record<string, string> = {};
  const values: JsonObject = {};
  for (const input of inputs) {
    if ('from' in input) names[input.from] = input.name;
    else values[input.name] = input.value;
  }
  // Without the old definition the reader knows the values of a UI file by their positions only.
  for (const [at, name] of widgets.entries()) names[`#${at}`] = names[name] ?? name;
  return {
    inputs: names,
    values,
    ...(outputs ? { outputs: Object.fromEntries(outputs.map(({ from, to }) => [from, to])) } : {}),
  };
}

function allNodes(workflow: Workflow): NodePlace[] {
  return [undefined, ...Object.keys(workflow.subgraphs)].flatMap((scope) =>
    Object.keys(scopeAt(workflow, scope)!.nodes).map((node) => (scope === undefined ? { node } : { scope, node })),
  );
}
