/**
 * Packed objects, read only: found through the idx files (version 2: fan-out table and sorted ids, a few preads),
 * unpacked by `pack-reader.ts`. Git may repack at any moment: the folder is looked at again whenever an answer would
 * be "not there".
 *
 *   idx v2:  \377tOc  2  fanout[256]  oid[n]  crc[n]  offset[n]  offset64[]     fanout[b] = ids whose first byte is <= b
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { PackReader } from './pack-reader.ts';
import type { GitObject } from './types.ts';

interface PackIndex {
  readonly path: string;
  readonly fanout: Buffer;
  readonly count: number;
  readonly fd: number;
  /** Opened at the first read. */
  pack: PackReader | undefined;
}

interface PackFolder {
  stamp: string;
  indexes: PackIndex[];
}

const HEADER = 8;
const FANOUT = 1024;

// Open files per objects directory, for the life of the process.
const folders = new Map<string, PackFolder>();

/** Returns an object from the packs (alternates included), or undefined; throws OBJECT_CORRUPT on a wrong hash. */
export async function readPacked(gitDir: string, oid: string): Promise<GitObject | undefined> {
  return readIn(join(gitDir, 'objects'), oid);
}

/** Whether a pack (alternates included) holds this object. */
export function hasPacked(gitDir: string, oid: string): boolean {
  return objectDirs(join(gitDir, 'objects')).some((objects) => hasIn(objects, oid));
}

/** Returns the packed oids that start with these hex digits (2 to 40 of them), sorted, each once. */
export function packedOidsWithPrefix(gitDir: string, prefix: string): string[] {
  const found = new Set<string>();
  for (const objects of objectDirs(join(gitDir, 'objects'))) {
    for (const index of indexesOf(objects, true)) {
      for (const oid of idsWithPrefix(index, prefix)) found.add(oid);
    }
  }
  return [...found].sort();
}

/** Returns every packed oid, pack by pack; an object in two packs comes twice. */
export function* allPackedOids(gitDir: string): Generator<string> {
  for (const index of indexesOf(join(gitDir, 'objects'), true)) {
    for (let i = 0; i < index.count; i++) yield idAt(index, i);
  }
}

/** Forgets what is cached about the packs of a repository and closes its files. */
export function forgetPacks(gitDir: string): void {
  for (const objects of objectDirs(join(gitDir, 'objects'))) {
    closeAll(folders.get(objects)?.indexes ?? []);
    folders.delete(objects);
  }
}

/** Objects directories that this repository borrows from (`objects/info/alternates`). */
export function alternatesOf(gitDir: string): string[] {
  return objectDirs(join(gitDir, 'objects')).slice(1);
}

/** The objects directory and, after it, those named in `info/alternates`, to the depth git allows. */
function objectDirs(objects: string, depth = 0): string[] {
  let text: string;
  try {
    text = readFileSync(join(objects, 'info', 'alternates'), 'utf8');
  } catch {
    return [objects];
  }
  if (depth > 5) return [objects];
  const others = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return [objects, ...others.flatMap((o) => objectDirs(isAbsolute(o) ? o : join(objects, o), depth + 1))];
}

function hasIn(objects: string, oid: string): boolean {
  return [false, true].some((fresh) => indexesOf(objects, fresh).some((index) => contains(index, oid)));
}

function readIn(root: string, oid: string): GitObject | undefined {
  for (const objects of objectDirs(root)) {
    for (const fresh of [false, true]) {
      for (const index of indexesOf(objects, fresh)) {
        const at = lowerBound(index, oid);
        if (at >= index.count || idAt(index, at) !== oid) continue;
        const pack = openPack(index);
        // A pack that is gone was repacked; the fresh look finds its successor.
        if (pack !== undefined) return unpack(root, pack, offsetAt(index, at), oid);
      }
    }
  }
  return undefined;
}

