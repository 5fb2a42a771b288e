import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { canonicalJson } from '../../base/json-text.ts';
import { asKey, asNodeId, type Place, shape, uniqueKey } from './names.ts';
import type { LinkSource } from './types.ts';

/** One row of a scope's link table, both of ComfyUI's spellings read alike. `attrs` is all that is not an end. */
export interface LinkRow {
  readonly id: Json;
  readonly from: string;
  readonly fromSlot: Json;
  readonly to: string;
  readonly toSlot: Json;
  readonly attrs: JsonObject;
  readonly raw: Json;
}

/** Id of a subgraph's input and output side in the link table (LiteGraph SUBGRAPH_INPUT_ID, SUBGRAPH_OUTPUT_ID). */
export const INPUT_SIDE = '-10';
export const OUTPUT_SIDE = '-20';

/** Reads a link table: rows `[id, from, slot, to, slot, type]` or objects with `origin_id`... Throws WORKFLOW_SHAPE. */
export function readLinkRows(links: Json | undefined, place: Place): LinkRow[] {
  if (links === undefined || links === null) return [];
  if (!Array.isArray(links)) throw shape(place, 'links is not a list');
  return links.map((row, index) => readRow(row, { source: place.source, path: `${place.path}/${index}` }));
}

function readRow(row: Json, place: Place): LinkRow {
  if (Array.isArray(row)) {
    const [id, from, fromSlot, to, toSlot, type, ...more] = row;
    if (id === undefined || toSlot === undefined) throw shape(place, 'a link has fewer than five members');
    checkId(id, place);
    const attrs: JsonObject = { id };
    if (type !== undefined) attrs.type = type;
    if (more.length > 0) attrs.more = more;
    return { id, from: asNodeId(from, place), fromSlot: fromSlot!, to: asNodeId(to, place), toSlot, attrs, raw: row };
  }
  if (!isObject(row)) throw shape(place, 'a link is neither a list nor an object');
  const { origin_id, origin_slot, target_id, target_slot, ...attrs } = row;
  const id = row.id;
  if (id === undefined || origin_slot === undefined || target_slot === undefined) {
    throw shape(place, 'a link lacks its id or an end');
  }
  checkId(id, place);
  const from = asNodeId(origin_id, place);
  return { id, from, fromSlot: origin_slot, to: asNodeId(target_id, place), toSlot: target_slot, attrs, raw: row };
}

function checkId(id: Json, place: Place): void {
  if (typeof id !== 'number' && typeof id !== 'bigint') asKey(id, place, 'the id of a link');
}

/** The rows of one scope while its nodes are read: each row is taken once, by the input it feeds. */
export class LinkTable {
  private readonly byTarget = new Map<string, LinkRow[]>();
  private readonly byOrigin = new Map<string, LinkRow[]>();
  private readonly rows: readonly LinkRow[];
  private readonly free: Set<LinkRow>;
  /** Rows in the order they were taken. */
  readonly taken: LinkRow[] = [];
  private readonly inputIds: readonly string[];

  /** `inputIds`: ids of the scope's own inputs in slot order, for links that start at the input side. */
  constructor(rows: readonly LinkRow[], inputIds: readonly string[]) {
    this.rows = [...rows].sort((a, b) => byId(a.id, b.id));
    this.free = new Set(rows);
    this.inputIds = inputIds;
    for (const row of this.rows) {
      if (typeof row.toSlot === 'number') push(this.byTarget, `${row.toSlot} ${row.to}`, row);
      if (typeof row.fromSlot === 'number') push(this.byOrigin, `${row.fromSlot} ${row.from}`, row);
    }
  }

  /** Takes the row into a node's input, if the input names that row; `undefined` leaves both as they are. */
  take(node: string, slot: number, named?: Json): { source: LinkSource; attrs: JsonObject } | undefined {
    const rows = this.byTarget.get(`${slot} ${node}`) ?? [];
    const row = rows.find((one) => this.free.has(one) && (named === undefined || one.id === named));
    if (!row || typeof row.fromSlot !== 'number' || !Number.isInteger(row.fromSlot)) return undefined;
    this.mark(row);
    const own = row.from === INPUT_SIDE ? this.inputIds[row.fromSlot] : undefined;
    return { source: { from: row.from, slot: own ?? row.fromSlot }, attrs: row.attrs };
  }

  /** Notes that a row feeds an input: no other can take it. */
  mark(row: LinkRow): void {
    this.free.delete(row);
    this.taken.push(row);
  }

  /** Ids of the rows that start at an output slot, in the order of ids. */
  idsFrom(node: string, slot: number): Json[] {
    return (this.byOrigin.get(`${slot} ${node}`) ?? []).map((row) => row.id).sort(byId);
  }

  /** Whether a row that was taken shares its id with another row. */
  hasDoubles(): boolean {
    const ids = new Set<Json>();
    const doubles = new Set<Json>();
    for (const { id } of this.rows) (ids.has(id) ? doubles : ids).add(id);
    return doubles.size > 0 && this.rows.some((row) => !this.free.has(row) && doubles.has(row.id));
  }

  /** Rows no input took: the file's table says something its nodes do not. Carried as they are. [CF-9] */
  loose(): JsonObject {
    const out: JsonObject = {};
    const taken = new Set<string>();
    const order = (a: LinkRow, b: LinkRow): number => byId(a.id, b.id) || byText(a.raw, b.raw);
    for (const row of [...this.free].sort(order)) {
      const key = uniqueKey(String(row.id), taken);
      taken.add(key);
      out[key] = row.raw;
    }
    return out;
  }
}

/** Whether two lists of link ids name the same links; a missing list is an empty one. */
export function sameIds(listed: Json | undefined, derived: readonly Json[]): boolean {
  if (listed === undefined || listed === null) return derived.length === 0;
  if (!Array.isArray(listed) || listed.length !== derived.length) return false;
  const sorted = [...listed].sort(byId);
  return sorted.every((id, i) => id === derived[i]);
}

/** A list of link ids in the order of ids, since its own order says nothing; anything else as it is. [CF-4] */
export function inOrder(listed: Json): Json {
  const isList = Array.isArray(listed) && listed.every((id) => typeof id !== 'object' || id === null);
  return isList ? [...listed].sort(byId) : listed;
}

/** Order of link ids: numbers by value, then anything else by its text. */
export function byId(a: Json, b: Json): number {
  const isNumber = typeof a === 'number' || typeof a === 'bigint';
  if (isNumber !== (typeof b === 'number' || typeof b === 'bigint')) return isNumber ? -1 : 1;
  if (isNumber) return a < (b as number) ? -1 : a > (b as number) ? 1 : 0;
  const x = String(a);
  const y = String(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

function byText(a: Json, b: Json): number {
  return canonicalJson(a) < canonicalJson(b) ? -1 : 1;
}

function push(map: Map<string, LinkRow[]>, key: string, row: LinkRow): void {
  const rows = map.get(key);
  if (rows) rows.push(row);
  else map.set(key, [row]);
}
