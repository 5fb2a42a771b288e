import { type CwfError, isCwfError } from '../../../base/errors.ts';
import type { Json } from '../../../base/json.ts';
import { parseJson } from '../../../base/json-parse.ts';

const TEXT_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\bInfinity\b|\bNaN\b/g;
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);
/** As deep as a document of cwf may be. */
const MOST_DEPTH = 64;
/** Members of one object: the classes of all node packs that are known together are 20,000. */
const MOST_KEYS = 50_000;

/**
 * Reads JSON that Python wrote. What cwf's own reader takes is read by it, with every digit of large integers; else
 * once more with what Python writes and JSON has not: `NaN` and `Infinity` become null, halves of surrogate pairs a
 * replacement character, members that could change prototypes are left out. Throws JSON_SYNTAX, JSON_ENCODING,
 * JSON_DEPTH or JSON_SIZE for the rest.
 */
export function readServerJson(bytes: Uint8Array, source: string, maxBytes: number): Json {
  const limits = { source, maxBytes, maxString: maxBytes, maxDepth: MOST_DEPTH, maxKeys: MOST_KEYS };
  try {
    return parseJson(bytes, limits);
  } catch (error) {
    if (!isCwfError(error, 'JSON_SYNTAX', 'JSON_NUMBER', 'JSON_SURROGATE', 'JSON_FORBIDDEN_KEY')) throw error;
    return fromPython(Buffer.from(bytes).toString('utf8'), error);
  }
}

function fromPython(text: string, strict: CwfError): Json {
  const plain = text.replace(TEXT_OR_NUMBER, (found) => (found.startsWith('"') ? found : 'null'));
  let value: unknown;
  try {
    value = JSON.parse(plain);
  } catch {
    throw strict;
  }
  return clean(value, 0, strict);
}

function clean(value: unknown, depth: number, strict: CwfError): Json {
  if (depth > MOST_DEPTH) throw strict;
  if (typeof value === 'string') return value.replace(/\p{Surrogate}/gu, '\ufffd');
  if (Array.isArray(value)) return value.map((one) => clean(one, depth + 1, strict));
  if (typeof value !== 'object' || value === null) return value as Json;
  const members = Object.entries(value).filter(([key]) => !FORBIDDEN.has(key));
  return Object.fromEntries(members.map(([key, member]) => [key, clean(member, depth + 1, strict)]));
}
