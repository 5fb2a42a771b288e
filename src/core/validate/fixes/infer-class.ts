import type { Json } from '../../../base/json.ts';
import type { Catalog, NodeDefinition } from '../../catalog/catalog.ts';
import { checkValue, type FileLists } from '../../catalog/check-value.ts';
import { type DeclaredInput, declaredInputs } from '../../catalog/declared-inputs.ts';
import { allowedTypes, typesFit } from '../../catalog/socket-types.ts';
import { own } from '../../workflow/names.ts';
import { linkOf } from '../../workflow/read-api.ts';
import { withNamesAnew } from '../../workflow/read-node.ts';
import type { NodeId, WorkflowNode } from '../../workflow/types.ts';
import { editDistance } from '../nearest.ts';
import { kinship } from './class-words.ts';
import { type Facts, heldBy } from './facts.ts';
import type { FixContext } from './fixer.ts';
import { typeAgreed } from './type-agreed.ts';

/** A class that a node could be of, and how likely it is the one. */
export interface RankedClass {
  readonly name: string;
  readonly score: number;
  readonly confidence: number;
  /** Whether nothing of the node speaks against it. */
  readonly isWhole: boolean;
}

/** What is known of a node whose class is not. */
export interface Classless {
  readonly id: NodeId;
  readonly node: WorkflowNode;
  /** A name that is no class, if it has one. */
  readonly name: string;
}

/** What speaks for a class, in points. */
const POINTS = {
  known: 1,
  rare: 2,
  unknown: -2.5,
  wrong: -2,
  /** Out of the range of the input: a fault of the value, whatever the class. */
  range: -1,
  /** Read as something else than it is. */
  cast: -0.5,
  /** An input that takes anything says little. */
  vague: -0.4,
  /** A line break, or more than anybody writes into one line, where one line is drawn. */
  long: -0.6,
  missing: -1.5,
  unset: -0.05,
  output: 1,
  sole: 1,
  used: 0.5,
  there: 1,
} as const;
const BESIDE = new Set(['control_after_generate', 'upload']);
/** Letters that fit into the one line of a text input. */
const ONE_LINE = 100;
const NAME = { same: 4, slip: 2.5, title: 1.2 } as const;
const UNLOVED = { deprecated: -1, experimental: -0.1 } as const;

/** How far ahead the best class must be, and what that is worth. */
const MARGINS = [
  [2, 0.9],
  [1, 0.75],
  [0.4, 0.6],
] as const;
const TIED = 0.3;
/** Sums of tenths are not exact. */
const SLACK = 1e-9;
/** Where something does not fit the best class either. */
const DOUBT = 0.65;
const OTHER_NAME = 0.4;
const IN_ALL = 0.6;
const LEAST_SCORE = 1.5;

const rarity = new WeakMap<Catalog, ReadonlyMap<string, number>>();

/**
 * The classes that a node could be of, best first: by the names, values and links of its inputs, by what its readers take
 * from it, by a name that is nearly a class. Its title counts where it names one of them, never more.
 */
