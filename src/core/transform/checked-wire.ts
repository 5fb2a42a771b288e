import { CwfError } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import { own } from '../workflow/names.ts';
import { OUTPUT_SIDE } from '../workflow/read-links.ts';
import { type NodePlace, nodeAt, scopeAt } from '../workflow/scopes.ts';
import type { LinkSource, Workflow } from '../workflow/types.ts';
import { linkFits } from './checks.ts';
import { downstreamOf, usersByNode } from './scope-wires.ts';
import { inputSlot, inputSlots, isSide, outputSlots } from './slots.ts';
import type { OutputPlace, Setting } from './transform.ts';
import { connect, type Wire } from './wiring.ts';

/**
 * A link whose ends, types and scope are checked, and which closes no cycle. Throws INPUT_NOT_FOUND, OUTPUT_NOT_FOUND or
 * LINK_REFUSED with what would fit. [TE-4]
 */
export function connectChecked(
  workflow: Workflow,
  source: OutputPlace,
  target: NodePlace & { readonly input: string },
  setting: Setting,
): { readonly after: Workflow; readonly wire: Wire } {
  const { catalog } = setting;
  const input = ownKey(workflow, target);
  const to = { ...(target.scope === undefined ? {} : { scope: target.scope }), node: target.node, input };
  const text = `${target.node}.${target.input}`;
  const slot = inputSlot(workflow, to, catalog);
  if (!slot) throw inputMissing(workflow, target, setting);
  const from = fromSlot(workflow, source, slot.type, text, setting);
  const name = `${source.node}.${from.name || from.slot}`;
  const refused = (reason: string): CwfError => {
    return new CwfError('LINK_REFUSED', {
      from: name,
      to: text,
      reason,
      near: fitting(workflow, to, slot.type, setting),
    });
  };
  if (source.scope !== target.scope) throw refused('they stand in different subgraphs');
  if (!linkFits(from.type, slot.type)) throw refused(`it gives ${from.type}, and ${slot.type} is taken`);
  if (downstreamOf(usersByNode(workflow, target.scope), target.node).has(source.node) && target.node !== OUTPUT_SIDE) {
    throw refused(source.node === target.node ? 'a node cannot feed itself' : 'it would wait for its own result');
  }
  const wire = { ...to, from: source.node, slot: from.slot };
  return { after: connect(workflow, wire, catalog), wire };
}

/** The slot of an output that is named, or the one of a node that fits. Throws OUTPUT_NOT_FOUND, LINK_REFUSED. */
export function slotOf(workflow: Workflow, source: OutputPlace, type: string, setting: Setting): LinkSource {
  const found = fromSlot(workflow, source, type, type, setting);
  if (!linkFits(found.type, type)) {
    const from = `${source.node}.${found.name || found.slot}`;
    throw new CwfError('LINK_REFUSED', { from, to: type, reason: `it gives ${found.type}` });
  }
  return { from: source.node, slot: found.slot };
}

/** The error of an input that the node does not have. */
export function inputMissing(
  workflow: Workflow,
  target: NodePlace & { readonly input: string },
  { catalog, source }: Setting,
): CwfError {
  const known = inputSlots(workflow, target, catalog).map(({ name }) => name);
  const class_type = isSide(target.scope, target.node) ? 'side of the subgraph' : nodeAt(workflow, target)!.class_type;
  const { node, input } = target;
  return new CwfError('INPUT_NOT_FOUND', { source, node, class_type, input, known: nearest(input, known) });
}

function fromSlot(
  workflow: Workflow,
  source: OutputPlace,
  type: string,
  target: string,
  { catalog, source: file }: Setting,
): { readonly slot: LinkSource['slot']; readonly name: string; readonly type: string } {
  const slots = outputSlots(workflow, source, catalog);
  if (source.slot !== undefined) {
    const found = slots?.find(({ slot }) => slot === source.slot);
    if (found || slots === undefined) return found ?? { slot: source.slot, name: String(source.slot), type: '*' };
  }
  const fits = (slots ?? []).filter((one) => linkFits(one.type, type));
  const exact = fits.filter((one) => one.type === type);
  const [first, ...others] = exact.length > 0 ? exact : fits;
  if (first && others.length === 0) return first;
  const known = (slots ?? []).map(({ name, slot }) => name || String(slot));
  if (first) {
    const reason = `it has several ${type} outputs: ${known.join(', ')}`;
    throw new CwfError('LINK_REFUSED', { from: source.node, to: target, reason });
  }
  const class_type = nodeAt(workflow, source)?.class_type ?? 'side of the subgraph';
  throw new CwfError('OUTPUT_NOT_FOUND', {
    source: file,
    node: source.node,
    class_type,
    output: `of type ${type}`,
    known,
  });
}

/** Outputs of the scope that an input could take. */
function fitting(workflow: Workflow, { scope, node }: NodePlace, type: string, { catalog }: Setting): string[] {
  const below = downstreamOf(usersByNode(workflow, scope), node);
  const names = Object.keys(scopeAt(workflow, scope)!.nodes).flatMap((id) => {
    if (below.has(id)) return [];
    const slots = outputSlots(workflow, { ...(scope === undefined ? {} : { scope }), node: id }, catalog) ?? [];
    return slots.filter((one) => one.type === type).map(({ name, slot }) => `${id}.${name || slot}`);
  });
  return names.slice(0, 8);
}

/** An output of a definition goes by its key; users call it by its name. */
function ownKey({ subgraphs }: Workflow, { scope, node, input }: NodePlace & { readonly input: string }): string {
  if (!isSide(scope, node)) return input;
  const { output_order, outputs } = subgraphs[scope!]!;
  if (own(outputs, input)) return input;
  return output_order.find((key) => outputs[key]!.name === input) ?? input;
}
