import type { Json } from '../../base/json.ts';
import { canonicalJson, scalarText, sortedKeys } from '../../base/json-text.ts';

/** Members of a list that still share one line: a link row has six, a bounding box four. */
const SHORT = 8;
/** Texts of so many characters are encoded once per document. */
const SHORT_TEXT = 16;
/** Lists whose every member is a parameter of its own: one line each, so that an edit is one line. */
const ONE_PER_LINE = new Set(['widgets_values']);

/**
 * JSON with RFC 8785 keys, numbers and texts, laid out for people and line diffs [CF-6]: one member per line, one
 * space per level; a list of at most eight scalars on one line (the count decides, never the width, so that a changed
 * value never changes the layout); members of `widgets_values` one per line. Without its white space the text is
 * exactly the RFC 8785 text. Ends in a line feed.
 */
export function prettyJson(value: Json): string {
  const printer = new Printer();
  printer.value(value, 0, '');
  return `${printer.text}\n`;
}

/**
 * UTF-8 of objects that nobody changes and none of which lies in another, as they were printed so many levels deep;
 * those with an entry are kept.
 */
export type PrintedParts = WeakMap<object, PrintedPart>;

/** One of them: `bytes` are absent until it is printed for the first time. */
export interface PrintedPart {
  depth: number;
  bytes?: Uint8Array;
}

/** The UTF-8 of `prettyJson(value)`; objects that `parts` knows are printed once. */
export function prettyBytes(value: Json, parts: PrintedParts): Buffer {
  const printer = new PartPrinter(parts);
  printer.value(value, 0, '');
  return printer.bytes();
}

/** Appends to one text; keys and line ends repeat by the thousand, so each is made once. */
class Printer {
  text = '';
  private readonly keys = new Map<string, string>();
  private readonly lines: string[] = [];

  value(value: Json, depth: number, key: string): void {
    if (typeof value !== 'object' || value === null) this.text += scalarText(value);
    else if (Array.isArray(value)) this.list(value, depth, key);
    else this.object(value, depth);
  }

  private list(value: readonly Json[], depth: number, key: string): void {
    if (value.length === 0 || (isShort(value) && !ONE_PER_LINE.has(key))) {
      let open = '[';
      for (const member of value) {
        this.text += open + scalarText(member);
        open = ', ';
      }
      this.text += value.length === 0 ? '[]' : ']';
      return;
    }
    const line = this.line(depth + 1);
    let open = '[';
    for (const member of value) {
      this.text += open + line;
      this.value(member, depth + 1, '');
      open = ',';
    }
    this.text += `${this.line(depth)}]`;
  }

  protected object(value: Readonly<Record<string, Json>>, depth: number): void {
    const keys = sortedKeys(value);
    if (keys.length === 0) {
      this.text += '{}';
      return;
    }
    const line = this.line(depth + 1);
    let open = '{';
    for (const name of keys) {
      this.text += open + line + this.key(name);
      this.value(value[name]!, depth + 1, name);
      open = ',';
    }
    this.text += `${this.line(depth)}}`;
  }

  private line(depth: number): string {
    let line = this.lines[depth];
    if (line === undefined) {
      line = `\n${' '.repeat(depth)}`;
      this.lines[depth] = line;
    }
    return line;
  }

  private key(name: string): string {
    let key = this.keys.get(name);
    if (key === undefined) {
      key = `${canonicalJson(name)}: `;
      this.keys.set(name, key);
    }
    return key;
  }
}

/** A printer that puts together what was printed before and what was not. */
class PartPrinter extends Printer {
  private readonly pieces: Uint8Array[] = [];
  private readonly between = new Map<string, Uint8Array>();
  private readonly parts: PrintedParts;

  constructor(parts: PrintedParts) {
    super();
    this.parts = parts;
  }

  bytes(): Buffer {
    this.text += '\n';
    this.flush();
    return Buffer.concat(this.pieces);
  }

  protected override object(value: Readonly<Record<string, Json>>, depth: number): void {
    const part = this.parts.get(value);
    if (part === undefined) {
      super.object(value, depth);
      return;
    }
    this.flush();
    if (part.bytes === undefined || part.depth !== depth) {
      super.object(value, depth);
      part.bytes = Buffer.from(this.text);
      part.depth = depth;
      this.text = '';
    }
    this.pieces.push(part.bytes);
  }

  /** What stands between two parts is nearly always the same few characters. */
  private flush(): void {
    const { text } = this;
    if (text === '') return;
    const bytes = this.between.get(text) ?? Buffer.from(text);
    if (text.length <= SHORT_TEXT) this.between.set(text, bytes);
    this.pieces.push(bytes);
    this.text = '';
  }
}

function isShort(list: readonly Json[]): boolean {
  if (list.length > SHORT) return false;
  for (const member of list) if (typeof member === 'object' && member !== null) return false;
  return true;
}
