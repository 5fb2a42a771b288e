import type { Json } from '../../base/json.ts';
import type { DeclaredInput } from '../catalog/declared-inputs.ts';
import type { Graph } from './graph.ts';
import { shown } from './words.ts';

/** What is wrong with a list that stands where a link should, and the link or value it may mean. */
export function linkFault(
  list: readonly Json[],
  graph: Graph,
  input: DeclaredInput | undefined,
): { readonly message: string; readonly to?: Json } {
  const [from, slot] = list;
  const to = meant(list, graph, input);
  const rest = to === undefined ? {} : { to };
  const id = String(from);
  if (list.length !== 2) {
    const count = list.length === 0 ? 'nothing' : list.length === 1 ? 'one member' : `${list.length} members`;
    return { message: `a list stands for a link [node, output], and ${shown([...list])} has ${count}`, ...rest };
  }
  if (typeof from !== 'string')
    return {
      message: `the node of the link ${shown([...list])} is not a text${isNumber(from) ? `: write "${id}"` : ''}`,
      ...rest,
    };
  if (!graph.nodes.has(from))
    return { message: `it is linked to node ${from}, which is not there: ${shown([...list])}`, ...rest };
  if (isNumber(slot) && slot < 0)
    return { message: `output ${slot} of the link is below 0: the server would count from the end`, ...rest };
  return { message: `the output ${shown(slot ?? null)} of the link is not a whole number`, ...rest };
}

/** The link that was probably meant: an id as a text, an output as a number, no more; a list of values in its wrapper. */
function meant(list: readonly Json[], graph: Graph, input: DeclaredInput | undefined): Json | undefined {
  const [from, slot] = list;
  const id = typeof from === 'string' || isNumber(from) ? String(from) : undefined;
  const isSingle = list.length > 0 && list.length < 4;
  if (id === undefined || !graph.nodes.has(id) || !isSingle) {
    const isList = input?.options.multiselect === true;
    return isList ? { __value__: [...list] } : undefined;
  }
  const outputs = graph.nodes.get(id)!.definition?.outputs.length;
  if (slot === undefined || slot === null) return outputs === 1 || slot === undefined ? [id, 0] : undefined;
  const number = typeof slot === 'string' && /^\d+$/.test(slot) ? Number(slot) : slot;
  if (typeof number !== 'number' || !Number.isInteger(number) || number < 0) return outputs === 1 ? [id, 0] : undefined;
  return [id, number];
}

function isNumber(value: Json | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
