import type { JsonObject } from '../../base/json.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { own } from '../workflow/names.ts';
import { type NodePlace, nodeAt, withNode } from '../workflow/scopes.ts';
import type { LinkSource, Workflow } from '../workflow/types.ts';
import { redrawNode } from './draw.ts';
import { inputSlots } from './slots.ts';

/**
 * The slots of growing inputs without a gap: what stands behind one that was disconnected moves up, as in the page,
 * which draws no slot behind an empty one and would lose its link. [TE-5]
 */
export function closeGaps(workflow: Workflow, place: NodePlace, catalog: Catalog): Workflow {
  const node = nodeAt(workflow, place);
  const groups = new Map<string, string[]>();
  for (const { name, declared } of inputSlots(workflow, place, catalog)) {
    if (declared?.growing !== undefined) groups.set(declared.growing, [...(groups.get(declared.growing) ?? []), name]);
  }
  if (!node || groups.size === 0) return workflow;
  const links: Record<string, LinkSource> = { ...node.links };
  const attrs: JsonObject = { ...(node.ui.link_attrs as JsonObject | undefined) };
  let hasMoved = false;
  for (const slots of groups.values()) {
    const linked = slots.filter((slot) => Object.hasOwn(links, slot));
    for (const [at, slot] of linked.entries()) {
      const to = slots[at]!;
      if (slot === to) continue;
      hasMoved = true;
      links[to] = links[slot]!;
      delete links[slot];
      const moved = own(attrs, slot);
      if (moved !== undefined) attrs[to] = moved;
      delete attrs[slot];
    }
  }
  if (!hasMoved) return workflow;
  if (workflow.format === 'api') return withNode(workflow, place, { ...node, links });
  return withNode(workflow, place, redrawNode({ ...node, links, ui: { ...node.ui, link_attrs: attrs } }, catalog));
}
