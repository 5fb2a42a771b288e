import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { encodeIdentity } from './commit-object.ts';
import type { Faults } from './faults.ts';
import { type Held, takeLock } from './locks.ts';
import { isMissing, writeAll } from './objects.ts';
import { checkRefName } from './ref-name.ts';
import { listRefs, readPackedRefs, readRawRef } from './refs.ts';
import type { Durability, Identity, RefChange } from './types.ts';

/** Where refs are moved, and how. */
export interface RefTarget {
  readonly gitDir: string;
  readonly cwfDir: string;
  readonly durability: Durability;
  readonly faults?: Faults;
}

const NOBODY = '0'.repeat(40);

/**
 * Refs locked for a change and found at their expected values. `commit` moves them all; `release` gives the locks
 * back, moved or not. [RP-4]
 */
export interface LockedRefs {
  commit(reflog: { identity: Identity; message: string }): void;
  release(): void;
}

/**
 * Locks refs in the order of their names and compares each with its expected value. Throws REF_STALE when one was
 * moved, REF_CONFLICT when a name cannot stand beside another (`a` and `a/b`, `Main` and `main`), REF_LOCKED,
 * REF_INVALID; then nothing is held.
 */
export async function lockRefs(target: RefTarget, changes: readonly RefChange[]): Promise<LockedRefs> {
  const sorted = [...changes].sort((a, b) => (a.ref < b.ref ? -1 : 1));
  const held: Held[] = [];
  const release = (): void => {
    for (const lock of held.splice(0).reverse()) lock.release();
  };
  try {
    for (const { ref } of sorted) {
      if (ref !== 'HEAD') checkRefName(ref);
      held.push(await takeLock(target.cwfDir, join(target.gitDir, `${ref}.lock`), ref));
    }
    if (sorted.some((change) => change.new === null)) {
      held.push(await takeLock(target.cwfDir, join(target.gitDir, 'packed-refs.lock'), 'packed-refs'));
    }
    for (const change of sorted) {
      const actual = readRawRef(target.gitDir, change.ref) ?? null;
      if (actual !== change.old) throw new CwfError('REF_STALE', { ref: change.ref, actual: actual ?? 'nothing' });
      if (change.old === null && change.new !== null && change.ref !== 'HEAD') checkPlace(target.gitDir, change.ref);
    }
  } catch (cause) {
    release();
    throw (cause as NodeJS.ErrnoException).code === 'ENOTDIR' ? placeError(sorted, cause) : cause;
  }
  return { commit: (reflog) => moveAll(target, sorted, reflog), release };
}

function moveAll(
  target: RefTarget,
  changes: readonly RefChange[],
  reflog: { identity: Identity; message: string },
): void {
  const gone = changes.filter((change) => change.new === null).map(({ ref }) => ref);
  if (gone.length > 0) dropPacked(target, gone);
  for (const change of changes) {
    target.faults?.(`ref:${change.ref}`);
    if (change.new === null) removeLoose(target.gitDir, change.ref);
    else writeRef(target, change.ref, change.new);
  }
  const head = readRawRef(target.gitDir, 'HEAD');
  for (const change of changes) appendReflog(target.gitDir, change, reflog, head === `ref: ${change.ref}`);
}

/** Puts a value into a loose ref: temporary file, fsync, rename; the lock is somebody else's care. */
export function writeRef(target: RefTarget, ref: string, value: string): void {
  const temporary = join(target.cwfDir, 'tmp', `ref-${process.pid}-${ref.replaceAll('/', '_').slice(-80)}`);
  writeAll(temporary, Buffer.from(`${value}\n`), target.durability === 'durable');
  const path = join(target.gitDir, ref);
  try {
    renameSync(temporary, path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    // An empty folder where git once had refs below this name is in the way.
    if (code === 'EISDIR' || code === 'ENOTEMPTY') removeEmptyFolders(path);
    else if (isMissing(cause)) mkdirSync(dirname(path), { recursive: true });
    else throw cause;
    renameSync(temporary, path);
  }
}

/** A deleted ref leaves `packed-refs` first: the other way round it would come back to life in a crash. */
function dropPacked(target: RefTarget, gone: readonly string[]): void {
  const packed = readPackedRefs(target.gitDir);
  if (!gone.some((ref) => packed.has(ref))) return;
  const out: string[] = [];
  let drop = false;
  for (const line of readFileSync(join(target.gitDir, 'packed-refs'), 'utf8').split('\n')) {
    if (!line.startsWith('^')) drop = gone.includes(line.slice(41));
    if (!drop) out.push(line);
  }
  const temporary = join(target.cwfDir, 'tmp', `packed-refs-${process.pid}`);
  writeAll(temporary, Buffer.from(out.join('\n')), target.durability === 'durable');
  renameSync(temporary, join(target.gitDir, 'packed-refs'));
}

function removeLoose(gitDir: string, ref: string): void {
  try {
    unlinkSync(join(gitDir, ref));
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
  }
}

function removeEmptyFolders(path: string): void {
  for (const name of readdirSync(path)) removeEmptyFolders(join(path, name));
  rmdirSync(path);
}

/** A new name must not lie below or above another one, nor differ from one in case or normalisation only. */
function checkPlace(gitDir: string, ref: string): void {
  const folded = fold(ref);
  for (const { ref: other } of listRefs(gitDir, `${ref.split('/').slice(0, 2).join('/')}/`)) {
    if (other === ref) continue;
    const isInside = other.startsWith(`${ref}/`) || ref.startsWith(`${other}/`);
    if (isInside || fold(other) === folded) throw new CwfError('REF_CONFLICT', { ref, other });
  }
}

function placeError(changes: readonly RefChange[], cause: unknown): CwfError {
  return new CwfError('REF_CONFLICT', { ref: changes.map(({ ref }) => ref), other: 'a ref above it' }, { cause });
}

function fold(ref: string): string {
  return ref.normalize('NFC').toLowerCase();
}

/** git writes reflogs for HEAD, branches, remotes and notes (core.logAllRefUpdates); cwf keeps one for its own too. */
function appendReflog(
  gitDir: string,
  change: RefChange,
  { identity, message }: { identity: Identity; message: string },
  isHead: boolean,
): void {
  const isOid = (value: string | null): boolean => value !== null && !value.startsWith('ref: ');
  if (change.new === null) {
    removeLoose(gitDir, `logs/${change.ref}`);
    return;
  }
  if (!isOid(change.new)) return;
  const line = `${isOid(change.old) ? change.old : NOBODY} ${change.new} ${encodeIdentity(identity)}\t${message.split('\n')[0]}\n`;
  for (const name of isHead ? [change.ref, 'HEAD'] : [change.ref]) {
    const path = join(gitDir, 'logs', name);
    try {
      appendFileSync(path, line);
    } catch (cause) {
      if (!isMissing(cause)) continue;
      mkdirSync(dirname(path), { recursive: true });
      if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) appendFileSync(path, line);
    }
  }
}
