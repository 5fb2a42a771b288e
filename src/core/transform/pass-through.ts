import type { Catalog } from '../catalog/catalog.ts';
import { own } from '../workflow/names.ts';
import { type NodePlace, nodeAt } from '../workflow/scopes.ts';
import type { LinkSource, Workflow } from '../workflow/types.ts';
import { inputSlots, outputSlots, sourceType } from './slots.ts';

/**
 * What the users of an output take over when its node goes: what feeds the node's input of the same type, as the page
 * does for a bypassed node. Of several the one at the place of the output among those of its type, else the first.
 */
export function passedOn(
  workflow: Workflow,
  place: NodePlace,
  source: LinkSource,
  catalog: Catalog,
): LinkSource | undefined {
  const node = nodeAt(workflow, place);
  if (!node) return undefined;
  const type = sourceType(workflow, place.scope, source, catalog);
  const fits = inputSlots(workflow, place, catalog).flatMap(({ name, type: taken }) => {
    const link = own(node.links, name);
    if (!link || link.from === place.node) return [];
    const given = sourceType(workflow, place.scope, link, catalog);
    const isSame = type === '*' ? false : given === type || (given === '*' && taken === type);
    return isSame ? [link] : [];
  });
  const outputs = (outputSlots(workflow, place, catalog) ?? []).filter((one) => one.type === type);
  return fits[outputs.findIndex(({ slot }) => slot === source.slot)] ?? fits[0];
}
