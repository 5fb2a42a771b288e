import { CwfError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';

/** Deeper values are cycles or damage: a document is at most 64 levels deep, and the call stack holds thousands. */
const MAX_DEPTH = 1000;
const NEEDS_CARE = /["\\\u0000-\u001f\ud800-\udfff]/;
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * The canonical text of a value, RFC 8785 (keys by UTF-16 code unit, ECMAScript numbers, least escapes), except that
 * a bigint is written with all its digits. Throws BUG for anything that is not Json: undefined, NaN, a Date, a cycle,
 * half of a surrogate pair.
 */
export function canonicalJson(value: Json): string {
  return write(value, 0);
}

/** Whether two values are the same JSON: key order never matters, a bigint never equals a number, -0 equals 0. */
export function jsonEqual(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!jsonEqual(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  for (const key of keys) if (!Object.hasOwn(b, key) || !jsonEqual(a[key], b[key])) return false;
  return true;
}

/** A deep copy that shares nothing with the original, bigints included. */
export function cloneJson<T extends Json>(value: T): T {
  return clone(value) as T;
}

/** Whether a text holds half of a surrogate pair, which no UTF-8 file can store. */
export function hasLoneSurrogate(text: string): boolean {
  return LONE_SURROGATE.test(text);
}

/** The JSON pointer (RFC 6901) of a place given by its keys and indices; '' is the root. */
export function joinPointer(parts: readonly (string | number)[]): string {
  let out = '';
  for (const part of parts) out += `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return out;
}

function write(value: Json, depth: number): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      // String(-0) is "0", as RFC 8785 wants.
      if (!Number.isFinite(value)) throw notJson(String(value));
      return String(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'bigint':
      return value.toString();
    case 'object':
      if (value === null) return 'null';
      if (depth >= MAX_DEPTH) throw notJson(`a value nested deeper than ${MAX_DEPTH} levels`);
      return Array.isArray(value) ? writeArray(value, depth + 1) : writeObject(value, depth + 1);
    default:
      throw notJson(typeof value);
  }
}

function writeArray(value: readonly Json[], depth: number): string {
  if (value.length === 0) return '[]';
  let out = '[';
  for (let i = 0; i < value.length; i++) {
    if (i > 0) out += ',';
    // A hole reads as undefined and is refused by write().
    out += write(value[i] as Json, depth);
  }
  return `${out}]`;
}

function writeObject(value: JsonObject, depth: number): string {
  const proto = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null) throw notJson(`a ${proto.constructor?.name ?? 'foreign object'}`);
  const keys = sortedKeys(value);
  if (keys.length === 0) return '{}';
  let out = '{';
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (i > 0) out += ',';
    out += `${quote(key)}:${write(value[key] as Json, depth)}`;
  }
  return `${out}}`;
}

/** Files that cwf wrote are sorted already; checking costs a tenth of sorting. */
function sortedKeys(value: JsonObject): string[] {
  const keys = Object.keys(value);
  for (let i = 1; i < keys.length; i++) {
    if ((keys[i - 1] as string) > (keys[i] as string)) return keys.sort();
  }
  return keys;
}

function quote(text: string): string {
  if (!NEEDS_CARE.test(text)) return `"${text}"`;
  if (LONE_SURROGATE.test(text)) throw notJson('half of a surrogate pair');
  // JSON.stringify escapes exactly what RFC 8785 section 3.2.2.2 escapes.
  return JSON.stringify(text);
}

function clone(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const out: Json[] = [];
    for (let i = 0; i < value.length; i++) out.push(clone(value[i] as Json));
    return out;
  }
  const out: JsonObject = {};
  for (const key of Object.keys(value)) out[key] = clone(value[key] as Json);
  return out;
}

function notJson(what: string): CwfError {
  return new CwfError('BUG', { what: `${what} is not JSON` });
}
