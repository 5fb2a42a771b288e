import { createHash } from 'node:crypto';
import {
  closeSync,
  fsync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { CwfError } from '../../base/errors.ts';
import { bootId } from './boot.ts';
import type { Faults } from './faults.ts';
import type { Durability, GitObject, ObjectType, Oid } from './types.ts';

/** Bytes of unpacked objects kept for the life of a store. */
const KEPT_BYTES = 32 << 20;
/** Three times as fast as level 6, for a fifth more bytes until git packs them; with less memory to clear each time. */
const DEFLATE = { level: 1, memLevel: 7 };
/** Far below the two weeks after which git prunes. */
const YOUNG_MS = 3_600_000;

/** More than this of new objects is written file by file (an import of many workflows). */
const JOURNAL_BYTES = 1 << 20;

/** Files that are synced at once. */
const AT_ONCE = 64;

let counter = 0;

/**
 * The objects of a repository. Writes are loose objects of our own: temporary file, fsync, rename, so that no reader
 * and no crash ever meets half of one [RP-3]. Where the journal makes objects durable they are held back until it has
 * them, so that no change which was never acknowledged leaves a torn one [OP-7]. Reads check the hash; a loose file of
 * no bytes counts as absent, since git and isomorphic-git leave such files behind and then never repair them.
 */
export class ObjectStore {
  private readonly gitDir: string;
  private readonly durability: Durability;
  private readonly faults: Faults | undefined;
  private readonly kept = new Map<Oid, GitObject>();
  private keptBytes = 0;
  /** Folders with names that a power cut could still take back. */
  private readonly unsynced = new Set<string>();
  /** Objects held back, by id with the bytes of the file they are to have. */
  private readonly fresh = new Map<Oid, Buffer>();
  private freshBytes = 0;
  /** Whether the journal makes objects durable. */
  private readonly isDeferred: boolean;
  /** Objects whose bytes this store has written or synced. */
  private readonly synced = new Set<Oid>();

  constructor(gitDir: string, durability: Durability, faults?: Faults, boot = bootId()) {
    this.gitDir = gitDir;
    this.durability = durability;
    this.faults = faults;
    this.isDeferred = durability === 'durable' && boot !== '';
  }

  /** An object; throws OBJECT_CORRUPT when there is none, or its bytes are not what its id says. */
  async read(oid: Oid): Promise<GitObject> {
    const kept = this.kept.get(oid);
    if (kept) return kept;
    const fresh = this.fresh.get(oid);
    const found = fresh ? unpack(oid, fresh) : (this.readLoose(oid) ?? (await this.readElsewhere(oid)));
    if (!found) throw new CwfError('OBJECT_CORRUPT', { oid, reason: 'it is missing' });
    this.keep(oid, found);
    return found;
  }

  /** Whether an object is there, loose or packed; a loose file of no bytes is not. */
  async has(oid: Oid): Promise<boolean> {
    if (this.kept.has(oid) || this.fresh.has(oid) || sizeOf(this.pathOf(oid)) > 0) return true;
    const { alternatesOf, hasPacked } = await import('./packs.ts');
    if (hasPacked(this.gitDir, oid)) return true;
    return alternatesOf(this.gitDir).some((objects) => sizeOf(looseIn(objects, oid)) > 0);
  }

  /**
   * Stores an object and returns its id; one that is there already is not written again, only made young, so that a
   * `git gc` under way does not prune it. What is kept in memory proves nothing: gc may have taken the file since.
   * Throws REPO_READ_ONLY, STORAGE_FAILED.
   */
  async write(type: ObjectType, body: Uint8Array): Promise<Oid> {
    const header = Buffer.from(`${type} ${body.length}\0`);
    const oid = createHash('sha1').update(header).update(body).digest('hex');
    if (this.fresh.has(oid) || (this.isSound(oid) && this.freshen(oid))) return oid;
    const bytes = deflateSync(Buffer.concat([header, body]), DEFLATE);
    if (this.isDeferred) await this.hold(oid, bytes);
    else this.writeLoose(oid, bytes, this.durability === 'durable');
    this.keep(oid, { type, body: Buffer.from(body) });
    return oid;
  }

  /** Ids of loose objects that start with these hex digits (2 or more). */
  async looseWithPrefix(prefix: string): Promise<Oid[]> {
    const { alternatesOf } = await import('./packs.ts');
    const folder = prefix.slice(0, 2);
    return [join(this.gitDir, 'objects'), ...alternatesOf(this.gitDir)]
      .flatMap((objects) => entriesOf(join(objects, folder)))
      .filter((name) => name.length === 38 && name.startsWith(prefix.slice(2)))
      .map((name) => folder + name);
  }

  /** Writes what is held back, and makes all that was written durable where it lies, before a ref names it. */
  async sync(): Promise<void> {
    if (this.durability === 'durable') {
      await this.writeFreshSynced();
      const folders = [...this.unsynced];
      // Folders with names that come while these are synced are synced next time.
      this.unsynced.clear();
      await syncAll(folders);
      return;
    }
    this.writeFresh();
    this.unsynced.clear();
  }

  /** What is held back, by id with the bytes of its file: the journal is to have it before `place`. */
  held(): ReadonlyMap<Oid, Buffer> {
    // Of objects that were there already, put in place by git, which does not sync their names.
    for (const folder of this.unsynced) syncFolder(folder);
    this.unsynced.clear();
    return this.fresh;
  }

  /** Puts what was held back in its place, now that the journal has it. */
  place(): void {
    this.writeFresh();
    this.unsynced.clear();
  }

  /** Syncs the files of loose objects; `sync` does the same for their names. Those that gc has packed git has synced. */
  async syncLoose(oids: readonly Oid[]): Promise<void> {
    const paths = oids.map((oid) => this.pathOf(oid)).filter((path) => sizeOf(path) > 0);
    for (const path of paths) this.unsynced.add(dirname(path)).add(dirname(dirname(path)));
    await syncAll(paths);
  }

  /** Puts the loose file of an object back, synced, unless the object is whole. `bytes`: as the journal kept them. */
  async putBack(oid: Oid, bytes: Buffer): Promise<void> {
    if (this.isSound(oid) || (await import('./packs.ts')).hasPacked(this.gitDir, oid)) return;
    this.writeLoose(oid, bytes, true);
    await this.sync();
  }

  private async hold(oid: Oid, bytes: Buffer): Promise<void> {
    this.fresh.set(oid, bytes);
    this.freshBytes += bytes.length;
    // The journal would be written twice as large as the objects.
    if (this.freshBytes > JOURNAL_BYTES) await this.writeFreshSynced();
  }

  private writeFresh(): void {
    for (const [oid, bytes] of this.fresh) {
      this.writeLoose(oid, bytes, false);
      this.release(oid);
    }
  }

  /** As files of which none has its name before its bytes are synced: many are synced in the time of a few. */
  private async writeFreshSynced(): Promise<void> {
    const written = new Map<Oid, string>();
    try {
      for (const [oid, bytes] of this.fresh) written.set(oid, this.writeTemporary(bytes, false));
      await syncAll([...written.values()]).catch((cause) => {
        throw storageError(cause, join(this.gitDir, 'objects'));
      });
      for (const [oid, temporary] of written) {
        this.moveIn(oid, temporary);
        written.delete(oid);
        this.release(oid);
      }
    } finally {
      for (const temporary of written.values()) removeFile(temporary);
    }
  }

  /** No longer held back: its file is in its place. */
  private release(oid: Oid): void {
    const bytes = this.fresh.get(oid);
    if (bytes && this.fresh.delete(oid)) this.freshBytes -= bytes.length;
  }

  /**
   * Sets the object's time to now, and syncs it: git, which may have written it, does not. False when it has just gone.
   * Who may not (it is another user's) leaves it.
   */
  private freshen(oid: Oid): boolean {
    const path = this.pathOf(oid);
    try {
      const now = Date.now();
      if (now - statSync(path).mtimeMs > YOUNG_MS) utimesSync(path, now / 1000, now / 1000);
      if (this.synced.has(oid)) return true;
      if (this.durability === 'durable') syncFolder(path);
      this.unsynced.add(dirname(path));
      this.synced.add(oid);
      return true;
    } catch (cause) {
      return !isMissing(cause);
    }
  }

  /** Whether a loose object is whole: what a torn file left must be written anew, not skipped for ever. */
  private isSound(oid: Oid): boolean {
    if (sizeOf(this.pathOf(oid)) === 0) return false;
    try {
      return this.readLoose(oid) !== undefined;
    } catch {
      return false;
    }
  }

  private readLoose(oid: Oid, path = this.pathOf(oid)): GitObject | undefined {
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (cause) {
      if (isMissing(cause)) return undefined;
      throw cause;
    }
    return bytes.length === 0 ? undefined : unpack(oid, bytes);
  }

  /** From a pack, from the loose objects of an alternate, or loose after all: gc may move it between two looks. */
  private async readElsewhere(oid: Oid): Promise<GitObject | undefined> {
    const { alternatesOf, readPacked } = await import('./packs.ts');
    const packed = await readPacked(this.gitDir, oid);
    if (packed) return packed;
    for (const objects of alternatesOf(this.gitDir)) {
      const found = this.readLoose(oid, looseIn(objects, oid));
      if (found) return found;
    }
    return this.readLoose(oid);
  }

  private writeLoose(oid: Oid, bytes: Buffer, sync: boolean): void {
    this.moveIn(oid, this.writeTemporary(bytes, sync));
  }

  private writeTemporary(bytes: Buffer, sync: boolean): string {
    // git's fsck passes over files of this name in the objects directory.
    const temporary = join(this.gitDir, 'objects', `tmp_obj_${process.pid}_${++counter}`);
    this.faults?.('object:write');
    try {
      writeAll(temporary, bytes, sync, 0o444);
      return temporary;
    } catch (cause) {
      removeFile(temporary);
      throw storageError(cause, join(this.gitDir, 'objects'));
    }
  }

  private moveIn(oid: Oid, temporary: string): void {
    const folder = join(this.gitDir, 'objects', oid.slice(0, 2));
    try {
      this.faults?.('object:rename');
      try {
        renameSync(temporary, this.pathOf(oid));
      } catch (cause) {
        if (!isMissing(cause)) throw cause;
        mkdirSync(folder, { recursive: true });
        this.unsynced.add(dirname(folder));
        renameSync(temporary, this.pathOf(oid));
      }
      this.unsynced.add(folder);
      this.synced.add(oid);
    } catch (cause) {
      removeFile(temporary);
      throw storageError(cause, join(this.gitDir, 'objects'));
    }
  }

  private keep(oid: Oid, object: GitObject): void {
    if (this.kept.has(oid)) return;
    this.keptBytes += object.body.length + 64;
    this.kept.set(oid, object);
    for (const [old, { body }] of this.kept) {
      if (this.keptBytes <= KEPT_BYTES) break;
      this.kept.delete(old);
      this.keptBytes -= body.length + 64;
    }
  }

  private pathOf(oid: Oid): string {
    return looseIn(join(this.gitDir, 'objects'), oid);
  }
}

/** Throws OBJECT_CORRUPT when the bytes of a loose file are not what its id says. */
function unpack(oid: Oid, bytes: Buffer): GitObject {
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

function looseIn(objects: string, oid: Oid): string {
  return join(objects, oid.slice(0, 2), oid.slice(2));
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The typed form of a failed write: REPO_READ_ONLY or STORAGE_FAILED; anything but a system error stays as it is. */
export function storageError(cause: unknown, path: string): unknown {
  const { code, syscall } = cause as NodeJS.ErrnoException;
  if (cause instanceof CwfError || code === undefined || syscall === undefined) return cause;
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM')
    return new CwfError('REPO_READ_ONLY', { dir: path }, { cause });
  return new CwfError('STORAGE_FAILED', { path, reason: code === 'ENOSPC' ? 'the disk is full' : code }, { cause });
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

/** Makes the names in a folder, or the bytes of a file, durable; a file system that cannot is left alone. */
export function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    if (!canNotSync(cause)) throw cause;
  }
}

/**
 * The same for many files and folders, which wait for the disk together: a file system writes its log once for all who
 * wait. Resolves when each is durable; what is gone is passed over.
 */
export async function syncAll(paths: readonly string[]): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < paths.length) await syncOne(paths[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, paths.length) }, lane));
}

async function syncOne(path: string): Promise<void> {
  try {
    const fd = openSync(path, 'r');
    try {
      await new Promise<void>((resolve, reject) => fsync(fd, (cause) => (cause ? reject(cause) : resolve())));
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    if (!isMissing(cause) && !canNotSync(cause)) throw cause;
  }
}

function canNotSync(cause: unknown): boolean {
  return ['EINVAL', 'EISDIR', 'EPERM', 'EACCES'].includes((cause as NodeJS.ErrnoException).code ?? '');
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Not there any more.
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
