import type { DeclaredInput } from '../../catalog/declared-inputs.ts';
import { allowedTypes, typesFit } from '../../catalog/socket-types.ts';
import type { LinkSource, NodeId } from '../../workflow/types.ts';
import type { Facts, OutputFact } from './facts.ts';
import { typeAgreed } from './type-agreed.ts';

/** An output that could feed an input, and how likely it is the one that was meant. */
export interface RankedSource {
  readonly source: LinkSource;
  readonly score: number;
  readonly confidence: number;
}

/** What a broken link still says of its source. */
export interface SourceHint {
  readonly from?: NodeId;
  readonly slot?: number;
}

/** Types that many outputs of a graph have by chance. */
const COMMON = new Set(['INT', 'FLOAT', 'STRING', 'BOOLEAN', 'COMBO', '*']);

/** What speaks for a source, in points. */
const POINTS = {
  /** The type is the input's own and not one of several that it takes. */
  exact: 1,
  /** Nobody takes anything from the node: the broken link was its only use. */
  unreadNode: 4,
  unreadOutput: 1,
  /** Another node's input of this name and type is fed from there. */
  sibling: 1.5,
  /** ... and that node is of the same class. */
  twin: 1,
  /** Another input of this very node is fed from there: two inputs of one type are two for a reason. */
  taken: -3,
  slot: 2,
  node: 6,
  /** A word of the input's name, or of its class, is in the names of the source: `audio_latent`, `mask`. */
  word: 0.6,
  /** Both come out of the same subgraph. */
  near: 1,
  name: 1,
  /** A later output of a node that gives this type before: the first is the result, the others are forms of it. */
  later: -1,
  /** Results are saved, not what they are made of. */
  derived: 1,
  /** Nodes that are there for their result are seldom taken from, though they pass it on. */
  result: -4,
} as const;

/** How far ahead the best source must be, and what that is worth. */
const MARGINS = [
  [3, 0.8],
  [2, 0.7],
  [1, 0.6],
  [0.5, 0.45],
] as const;
/** What a latent, an image or a VAE is of. */
const QUALIFIERS = new Set(['audio', 'video', 'mask', 'depth', 'alpha', 'negative', 'positive', 'high', 'low']);
const SOLE = 0.85;
const SOLE_COMMON = 0.55;
const TIED = 0.3;
/** Readers of one source that are looked at for one of the same class. */
const MOST_TWINS = 20;

/**
 * The outputs of the scope that fit an input by type and close no cycle, best first: unused ones before used ones, those
 * that feed inputs of the same name elsewhere, what the broken link still says. Ties are in the order of nodes.
 */
export function rankSources(facts: Facts, node: NodeId, input: DeclaredInput, hint: SourceHint = {}): RankedSource[] {
  const wanted = wantedType(facts, node, input);
  const behind = facts.downstream(node);
  const siblings = facts.fedAlike(input.name, input.type);
  const found: { readonly output: OutputFact; readonly score: number }[] = [];
  for (const [type, outputs] of facts.outputs()) {
    if (type === '*' ? hint.from === undefined : !typesFit(type, wanted)) continue;
    for (const output of outputs) {
      if (behind.has(output.from) || (type === '*' && output.from !== hint.from)) continue;
      found.push({ output, score: scoreOf(facts, node, { input, wanted, hint, siblings }, output) });
    }
  }
  found.sort((a, b) => b.score - a.score);
  const isCommon = wanted.split(',').some((one) => COMMON.has(one));
  return found.map(({ output: { from, slot }, score }, at) => {
    const source = { from, slot };
    if (at > 0) return { source, score, confidence: TIED / 2 };
    if (found.length === 1)
      return { source, score, confidence: isCommon && score < POINTS.unreadNode ? SOLE_COMMON : SOLE };
    const margin = score - found[1]!.score;
    const [, worth = TIED] = MARGINS.find(([least]) => margin >= least) ?? [];
    return { source, score, confidence: isCommon && score < POINTS.unreadNode ? Math.min(worth, SOLE_COMMON) : worth };
  });
}

