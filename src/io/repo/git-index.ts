/**
 * Git's index, as far as a commit of cwf touches it. Format: gitformat-index; versions 2 to 4 are read, 2 (3 where an
 * entry needs it) is written. Extensions go: they are caches that git makes anew.
 */
import { createHash } from 'node:crypto';
import { type BigIntStats, lstatSync, readFileSync, renameSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { Faults } from './faults.ts';
import { type Held, takeLock } from './locks.ts';
import { isMissing, writeAll } from './objects.ts';
import type { Oid } from './types.ts';

/** What the index says of a path: mode and blob. */
export interface IndexEntry {
  readonly mode: string;
  readonly oid: Oid;
}

/** One change of the index: null takes the path out. `stamp`: the working file that stands for the entry (`stampOf`). */
export interface IndexChange {
  readonly path: string;
  readonly entry: IndexEntry | null;
  readonly stamp: string | null;
}

/** Where an index lies, and how it is written. */
export interface IndexTarget {
  readonly gitDir: string;
  readonly cwfDir: string;
  readonly workDir: string;
  readonly faults?: Faults;
}

interface RawEntry {
  readonly path: string;
  readonly stage: number;
  readonly bytes: Buffer;
}

/** A tick of the kernel's clock at its slowest setting (100 Hz), twice. */
const TICK_MS = 20;
const FIXED = 62;
const EXTENDED = 0x4000;
const LOCK_WAIT_MS = 2000;

/** What tells one state of a working file from another: size, times and inode; null when there is no plain file. */
export function stampOf(workDir: string, path: string): string | null {
  const stat = statOf(workDir, path);
  return stat && `${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}:${stat.ino}`;
}

/** Entries of the index by path, without those of an unfinished merge; undefined for a form cwf does not know. */
export function readIndex(gitDir: string): Map<string, IndexEntry> | undefined {
  return readIndexFile(join(gitDir, 'index'));
}

/** `readIndex` of an index that lies elsewhere, as that of a linked worktree or of `GIT_INDEX_FILE`. */
export function readIndexFile(path: string): Map<string, IndexEntry> | undefined {
  const entries = readEntries(path);
  if (entries === undefined) return undefined;
  const plain = [...entries.values()].filter(({ stage }) => stage === 0);
  return new Map(plain.map(({ path, bytes }) => [path, entryOf(bytes)]));
}

/**
 * Changes entries of the index under `index.lock`; all others, what the user staged among them, stay as they are.
 * [RP-11] An entry whose working file still has its stamp gets that file's stat data: git takes the file for clean
 * without reading it, though it may hold the workflow in the user's own layout. Any other entry gets none, and git
 * compares. Returns false, the index untouched, when another program keeps the lock for 2 s or the index has a form
 * cwf does not write: a commit never fails for that, `git status` then shows the files as changed.
 */
export async function updateIndex(target: IndexTarget, changes: readonly IndexChange[]): Promise<boolean> {
  const path = join(target.gitDir, 'index');
  target.faults?.('index:lock');
  let lock: Held;
  try {
    lock = await takeLock(target.cwfDir, `${path}.lock`, 'index', LOCK_WAIT_MS);
  } catch {
    return false;
  }
  try {
    const entries = readEntries(path);
    if (!entries) return false;
    const before = statSync(path, { throwIfNoEntry: false, bigint: true });
    for (const { path: file, entry, stamp } of changes) {
      for (const stage of [0, 1, 2, 3]) entries.delete(keyOf(file, stage));
      if (!entry) continue;
      makeRoom(entries, file);
      const stat = stamp === stampOf(target.workDir, file) ? statOf(target.workDir, file) : null;
      entries.set(keyOf(file, 0), { path: file, stage: 0, bytes: encodeEntry(file, entry, stat) });
    }
    const touched = new Set(changes.map(({ path: file }) => file));
    const moment = clockFor(target.workDir, changes);
    if (before !== undefined) smudgeRacy(target.workDir, entries, touched, before.mtimeNs, moment !== undefined);
    const temporary = join(target.cwfDir, 'tmp', `index-${process.pid}`);
    target.faults?.('index:write');
    writeAll(temporary, encodeIndex([...entries.values()]), false);
    if (moment !== undefined) utimesSync(temporary, moment, moment);
    target.faults?.('index:rename');
    renameSync(temporary, path);
    return true;
  } finally {
    lock.release();
  }
}

/** A path cannot be a file and a folder at once: entries below it go, and one that stands where its folder is. */
function makeRoom(entries: Map<string, RawEntry>, file: string): void {
  for (const [key, other] of entries) if (other.path.startsWith(`${file}/`)) entries.delete(key);
  for (let at = file.indexOf('/'); at > 0; at = file.indexOf('/', at + 1)) {
    for (const stage of [0, 1, 2, 3]) entries.delete(keyOf(file.slice(0, at), stage));
  }
}

/**
 * The time (seconds) the index must bear, or undefined for now. Git reads a file that is not older, in whole seconds,
 * than the index ("racy"), and would find the user's layout: the index is then dated one second after it. In that
 * second git alone, not cwf, misses a rewrite in place that leaves the size as it was.
 */
function clockFor(workDir: string, changes: readonly IndexChange[]): number | undefined {
  let moment: number | undefined;
  const now = currentSecond();
  for (const { path, entry, stamp } of changes) {
    const stat = entry && statOf(workDir, path);
    if (!stat || stamp !== stampOf(workDir, path)) continue;
    const second = seconds(stat.mtimeNs);
    if (second >= now && !isBlob(workDir, path, entry.oid)) moment = Math.max(moment ?? 0, second + 1);
  }
  return moment;
}

/** The second that a file written now may bear: the file system's clock moves in ticks, and is behind by up to one. */
function currentSecond(): number {
  return Math.floor((Date.now() - TICK_MS) / 1000);
}

/** What git does when it writes an index: entries that the old index's date left in doubt are compared, or marked so. */
function smudgeRacy(
  workDir: string,
  entries: Map<string, RawEntry>,
  touched: ReadonlySet<string>,
  indexTime: bigint,
  isDatedAhead: boolean,
): void {
  const now = currentSecond();
  for (const [key, { path, stage, bytes }] of entries) {
    const second = bytes.readUInt32BE(8);
    if (touched.has(path) || stage !== 0 || second < seconds(indexTime) || bytes.readUInt32BE(36) === 0) continue;
    if (!(isDatedAhead && second >= now) && isBlob(workDir, path, entryOf(bytes).oid)) continue;
    const marked = Buffer.from(bytes);
    marked.writeUInt32BE(0, 36);
    entries.set(key, { path, stage, bytes: marked });
  }
}

function isBlob(workDir: string, path: string, oid: Oid): boolean {
  try {
    const body = readFileSync(join(workDir, path));
    return createHash('sha1').update(`blob ${body.length}\0`).update(body).digest('hex') === oid;
  } catch {
    return false;
  }
}

/** Entries by path and stage; undefined for an index of another form. */
function readEntries(path: string): Map<string, RawEntry> | undefined {
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch (cause) {
    if (isMissing(cause)) return new Map();
    throw cause;
  }
  const version = file.length >= 32 ? file.readUInt32BE(4) : 0;
  if (file.toString('latin1', 0, 4) !== 'DIRC' || version < 2 || version > 4) return undefined;
  const entries = new Map<string, RawEntry>();
  let at = 12;
  let name: Buffer = Buffer.alloc(0);
  for (let n = file.readUInt32BE(8); n > 0; n--) {
    if (at + FIXED > file.length - 20) return undefined;
    const flags = file.readUInt16BE(at + 60);
    const head = at + FIXED + (flags & EXTENDED ? 2 : 0);
    // Version 4 gives a name as "so many bytes less of the one before, then these", and pads nothing.
    const [strip, start] = version === 4 ? varint(file, head) : [name.length, head];
    const end = file.indexOf(0, start);
    if (end < 0 || strip > name.length) return undefined;
    name = Buffer.concat([name.subarray(0, name.length - strip), file.subarray(start, end)]);
    const text = name.toString('utf8');
    // A name that is not UTF-8 cannot be told apart by its text: such an index is left alone.
    if (!Buffer.from(text).equals(name)) return undefined;
    const stage = (flags >> 12) & 3;
    entries.set(keyOf(text, stage), { path: text, stage, bytes: padded(file.subarray(at, head), name) });
    at = version === 4 ? end + 1 : at + ((end - at + 8) & ~7);
  }
  // Extensions in lower case change what the entries mean (split or sparse index): not ours to rewrite.
  for (; at + 8 < file.length - 20; at += 8 + file.readUInt32BE(at + 4)) {
    if (file[at]! >= 0x61) return undefined;
  }
  return entries;
}

/** Git's offset varint (varint.c): each further byte adds one, so that no number has two forms. */
function varint(file: Buffer, from: number): [value: number, next: number] {
  let at = from;
  let byte = file[at++]!;
  let value = byte & 127;
  while (byte & 128) {
    byte = file[at++]!;
    value = (value + 1) * 128 + (byte & 127);
  }
  return [value, at];
}

function keyOf(path: string, stage: number): string {
  return `${path}\0${stage}`;
}

function entryOf(bytes: Buffer): IndexEntry {
  return { mode: bytes.readUInt32BE(24).toString(8), oid: bytes.toString('hex', 40, 60) };
}

function statOf(workDir: string, path: string): BigIntStats | null {
  let stat: BigIntStats | undefined;
  try {
    stat = lstatSync(join(workDir, path), { throwIfNoEntry: false, bigint: true });
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
  }
  return stat?.isFile() ? stat : null;
}

function encodeEntry(file: string, { mode, oid }: IndexEntry, stat: BigIntStats | null): Buffer {
  const name = Buffer.from(file);
  const fixed = Buffer.alloc(FIXED);
  if (stat) {
    const nanos = (ns: bigint): number => Number(ns % 1_000_000_000n);
    const fields = [
      seconds(stat.ctimeNs),
      nanos(stat.ctimeNs),
      seconds(stat.mtimeNs),
      nanos(stat.mtimeNs),
      Number(stat.dev & 0xffffffffn),
      Number(stat.ino & 0xffffffffn),
    ];
    for (const [i, value] of fields.entries()) fixed.writeUInt32BE(value, i * 4);
    for (const [i, value] of [stat.uid, stat.gid, stat.size].entries()) {
      fixed.writeUInt32BE(Number(value & 0xffffffffn), 28 + i * 4);
    }
  }
  fixed.writeUInt32BE(Number.parseInt(mode, 8), 24);
  fixed.write(oid, 40, 'hex');
  fixed.writeUInt16BE(Math.min(name.length, 0xfff), 60);
  return padded(fixed, name);
}

/** Name after the fixed part, and one to eight zero bytes up to a multiple of eight. */
function padded(fixed: Buffer, name: Buffer): Buffer {
  const bytes = Buffer.alloc((fixed.length + name.length + 8) & ~7);
  fixed.copy(bytes);
  name.copy(bytes, fixed.length);
  return bytes;
}

function seconds(ns: bigint): number {
  return Number((ns / 1_000_000_000n) & 0xffffffffn);
}

/** Sorted as git wants it: by bytes of the path, then by stage. */
function encodeIndex(entries: RawEntry[]): Buffer {
  const sorted = entries
    .map((entry) => ({ ...entry, name: Buffer.from(entry.path) }))
    .sort((a, b) => Buffer.compare(a.name, b.name) || a.stage - b.stage);
  const isExtended = entries.some(({ bytes }) => (bytes.readUInt16BE(60) & EXTENDED) !== 0);
  const header = Buffer.alloc(12);
  header.write('DIRC', 'latin1');
  header.writeUInt32BE(isExtended ? 3 : 2, 4);
  header.writeUInt32BE(entries.length, 8);
  const body = Buffer.concat([header, ...sorted.map(({ bytes }) => bytes)]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}
