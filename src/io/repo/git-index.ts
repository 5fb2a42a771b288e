import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { takeLock } from './locks.ts';
import { isMissing, writeAll } from './objects.ts';
import type { Oid } from './types.ts';

/** What the index is to say of a path; null takes the path out. */
export type IndexChanges = ReadonlyMap<string, { mode: string; oid: Oid } | null>;

interface Entry {
  readonly path: string;
  readonly bytes: Buffer;
}

const FIXED = 62;
const LOCK_WAIT_MS = 2000;

/**
 * Updates entries of git's index (format versions 2 and 3) under `index.lock`; entries of other files, what the user
 * staged among them, stay as they are. Each entry gets the stat data of the working file, so that `git status` does
 * not read it again: it holds the same workflow as the blob, in the user's own layout. Returns false, with the index
 * untouched, when another program holds the lock or the index has a form cwf does not write: a commit never fails for
 * that, `git status` then shows the files as changed. [RP-11]
 */
export async function updateIndex(
  repo: { gitDir: string; cwfDir: string; workDir: string },
  changes: IndexChanges,
): Promise<boolean> {
  const path = join(repo.gitDir, 'index');
  let lock: Awaited<ReturnType<typeof takeLock>>;
  try {
    lock = await takeLock(repo.cwfDir, `${path}.lock`, 'index', LOCK_WAIT_MS);
  } catch {
    return false;
  }
  try {
    const entries = readEntries(path);
    if (!entries) return false;
    for (const [file, change] of changes) {
      entries.delete(file);
      if (!change) continue;
      // A path cannot be a file and a folder at once.
      for (const other of [...entries.keys()]) if (other.startsWith(`${file}/`)) entries.delete(other);
      entries.set(file, { path: file, bytes: encodeEntry(repo.workDir, file, change) });
    }
    const temporary = join(repo.cwfDir, 'tmp', `index-${process.pid}`);
    writeAll(temporary, encodeIndex([...entries.values()]), false);
    renameSync(temporary, path);
    return true;
  } finally {
    lock.release();
  }
}

/** Entries by path and stage; undefined for an index of another form. */
function readEntries(path: string): Map<string, Entry> | undefined {
  let file: Buffer;
  try {
    file = readFileSync(path);
  } catch (cause) {
    if (isMissing(cause)) return new Map();
    throw cause;
  }
  const version = file.length >= 12 ? file.readUInt32BE(4) : 0;
  if (file.toString('latin1', 0, 4) !== 'DIRC' || (version !== 2 && version !== 3)) return undefined;
  const entries = new Map<string, Entry>();
  let at = 12;
  for (let n = file.readUInt32BE(8); n > 0; n--) {
    const flags = file.readUInt16BE(at + 60);
    const start = at + FIXED + (flags & 0x4000 ? 2 : 0);
    const end = file.indexOf(0, start);
    const length = (end - at + 8) & ~7;
    const path = file.toString('utf8', start, end);
    const stage = (flags >> 12) & 3;
    entries.set(stage === 0 ? path : `${path}\0${stage}`, { path, bytes: file.subarray(at, at + length) });
    at += length;
  }
  // Extensions in lower case must be understood by whoever writes (split or sparse index).
  for (; at + 8 < file.length - 20; at += 8 + file.readUInt32BE(at + 4)) {
    if (file[at]! >= 0x61) return undefined;
  }
  return entries;
}

function encodeEntry(workDir: string, file: string, { mode, oid }: { mode: string; oid: Oid }): Buffer {
  const name = Buffer.from(file);
  const entry = Buffer.alloc((FIXED + name.length + 8) & ~7);
  const stat = lstatSync(join(workDir, file), { throwIfNoEntry: false, bigint: true });
  if (stat?.isFile()) {
    const low = (value: bigint): number => Number(value & 0xffffffffn);
    const fields = [
      low(stat.ctimeNs / 1_000_000_000n),
      low(stat.ctimeNs % 1_000_000_000n),
      low(stat.mtimeNs / 1_000_000_000n),
      low(stat.mtimeNs % 1_000_000_000n),
      low(stat.dev),
      low(stat.ino),
    ];
    for (const [i, value] of fields.entries()) entry.writeUInt32BE(value, i * 4);
    entry.writeUInt32BE(low(stat.uid), 28);
    entry.writeUInt32BE(low(stat.gid), 32);
    entry.writeUInt32BE(low(stat.size), 36);
  }
  entry.writeUInt32BE(Number.parseInt(mode, 8), 24);
  entry.write(oid, 40, 'hex');
  entry.writeUInt16BE(Math.min(name.length, 0xfff), 60);
  name.copy(entry, FIXED);
  return entry;
}

/** Sorted as git wants it: by bytes of the path, then by stage. Extensions are caches; git makes them anew. */
function encodeIndex(entries: Entry[]): Buffer {
  const stage = ({ bytes }: Entry): number => (bytes.readUInt16BE(60) >> 12) & 3;
  entries.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)) || stage(a) - stage(b));
  const isExtended = entries.some(({ bytes }) => (bytes.readUInt16BE(60) & 0x4000) !== 0);
  const header = Buffer.alloc(12);
  header.write('DIRC', 'latin1');
  header.writeUInt32BE(isExtended ? 3 : 2, 4);
  header.writeUInt32BE(entries.length, 8);
  const body = Buffer.concat([header, ...entries.map(({ bytes }) => bytes)]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/** Milliseconds since 1970 of the last change of git's index; 0 when there is none. */
export function indexTime(gitDir: string): number {
  return statSync(join(gitDir, 'index'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
