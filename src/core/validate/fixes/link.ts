import { isObject, type Json } from '../../../base/json.ts';
import { allowedTypes, typesFit } from '../../catalog/socket-types.ts';
import { own } from '../../workflow/names.ts';
import { linkOf } from '../../workflow/read-api.ts';
import type { LinkSource } from '../../workflow/types.ts';
import type { Fix } from '../diagnostic.ts';
import { advise, type FixContext, type Fixer, type Remedy } from './fixer.ts';
import { refill } from './refill.ts';
import type { SourceHint } from './sources.ts';
import { emptyFix, feedFix, type Subject, setFix, subjectOf } from './subject.ts';
import { meaningOf } from './value-type.ts';

/** What a damaged link means, and how sure that is. */
interface Meant {
  readonly source: LinkSource;
  readonly confidence: number;
}

const SPELT = 0.95;
const SOLE_SLOT = 0.9;
const NO_INPUT = 0.9;

/**
 * LINK_MALFORMED, LINK_DANGLING, SLOT_OUT_OF_RANGE, TYPE_MISMATCH, VALUE_ON_LINK_INPUT: the link that was meant, the only
 * slot of its node that fits, or what else could feed the input. A list that is no link may be a value.
 */
export const fixLink: Fixer = (diagnostic, context) => {
  const subject = subjectOf(diagnostic, context);
  if (!subject) return { fixes: [] };
  const { declared, node, input } = subject;
  if (!declared && !context.facts.definition(subject.place.node)) return unknownClass(context, subject);
  if (!declared) {
    return { fixes: [emptyFix(context, subject, `${node.class_type} has no such input`, NO_INPUT)] };
  }
  const raw: Json | undefined = subject.link ? [subject.link.from, subject.link.slot] : subject.value;
  if (raw === undefined) return advise(`feed ${input}`);
  const meant = linkIn(context, subject, raw);
  if (meant) {
    const { source, confidence } = meant;
    const fix = feedFix(context, subject, source, confidence);
    return { fixes: [fix, ...refill(context, subject, hintIn(context, raw)).fixes] };
  }
  const rest = refill(context, subject, hintIn(context, raw));
  return { ...rest, fixes: [...asValue(context, subject, raw), ...rest.fixes] };
};

/** Of a node whose class nobody knows only the form of a link can be put right, and only where its source has one output. */
function unknownClass(context: FixContext, subject: Subject): Remedy {
  const { from } = subject.link ?? {};
  const [only, ...others] = from === undefined ? [] : context.facts.slotsOf(from);
  if (from === undefined || !only || others.length > 0)
    return advise(`see to the class of node ${subject.place.node} first`);
  return { fixes: [feedFix(context, subject, { from, slot: only.slot }, SOLE_SLOT)] };
}

/** The link that a list means: its node is there, and its slot is written oddly or can only be one. */
function linkIn({ facts }: FixContext, { place, declared }: Subject, raw: Json): Meant | undefined {
  if (!Array.isArray(raw) || raw.length === 0) return undefined;
  const [id, slot] = raw;
  const from =
    typeof id === 'string' || (typeof id === 'number' && Number.isInteger(id)) || typeof id === 'bigint'
      ? String(id)
      : undefined;
  if (from === undefined || !own(facts.nodes, from) || facts.downstream(place.node).has(from)) return undefined;
  const wanted = allowedTypes(declared!) ?? declared!.type;
  const outputs = facts.definition(from)?.outputs ?? [];
  const fitting = [...outputs.keys()].filter((at) => {
    const type = facts.typeOf({ from, slot: at });
    return type !== undefined && typesFit(type, wanted);
  });
  const spelt = slotIn(slot, outputs.length);
  if (spelt !== undefined && fitting.includes(spelt)) return { source: { from, slot: spelt }, confidence: SPELT };
  return fitting.length === 1 ? { source: { from, slot: fitting[0]! }, confidence: SOLE_SLOT } : undefined;
}

/** The slot that Python would take: a number in a text, true for 1, a negative one from the end. */
function slotIn(slot: Json | undefined, count: number): number | undefined {
  const number = typeof slot === 'boolean' || (typeof slot === 'string' && /^\d+$/.test(slot)) ? Number(slot) : slot;
  if (typeof number !== 'number' || !Number.isInteger(number)) return undefined;
  return number < 0 ? count + number : number;
}

/** What is left of a damaged link: its node where that is there, and its slot. */
function hintIn({ facts }: FixContext, raw: Json): SourceHint {
  if (!Array.isArray(raw)) return {};
  const [id, slot] = raw;
  const from = typeof id === 'string' && own(facts.nodes, id) ? id : undefined;
  const number = typeof slot === 'number' && Number.isInteger(slot) && slot >= 0 ? slot : undefined;
  return { ...(from === undefined ? {} : { from }), ...(number === undefined ? {} : { slot: number }) };
}

/** Lists and wrappers in inputs that hold values. */
function asValue(context: FixContext, subject: Subject, raw: Json): Fix[] {
  // A list that names a node is a link that went wrong, not a value.
  if (linkOf(raw) || (!Array.isArray(raw) && !isObject(raw))) return [];
  const meant = meaningOf(subject.declared!, raw);
  if (!meant) return [];
  return [setFix(context, subject, meant.value, meant.why, meant.confidence)];
}
