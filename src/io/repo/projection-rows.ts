/**
 * Keys and values of the projection's rows. All keys are text that LevelDB sorts by bytes:
 *
 *   c/<oid>                                        a commit
 *   b/<file> NUL <json-path> NUL <gen hex8>/<oid>  that commit changed that place of that file
 *   m/<metric>/<value hex16>/<oid>                 a number noted on an object, in numeric order
 *   w/state, w/dirty                               watermark; mark of a fold that is not finished
 */
import type { Json } from '../../base/json.ts';

/** What the index knows of a commit. */
export interface CommitRow {
  /** 1 + the greatest generation of the parents; 1 for a root. */
  readonly generation: number;
  readonly parents: readonly string[];
  /** Committer date, in seconds. */
  readonly time: number;
  readonly subject: string;
  readonly actor?: string;
  readonly op?: string;
  /** The *.json files that differ from the first parent, with the graph digest the commit states for them. */
  readonly files: Readonly<Record<string, { readonly graph?: string }>>;
}

/** One place of a file that a commit changed. `op` is absent when only the snapshots tell what changed below. */
export interface PathChange {
  readonly oid: string;
  readonly generation: number;
  /** JSON Pointer over the keyed form; empty for the whole file. */
  readonly path: string;
  readonly op?: Json;
}

/** A noted number. */
export interface MetricRow {
  readonly oid: string;
  readonly value: number;
}

/** How far a store has been folded. */
export interface Watermark {
  readonly schema: number;
  readonly tips: readonly string[];
  /** Tree of refs/notes/cwf/metrics. */
  readonly metrics?: string;
}

/** Raised whenever rows mean something else; slots of another schema are built again. */
export const SCHEMA = 1;
export const STATE = 'w/state';
export const DIRTY = 'w/dirty';

/** Key of a commit's row. */
export function commitKey(oid: string): string {
  return `c/${oid}`;
}

/** Key of a path change. */
export function changeKey(file: string, path: string, generation: number, oid: string): string {
  return `b/${file}\0${path}\0${generation.toString(16).padStart(8, '0')}/${oid}`;
}

/** Reads file and place back out of a key that `changeKey` made. */
export function readChangeKey(key: string): { file: string; path: string; generation: number; oid: string } {
  const at = key.indexOf('\0');
  const end = key.length - 50; // NUL, 8 digits, slash, 40 digits
  return {
    file: key.slice(2, at),
    path: key.slice(at + 1, end),
    generation: Number.parseInt(key.slice(end + 1, end + 9), 16),
    oid: key.slice(-40),
  };
}

/** Half-open key range of the changes at exactly this path. */
export function rangeAt(file: string, path: string): [from: string, to: string] {
  return [`b/${file}\0${path}\0`, `b/${file}\0${path}\x01`];
}

/** Half-open key range of the changes below this path. */
export function rangeBelow(file: string, path: string): [from: string, to: string] {
  return [`b/${file}\0${path}/`, `b/${file}\0${path}0`];
}

/** Key of a noted number. */
export function metricKey(metric: string, value: number, oid: string): string {
  return `m/${encodeURIComponent(metric)}/${sortableDouble(value)}/${oid}`;
}

/** Half-open key range of a metric's numbers. */
export function rangeOfMetric(metric: string): [from: string, to: string] {
  const name = encodeURIComponent(metric);
  return [`m/${name}/`, `m/${name}0`];
}

/** Reads object and number back out of a key that `metricKey` made. */
export function readMetricKey(key: string): MetricRow {
  return { oid: key.slice(-40), value: doubleOf(key.slice(-57, -41)) };
}

/** Sixteen hex digits that sort as the numbers do: sign bit flipped, negative ones inverted. */
function sortableDouble(value: number): string {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value === 0 ? 0 : value);
  const bits = bytes.readBigUInt64BE();
  const sortable = bits >> 63n ? ~bits & 0xffff_ffff_ffff_ffffn : bits | (1n << 63n);
  return sortable.toString(16).padStart(16, '0');
}

function doubleOf(hex: string): number {
  const sortable = BigInt(`0x${hex}`);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(sortable >> 63n ? sortable & ~(1n << 63n) : ~sortable & 0xffff_ffff_ffff_ffffn);
  return bytes.readDoubleBE();
}
