import { CwfError } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import type { NodeId } from './types.ts';

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** A place in a file, for messages: the file and a JSON pointer. */
export interface Place {
  readonly source: string;
  readonly path: string;
}

/** The error of a place that has not the shape ComfyUI gives it. */
export function shape(place: Place, reason: string): CwfError {
  return new CwfError('WORKFLOW_SHAPE', { source: place.source, path: place.path === '' ? '/' : place.path, reason });
}

/** A text of the file that becomes a key of the keyed form; refuses the keys no JSON object may own. [ID-3] */
export function asKey(value: Json | undefined, place: Place, what: string): string {
  if (typeof value !== 'string') throw shape(place, `${what} is not a text`);
  if (FORBIDDEN.has(value)) throw shape(place, `${what} must not be ${value}`);
  return value;
}

/** A node id as text: integers in decimal, texts verbatim; `1` and `"1"` are one id. [ID-1] */
export function asNodeId(value: Json | undefined, place: Place): NodeId {
  if (typeof value === 'number' && Number.isInteger(value)) return String(BigInt(value));
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'string') throw shape(place, 'a node id is neither a whole number nor a text');
  return asKey(value, place, 'a node id');
}

/** Whether an id text stands for an integer, which is what a UI file writes without quotes. */
export function isIntegerId(id: NodeId): boolean {
  return /^(0|-?[1-9][0-9]*)$/.test(id);
}

/** The number an integer id stands for, with all its digits. */
export function idNumber(id: NodeId): number | bigint {
  const number = Number(id);
  return Number.isSafeInteger(number) ? number : BigInt(id);
}

/** Order of ids in canonical text: integers by value, then texts by code unit. [CF-4] */
export function compareIds(a: NodeId, b: NodeId): number {
  const x = isIntegerId(a);
  const y = isIntegerId(b);
  if (x !== y) return x ? -1 : 1;
  if (x && a.length < 16 && b.length < 16) return Number(a) - Number(b);
  if (x) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Ids in the order of canonical text. JavaScript gives plain integers in it: checking costs a tenth of sorting. */
export function inIdOrder(ids: NodeId[]): NodeId[] {
  for (let i = 1; i < ids.length; i++) {
    if (compareIds(ids[i - 1] as NodeId, ids[i] as NodeId) > 0) return ids.sort(compareIds);
  }
  return ids;
}

/** The member a map holds under a key of the file; `toString` and the like are keys as any other. */
export function own<T>(map: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined;
}

/** Makes a name unique among those taken already: the second `image` becomes `image~2`. [ID-4] */
export function uniqueKey(name: string, taken: { has(key: string): boolean }): string {
  if (!taken.has(name)) return name;
  let n = 2;
  while (taken.has(`${name}~${n}`)) n++;
  return `${name}~${n}`;
}
