import type { Catalog } from '../catalog/catalog.ts';
import { declaredInputs } from '../catalog/declared-inputs.ts';
import { own } from '../workflow/names.ts';
import { type NodePlace, nodeAt } from '../workflow/scopes.ts';
import type { Workflow } from '../workflow/types.ts';

/** Required inputs of a node that have neither value nor link. */
export function openInputsOf(workflow: Workflow, place: NodePlace, catalog: Catalog): string[] {
  const node = nodeAt(workflow, place);
  const definition = node && catalog.node(node.class_type);
  if (!node || !definition) return [];
  const { byName } = declaredInputs(definition, (name) => own(node.widgets, name));
  return [...byName.values()]
    .filter(({ name, section }) => {
      const value = own(node.widgets, name);
      return section === 'required' && !Object.hasOwn(node.links, name) && (value === undefined || value === null);
    })
    .map(({ name }) => name);
}

/** What is left to do at nodes: one note for each that waits for something it did not wait for before. */
export function openNotes(before: Workflow, after: Workflow, places: readonly NodePlace[], catalog: Catalog): string[] {
  return places.flatMap((place) => {
    const was = new Set(openInputsOf(before, place, catalog));
    const open = openInputsOf(after, place, catalog).filter((name) => !was.has(name));
    const { class_type } = nodeAt(after, place) ?? { class_type: '' };
    return open.length === 0 ? [] : [`node ${place.node} (${class_type}) still needs: ${open.join(', ')}`];
  });
}
