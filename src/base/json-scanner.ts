import { CwfError, type ErrorCode, type ErrorData } from './errors.ts';
import type { Json, JsonObject } from './json.ts';
import type { JsonParts } from './json-parts.ts';
import { hasLoneSurrogate, joinPointer } from './json-text.ts';

/** How much of a text is read, and what is told of it. */
export interface ScanLimits {
  /** Levels of arrays and objects. Default 64, never over 1,000. */
  readonly maxDepth: number;
  /** UTF-16 code units of one text or key. Default 1 MiB. */
  readonly maxString: number;
  /** Keys of one object. Default 10,000. */
  readonly maxKeys: number;
  /**
   * Called with the JSON pointer of each number that is whole but written with a fraction or exponent (`1.0`): a double
   * cannot tell it from `1`, and other readers do.
   */
  readonly onFraction: (pointer: string) => void;
}

const MIB = 1024 * 1024;
/** A double needs 767 significant digits at most; longer literals only cost time (BigInt is not linear). */
const MAX_NUMBER_LENGTH = 1000;
/** From here on ECMAScript writes doubles with an exponent, so that they are read back as doubles. */
const FIRST_EXPONENT = 1e21;
/** Paths and keys in messages are for people: a 1 MB key must not become a 1 MB message. */
const MAX_SHOWN = 200;
const CONFLICT_MARKERS = ['<<<<<<<', '|||||||', '=======', '>>>>>>>'];
const BARE_NUMBERS = ['NaN', 'Infinity', '-Infinity'];
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/**
 * One pass over one text. `pos` is the next unread code unit. `path[0..depth)` is the place of the value being read,
 * kept up to date by the containers so that an error can name it; it costs one store per member.
 */
export class JsonScanner {
  private readonly text: string;
  private readonly source: string;
  private readonly end: number;
  private readonly maxDepth: number;
  private readonly maxString: number;
  private readonly maxKeys: number;
  private readonly onFraction: ((pointer: string) => void) | undefined;
  private readonly parts: JsonParts | undefined;
  private readonly path: (string | number)[] = [];
  private pos = 0;
  private depth = 0;

  /** `parts`: takes what stands as in an earlier version, read within the same limits, and notes what is there now. */
  constructor(text: string, source: string, limits: Partial<ScanLimits>, parts?: JsonParts) {
    this.parts = parts;
    this.text = text;
    this.source = source;
    this.end = text.length;
    this.maxDepth = Math.min(limits.maxDepth ?? 64, 1000);
    this.maxString = limits.maxString ?? MIB;
    this.maxKeys = limits.maxKeys ?? 10_000;
    this.onFraction = limits.onFraction;
  }

  /** The one value of the text; throws the JSON_* errors that parseJson lists. */
  document(): Json {
    if (this.text.charCodeAt(0) === 0xfeff) this.pos = 1;
    const value = this.value(this.skipSpace());
    this.skipSpace();
    if (this.pos < this.end) throw this.syntax(`${this.found()} after the end of the document`);
    return value;
  }

  /** Moves to the next code unit that is not white space and returns it; 0 at the end of the text. */
  private skipSpace(): number {
    const { text, end } = this;
    let p = this.pos;
    let c = 0;
    for (; p < end; p++) {
      c = text.charCodeAt(p);
      if (c > 0x20 || (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09)) break;
    }
    this.pos = p;
    return p < end ? c : 0;
  }

  private value(c: number): Json {
    switch (c) {
      case 0x22:
        return this.string();
      case 0x7b:
        return this.object();
      case 0x5b:
        return this.array();
      case 0x74:
        return this.word('true', true);
      case 0x66:
        return this.word('false', false);
      case 0x6e:
        return this.word('null', null);
      default:
        if (c === 0x2d || (c >= 0x30 && c <= 0x39)) return this.number(c);
        throw this.noValue();
    }
  }

  /** A value that may stand as it stood before. A list of objects is none: one of its members is, and may have changed. */
  private part(c: number): Json {
    const isPart = c === 0x7b || (c === 0x5b && !this.isListOfObjects());
    if (!isPart) return this.value(c);
    const { text, pos: start, depth } = this;
    const parts = this.parts as JsonParts;
    const known = parts.take(text, start, depth);
    if (known) {
      this.pos = start + known.text.length;
      return known.value;
    }
    const value = this.value(c);
    parts.add(text.slice(start, this.pos), value, depth);
    return value;
  }

  private isListOfObjects(): boolean {
    const start = this.pos;
    this.pos++;
    const first = this.skipSpace();
    this.pos = start;
    return first === 0x7b;
  }