export function inferClass(
  { facts, catalog, files }: Pick<FixContext, 'facts' | 'catalog' | 'files'>,
  subject: Classless,
): RankedClass[] {
  const { id, node, name } = subject;
  const given = givenBy(node);
  const isByPlace = given.some((one) => one.startsWith('#'));
  const readers = facts.readers(id);
  const used = facts.classes();
  const kinOf = kinship(catalog, used);
  const title = typeof node.ui.title === 'string' ? wordsOf(node.ui.title) : '';
  const ranked: { name: string; score: number; kin: number; isWhole: boolean }[] = [];
  for (const one of catalog.classes()) {
    const nameScore = likeness(name, one);
    if (given.length === 0 && readers.length === 0 && nameScore === 0) continue;
    const definition = catalog.node(one)!;
    const outputs = outputScore(facts, id, definition);
    if (outputs === undefined) continue;
    const read = isByPlace ? withNamesAnew({ ...node, class_type: one }, catalog) : node;
    const fit = inputScore({ facts, catalog, files }, read, definition, new Set(given));
    const flags =
      (definition.flags.includes('deprecated') ? UNLOVED.deprecated : 0) +
      (definition.flags.includes('experimental') ? UNLOVED.experimental : 0);
    const titled = title !== '' && wordsOf(one) === title ? NAME.title : 0;
    const kin = given.length + readers.length > 0 ? kinOf(one) : 0;
    const score = fit.score + outputs + nameScore + titled + flags + kin + (used.has(one) ? POINTS.used : 0);
    if (score >= LEAST_SCORE) ranked.push({ name: one, score, kin, isWhole: fit.isWhole });
  }
  ranked.sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  const bare = ranked.map(({ score, kin }) => score - kin);
  const ahead = bare[0]! - Math.max(...bare.slice(1), bare[0]! - 2);
  return ranked.slice(0, 5).map(({ kin: _kin, ...one }, at) => {
    const margin = at > 0 ? 0 : one.score - (ranked[1]?.score ?? one.score - 2);
    const [, worth = TIED] = MARGINS.find(([least]) => margin >= least - SLACK) ?? [];
    const isOwnName = name !== '' && likeness(name, one.name) === 0;
    // A name of its own means a class of its own, which is gone or not installed: only one that fits in all will do, and
    // none that another company runs for money. What else the workflow uses says nothing about it.
    const isEnough =
      at === 0 && one.isWhole && ahead >= MARGINS[1][0] - SLACK && !catalog.node(one.name)!.flags.includes('api_node');
    if (isOwnName) return { ...one, confidence: isEnough ? IN_ALL : worth * OTHER_NAME };
    return { ...one, confidence: one.isWhole ? worth : worth * DOUBT };
  });
}

/** The names of what a node holds, without what the page keeps beside a seed and a list of files. */
function givenBy({ widgets, links }: WorkflowNode): string[] {
  return [...new Set([...Object.keys(links), ...Object.keys(widgets)])].filter((name) => !BESIDE.has(name));
}

/** Undefined where a reader takes something that the class does not give. */
function outputScore(facts: Facts, id: NodeId, { outputs, flags }: NodeDefinition): number | undefined {
  const readers = facts.readers(id);
  let score = 0;
  for (const {
    node,
    input,
    source: { slot },
  } of readers) {
    const type = typeof slot === 'number' ? outputs[slot]?.type : undefined;
    if (type === undefined) return undefined;
    const declared = facts.declared(node).get(input);
    if (!declared) continue;
    const wanted = typeAgreed(facts, node, declared) ?? allowedTypes(declared) ?? declared.type;
    if (!typesFit(type, wanted)) return undefined;
    if (type === wanted) score = POINTS.output;
  }
  // A node that nobody reads from gives a result, or it was of no use.
  if (readers.length === 0) return flags.includes('output_node') ? POINTS.sole : 0;
  return score;
}

function inputScore(
  { facts, catalog, files }: Pick<FixContext, 'facts' | 'catalog' | 'files'>,
  node: WorkflowNode,
  definition: NodeDefinition,
  said: ReadonlySet<string>,
): { score: number; isWhole: boolean } {
  const given = givenBy(node);
  const { byName } = declaredInputs(definition, heldBy(node));
  const rare = rarityOf(catalog);
  let [score, faults] = [0, 0];
  for (const name of given) {
    const input = byName.get(name);
    const saysNothing = isVoid(facts, node, name);
    if (!input) {
      if (saysNothing) continue;
      score += POINTS.unknown;
      faults++;
      continue;
    }
    // A name that the class itself gave to a place speaks for no class.
    score += POINTS.known + (said.has(name) ? POINTS.rare * (rare.get(input.growing ?? name) ?? 1) : 0);
    if (saysNothing) continue;
    const link = own(node.links, name);
    if (!link && isThere(input.options.files, node.widgets[name]!, files)) score += POINTS.there;
    const { points, isWrong } = link
      ? linkPoints(facts.typeOf(link), input)
      : valuePoints(input, unwrapped(node.widgets[name]!));
    score += points;
    if (isWrong) faults++;
  }
  for (const input of byName.values()) {
    if (given.includes(input.name) || input.growing !== undefined) continue;
    if (input.section === 'required') faults++;
    score += input.section === 'required' ? POINTS.missing : POINTS.unset;
  }
  return { score, isWhole: faults === 0 };
}

