import { CwfError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { nearest } from '../../base/nearest.ts';
import { declaredInputs } from '../catalog/declared-inputs.ts';
import type { NodeId, Workflow } from '../workflow/types.ts';
import { type AddedNode, addNode } from './nodes.ts';
import { checkPut } from './put-value.ts';
import type { Setting } from './transform.ts';

/**
 * A new node of a class that a transform needs, its values checked. Throws CLASS_NOT_FOUND where the catalog is of an
 * engine without it, VALUE_REFUSED with the nearest options.
 */
export function addChecked(
  workflow: Workflow,
  added: AddedNode,
  { catalog }: Setting,
): { readonly workflow: Workflow; readonly id: NodeId } {
  const { class_type, widgets = {} } = added;
  const definition = catalog.node(class_type);
  if (!definition) throw new CwfError('CLASS_NOT_FOUND', { class_type, known: nearest(class_type, catalog.classes()) });
  const values: JsonObject = { ...widgets };
  const { byName } = declaredInputs(definition, (name) => values[name]);
  for (const [name, value] of Object.entries(values)) {
    const declared = byName.get(name);
    if (declared) checkPut(declared, value, `${class_type}.${name}`);
  }
  return addNode(workflow, added, catalog);
}
