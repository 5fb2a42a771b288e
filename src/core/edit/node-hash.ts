import type { Json } from '../../base/json.ts';
import { isObject } from '../../base/json.ts';
import type { WorkflowNode } from '../workflow/types.ts';

/**
 * Hashes for matching: numbers of 53 bits that follow from content alone, never from ids or the order of keys. Two
 * contents under one hash would only make a match worse, never a diff wrong.
 */
export type Hash = number;

const LOW = 0x1_0000_0000;
const SPAN = 2 ** 52;

/** Hash of a text: cyrb53 by bryc (public domain), two multiplicative lanes of 32 bits. */
export function hashText(text: string, seed = 0): Hash {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  return finish(high, low);
}

/** Hash of two hashes, in this order. */
export function mix(a: Hash, b: Hash): Hash {
  const high = Math.imul((a / LOW) ^ 0x2c1b3c6d, 2654435761) ^ Math.imul((b / LOW) | 0, 0x297a2d39);
  const low = Math.imul((a | 0) ^ 0x85ebca6b, 1597334677) ^ Math.imul((b | 0) ^ 0x165667b1, 0x27d4eb2f);
  return finish(high, low);
}

/** Adds a hash to a sum that does not depend on the order of its members. */
export function sum(a: Hash, b: Hash): Hash {
  return (a + b) % SPAN;
}

/** Hash of a JSON value; the order of keys makes no difference. */
export function hashJson(value: Json): Hash {
  if (typeof value === 'string') return hashText(value, 1);
  if (typeof value !== 'object' || value === null) return hashText(String(value), typeof value === 'bigint' ? 3 : 2);
  if (Array.isArray(value)) return value.reduce<Hash>((hash, member) => mix(hash, hashJson(member)), 4);
  return hashMembers(value);
}

function hashMembers(members: Readonly<Record<string, Json>>): Hash {
  let hash = 5;
  for (const key of Object.keys(members)) hash = sum(hash, mix(hashText(key), hashJson(members[key]!)));
  return hash;
}

/** What a node does by itself, without its class, its links and its looks: mode, values, names of promoted widgets. */
export function hashValues({ mode, widgets, positional, ui }: WorkflowNode): Hash {
  let hash = mix(mode ?? 0, hashMembers(widgets));
  if (positional !== undefined) hash = mix(hash, hashMembers(positional));
  const proxies = isObject(ui.properties) ? ui.properties.proxyWidgets : undefined;
  if (Array.isArray(proxies)) {
    // An entry names an inner node by its id, which says nothing.
    for (const entry of proxies) hash = mix(hash, hashJson(Array.isArray(entry) ? entry.slice(1) : entry));
  }
  return hash;
}

function finish(high: number, low: number): Hash {
  let a = Math.imul(high ^ (high >>> 16), 2246822507);
  a ^= Math.imul(low ^ (low >>> 13), 3266489909);
  let b = Math.imul(low ^ (low >>> 16), 2246822507);
  b ^= Math.imul(a ^ (a >>> 13), 3266489909);
  return (b & 0xfffff) * LOW + (a >>> 0);
}
