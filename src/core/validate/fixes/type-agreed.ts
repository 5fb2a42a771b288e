import type { DeclaredInput } from '../../catalog/declared-inputs.ts';
import { own } from '../../workflow/names.ts';
import type { NodeId } from '../../workflow/types.ts';
import { templateOf } from '../types.ts';
import type { Facts } from './facts.ts';

const MATCH = 'COMFY_MATCHTYPE_V3';
/** Nodes that match types, one behind the other, that are looked through. */
const MOST_STEPS = 4;

/**
 * The type that an input which takes any must have here: that of the other inputs of its template, else what those take
 * that read what its node passes on. Undefined for other inputs, and where nothing says it.
 */
export function typeAgreed(facts: Facts, node: NodeId, input: DeclaredInput, steps = 0): string | undefined {
  const template = templateOf(input);
  if (template === undefined || steps > MOST_STEPS) return undefined;
  const links = facts.nodes[node]?.links ?? {};
  for (const other of facts.declared(node).values()) {
    const link = own(links, other.name);
    if (!link || other.name === input.name || templateOf(other) !== template) continue;
    const type = facts.typeOf(link);
    if (type !== undefined && isPlain(type)) return type;
  }
  const outputs = facts.definition(node)?.outputs ?? [];
  for (const { node: reader, input: name, source } of facts.readers(node)) {
    if (typeof source.slot !== 'number' || outputs[source.slot]?.type !== MATCH) continue;
    const declared = facts.declared(reader).get(name);
    const type =
      declared && (templateOf(declared) === undefined ? declared.type : typeAgreed(facts, reader, declared, steps + 1));
    if (type !== undefined && isPlain(type)) return type;
  }
  return undefined;
}

function isPlain(type: string): boolean {
  return type !== '*' && type !== MATCH;
}
