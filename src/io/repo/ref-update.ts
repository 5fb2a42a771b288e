import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { encodeIdentity } from './commit-object.ts';
import type { Faults } from './faults.ts';
import { type Held, takeLock } from './locks.ts';
import { entriesOf, isMissing, syncFolder, writeAll } from './objects.ts';
import { checkRefName } from './ref-name.ts';
import { readPackedRefs, readRawRef } from './refs.ts';
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
  /** `isJournaled`: the journal holds the new values of branches and notes, and makes them durable. */
  commit(reflog: { identity: Identity; message: string }, isJournaled?: boolean): void;
  release(): void;
}

/**
 * Locks refs in the order of their names and compares each with its expected value. Throws REF_STALE when one was
 * moved, REF_CONFLICT when a name cannot stand beside another (`a` and `a/b`, `Main` and `main`), REF_LOCKED,
 * REF_INVALID; then nothing is held.
 */
export async function lockRefs(target: RefTarget, changes: readonly RefChange[]): Promise<LockedRefs> {
  const sorted = [...changes].sort((a, b) => (a.ref < b.ref ? -1 : 1));
  checkEachOther(sorted);
  target.faults?.('lock-refs');
  const held: Held[] = [];
  const release = (): void => {
    for (const lock of held.splice(0).reverse()) lock.release();
  };
  try {
    for (const { ref, old, new: to } of sorted) {
      if (ref !== 'HEAD') checkRefName(ref);
      // Before the lock too, which would make a folder where the other ref is to be read.
      if (ref !== 'HEAD' && old === null && to !== null) checkPlace(target.gitDir, ref);
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
    // A file where a folder is needed: another ref's, most likely, and then the error names it.
    const isPlace = ['ENOTDIR', 'EEXIST', 'EISDIR'].includes((cause as NodeJS.ErrnoException).code ?? '');
    if (isPlace) for (const change of sorted) if (change.new !== null) checkPlace(target.gitDir, change.ref);
    throw cause;
  }
  const commit: LockedRefs['commit'] = (reflog, isJournaled = false) =>
    moveAll(target, sorted, reflog, !isJournaled || !sorted.every(canWait));
  return { commit, release };
}

/** A power cut that took HEAD or a new ref, or brought a deleted one back, is not told from what a person did since. */
function canWait({ ref, old, new: to }: RefChange): boolean {
  return ref !== 'HEAD' && old !== null && to !== null;
}

function moveAll(
  target: RefTarget,
  changes: readonly RefChange[],
  reflog: { identity: Identity; message: string },
  sync: boolean,
): void {
  const isDurable = sync && target.durability === 'durable';
  const gone = changes.filter((change) => change.new === null).map(({ ref }) => ref);
  if (gone.length > 0) dropPacked(target, gone);
  const folders = new Set<string>();
  for (const change of changes) {
    // Locked and compared only: a value the caller relies on.
    if (change.new === change.old) continue;
    target.faults?.(`ref:${change.ref}`);
    if (change.new === null) removeLoose(target.gitDir, change.ref);
    else putRef(target, change.ref, change.new, isDurable);
    folders.add(dirname(join(target.gitDir, change.ref)));
  }
  // A name is durable when its folder is: without this an acknowledged move could be gone after a power cut.
  if (isDurable) for (const folder of folders) if (existsSync(folder)) syncFolder(folder);
  const head = readRawRef(target.gitDir, 'HEAD');
  for (const change of changes)
    if (change.new !== change.old) appendReflog(target.gitDir, change, reflog, head === `ref: ${change.ref}`);
}

/** Puts a value into a loose ref, durably: temporary file, fsync, rename; the lock is somebody else's care. */
export function writeRef(target: RefTarget, ref: string, value: string): void {
  putRef(target, ref, value, target.durability === 'durable');
  if (target.durability === 'durable') syncFolder(dirname(join(target.gitDir, ref)));
}

/** What is to be synced of a ref: its file and the folder with its name; of a deleted or packed one the folder. */
export function filesOfRef({ gitDir }: Pick<RefTarget, 'gitDir'>, ref: string): string[] {
  const path = join(gitDir, ref);
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? [path, dirname(path)] : [dirname(path)];
}

function putRef(target: RefTarget, ref: string, value: string, sync: boolean): void {
  const temporary = join(target.cwfDir, 'tmp', `ref-${process.pid}-${ref.replaceAll('/', '_').slice(-80)}`);
  writeAll(temporary, Buffer.from(`${value}\n`), sync);
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
  if (target.durability === 'durable') syncFolder(target.gitDir);
}

function removeLoose(gitDir: string, ref: string): void {
  try {
    unlinkSync(join(gitDir, ref));
  } catch (cause) {
    // A ref that is only packed, with an empty folder where others lay below its name.
    const isFolder = statSync(join(gitDir, ref), { throwIfNoEntry: false })?.isDirectory();
    if (!isMissing(cause) && !isFolder) throw cause;
  }
}

function removeEmptyFolders(path: string): void {
  for (const name of readdirSync(path)) removeEmptyFolders(join(path, name));
  rmdirSync(path);
}

/**
 * A new name must not lie below or above another one, nor differ from one in case or normalisation only: such refs
 * cannot be cloned to a file system that tells neither apart. Only the folders on its way are looked into.
 */
function checkPlace(gitDir: string, ref: string): void {
  const folded = fold(ref);
  for (const other of [...looseNear(gitDir, 'refs', folded.split('/'), 1), ...readPackedRefs(gitDir).keys()]) {
    if (other === ref) continue;
    const name = fold(other);
    if (name === folded || name.startsWith(`${folded}/`) || folded.startsWith(`${name}/`))
      throw new CwfError('REF_CONFLICT', { ref, other });
  }
}

/** The same among the names of one change: none of them is on disk yet. */
function checkEachOther(changes: readonly RefChange[]): void {
  const names = changes.filter((change) => change.new !== null && change.ref !== 'HEAD').map(({ ref }) => ref);
  const folded = new Map<string, string>();
  for (const ref of names) {
    const other = folded.get(fold(ref));
    if (other !== undefined) throw new CwfError('REF_CONFLICT', { ref, other });
    folded.set(fold(ref), ref);
  }
  for (const [name, ref] of folded) {
    for (let at = name.indexOf('/'); at >= 0; at = name.indexOf('/', at + 1)) {
      const other = folded.get(name.slice(0, at));
      if (other !== undefined) throw new CwfError('REF_CONFLICT', { ref, other });
    }
  }
}

/** Loose refs in the way of a folded name: those it would lie below, that equal it, or that lie below it. */
function looseNear(gitDir: string, folder: string, parts: readonly string[], depth: number): string[] {
  return entriesOf(join(gitDir, folder)).flatMap((name) => {
    const path = `${folder}/${name}`;
    const isOnWay = depth >= parts.length || fold(name) === parts[depth];
    if (!isOnWay || name.endsWith('.lock')) return [];
    if (!statSync(join(gitDir, path), { throwIfNoEntry: false })?.isDirectory()) return [path];
    return looseNear(gitDir, path, parts, depth + 1);
  });
}

function fold(ref: string): string {
  return ref.normalize('NFC').toLowerCase();
}

/**
 * git writes reflogs for HEAD, branches, remotes and notes (core.logAllRefUpdates); cwf keeps one for its own too. The
 * ref has moved by now: a reflog that cannot be written must not make it look as if it had not.
 */
function appendReflog(
  gitDir: string,
  change: RefChange,
  { identity, message }: { identity: Identity; message: string },
  isHead: boolean,
): void {
  const isOid = (value: string | null): boolean => value !== null && !value.startsWith('ref: ');
  if (change.new !== null && !isOid(change.new)) return;
  const old = isOid(change.old) ? change.old : NOBODY;
  const line = `${old} ${change.new ?? NOBODY} ${encodeIdentity(identity)}\t${message.split('\n')[0]}\n`;
  if (isHead) appendLine(join(gitDir, 'logs', 'HEAD'), line);
  if (change.new !== null) appendLine(join(gitDir, 'logs', change.ref), line);
  else rmSync(join(gitDir, 'logs', change.ref), { force: true });
}

function appendLine(path: string, line: string): void {
  try {
    appendFileSync(path, line);
  } catch (cause) {
    try {
      // An empty folder is left where branches below this name had theirs.
      if ((cause as NodeJS.ErrnoException).code === 'EISDIR') removeEmptyFolders(path);
      else mkdirSync(dirname(path), { recursive: true });
      appendFileSync(path, line);
    } catch {
      // See appendReflog.
    }
  }
}
