import { compareIds } from '../workflow/names.ts';
import type { NodePlace } from '../workflow/scopes.ts';
import type { InterfaceSlot, Subgraph, Workflow } from '../workflow/types.ts';
import { matchDefinitions } from './match-definitions.ts';
import { matchMoved } from './match-moved.ts';
import { matchNodes } from './match-nodes.ts';
import { type Hash, hashText, mix } from './node-hash.ts';
import { scopeGraph } from './scope-graph.ts';

/** The root of both workflows, or two definitions that are one, with what is the same in them: `a`'s id to `b`'s. */
export interface ScopeMatch {
  /** Ids of the definition; absent for the root. */
  readonly a?: string;
  readonly b?: string;
  readonly nodes: ReadonlyMap<string, string>;
  readonly inputs: ReadonlyMap<string, string>;
  readonly outputs: ReadonlyMap<string, string>;
}

/** What two workflows have in common. All maps are bijections. */
export interface Matching {
  /** The root first. */
  readonly scopes: readonly ScopeMatch[];
  /** Definitions: `a`'s id to `b`'s. */
  readonly subgraphs: ReadonlyMap<string, string>;
  /** Nodes that went from one scope into another: one that both sides have, or a definition that only one has. */
  readonly moved: readonly { readonly a: NodePlace; readonly b: NodePlace }[];
}

/**
 * Which nodes, subgraph definitions and interface slots of two workflows are the same thing, whatever their ids.
 * Definitions match by id, then by content, then by name and likeness [MA-2]; nodes within each pair of scopes [MA-1].
 * Where a definition stands on one side only, its nodes are looked for where its instance stands; what is left over is
 * looked for in the other scopes [MA-3]. Deterministic;
 * the matching of (b, a) is the inverse of that of (a, b).
 */
export function matchWorkflows(a: Workflow, b: Workflow): Matching {
  const subgraphs = matchDefinitions(a, b);
  const inverse = new Map([...subgraphs].map(([x, y]) => [y, x]));
  // One class for both definitions of a pair, the same from either side.
  const kindA = kinds((type) => pairName(type, subgraphs.get(type)));
  const kindB = kinds((type) => pairName(type, inverse.get(type)));
  const onlyA = new Set(Object.keys(a.subgraphs).filter((id) => !subgraphs.has(id)));
  const onlyB = new Set(Object.keys(b.subgraphs).filter((id) => !inverse.has(id)));
  const moved: Matching['moved'][number][] = [];
  const matchScope = (inA?: string, inB?: string): ReadonlyMap<string, string> => {
    const nodes = new Map<string, string>();
    const [graphA, graphB] = [scopeGraph(a, inA, onlyA, kindA), scopeGraph(b, inB, onlyB, kindB)];
    for (const [x, y] of matchNodes(graphA, graphB)) {
      const [p, q] = [graphA[x]!, graphB[y]!];
      if (p.scope === inA && q.scope === inB) nodes.set(p.id, q.id);
      else moved.push({ a: placeOf(p.scope, p.id), b: placeOf(q.scope, q.id) });
    }
    return nodes;
  };
  const scopes: ScopeMatch[] = [{ nodes: matchScope(), inputs: new Map(), outputs: new Map() }];
  for (const [x, y] of [...subgraphs].sort(([one], [other]) => compareIds(one, other))) {
    const [p, q] = [a.subgraphs[x]!, b.subgraphs[y]!];
    const slots = { inputs: matchSlots(p, q, 'inputs'), outputs: matchSlots(p, q, 'outputs') };
    scopes.push({ a: x, b: y, nodes: matchScope(x, y), ...slots });
  }
  if (scopes.length > 1) moved.push(...matchMoved(a, b, { scopes, moved }, { a: kindA, b: kindB }));
  return { scopes, subgraphs, moved };
}

function kinds(nameOf: (type: string) => string): (type: string) => Hash {
  const known = new Map<string, Hash>();
  return (type) => {
    let kind = known.get(type);
    if (kind === undefined) {
      kind = mix(hashText(nameOf(type)), 11);
      known.set(type, kind);
    }
    return kind;
  };
}

function pairName(type: string, partner: string | undefined): string {
  if (partner === undefined || partner === type) return type;
  return type < partner ? `${type} ${partner}` : `${partner} ${type}`;
}

function placeOf(scope: string | undefined, node: string): NodePlace {
  return scope === undefined ? { node } : { scope, node };
}

/** Slots of an interface: by id, then by name and type, then by name, each where only one on either side fits. */
function matchSlots(a: Subgraph, b: Subgraph, side: 'inputs' | 'outputs'): ReadonlyMap<string, string> {
  const out = new Map<string, string>();
  const done = new Set<string>();
  for (const id of Object.keys(a[side])) {
    if (!Object.hasOwn(b[side], id)) continue;
    out.set(id, id);
    done.add(id);
  }
  const nameAndType = ({ name, type }: InterfaceSlot): string => JSON.stringify([name, type], plain);
  for (const key of [nameAndType, ({ name }: InterfaceSlot) => name]) {
    const left = Object.entries(a[side]).filter(([id]) => !out.has(id));
    const right = Object.entries(b[side]).filter(([id]) => !done.has(id));
    for (const [id, slot] of left) {
      const others = right.filter(([, other]) => key(other) === key(slot));
      if (others.length !== 1 || left.filter(([, one]) => key(one) === key(slot)).length !== 1) continue;
      out.set(id, others[0]![0]);
      done.add(others[0]![0]);
    }
  }
  return out;
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
