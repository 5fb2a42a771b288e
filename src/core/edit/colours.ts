import { type Hash, mix, sum } from './node-hash.ts';
import type { GraphNode } from './scope-graph.ts';

/** A radius beyond which nodes are told apart by walking along the links of those that are known. */
const MAX_ROUNDS = 12;

/** Colours of the nodes of two graphs by radius: `a[r][i]` is what can be seen from node i within r links. */
export interface Colours {
  readonly a: readonly (readonly Hash[])[];
  readonly b: readonly (readonly Hash[])[];
}

/**
 * Colour refinement (Weisfeiler and Leman, 1968) of two graphs side by side: each round a node's colour takes in those of
 * the nodes it is linked with, by input and output, until the rounds tell no more nodes apart. O(rounds · links).
 */
export function refine(
  a: readonly GraphNode[],
  b: readonly GraphNode[],
  start: { readonly a: readonly Hash[]; readonly b: readonly Hash[] },
): Colours {
  const out = { a: [start.a], b: [start.b] };
  let count = distinct(start.a) + distinct(start.b);
  for (let round = 1; round <= MAX_ROUNDS; round++) {
    const next = { a: nextColours(a, out.a[round - 1]!), b: nextColours(b, out.b[round - 1]!) };
    out.a.push(next.a);
    out.b.push(next.b);
    const more = distinct(next.a) + distinct(next.b);
    if (round > 1 && more === count) break;
    count = more;
  }
  return out;
}

function nextColours(graph: readonly GraphNode[], colours: readonly Hash[]): Hash[] {
  return graph.map(({ sources, targets }, i) => {
    let incoming = 1;
    for (const { key, at, outside } of sources) incoming = sum(incoming, mix(key, at < 0 ? outside : colours[at]!));
    let outgoing = 2;
    for (const { key, at, outside } of targets) outgoing = sum(outgoing, mix(key, at < 0 ? outside : colours[at]!));
    return mix(mix(colours[i]!, incoming), outgoing);
  });
}

function distinct(colours: readonly Hash[]): number {
  return new Set(colours).size;
}
