import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { checkValue } from '../../../src/core/catalog/check-value.ts';
import { typesFit } from '../../../src/core/catalog/socket-types.ts';
import { openInputsOf } from '../../../src/core/transform/left-open.ts';
import { downstreamOf, usersByNode } from '../../../src/core/transform/scope-wires.ts';
import { inputSlots, outputSlots, sourceType } from '../../../src/core/transform/slots.ts';
import { INPUT_SIDE } from '../../../src/core/workflow/read-links.ts';
import { scopeAt } from '../../../src/core/workflow/scopes.ts';
import type { Workflow } from '../../../src/core/workflow/types.ts';

/** What is wrong with a workflow by the catalog, one text each: links, types, values, cycles, open inputs. */
export function faultsOf(workflow: Workflow): string[] {
  const catalog = defaultCatalog();
  return [undefined, ...Object.keys(workflow.subgraphs)].flatMap((scope) => {
    const { nodes } = scopeAt(workflow, scope)!;
    const users = usersByNode(workflow, scope);
    return Object.entries(nodes).flatMap(([id, node]) => {
      const at = scope === undefined ? { node: id } : { scope, node: id };
      const where = `${scope ?? ''}/${id} ${node.class_type}`;
      const out = openInputsOf(workflow, at, catalog).map((name) => `${where}.${name}: open`);
      const slots = new Map(inputSlots(workflow, at, catalog).map((slot) => [slot.name, slot]));
      for (const [name, link] of Object.entries(node.links)) {
        const from = scope === undefined ? { node: link.from } : { scope, node: link.from };
        const isSide = scope !== undefined && link.from === INPUT_SIDE;
        if (!isSide && !Object.hasOwn(nodes, link.from)) out.push(`${where}.${name}: dangling`);
        const given = outputSlots(workflow, from, catalog);
        if (given && !given.some(({ slot }) => slot === link.slot)) out.push(`${where}.${name}: no slot ${link.slot}`);
        const taken = slots.get(name)?.type ?? '*';
        const type = sourceType(workflow, scope, link, catalog);
        if (!typesFit(type, taken)) out.push(`${where}.${name}: ${type} into ${taken}`);
        const below = (users.get(id) ?? []).flatMap((user) => [...downstreamOf(users, user.node)]);
        if (below.includes(id)) out.push(`${where}: cycle`);
      }
      if (!catalog.node(node.class_type)) return out;
      for (const [name, value] of Object.entries(node.widgets)) {
        const declared = slots.get(name)?.declared;
        if (!declared || Object.hasOwn(node.links, name) || value === null) continue;
        for (const { code } of checkValue(declared, value)) out.push(`${where}.${name}: ${code}`);
      }
      return out;
    });
  });
}

/** The faults that a change brought. */
export function newFaults(before: Workflow, after: Workflow): string[] {
  const was = new Set(faultsOf(before));
  return faultsOf(after).filter((fault) => !was.has(fault));
}
