import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { CwfError } from '../../base/errors.ts';
import type { Faults } from './faults.ts';
import type { Durability, GitObject, ObjectType, Oid } from './types.ts';

/** Bytes of unpacked objects kept for the life of a store. */
const KEPT_BYTES = 32 << 20;
/** Three times as fast as level 6, for a fifth more bytes until git packs them. */
const DEFLATE_LEVEL = 1;

let counter = 0;

/**
 * The objects of a repository. Writes are loose objects of our own: temporary file, fsync, rename, so that no reader
 * and no crash ever meets half of one [RP-3]. Reads check the hash; a loose file of no bytes counts as absent, since
 * git and isomorphic-git leave such files behind and then never repair them.
 */
export class ObjectStore {
  private readonly gitDir: string;
  private readonly durability: Durability;
  private readonly faults: Faults | undefined;
  private readonly kept = new Map<Oid, GitObject>();
  private keptBytes = 0;

  constructor(gitDir: string, durability: Durability, faults?: Faults) {
    this.gitDir = gitDir;
    this.durability = durability;
    this.faults = faults;
  }

  /** An object; throws REV_NOT_FOUND when there is none, OBJECT_CORRUPT when its bytes are not what its id says. */
  async read(oid: Oid): Promise<GitObject> {
    const kept = this.kept.get(oid);
    if (kept) return kept;
    const loose = this.readLoose(oid);
    const found = loose ?? (await this.readPacked(oid));
    if (!found) throw new CwfError('REV_NOT_FOUND', { rev: oid });
    this.keep(oid, found);
    return found;
  }

  /** Whether an object is there, loose or packed; a loose file of no bytes is not. */
  async has(oid: Oid): Promise<boolean> {
    if (this.kept.has(oid) || this.looseSize(oid) > 0) return true;
    return (await import('./packs.ts')).hasPacked(this.gitDir, oid);
  }

  /** Stores an object and returns its id; one that is there already is not written again. */
  async write(type: ObjectType, body: Uint8Array): Promise<Oid> {
    const header = Buffer.from(`${type} ${body.length}\0`);
    const oid = createHash('sha1').update(header).update(body).digest('hex');
    if (this.kept.has(oid) || this.isSound(oid)) return oid;
    this.writeLoose(oid, deflateSync(Buffer.concat([header, body]), { level: DEFLATE_LEVEL }));
    this.keep(oid, { type, body: Buffer.from(body) });
    return oid;
  }

  /** Ids of loose objects that start with these hex digits (2 or more). */
  looseWithPrefix(prefix: string): Oid[] {
    const folder = prefix.slice(0, 2);
    return entriesOf(join(this.gitDir, 'objects', folder))
      .filter((name) => name.length === 38 && name.startsWith(prefix.slice(2)))
      .map((name) => folder + name);
  }

  private looseSize(oid: Oid): number {
    return statSync(this.pathOf(oid), { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Whether a loose object is whole: what a torn file left must be written anew, not skipped for ever. */
  private isSound(oid: Oid): boolean {
    if (this.looseSize(oid) === 0) return false;
    try {
      return this.readLoose(oid) !== undefined;
    } catch {
      return false;
    }
  }

  private readLoose(oid: Oid): GitObject | undefined {
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.pathOf(oid));
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw cause;
    }
    if (bytes.length === 0) return undefined;
    let raw: Buffer;
    try {
      raw = inflateSync(bytes);
    } catch (cause) {
      throw new CwfError('OBJECT_CORRUPT', { oid, reason: 'it cannot be unpacked' }, { cause });
    }
    if (createHash('sha1').update(raw).digest('hex') !== oid) {
      throw new CwfError('OBJECT_CORRUPT', { oid, reason: 'its hash is another' });
    }
    const end = raw.indexOf(0);
    const [type] = raw.toString('latin1', 0, end).split(' ');
    return { type: type as ObjectType, body: raw.subarray(end + 1) };
  }

  private async readPacked(oid: Oid): Promise<GitObject | undefined> {
    return (await import('./packs.ts')).readPacked(this.gitDir, oid);
  }

  private writeLoose(oid: Oid, bytes: Buffer): void {
    const folder = join(this.gitDir, 'objects', oid.slice(0, 2));
    // git's fsck passes over files of this name in the objects directory.
    const temporary = join(this.gitDir, 'objects', `tmp_obj_${process.pid}_${++counter}`);
    this.faults?.('object:write');
    try {
      writeAll(temporary, bytes, this.durability === 'durable', 0o444);
      this.faults?.('object:rename');
      try {
        renameSync(temporary, this.pathOf(oid));
      } catch (cause) {
        if (!isMissing(cause)) throw cause;
        mkdirSync(folder, { recursive: true });
        renameSync(temporary, this.pathOf(oid));
      }
    } catch (cause) {
      try {
        unlinkSync(temporary);
      } catch {
        // Not there any more.
      }
      throw cause;
    }
    if (this.durability === 'durable') syncFolder(folder);
  }

  private keep(oid: Oid, object: GitObject): void {
    this.keptBytes += object.body.length + 64;
    this.kept.set(oid, object);
    for (const [old, { body }] of this.kept) {
      if (this.keptBytes <= KEPT_BYTES) break;
      this.kept.delete(old);
      this.keptBytes -= body.length + 64;
    }
  }

  private pathOf(oid: Oid): string {
    return join(this.gitDir, 'objects', oid.slice(0, 2), oid.slice(2));
  }
}

/** Writes a whole new file, with fsync when asked. */
export function writeAll(path: string, bytes: Uint8Array, sync: boolean, mode = 0o644): void {
  const fd = openSync(path, 'w', mode);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    if (sync) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Makes the names in a folder durable; a file system that cannot is left alone. */
export function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    if (!['EINVAL', 'EISDIR', 'EPERM', 'EACCES'].includes((cause as NodeJS.ErrnoException).code ?? '')) throw cause;
  }
}

/** Whether a caught error says that a file is not there. */
export function isMissing(cause: unknown): boolean {
  const { code } = cause as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** Names in a folder; none when it is not there. */
export function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (isMissing(cause)) return [];
    throw cause;
  }
}