  private object(): JsonObject {
    const at = this.open();
    const { path } = this;
    const out: JsonObject = {};
    let count = 0;
    let c = this.skipSpace();
    if (c !== 0x7d) {
      for (;;) {
        if (c !== 0x22) throw this.syntax(`expected a key in double quotes, found ${this.found()}`);
        const start = this.pos;
        // Errors about a key name the object, errors about a value name the key.
        this.depth = at;
        const key = this.string();
        // JSON values are never undefined; the second test only runs for keys like `toString`, and for real twins.
        if (out[key] !== undefined && Object.hasOwn(out, key))
          throw this.error('JSON_DUPLICATE_KEY', { key: shorten(key) }, start);
        if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
          throw this.error('JSON_FORBIDDEN_KEY', { key }, start);
        }
        if (++count > this.maxKeys) throw this.tooLarge('the number of keys of one object', this.maxKeys, start);
        path[at] = key;
        this.depth = at + 1;
        if (this.skipSpace() !== 0x3a) throw this.syntax(`expected ":" after a key, found ${this.found()}`);
        this.pos++;
        c = this.skipSpace();
        out[key] = at === 0 && this.parts ? this.part(c) : this.value(c);
        c = this.skipSpace();
        if (c === 0x7d) break;
        if (c !== 0x2c) throw this.syntax(`expected "," or "}", found ${this.found()}`);
        this.pos++;
        c = this.skipSpace();
      }
    }
    this.pos++;
    this.depth = at;
    return out;
  }

  private array(): Json[] {
    const at = this.open();
    const { path } = this;
    const out: Json[] = [];
    this.depth = at + 1;
    let c = this.skipSpace();
    if (c !== 0x5d) {
      for (;;) {
        path[at] = out.length;
        out.push(at === 1 && c === 0x7b && this.parts ? this.part(c) : this.value(c));
        c = this.skipSpace();
        if (c === 0x5d) break;
        if (c !== 0x2c) throw this.syntax(`expected "," or "]", found ${this.found()}`);
        this.pos++;
        c = this.skipSpace();
      }
    }
    this.pos++;
    this.depth = at;
    return out;
  }

  /** Steps over `{` or `[`; returns the index in `path` that belongs to the members of this container. */
  private open(): number {
    const at = this.depth;
    if (at >= this.maxDepth) throw this.error('JSON_DEPTH', { limit: this.maxDepth });
    this.pos++;
    this.path[at] = 0;
    return at;
  }

  /** A text without escapes and without astral characters is one slice; everything else goes the long way. */
  private string(): string {
    const { text, end } = this;
    const start = this.pos + 1;
    for (let p = start; p < end; p++) {
      const c = text.charCodeAt(p);
      if (c === 0x22) {
        if (p - start > this.maxString) throw this.tooLarge('the length of one text', this.maxString, start - 1);
        this.pos = p + 1;
        return text.slice(start, p);
      }
      if (c === 0x5c || c < 0x20 || (c >= 0xd800 && c <= 0xdfff)) return this.longString(start, p);
    }
    this.pos = end;
    throw this.syntax('the text ends inside a string');
  }

  private longString(start: number, from: number): string {
    const { text, end } = this;
    let out = text.slice(start, from);
    let p = from;
    let run = from;
    for (; p < end; p++) {
      const c = text.charCodeAt(p);
      if (c === 0x22) break;
      if (c === 0x5c) {
        out += text.slice(run, p);
        this.pos = p;
        out += this.escape();
        p = this.pos - 1;
        run = this.pos;
      } else if (c < 0x20) {
        this.pos = p;
        throw this.syntax(`the control character U+${hex4(c)} inside a string must be escaped`);
      }
    }
    if (p >= end) {
      this.pos = end;
      throw this.syntax('the text ends inside a string');
    }
    out += text.slice(run, p);
    if (out.length > this.maxString) throw this.tooLarge('the length of one text', this.maxString, start - 1);
    if (hasLoneSurrogate(out)) throw this.error('JSON_SURROGATE', {}, start - 1);
    this.pos = p + 1;
    return out;
  }

  /** Reads one escape sequence from its backslash on. Two `\u` escapes of a pair come as two calls. */
  private escape(): string {
    const letter = this.text.charAt(this.pos + 1);
    if (letter === 'u') {
      const digits = this.text.slice(this.pos + 2, this.pos + 6);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.syntax('\\u needs four hexadecimal digits');
      this.pos += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const plain = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
    if (plain === undefined) throw this.syntax('unknown escape sequence in a string');
    this.pos += 2;
    return plain;
  }

  private number(first: number): number | bigint {
    const { text, end } = this;
    const start = this.pos;
    let p = start;
    let c = first;
    const negative = c === 0x2d;
    if (negative) c = ++p < end ? text.charCodeAt(p) : 0;
    const digits = p;
    let value = 0;
    while (c >= 0x30 && c <= 0x39) {
      value = value * 10 + (c - 0x30);
      c = ++p < end ? text.charCodeAt(p) : 0;
    }
    const length = p - digits;
    if (length === 0) {
      if (negative && text.startsWith('Infinity', p)) throw this.error('JSON_NUMBER', { text: '-Infinity' });
      this.pos = p;
      throw this.syntax(`expected a digit, found ${this.found()}`);
    }
    if (length > 1 && text.charCodeAt(digits) === 0x30) throw this.syntax('a number must not start with 0');
    if (c === 0x2e || c === 0x65 || c === 0x45) return this.fraction(p);
    this.pos = p;
    // 15 digits are always exact; `0 - value` turns -0 into 0.
    if (length <= 15) return negative ? 0 - value : value;
    return this.wide(start, p, false);
  }

  /** Reads the rest of a literal whose fraction or exponent starts at `p`. */
  private fraction(p: number): number | bigint {
    const start = this.pos;
    this.pos = p;
    if (this.text.charCodeAt(this.pos) === 0x2e) {
      this.pos++;
      this.digits();
    }
    if ((this.text.charCodeAt(this.pos) | 0x20) === 0x65) {
      this.pos++;
      const sign = this.text.charCodeAt(this.pos);
      if (sign === 0x2b || sign === 0x2d) this.pos++;
      this.digits();
    }
    const value = this.wide(start, this.pos, true);
    if (this.onFraction && Number.isInteger(Number(value)))
      this.onFraction(joinPointer(this.path.slice(0, this.depth).map(String)));
    return value;
  }

  private digits(): void {
    const from = this.pos;
    while (this.pos < this.end) {
      const c = this.text.charCodeAt(this.pos);
      if (c < 0x30 || c > 0x39) break;
      this.pos++;
    }
    if (this.pos === from) throw this.syntax(`expected a digit, found ${this.found()}`);
  }

  /** A literal that may leave the safe integers. `1e20` becomes a bigint too: its canonical text is an integer. */
  private wide(start: number, stop: number, float: boolean): number | bigint {
    if (stop - start > MAX_NUMBER_LENGTH) throw this.tooLarge('the length of one number', MAX_NUMBER_LENGTH, start);
    const literal = this.text.slice(start, stop);
    const value = Number(literal);
    if (float && !Number.isFinite(value)) throw this.error('JSON_NUMBER', { text: shorten(literal) }, start);
    if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value === 0 ? 0 : value;
    if (!float) return BigInt(literal);
    // By way of its shortest digits: RFC 8785 writes 93092913004428336.0 as 93092913004428340.
    return Math.abs(value) < FIRST_EXPONENT ? BigInt(String(value)) : value;
  }

  private word<T extends Json>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.pos)) throw this.noValue();
    this.pos += word.length;
    return value;
  }

  private noValue(): CwfError {
    const bare = BARE_NUMBERS.find((word) => this.text.startsWith(word, this.pos));
    if (bare !== undefined) return this.error('JSON_NUMBER', { text: bare });
    return this.syntax(`expected a value, found ${this.found()}`);
  }

  /** What stands at `pos`, for a message. */
  private found(): string {
    if (this.pos >= this.end) return 'the end of the text';
    const word = /[A-Za-z_$][\w$]{0,20}/y;
    word.lastIndex = this.pos;
    const code = this.text.codePointAt(this.pos) as number;
    const char = code > 0x20 && code < 0x7f ? String.fromCharCode(code) : `U+${hex4(code)}`;
    return word.exec(this.text)?.[0] ?? char;
  }

  private syntax(reason: string): CwfError {
    const { text, pos } = this;
    const lineStart = pos === 0 || text[pos - 1] === '\n';
    const marker = lineStart && CONFLICT_MARKERS.some((m) => text.startsWith(m, pos));
    return this.error('JSON_SYNTAX', { reason: marker ? 'the file holds an unresolved merge conflict' : reason });
  }

  private tooLarge(what: string, limit: number, pos: number): CwfError {
    return this.error('JSON_SIZE', { what, limit }, pos);
  }

  private error(code: ErrorCode, data: ErrorData, pos: number = this.pos): CwfError {
    let line = 1;
    let lineStart = 0;
    for (let nl = this.text.indexOf('\n'); nl !== -1 && nl < pos; nl = this.text.indexOf('\n', nl + 1)) {
      line++;
      lineStart = nl + 1;
    }
    const path = shorten(joinPointer(this.path.slice(0, this.depth)));
    return new CwfError(code, { source: this.source, ...data, path, at: `${line}:${pos - lineStart + 1}` });
  }
}

function shorten(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN).replace(/\p{Surrogate}/gu, '')}...`;
}

function hex4(code: number): string {
  return code.toString(16).toUpperCase().padStart(4, '0');
}
