import type { Json } from '../../../base/json.ts';
import { PyError } from './python-error.ts';
import type { PyDict, PyValue } from './python-value.ts';

const NUMBER = /(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const SPACE = /[ \t\n\r]*/y;
const WORDS: ReadonlyMap<string, PyValue> = new Map<string, PyValue>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);
const WORD = /null|true|false|NaN|-?Infinity/y;
/** CPython refuses integers with more digits. */
const MAX_DIGITS = 4300;

/** Deeper JSON than this ends in a RecursionError in Python's own reader. */
const MAX_NESTING = 900;

/**
 * Reads JSON as Python's `json.loads` does, which is what a server reads: `NaN` and `Infinity` are numbers, `1.0` and
 * `1e3` are floats and no integers, of equal keys the last counts. Throws PyError JSONDecodeError, ValueError (an
 * integer too long) or RecursionError (nested too deep), each with the place in its message.
 */
export function parsePythonJson(text: string): PyValue {
  const reader = new Reader(text);
  return reader.document();
}

/** A value of a program as Python reads its JSON: a whole number is an int. Throws PyError RecursionError. */
export function fromJson(value: Json, depth = 0): PyValue {
  if (depth > MAX_NESTING) throw new PyError('RecursionError', 'maximum recursion depth exceeded');
  // As JSON would carry it: its shortest digits, which from 2^53 on are not all of the double's; a float from 1e21 on.
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 1e21 ? BigInt(String(value)) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => fromJson(one, depth + 1));
  return new Map(Object.keys(value).map((key) => [key, fromJson(value[key] as Json, depth + 1)]));
}

/** The same value for programs; a float that JSON cannot hold (nan, inf) becomes its Python name. */
export function toJson(value: PyValue): Json {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  }
  if (Array.isArray(value)) return value.map(toJson);
  if (!(value instanceof Map)) return value;
  // No prototype: a key may be `__proto__`.
  const out: { [key: string]: Json } = Object.create(null);
  for (const [key, one] of value) out[key] = toJson(one);
  return out;
}

class Reader {
  private readonly text: string;
  private at = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): PyValue {
    const value = this.value(0);
    this.space();
    if (this.at < this.text.length) throw this.syntax('Extra data');
    return value;
  }

  private value(depth: number): PyValue {
    if (depth > MAX_NESTING) throw new PyError('RecursionError', `nested deeper than ${MAX_NESTING} levels`);
    this.space();
    const first = this.text[this.at];
    if (first === '"') return this.string();
    if (first === '{') return this.dict(depth);
    if (first === '[') return this.list(depth);
    const word = this.match(WORD);
    if (word) return WORDS.get(word[0]) as PyValue;
    return this.number();
  }

  private dict(depth: number): PyDict {
    const out: PyDict = new Map();
    this.at++;
    this.space();
    if (this.take('}')) return out;
    for (;;) {
      this.space();
      if (this.text[this.at] !== '"') throw this.syntax('Expecting property name enclosed in double quotes');
      const key = this.string();
      this.space();
      if (!this.take(':')) throw this.syntax("Expecting ':' delimiter");
      out.set(key, this.value(depth + 1));
      this.space();
      if (this.take('}')) return out;
      if (!this.take(',')) throw this.syntax("Expecting ',' delimiter");
    }
  }

  private list(depth: number): PyValue[] {
    const out: PyValue[] = [];
    this.at++;
    this.space();
    if (this.take(']')) return out;
    for (;;) {
      out.push(this.value(depth + 1));
      this.space();
      if (this.take(']')) return out;
      if (!this.take(',')) throw this.syntax("Expecting ',' delimiter");
    }
  }

  private string(): string {
    const { text, at } = this;
    let end = at + 1;
    let escaped = false;
    for (; ; end++) {
      const code = text.charCodeAt(end);
      if (code === 0x22) break;
      if (code === 0x5c) {
        escaped = true;
        end++;
      } else if (!(code >= 0x20))
        throw this.syntax(end < text.length ? 'Invalid control character' : 'Unterminated string');
    }
    this.at = end + 1;
    if (!escaped) return text.slice(at + 1, end);
    try {
      return JSON.parse(text.slice(at, end + 1)) as string;
    } catch {
      this.at = at;
      throw this.syntax('Invalid escape in the string');
    }
  }

  private number(): PyValue {
    const found = this.match(NUMBER);
    if (!found) throw this.syntax('Expecting value');
    const [literal, whole = '', fraction, exponent] = found;
    if (fraction !== undefined || exponent !== undefined) return Number(literal);
    if (whole.replace('-', '').length > MAX_DIGITS) {
      throw new PyError('ValueError', `an integer of more than ${MAX_DIGITS} digits at character ${this.at}`);
    }
    return BigInt(whole);
  }

  private space(): void {
    this.match(SPACE);
  }

  private take(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }

  private syntax(reason: string): PyError {
    return new PyError('JSONDecodeError', `${reason}: character ${this.at}`);
  }
}
