import type { Json } from '../../base/json.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { own } from '../workflow/names.ts';
import { nodeAt, scopeAt } from '../workflow/scopes.ts';
import type { NodeId, Workflow } from '../workflow/types.ts';
import { polarityIn, polarityOf } from './polarity.ts';
import type { User, Users } from './scope-wires.ts';
import { type InputSlot, inputSlots, sourceType } from './slots.ts';

/** An output that may feed an input. */
export interface Candidate {
  readonly from: NodeId;
  readonly slot: number | string;
  readonly name: string;
  readonly type: string;
}

/** A candidate with how likely it is, 0 to 1, and what speaks for it. */
export interface Weighed {
  readonly candidate: Candidate;
  readonly confidence: number;
  readonly reason: string;
}

/** What one fact is worth, in the exponent; chosen by hand so that lost links of real workflows are found again. */
const WORTH = {
  exactType: 2,
  /** It feeds an input of the same class and name. */
  sameInput: 2,
  /** It feeds an input of the same name, whatever the class. */
  sameName: 1,
  /** It feeds nothing yet: somebody put it there for something. */
  unused: 3.2,
  /** The last of a chain of one type (a LoRA behind a checkpoint). */
  endOfChain: 0.4,
  /** Per word that the input shares with output, title or class of the source. */
  word: 0.8,
  rightPolarity: 3,
  wrongPolarity: -3,
  /** Another input of the same type at the same node takes it already. */
  takenBeside: -2,
  /** Per link on the shortest way between the two as they stand. */
  step: -0.35,
  /** Per step of the rank by distance on the canvas. */
  distance: -0.25,
} as const;

/** Links on the way between two nodes; more are as good as none. */
const FAR = 6;
/** No proposal is certain: nobody said what was meant. */
const MOST_SURE = 0.97;
/** Of types that are not the same in words (`*`, lists, MatchTypes). */
const MOST_SURE_LOOSE = 0.6;

/** Candidates that are weighed for one input: the nearest ones of more. [LIM] */
const MOST_CANDIDATES = 100;

/** Candidates for an input, likeliest first. [TE-21] */
export function weigh(
  workflow: Workflow,
  scope: string | undefined,
  { node, slot }: { readonly node: NodeId; readonly slot: InputSlot },
  fitting: readonly Candidate[],
  catalog: Catalog,
  uses: Users,
): Weighed[] {
  const target = nodeAt(workflow, place(scope, node))!;
  const wanted = polarityIn(slot.name);
  const near = nearestOf(workflow, scope, node, fitting);
  const candidates = near.map((one) => one.candidate);
  const beginnings = new Set(candidates.map(({ from, slot, type }) => `${type} ${slot} ${from}`));
  const givers = new Set(candidates.map(({ from, type }) => `${type} ${from}`));
  const steps = stepsFrom(workflow, scope, node, uses);
  const siblings = takenBeside(workflow, scope, node, slot, catalog);
  const weighed = candidates.map((candidate, at) => {
    const facts: string[] = [];
    let sum = 0;
    const add = (worth: number, fact?: string): void => {
      sum += worth;
      if (fact !== undefined) facts.push(fact);
    };
    const isExact = candidate.type === slot.type;
    if (isExact) add(WORTH.exactType);
    const users = usersFrom(uses, candidate);
    const isLike = users.some((user) => {
      return user.input === slot.name && nodeAt(workflow, place(scope, user.node))?.class_type === target.class_type;
    });
    if (isLike) add(WORTH.sameInput, `it feeds ${slot.name} of another ${target.class_type.slice(0, 40)}`);
    else if (users.some(({ input }) => input === slot.name)) add(WORTH.sameName, `it feeds another ${slot.name}`);
    if (users.length === 0) add(WORTH.unused, 'it feeds nothing yet');
    const { type } = candidate;
    const links = Object.values(nodeAt(workflow, place(scope, candidate.from))?.links ?? {});
    const goesOn = links.some((link) => beginnings.has(`${type} ${link.slot} ${link.from}`));
    const isEnd = goesOn && !users.some((user) => givers.has(`${type} ${user.node}`));
    if (isEnd) add(WORTH.endOfChain, 'it is the last of its chain');
    const words = sharedWords(workflow, scope, candidate, slot.name);
    if (words.length > 0) add(WORTH.word * words.length, `both say "${words[0]}"`);
    if (wanted !== undefined) {
      const given = polarityOf(workflow, scope, candidate.from, candidate.slot, uses);
      if (given === wanted) add(WORTH.rightPolarity, `it is a ${wanted} prompt`);
      else if (given !== undefined) add(WORTH.wrongPolarity);
    }
    if (siblings.has(`${candidate.slot} ${candidate.from}`)) add(WORTH.takenBeside);
    add(WORTH.step * steps(candidate.from));
    add(WORTH.distance * Math.min(near[at]!.rank, 8));
    return { candidate, sum, facts, isExact };
  });
  const top = weighed.reduce((most, { sum }) => Math.max(most, sum), -Infinity);
  const total = weighed.reduce((all, { sum }) => all + Math.exp(sum - top), 0);
  return weighed
    .map(({ candidate, sum, facts, isExact }) => {
      const share = Math.exp(sum - top) / total;
      const confidence = Math.round(share * (isExact ? MOST_SURE : MOST_SURE_LOOSE) * 100) / 100;
      const alone = weighed.length === 1 ? `it is the only ${candidate.type} output` : undefined;
      const reason = alone ?? (facts.join(', ') || `a ${candidate.type} output`);
      return { candidate, confidence, reason };
    })
    .sort((a, b) => b.confidence - a.confidence);
}

