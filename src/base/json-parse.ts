import { CwfError } from './errors.ts';
import type { Json } from './json.ts';
import { type JsonPart, JsonParts } from './json-parts.ts';
import { JsonScanner, type ScanLimits } from './json-scanner.ts';

/** The name of the text, and how much of it is read. Limits are inclusive; docs/limits.md tells where they come from. */
export interface ParseOptions extends Partial<ScanLimits> {
  /** The name of the text in error messages, e.g. a path. Default `input`. */
  readonly source?: string;
  /** Bytes of the whole text (UTF-8). Default 8 MiB. */
  readonly maxBytes?: number;
}

const MIB = 1024 * 1024;

/**
 * Reads one JSON document, RFC 8259 and nothing more; a leading byte order mark is dropped. Integers that a double
 * cannot hold become bigint with every digit kept, -0 becomes 0. Throws JSON_SYNTAX, JSON_ENCODING,
 * JSON_DUPLICATE_KEY, JSON_FORBIDDEN_KEY, JSON_NUMBER, JSON_SURROGATE, JSON_DEPTH or JSON_SIZE, each with source,
 * JSON pointer and `line:column` (in UTF-16 code units, from 1).
 */
export function parseJson(input: string | Uint8Array, options: ParseOptions = {}): Json {
  return scan(input, options);
}

/** A document, and the parts of it that the next version of its text may have in common with it. */
export interface ParsedVersion {
  readonly value: Json;
  readonly parts: readonly JsonPart[];
}

/**
 * As parseJson, for a text of which an earlier version was read with the same limits: what stands in both is not read
 * again and becomes the same objects, which nobody may change. `before`: the parts of that version, none the first time.
 */
export function parseVersion(
  input: string | Uint8Array,
  options: ParseOptions,
  before: readonly JsonPart[],
): ParsedVersion {
  const parts = new JsonParts(before);
  return { value: scan(input, options, parts), parts: parts.found };
}

function scan(input: string | Uint8Array, options: ParseOptions, parts?: JsonParts): Json {
  const source = options.source ?? 'input';
  const maxBytes = options.maxBytes ?? 8 * MIB;
  if (tooManyBytes(input, maxBytes)) {
    throw new CwfError('JSON_SIZE', { source, what: 'the text', limit: `${maxBytes} bytes`, path: '', at: '1:1' });
  }
  return new JsonScanner(typeof input === 'string' ? input : decode(input, source), source, options, parts).document();
}

function tooManyBytes(input: string | Uint8Array, limit: number): boolean {
  if (typeof input !== 'string') return input.length > limit;
  if (input.length * 3 <= limit) return false;
  return input.length > limit || new TextEncoder().encode(input).length > limit;
}

function decode(bytes: Uint8Array, source: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new CwfError('JSON_ENCODING', { source, at: firstInvalidByte(bytes) }, { cause });
  }
}

/** Longest prefix that could still become valid UTF-8, by bisection: TextDecoder does not say where it failed. */
function firstInvalidByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}