function linkPoints(type: string | undefined, input: DeclaredInput): { points: number; isWrong: boolean } {
  const wanted = allowedTypes(input) ?? input.type;
  if (type !== undefined && !typesFit(type, wanted)) return { points: POINTS.wrong, isWrong: true };
  return { points: wanted === '*' ? POINTS.vague : 0, isWrong: false };
}

function valuePoints(input: DeclaredInput, value: Json): { points: number; isWrong: boolean } {
  const codes = new Set(checkValue(input, value).map(({ code }) => code));
  for (const mild of ['FILE_MISSING', 'VALUE_OFF_STEP'] as const) codes.delete(mild);
  let points = (allowedTypes(input) ?? input.type) === '*' ? POINTS.vague : 0;
  if (codes.delete('VALUE_CAST')) points += POINTS.cast;
  // Not short-circuited: both go.
  const isOut = [codes.delete('VALUE_TOO_SMALL'), codes.delete('VALUE_TOO_BIG')].includes(true);
  if (isOut) points += POINTS.range;
  const isLong = typeof value === 'string' && (value.includes('\n') || value.length > ONE_LINE);
  if (isLong && input.type === 'STRING' && input.options.multiline !== true) points += POINTS.long;
  const isWrong = codes.size > 0;
  return { points: points + (isWrong ? POINTS.wrong : 0), isWrong };
}

/** Whether what an input holds is a fault under any class, and so says nothing for or against one. */
function isVoid(facts: Facts, { links, widgets }: WorkflowNode, name: string): boolean {
  const link = own(links, name);
  if (link) return !own(facts.nodes, link.from) || typeof link.slot !== 'number' || link.slot < 0;
  const value = own(widgets, name);
  if (Array.isArray(value)) return linkOf(value) === undefined;
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

function unwrapped(value: Json): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, '__value__')
    ? value.__value__!
    : value;
}

/** Whether a value names a file that the server has in the folder of an input. */
function isThere(folder: Json | undefined, value: Json, files: FileLists): boolean {
  if (typeof folder !== 'string' || typeof value !== 'string') return false;
  return own(files, folder)?.includes(value) === true;
}

/** From 0 for an input that every class has to 1 for one that a single class has. */
function rarityOf(catalog: Catalog): ReadonlyMap<string, number> {
  const known = rarity.get(catalog);
  if (known) return known;
  const counts = new Map<string, number>();
  const classes = catalog.classes();
  for (const one of classes)
    for (const { name } of catalog.node(one)!.inputs) counts.set(name, (counts.get(name) ?? 0) + 1);
  const whole = Math.log(classes.length + 1);
  const made = new Map([...counts].map(([name, count]) => [name, 1 - Math.log(count) / whole]));
  rarity.set(catalog, made);
  return made;
}

/** Points for a name that is nearly a class. */
function likeness(name: string, classType: string): number {
  if (name === '') return 0;
  const [low, other] = [name.toLowerCase().replace(/[\s_-]/g, ''), classType.toLowerCase().replace(/[\s_-]/g, '')];
  if (low === other) return NAME.same;
  // Digits tell versions apart.
  if (low.length < 4 || low.replace(/\D/g, '') !== other.replace(/\D/g, '')) return 0;
  const most = Math.max(1, Math.floor(low.length / 6));
  return editDistance(low, other, most) <= most ? NAME.slip : 0;
}

/** The words of a name or title, in order, so that `Load VAE` and `VAELoader` are one. */
function wordsOf(text: string): string {
  const words =
    text
      .replace(/([a-z\d])([A-Z])/g, '$1 $2')
      .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
      .toLowerCase()
      .match(/[a-z\d]+/g) ?? [];
  return words
    .map((word) => (word === 'loader' ? 'load' : word))
    .sort()
    .join(' ');
}
