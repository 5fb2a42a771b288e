import { CwfError } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import { compareIds } from '../workflow/names.ts';

export { joinPointer } from '../../base/json-text.ts';

/** Same as the depth limit of a patched document: a longer pointer can never lead anywhere. */
const MAX_PARTS = 72;

/** The unescaped parts of a JSON pointer (RFC 6901), [] for the root. Throws POINTER_INVALID. */
export function splitPointer(pointer: string): string[] {
  const reason = pointerProblem(pointer);
  if (reason !== undefined) throw new CwfError('POINTER_INVALID', { path: pointer.slice(0, 200), reason });
  return unescapeParts(pointer);
}

/** Why a text is not a pointer that cwf takes, in words; undefined when it is one. */
export function pointerProblem(pointer: string): string | undefined {
  if (pointer === '') return undefined;
  if (!pointer.startsWith('/')) return 'a pointer starts with "/"';
  if (/~(?![01])/.test(pointer)) return '"~" must be written ~0, and "/" inside a key ~1';
  const parts = unescapeParts(pointer);
  if (parts.length > MAX_PARTS) return `a pointer has at most ${MAX_PARTS} parts`;
  const forbidden = parts.find((part) => part === '__proto__' || part === 'constructor' || part === 'prototype');
  return forbidden === undefined ? undefined : `key ${forbidden} is not allowed`;
}

/** The value at a place, seen through own properties only; undefined when there is none. */
export function getAt(doc: Json, parts: readonly string[]): Json | undefined {
  let value: Json | undefined = doc;
  for (const part of parts) {
    value = childOf(value, part);
    if (value === undefined) return undefined;
  }
  return value;
}

/** One step of a pointer: an own member of an object or an existing element of an array; undefined otherwise. */
export function childOf(value: Json, part: string): Json | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!Array.isArray(value)) return Object.hasOwn(value, part) ? value[part] : undefined;
  return isIndex(part) ? value[Number(part)] : undefined;
}

/** Whether a part is an array index as RFC 6901 writes it: no sign, no leading zero, no exponent. */
export function isIndex(part: string): boolean {
  return /^(0|[1-9]\d{0,9})$/.test(part);
}

/** Order of places: part by part, ids by value; what is above comes first. */
export function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareIds(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function unescapeParts(pointer: string): string[] {
  if (pointer === '') return [];
  const parts = pointer.slice(1).split('/');
  // ~1 first: "~01" is the key "~1".
  return pointer.includes('~') ? parts.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')) : parts;
}