/** What an input takes; of one that takes any type, what it must be here. */
function wantedType(facts: Facts, node: NodeId, input: DeclaredInput): string {
  const allowed = allowedTypes(input);
  if (allowed === undefined) return input.type;
  const agreed = typeAgreed(facts, node, input);
  return agreed !== undefined && typesFit(agreed, allowed) ? agreed : allowed;
}

interface Wanted {
  readonly input: DeclaredInput;
  readonly wanted: string;
  readonly hint: SourceHint;
  readonly siblings: ReadonlyMap<string, readonly NodeId[]>;
}

function scoreOf(facts: Facts, node: NodeId, { input, wanted, hint, siblings }: Wanted, output: OutputFact): number {
  const readers = facts.readers(output.from);
  let score = siblingPoints(facts, node, output, siblings.get(`${output.from} ${output.slot}`));
  if (output.type === wanted) score += POINTS.exact;
  if (facts.isUnread(output.from)) score += POINTS.unreadNode;
  else if (!readers.some((reader) => reader.source.slot === output.slot)) score += POINTS.unreadOutput;
  if (readers.some((reader) => reader.node === node && reader.source.slot === output.slot)) score += POINTS.taken;
  if (hint.slot === output.slot && hint.from === undefined) score += POINTS.slot;
  if (hint.from === output.from) score += POINTS.node + (hint.slot === output.slot ? POINTS.slot : 0);
  if (groupOf(output.from) === groupOf(node)) score += POINTS.near;
  if (facts.isOutput(node) && Object.keys(facts.nodes[output.from]?.links ?? {}).length > 0) score += POINTS.derived;
  if (facts.isOutput(output.from)) score += POINTS.result;
  if (facts.outputName(output).toLowerCase() === lastPart(input.name)) score += POINTS.name;
  else if (facts.slotsOf(output.from).find(({ type }) => type === output.type)?.slot !== output.slot)
    score += POINTS.later;
  if (sharesWord(facts, node, input, output)) score += POINTS.word;
  return score;
}

/** Whether a word that says more than the type does stands on both sides. */
function sharesWord(facts: Facts, node: NodeId, input: DeclaredInput, output: OutputFact): boolean {
  const words = wordsOf(lastPart(input.name), facts.nodes[node]?.class_type ?? '');
  const given = wordsOf(facts.outputName(output), facts.nodes[output.from]?.class_type ?? '');
  const plain = wordsOf(output.type, input.type);
  return [...words].some((word) => QUALIFIERS.has(word) && given.has(word) && !plain.has(word));
}

function wordsOf(...names: readonly string[]): Set<string> {
  const words = names.flatMap((name) => name.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? []);
  return new Set(words.map((word) => word.toLowerCase()));
}

/**
 * Whether a source feeds inputs of this name and type elsewhere, and of a node of the same class. A node that passes the
 * like on is a stage on the way, not a sibling.
 */
function siblingPoints(facts: Facts, node: NodeId, { type }: OutputFact, alike: readonly NodeId[] = []): number {
  const isStage = (one: NodeId): boolean => facts.slotsOf(one).some((slot) => slot.type === type);
  if (
    !alike.some(
      (one) => one !== node && (facts.nodes[one]?.class_type === facts.nodes[node]?.class_type || !isStage(one)),
    )
  )
    return 0;
  const own = facts.nodes[node]?.class_type;
  const isTwin = alike.slice(0, MOST_TWINS).some((one) => one !== node && facts.nodes[one]?.class_type === own);
  return POINTS.sibling + (isTwin ? POINTS.twin : 0);
}

/** The subgraph instance that a node of a prompt came out of: all but the last part of its id. */
function groupOf(node: NodeId): string {
  return node.slice(0, Math.max(node.lastIndexOf(':'), 0));
}

function lastPart(name: string): string {
  return name
    .slice(name.lastIndexOf('.') + 1)
    .replace(/_?\d+$/, '')
    .toLowerCase();
}