function openPack(index: PackIndex): PackReader | undefined {
  try {
    index.pack ??= new PackReader(index.path.replace(/idx$/, 'pack'));
    return index.pack;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function unpack(root: string, pack: PackReader, offset: number, oid: string): GitObject {
  const baseOf = (base: string): GitObject => {
    const found = readIn(root, base);
    if (found === undefined) throw new Error(`its base ${base} is not in a pack`);
    return found;
  };
  let object: GitObject;
  try {
    object = pack.read(offset, baseOf);
  } catch (error) {
    throw new CwfError('OBJECT_CORRUPT', { oid, reason: messageOf(error) }, { cause: error });
  }
  const hash = createHash('sha1').update(`${object.type} ${object.body.length}\0`).update(object.body).digest('hex');
  if (hash !== oid) throw new CwfError('OBJECT_CORRUPT', { oid, reason: `its hash is ${hash}` });
  return object;
}

/** Open idx files of a folder; `fresh` looks at the folder again and reopens when its list of packs changed. */
function indexesOf(objects: string, fresh: boolean): readonly PackIndex[] {
  const known = folders.get(objects);
  if (known !== undefined && !fresh) return known.indexes;
  const dir = join(objects, 'pack');
  const stamp = stampOf(dir);
  if (known !== undefined && known.stamp === stamp) return known.indexes;
  closeAll(known?.indexes ?? []);
  const names = stamp.split('/').filter((name) => name.endsWith('.idx'));
  const indexes = names.flatMap((name) => openIndex(join(dir, name)) ?? []);
  folders.set(objects, { stamp, indexes });
  return indexes;
}

function closeAll(indexes: readonly PackIndex[]): void {
  for (const { fd, pack } of indexes) {
    closeSync(fd);
    pack?.close();
  }
}

function stampOf(dir: string): string {
  try {
    const { mtimeMs, ino } = statSync(dir);
    return `${ino}:${mtimeMs}/${readdirSync(dir).sort().join('/')}`;
  } catch {
    return '';
  }
}

function openIndex(path: string): PackIndex | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined; // repacked away since the folder was listed
  }
  const head = Buffer.alloc(HEADER + FANOUT);
  const read = readSync(fd, head, 0, head.length, 0);
  if (read < head.length || head.readUInt32BE(0) !== 0xff744f63 || head.readUInt32BE(4) !== 2) {
    closeSync(fd);
    throw new CwfError('OBJECT_CORRUPT', { oid: path, reason: 'not a pack index of version 2' });
  }
  const fanout = head.subarray(HEADER);
  return { path, fanout, count: fanout.readUInt32BE(FANOUT - 4), fd, pack: undefined };
}

function contains(index: PackIndex, oid: string): boolean {
  const at = lowerBound(index, oid);
  return at < index.count && idAt(index, at) === oid;
}

function idsWithPrefix(index: PackIndex, prefix: string): string[] {
  const out: string[] = [];
  for (let i = lowerBound(index, prefix.padEnd(40, '0')); i < index.count; i++) {
    const oid = idAt(index, i);
    if (!oid.startsWith(prefix)) break;
    out.push(oid);
  }
  return out;
}

/** First position whose id is not below `oid`, searched between the two fan-out entries of its first byte. */
function lowerBound(index: PackIndex, oid: string): number {
  const first = Number.parseInt(oid.slice(0, 2), 16);
  let low = first === 0 ? 0 : index.fanout.readUInt32BE((first - 1) * 4);
  let high = index.fanout.readUInt32BE(first * 4);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (idAt(index, middle) < oid) low = middle + 1;
    else high = middle;
  }
  return low;
}

function idAt(index: PackIndex, i: number): string {
  const bytes = Buffer.allocUnsafe(20);
  readSync(index.fd, bytes, 0, 20, HEADER + FANOUT + i * 20);
  return bytes.toString('hex');
}

/** Offset in the pack of the i-th id; those over 2 GiB stand in a table of their own. */
function offsetAt(index: PackIndex, i: number): number {
  const offsets = HEADER + FANOUT + index.count * 24;
  const bytes = Buffer.allocUnsafe(8);
  readSync(index.fd, bytes, 0, 4, offsets + i * 4);
  const offset = bytes.readUInt32BE(0);
  if (offset < 0x80000000) return offset;
  readSync(index.fd, bytes, 0, 8, offsets + index.count * 4 + (offset - 0x80000000) * 8);
  return Number(bytes.readBigUInt64BE(0));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
