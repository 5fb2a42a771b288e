import type { Part } from '../pages.ts';
import type { LaneCommit } from './lanes.ts';

/**
 * The first page of a log that was read anew, with those commits of the log before that still follow it. Undefined where
 * others follow: a branch went away, or one came in further down. What is left of a walk is what can be reached from where
 * it stands (`next`); so it is the same if each of the commits left, or one above it, is there, and nothing else is.
 */
export function joinedLog<T extends LaneCommit>(
  before: Part<T, readonly string[]>,
  first: Part<T, readonly string[]>,
): Part<T, readonly string[]> | undefined {
  const last = before.items.findIndex(({ oid }) => oid === first.items.at(-1)?.oid);
  if (last < 0 || first.next === undefined) return undefined;
  const told = new Set(first.items.map(({ oid }) => oid));
  if (before.items.some(({ oid }, at) => told.has(oid) !== at <= last)) return undefined;
  const rest = before.items.slice(last + 1);
  const left = new Set([...rest.map(({ oid }) => oid), ...(before.next ?? [])]);
  const below = new Set(rest.flatMap(({ parents }) => parents));
  const next = new Set(first.next);
  if ([...left].some((oid) => !below.has(oid) && !next.has(oid)) || first.next.some((oid) => !left.has(oid)))
    return undefined;
  return { items: [...first.items, ...rest], next: before.next };
}
