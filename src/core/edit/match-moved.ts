import { own } from '../workflow/names.ts';
import type { NodePlace } from '../workflow/scopes.ts';
import type { Workflow, WorkflowNode } from '../workflow/types.ts';
import type { Matching } from './match.ts';
import { type Hash, hashText, hashValues, mix } from './node-hash.ts';

type Moved = Matching['moved'];

/** A node without a counterpart in its own scope. */
interface Stray {
  readonly place: NodePlace;
  /** The scope that its own is matched with on the other side. */
  readonly partner: string | undefined;
  readonly node: WorkflowNode;
  readonly kind: Hash;
}

/**
 * Nodes that went from one scope into another that is there on both sides, a definition or the root: what is left over in
 * both and is alone in being alike, by id, class and values, then class and values, then class and id; then, between
 * scopes that such a node went between, by class alone. [MA-3]
 */
export function matchMoved(
  a: Workflow,
  b: Workflow,
  matching: Pick<Matching, 'scopes' | 'moved'>,
  kinds: { readonly a: (type: string) => Hash; readonly b: (type: string) => Hash },
): Moved {
  let left = strays(a, 'a', matching, kinds.a);
  let right = strays(b, 'b', matching, kinds.b);
  const out: Moved[number][] = [];
  const ways = new Set<string>();
  const wayOf = (x: Stray, y: Stray): string => JSON.stringify([x.place.scope ?? '', y.place.scope ?? '']);
  for (const { key, isOpen } of LIKENESS) {
    const [byKey, others] = [unique(left, key), unique(right, key)];
    const found = [...byKey].flatMap(([hash, x]) => {
      const y = others.get(hash);
      const isMoved = x && y && x.partner !== y.place.scope && (!isOpen || ways.has(wayOf(x, y)));
      return isMoved ? [[x, y] as const] : [];
    });
    for (const [x, y] of found) {
      out.push({ a: x.place, b: y.place });
      ways.add(wayOf(x, y));
    }
    const done = new Set(found.flat());
    left = left.filter((one) => !done.has(one));
    right = right.filter((one) => !done.has(one));
  }
  return out;
}

const id = ({ place }: Stray): Hash => hashText(place.node, 18);
/** Values say something where there are any; a node of no links is a note, and a note is its text. */
const hasValues = ({ node }: Stray): boolean => Object.keys(node.widgets).length > 0;
const isLinked = ({ node }: Stray): boolean =>
  Object.keys(node.links).length > 0 || Object.keys((node.ui.outputs ?? {}) as object).length > 0;

const LIKENESS: readonly { readonly key: (one: Stray) => Hash | undefined; readonly isOpen?: true }[] = [
  { key: (one) => mix(mix(one.kind, id(one)), hashValues(one.node)) },
  { key: (one) => (hasValues(one) ? mix(one.kind, hashValues(one.node)) : undefined) },
  { key: (one) => (isLinked(one) ? mix(one.kind, id(one)) : undefined) },
  { key: (one) => (isLinked(one) ? one.kind : undefined), isOpen: true },
];

function strays(
  workflow: Workflow,
  side: 'a' | 'b',
  { scopes, moved }: Pick<Matching, 'scopes' | 'moved'>,
  kindOf: (type: string) => Hash,
): Stray[] {
  const gone = new Set(moved.map((move) => `${move[side].scope ?? ''} ${move[side].node}`));
  return scopes.flatMap((match) => {
    const scope = match[side];
    const partner = match[side === 'a' ? 'b' : 'a'];
    const known = new Set(side === 'a' ? match.nodes.keys() : match.nodes.values());
    const { nodes } = scope === undefined ? workflow : own(workflow.subgraphs, scope)!;
    return Object.keys(nodes)
      .filter((node) => !known.has(node) && !gone.has(`${scope ?? ''} ${node}`))
      .map((node) => ({
        place: scope === undefined ? { node } : { scope, node },
        partner,
        node: nodes[node]!,
        kind: kindOf(nodes[node]!.class_type),
      }));
  });
}

/** Those that are alone under their key. */
function unique(all: readonly Stray[], key: (one: Stray) => Hash | undefined): Map<Hash, Stray | undefined> {
  const out = new Map<Hash, Stray | undefined>();
  for (const one of all) {
    const hash = key(one);
    if (hash !== undefined) out.set(hash, out.has(hash) ? undefined : one);
  }
  return out;
}
