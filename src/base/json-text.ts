import { CwfError } from './errors.ts';
import type { Json, JsonObject } from './json.ts';

/** Deeper values are cycles or damage: a document is at most 64 levels deep, and the call stack holds thousands. */
const MAX_DEPTH = 1000;
const NEEDS_CARE = /["\\\u0000-\u001f\ud800-\udfff]/;

/**
 * The canonical text of a value, RFC 8785 (keys by UTF-16 code unit, ECMAScript numbers, least escapes), except that
 * a bigint is written with all its digits. Throws BUG for anything that is not Json: undefined, NaN, a Date, a cycle,
 * half of a surrogate pair.
 */
export function canonicalJson(value: Json): string {
  const writer = new Writer();
  writer.value(value, 0);
  return writer.text;
}

/** The canonical text of a value that holds no others: as canonicalJson, without its set-up. */
export function scalarText(value: Json): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      if (!Number.isFinite(value)) throw notJson(String(value));
      return String(value === 0 ? 0 : value);
    case 'boolean':
    case 'bigint':
      return String(value);
    default:
      if (value === null) return 'null';
      throw notJson('a value with members');
  }
}

/** The text of a value with members in their own order, for programs to which that order means something. */
export function orderedJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(orderedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return scalarText(value);
  const members = Object.entries(value).map(([key, member]) => `${scalarText(key)}:${orderedJson(member)}`);
  return `{${members.join(',')}}`;
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

/**
 * jsonEqual, which on its way puts the parts of `old` in the place of equal parts of `now`: what is compared, checked
 * and digested afterwards finds them equal without looking into them. The value of `now` stays the same.
 */
export function shareEqual(old: Json | undefined, now: Json | undefined): boolean {
  if (old === now) return true;
  if (typeof old !== 'object' || typeof now !== 'object' || old === null || now === null) return false;
  if (Array.isArray(now)) {
    if (!Array.isArray(old)) return false;
    let isSame = old.length === now.length;
    for (let i = 0; i < now.length; i++) {
      const before = old[i];
      if (shareEqual(before, now[i])) {
        if (typeof before === 'object') now[i] = before;
      } else isSame = false;
    }
    return isSame;
  }
  if (Array.isArray(old)) return false;
  const keys = Object.keys(now);
  let isSame = keys.length === Object.keys(old).length;
  for (const key of keys) {
    const before = Object.hasOwn(old, key) ? old[key] : undefined;
    if (before !== undefined && shareEqual(before, now[key])) {
      if (typeof before === 'object') now[key] = before;
    } else isSame = false;
  }
  return isSame;
}

/** A deep copy that shares nothing with the original, bigints included. */
export function cloneJson<T extends Json>(value: T): T {
  return clone(value) as T;
}

/** Whether a text holds half of a surrogate pair, which no UTF-8 file can store. */
export function hasLoneSurrogate(text: string): boolean {
  // Every supported Node has it; TypeScript only knows it from ES2024 on.
  return !(text as string & { isWellFormed(): boolean }).isWellFormed();
}

/** The JSON pointer (RFC 6901) of a place given by its keys and indices; '' is the root. */
export function joinPointer(parts: readonly (string | number)[]): string {
  let out = '';
  for (const part of parts) out += `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`;
  return out;
}

/** Appends to one text. Keys repeat in every node, so each is checked and quoted once per document. */
class Writer {
  text = '';
  private readonly keys = new Map<string, string>();

  value(value: Json, depth: number): void {
    switch (typeof value) {
      case 'string':
        this.text += quote(value);
        return;
      case 'number':
        if (!Number.isFinite(value)) throw notJson(String(value));
        // -0 becomes "0", as RFC 8785 wants.
        this.text += value;
        return;
      case 'boolean':
      case 'bigint':
        this.text += value;
        return;
      case 'object':
        if (value === null) this.text += 'null';
        else if (depth >= MAX_DEPTH) throw notJson(`a value nested deeper than ${MAX_DEPTH} levels`);
        else if (Array.isArray(value)) this.array(value, depth + 1);
        else this.object(value, depth + 1);
        return;
      default:
        throw notJson(typeof value);
    }
  }

  private array(value: readonly Json[], depth: number): void {
    this.text += '[';
    for (let i = 0; i < value.length; i++) {
      if (i > 0) this.text += ',';
      // A hole reads as undefined and is refused like any undefined.
      this.value(value[i] as Json, depth);
    }
    this.text += ']';
  }

  private object(value: JsonObject, depth: number): void {
    const proto = Object.getPrototypeOf(value);
    if (proto !== Object.prototype && proto !== null) throw notJson(`a ${proto.constructor?.name ?? 'foreign object'}`);
    const keys = sortedKeys(value);
    this.text += '{';
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      if (i > 0) this.text += ',';
      this.text += this.key(key);
      this.value(value[key] as Json, depth);
    }
    this.text += '}';
  }

  private key(key: string): string {
    let quoted = this.keys.get(key);
    if (quoted === undefined) {
      quoted = `${quote(key)}:`;
      this.keys.set(key, quoted);
    }
    return quoted;
  }
}

/** The keys of an object by UTF-16 code unit. Files that cwf wrote are sorted: checking costs a tenth of sorting. */
export function sortedKeys(value: Readonly<JsonObject>): string[] {
  const keys = Object.keys(value);
  for (let i = 1; i < keys.length; i++) {
    if ((keys[i - 1] as string) > (keys[i] as string)) return keys.sort();
  }
  return keys;
}

function quote(text: string): string {
  if (!NEEDS_CARE.test(text)) return `"${text}"`;
  if (hasLoneSurrogate(text)) throw notJson('half of a surrogate pair');
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
