import { isObject, type Json } from '../../src/base/json.ts';
import { jsonText } from '../../src/base/json-out.ts';
import { joinPointer } from '../../src/base/json-text.ts';

/** Something of an answer that was left out: where, how much of it is there, and how much of it there is. */
export interface Cut {
  /** A JSON pointer into the whole answer. */
  readonly at: string;
  readonly shown: number;
  readonly of: number;
}

/** As much of an answer as somebody reads at once. */
export interface Shortened {
  readonly value: Json;
  readonly cuts: readonly Cut[];
}

interface Measure {
  readonly items: number;
  readonly text: number;
}

/** Characters of an answer: some 5,000 tokens. */
const MOST_CHARACTERS = 20_000;
/** Tried one after the other until the answer is short enough; the last one always is, but for names of fields. */
const MEASURES: readonly Measure[] = [
  { items: 20, text: 16_000 },
  { items: 20, text: 4000 },
  { items: 10, text: 1000 },
  { items: 5, text: 300 },
  { items: 2, text: 200 },
  { items: 1, text: 100 },
];
/** Fields of an object, for each item of a list: objects are mostly records, and some are tables. */
const FIELDS_PER_ITEM = 5;
const MOST_DEPTH = 12;
const MOST_CUTS = 10;

/**
 * Keeps the first items of lists and the first characters of texts, so many that the whole stays under 20,000 characters.
 * `at` is where the value stands in its answer, `skip` how many items or characters of it were told before. [MC-5]
 */
export function shorten(value: Json, at = '', skip = 0): Shortened {
  const left = skip === 0 ? value : withoutFirst(value, skip);
  let short: Shortened = { value: null, cuts: [] };
  for (const measure of MEASURES) {
    const cuts: Cut[] = [];
    short = { value: cutValue(left, measure, at, skip, 0, cuts), cuts };
    if (jsonText(short.value, 0).length <= MOST_CHARACTERS) break;
  }
  if (jsonText(short.value, 0).length > MOST_CHARACTERS) short = { value: null, cuts: [cutOf(left, at, skip, skip)] };
  return { ...short, cuts: short.cuts.slice(0, MOST_CUTS) };
}

/** The part of an answer that a pointer names, or undefined. */
export function partAt(value: Json, pointer: string): Json | undefined {
  if (pointer === '') return value;
  if (!pointer.startsWith('/')) return undefined;
  let part: Json | undefined = value;
  for (const step of pointer.slice(1).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(part)) part = /^\d+$/.test(key) ? part[Number(key)] : undefined;
    else if (isObject(part) && Object.hasOwn(part, key)) part = part[key];
    else return undefined;
  }
  return part;
}

function withoutFirst(value: Json, skip: number): Json {
  if (Array.isArray(value) || typeof value === 'string') return value.slice(skip);
  return isObject(value) ? Object.fromEntries(Object.entries(value).slice(skip)) : value;
}

function cutOf(value: Json, at: string, shown: number, skip: number): Cut {
  const of = typeof value === 'string' || Array.isArray(value) ? value.length : Object.keys(value ?? {}).length;
  return { at, shown, of: of + skip };
}

function cutValue(value: Json, measure: Measure, at: string, skip: number, depth: number, cuts: Cut[]): Json {
  if (typeof value === 'string') {
    if (value.length <= measure.text) return value;
    const end = isHighSurrogate(value.charCodeAt(measure.text - 1)) ? measure.text - 1 : measure.text;
    cuts.push(cutOf(value, at, end + skip, skip));
    return value.slice(0, end);
  }
  if (typeof value !== 'object' || value === null) return value;
  const most = depth > MOST_DEPTH ? 0 : Array.isArray(value) ? measure.items : measure.items * FIELDS_PER_ITEM;
  const entries = Array.isArray(value)
    ? value.map((item, index): [number, Json] => [index + skip, item])
    : Object.entries(value as Readonly<Record<string, Json>>);
  if (entries.length > most) cuts.push(cutOf(value, at, most + skip, skip));
  const kept = entries
    .slice(0, most)
    .map(([key, item]) => [key, cutValue(item, measure, at + joinPointer([key]), 0, depth + 1, cuts)] as const);
  return Array.isArray(value) ? kept.map(([, item]) => item) : Object.fromEntries(kept);
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}
