/**
 * Packed objects, read only. Whether and under which ids an object is packed is answered from the idx files
 * themselves (version 2: fan-out table and sorted ids, a few preads); its bytes come through isomorphic-git, which
 * is only loaded when something packed is really read. Git may repack at any moment: the folder is looked at again
 * whenever it changed or an answer would be "not there".
 *
 *   idx v2:  \377tOc  2  fanout[256]  oid[n]  crc[n]  offset[n] ...      fanout[b] = ids whose first byte is <= b
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { createSafeFs } from './safe-fs.ts';

/** Type and bytes of one git object. */
export interface PackedObject {
  readonly type: 'blob' | 'tree' | 'commit' | 'tag';
  readonly body: Buffer;
}

interface PackIndex {
  readonly path: string;
  readonly fanout: Buffer;
  readonly count: number;
  readonly fd: number;
}

interface PackFolder {
  stamp: string;
  indexes: PackIndex[];
}

const HEADER = 8;
const FANOUT = 1024;

// Open idx files and isomorphic-git's pack cache per objects directory, for the life of the process.
const folders = new Map<string, PackFolder>();
const caches = new Map<string, object>();

/** Returns an object from the packs (alternates included), or undefined; throws OBJECT_CORRUPT on a wrong hash. */
export async function readPacked(gitDir: string, oid: string): Promise<PackedObject | undefined> {
  for (const objects of objectDirs(join(gitDir, 'objects'))) {
    if (!hasIn(objects, oid)) continue;
    const found = (await readThrough(objects, oid)) ?? (await readAfterRepack(objects, oid));
    if (found !== undefined) return found;
  }
  return undefined;
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
    for (const { fd } of folders.get(objects)?.indexes ?? []) closeSync(fd);
    folders.delete(objects);
    caches.delete(objects);
  }
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

// A repack between our look at the idx and the read takes the pack away; its successor holds the object.
async function readAfterRepack(objects: string, oid: string): Promise<PackedObject | undefined> {
  caches.delete(objects);
  return indexesOf(objects, true).some((index) => contains(index, oid)) ? readThrough(objects, oid) : undefined;
}

async function readThrough(objects: string, oid: string): Promise<PackedObject | undefined> {
  const { readObject } = await import('isomorphic-git');
  const gitdir = dirname(objects);
  const cache = caches.get(objects) ?? {};
  caches.set(objects, cache);
  let found: { type: PackedObject['type']; body: Buffer };
  try {
    const { type, object } = await readObject({
      fs: createSafeFs(gitdir) as never,
      gitdir,
      oid,
      format: 'content',
      cache,
    });
    found = { type: type as PackedObject['type'], body: Buffer.from(object as Uint8Array) };
  } catch (error) {
    if (!couldBeRepack(objects, oid))
      throw new CwfError('OBJECT_CORRUPT', { oid, reason: messageOf(error) }, { cause: error });
    return undefined;
  }
  // isomorphic-git checks the pack's own checksum but not the object it unpacked from deltas.
  const hash = createHash('sha1').update(`${found.type} ${found.body.length}\0`).update(found.body).digest('hex');
  if (hash !== oid) throw new CwfError('OBJECT_CORRUPT', { oid, reason: `its hash is ${hash}` });
  return found;
}

/** Whether the failed read may be due to a folder that changed under us rather than to damage. */
function couldBeRepack(objects: string, oid: string): boolean {
  const before = folders.get(objects)?.stamp;
  const indexes = indexesOf(objects, true);
  return folders.get(objects)?.stamp !== before || !indexes.some((index) => contains(index, oid));
}

/** Open idx files of a folder; `fresh` looks at the folder again and reopens when its list of packs changed. */
function indexesOf(objects: string, fresh: boolean): readonly PackIndex[] {
  const known = folders.get(objects);
  if (known !== undefined && !fresh) return known.indexes;
  const dir = join(objects, 'pack');
  const stamp = stampOf(dir);
  if (known !== undefined && known.stamp === stamp) return known.indexes;
  for (const { fd } of known?.indexes ?? []) closeSync(fd);
  caches.delete(objects);
  const names = stamp.split('/').filter((name) => name.endsWith('.idx'));
  const indexes = names.flatMap((name) => openIndex(join(dir, name)) ?? []);
  folders.set(objects, { stamp, indexes });
  return indexes;
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
  return { path, fanout, count: fanout.readUInt32BE(FANOUT - 4), fd };
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
