import { isLinkOnly } from '../../catalog/check-value.ts';
import { typesFit } from '../../catalog/socket-types.ts';
import { INPUT_SIDE } from '../../workflow/read-links.ts';
import type { LinkSource } from '../../workflow/types.ts';
import type { Fix } from '../diagnostic.ts';
import type { FixContext, Remedy } from './fixer.ts';
import { defaultIn } from './held-default.ts';
import { type RankedSource, rankSources, type SourceHint } from './sources.ts';
import { emptyFix, feedFix, type Subject, setFix } from './subject.ts';

/** Sources that one finding is offered. */
const MOST_SOURCES = 3;
/** A node that nothing else is taken from outweighs even the default of an input that can hold a value. */
const OUTWEIGHS = 0.92;
const STRONG_SCORE = 3.5;
const STRONG_MARGIN = 1;
const DROP = 0.6;
/** More than the default of an input that can hold a value. */
const SHOWN = 0.92;

/**
 * What an input can be given that holds nothing of use: the source that fits it best, the value it has by default, or
 * nothing where the class does without. `hint` is what a broken link still says.
 */
export function refill(context: FixContext, subject: Subject, hint: SourceHint = {}): Remedy {
  const { declared } = subject;
  if (!declared) return { fixes: [] };
  const fixes = [...linkFixes(context, subject, hint), ...valueFixes(context, subject)];
  const held = subject.link !== undefined || subject.value !== undefined;
  if (held && declared.section === 'optional') {
    fixes.push(emptyFix(context, subject, 'the class does without', DROP));
  }
  return { fixes, ...adviceFor(subject, fixes) };
}

function linkFixes(context: FixContext, subject: Subject, hint: SourceHint): Fix[] {
  const { declared, place } = subject;
  const shown = shownOutside(context, subject).map((source) => feedFix(context, subject, source, SHOWN));
  // Which file is meant is for nobody but its owner to say, by a link from elsewhere neither.
  if (declared!.options.files !== undefined) return shown;
  const ranked = rankSources(context.facts, place.node, declared!, hint);
  const fixes = ranked.slice(0, MOST_SOURCES).map((one, at) => {
    const confidence = isLinkOnly(declared!) || !isStrong(ranked, at) ? one.confidence : OUTWEIGHS;
    return feedFix(context, subject, one.source, confidence);
  });
  return [...shown, ...fixes];
}

/**
 * The input of the definition that nothing takes from any more: the one that bears the name of the input, else the only
 * one. Without its link the instances would have one widget less, and their values other names.
 */
function shownOutside({ facts }: FixContext, { input, declared }: Subject): LinkSource[] {
  if (facts.scope === undefined) return [];
  const taken = new Set(facts.readers(INPUT_SIDE).map(({ source }) => source.slot));
  const free = facts.slotsOf(INPUT_SIDE).filter(({ slot }) => !taken.has(slot));
  const named = free.filter(({ name }) => name === input);
  const [one, ...others] = (named.length > 0 ? named : free).filter(({ type }) => typesFit(type, declared!.type));
  return one && others.length === 0 ? [{ from: INPUT_SIDE, slot: one.slot }] : [];
}

function isStrong([best, next]: readonly RankedSource[], at: number): boolean {
  return at === 0 && best!.score >= STRONG_SCORE && best!.score - (next?.score ?? 0) >= STRONG_MARGIN;
}

function valueFixes(context: FixContext, subject: Subject): Fix[] {
  const { declared } = subject;
  if (!declared || isLinkOnly(declared)) return [];
  const found = defaultIn(context, subject);
  if (!found) return [];
  return [setFix(context, subject, found.value, found.what, found.confidence)];
}

function adviceFor({ declared, input }: Subject, fixes: readonly Fix[]): Pick<Remedy, 'advice'> {
  if (declared?.options.files !== undefined)
    return { advice: `say which file of ${String(declared.options.files)} is meant: cwf chooses no files` };
  if (fixes.length === 0)
    return { advice: `nothing here gives ${declared?.type ?? 'what'} ${input} takes: add a node that does` };
  if (fixes.every(({ confidence }) => confidence < 0.5))
    return { advice: `several nodes could feed ${input}: say which` };
  return {};
}