function usersFrom(uses: Users, { from, slot }: Candidate): User[] {
  return (uses.get(from) ?? []).filter(({ source }) => source.slot === slot);
}

/** Outputs that other inputs of the same type at this node take. */
function takenBeside(
  workflow: Workflow,
  scope: string | undefined,
  node: NodeId,
  slot: InputSlot,
  catalog: Catalog,
): ReadonlySet<string> {
  const links = nodeAt(workflow, place(scope, node))?.links ?? {};
  const beside = inputSlots(workflow, place(scope, node), catalog).flatMap(({ name, type }) => {
    const link = own(links, name);
    const isSame = type === slot.type || (link && sourceType(workflow, scope, link, catalog) === slot.type);
    return link && isSame && name !== slot.name ? [`${link.slot} ${link.from}`] : [];
  });
  return new Set(beside);
}

function sharedWords(
  workflow: Workflow,
  scope: string | undefined,
  { from, name }: Candidate,
  input: string,
): string[] {
  const node = nodeAt(workflow, place(scope, from));
  const title = typeof node?.ui.title === 'string' ? node.ui.title : '';
  const have = new Set([...wordsOf(name), ...wordsOf(title), ...wordsOf(node?.class_type ?? '')]);
  return [...new Set(wordsOf(input))].filter((word) => have.has(word));
}

/** Words of a name, `CLIPTextEncode` and `clip_text` alike; single letters and polarity, which is weighed apart, say nothing. */
function wordsOf(name: string): string[] {
  const parts = name
    .slice(0, 200)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2');
  const words = parts.toLowerCase().match(/[a-z]{2,}/g) ?? [];
  return words.filter((word) => word !== 'positive' && word !== 'negative');
}

/**
 * The candidates nearest to a node, and how many different distances are shorter: on the canvas, or, without one, by the
 * numbers of ids.
 */
function nearestOf(
  workflow: Workflow,
  scope: string | undefined,
  node: NodeId,
  candidates: readonly Candidate[],
): { readonly candidate: Candidate; readonly rank: number }[] {
  const nodes = scopeAt(workflow, scope)!.nodes;
  const here = pointOf(nodes[node]?.ui.pos);
  const distance = ({ from }: Candidate): number => {
    const there = pointOf(own(nodes, from)?.ui.pos);
    if (here && there) {
      // Links run from left to right: what stands to the right is further than it looks.
      const [dx, dy] = [here[0] - there[0], here[1] - there[1]];
      return Math.hypot(dx < 0 ? dx * 3 : dx, dy);
    }
    return idDistance(node, from);
  };
  const byDistance = candidates.map((candidate) => ({ candidate, far: distance(candidate) }));
  byDistance.sort((a, b) => a.far - b.far);
  let rank = 0;
  return byDistance.slice(0, MOST_CANDIDATES).map(({ candidate, far }, at) => {
    if (at > 0 && far > byDistance[at - 1]!.far) rank++;
    return { candidate, rank };
  });
}

/** Ids of a prompt tell which subgraph a node came from (`75:10`): those of another one are further than any other. */
function idDistance(a: NodeId, b: NodeId): number {
  const [x, y] = [a.split(':'), b.split(':')];
  let same = 0;
  while (same < Math.min(x.length, y.length) - 1 && x[same] === y[same]) same++;
  const others = x.length + y.length - 2 - 2 * same;
  const gap = Math.abs(Number(x.at(-1)) - Number(y.at(-1)));
  return others * 1e6 + (Number.isFinite(gap) ? Math.min(gap, 1e6) : 1e6);
}

/** Links between two nodes on the shortest way, whichever way they run; the far end for what is not connected. */
function stepsFrom(workflow: Workflow, scope: string | undefined, node: NodeId, uses: Users): (id: NodeId) => number {
  const nodes = scopeAt(workflow, scope)!.nodes;
  const steps = new Map([[node, 0]]);
  let edge = [node];
  for (let step = 1; step <= FAR && edge.length > 0; step++) {
    const next: NodeId[] = [];
    for (const id of edge) {
      const beside = Object.values(own(nodes, id)?.links ?? {}).map(({ from }) => from);
      for (const { node: user } of uses.get(id) ?? []) beside.push(user);
      for (const one of beside) {
        if (steps.has(one)) continue;
        steps.set(one, step);
        next.push(one);
      }
    }
    edge = next;
  }
  return (id) => steps.get(id) ?? FAR;
}

function pointOf(pos: Json | undefined): readonly [number, number] | undefined {
  if (typeof pos !== 'object' || pos === null) return undefined;
  const [x, y] = [(pos as Record<string, Json>)['0'], (pos as Record<string, Json>)['1']];
  return typeof x === 'number' && typeof y === 'number' ? [x, y] : undefined;
}

function place(scope: string | undefined, node: NodeId): { scope?: string; node: NodeId } {
  return scope === undefined ? { node } : { scope, node };
}
