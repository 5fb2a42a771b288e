import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CwfError, isCwfError } from '../../base/errors.ts';
import { blobOid } from './blob-oid.ts';
import { type CommitParts, encodeCommit } from './commit-object.ts';
import { type IndexChange, type IndexEntry, stampOf } from './git-index.ts';
import { journalPrepared, journalSettled, type Prepared, readJournal } from './journal.ts';
import { type Held, lockState, takeLock } from './locks.ts';
import { notesRef, stageNotes } from './notes.ts';
import { storageError } from './objects.ts';
import { FOLD_AT, foldIf, foldJournal, lastOperation, mustFold, replicaOf, withId } from './operations.ts';
import { checkProtection } from './protection.ts';
import { finish, reflogIdentity, settle } from './recovery.ts';
import { type LockedRefs, lockRefs } from './ref-update.ts';
import { readRawRef, readRef } from './refs.ts';
import type { Repo } from './repo.ts';
import type { FileChange, Identity, Oid, RefChange } from './types.ts';
import { holds, readWorking, type StagedFile, stageWorking, workingPath } from './working-files.ts';
import { checkPath, type TreeChanges, writeTree } from './write-tree.ts';

/** What an operation is called in the log. */
export interface TransactionMeta {
  readonly command: string;
  readonly actor: string;
  readonly undoes?: string;
  readonly redoes?: string;
  /** The caller may propose, and nothing else; see protection.ts. */
  readonly proposeOnly?: boolean;
}

interface FileEdit {
  readonly bytes: Uint8Array | null;
  /** Bytes the file must still have (null: must not be there); undefined takes whatever is there. */
  readonly expected: Uint8Array | null | undefined;
}

const LOCK = 'transaction.lock';
const NOTE_ATTEMPTS = 50;
const queues = new Map<string, Promise<void>>();

/**
 * One change of a repository while it is put together. Objects are stored at once, since nobody sees them; refs,
 * working files, git's index and notes are staged and change together when the function given to `runTransaction`
 * returns. Throwing out of it leaves nothing behind.
 */
export class Transaction {
  private readonly repo: Repo;
  readonly refs = new Map<string, RefChange>();
  readonly files = new Map<string, FileEdit>();
  readonly index = new Map<string, IndexChange>();
  readonly notes = new Map<string, Map<Oid, string[]>>();
  readonly droppedNotes = new Map<string, Map<Oid, string[]>>();
  /** Tips of notes that the change relies on; null is "there are none". */
  readonly noteTips = new Map<string, Oid | null>();
  /** What HEAD held at the beginning. */
  readonly head: string | null;

  constructor(repo: Repo) {
    this.repo = repo;
    this.head = readRawRef(repo.gitDir, 'HEAD') ?? null;
  }

  /** Stores the bytes of a file; returns the blob's id. */
  writeBlob(bytes: Uint8Array): Promise<Oid> {
    return this.repo.objects.write('blob', bytes);
  }

  /** Stores the tree that has these changes on top of `base`. Throws PATH_INVALID. */
  writeTree(base: Oid | undefined, changes: TreeChanges): Promise<Oid> {
    return writeTree(this.repo.objects, base, changes);
  }

  /** Stores a commit; nothing points to it until a ref is set. Throws MESSAGE_INVALID. */
  async writeCommit(parts: CommitParts): Promise<Oid> {
    return this.repo.objects.write('commit', encodeCommit(parts));
  }

  /** Stores an annotated tag object. */
  writeTag(body: Uint8Array): Promise<Oid> {
    return this.repo.objects.write('tag', body);
  }

  /** Moves a ref from a value to another by compare-and-swap; null is "does not exist". */
  setRef(ref: string, to: Oid | null, from: Oid | null): void {
    this.refs.set(ref, { ref, old: from, new: to });
  }

  /**
   * Puts HEAD on a branch (full name) or on a commit alone. `from`: what HEAD must hold (`ref: <branch>` or an oid);
   * by default what it held when the transaction began.
   */
  setHead(to: { branch: string } | { oid: Oid }, from: string | null = this.head): void {
    this.refs.set('HEAD', { ref: 'HEAD', old: from, new: 'branch' in to ? `ref: ${to.branch}` : to.oid });
  }

  /** Writes a working file when the transaction ends; its old bytes are kept for undo. Throws PATH_OUTSIDE. */
  writeFile(path: string, bytes: Uint8Array, options: { expected?: Uint8Array | null } = {}): void {
    workingPath(this.repo.workDir, path);
    this.files.set(path, { bytes, expected: options.expected });
  }

  /** Removes a working file when the transaction ends; its bytes are kept for undo. */
  deleteFile(path: string, options: { expected?: Uint8Array | null } = {}): void {
    workingPath(this.repo.workDir, path);
    this.files.set(path, { bytes: null, expected: options.expected });
  }

  /**
   * Sets or removes the entry of a path in git's index. The working file as it is now counts as a form of the entry,
   * unless `isWorkingCopy` is false: then git is left to compare.
   */
  setIndexEntry(path: string, entry: IndexEntry | null, isWorkingCopy = true): void {
    checkPath(path);
    const stamp = entry && isWorkingCopy ? stampOf(this.repo.workDir, path) : null;
    this.index.set(path, { path, entry, stamp });
  }

  /** Adds a line to the note on an object; lines are a set, so that two writers never lose one. */
  addNote(kind: string, oid: Oid, line: string): void {
    const lines = this.notes.get(kind) ?? new Map<Oid, string[]>();
    this.notes.set(kind, lines.set(oid, [...(lines.get(oid) ?? []), line]));
  }

  /** Takes a line out of the note on an object, whatever was added to it since; for undo. */
  dropNote(kind: string, oid: Oid, line: string): void {
    const lines = this.droppedNotes.get(kind) ?? new Map<Oid, string[]>();
    this.droppedNotes.set(kind, lines.set(oid, [...(lines.get(oid) ?? []), line]));
  }

  /** Relies on notes as they were read: where somebody else wrote a line since, the transaction ends in REF_STALE. */
  requireNotes(kind: string, tip: Oid | undefined): void {
    this.noteTips.set(kind, tip ?? null);
  }
}

/**
 * Runs a change as one transaction: journal line (fdatasync), refs by compare-and-swap, working files, git's index,
 * operation recorded [OP-1]. Two transactions never run at once, in any number of processes. A crash before the
 * journal line leaves nothing; after it, the next transaction finishes or drops the whole. Throws REF_STALE,
 * REF_LOCKED, REF_CONFLICT, WORKTREE_CHANGED, STORAGE_FAILED, and what an agent is refused (protection.ts), with nothing
 * changed.
 */
export async function runTransaction<T>(
  repo: Repo,
  meta: TransactionMeta,
  fn: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const tx = new Transaction(repo);
  const result = await fn(tx);
  const staged = tx.refs.size + tx.files.size + tx.index.size + tx.notes.size + tx.droppedNotes.size;
  if (staged > 0) {
    await underLock(repo, () => commit(repo, meta, tx)).catch((cause: unknown) => {
      throw storageError(cause, repo.gitDir);
    });
  }
  return result;
}

/**
 * Settles what a crashed process left. A transaction under way is left to its process, even a stopped one, and where
 * nothing can be written whoever writes next settles it: a reader neither waits nor fails.
 */
export async function recover(repo: Repo): Promise<void> {
  if ((await lockState(join(repo.cwfDir, LOCK))) === 'alive') return;
  try {
    await underLock(repo, async () => {});
  } catch (cause) {
    if (!isCwfError(storageError(cause, repo.gitDir), 'REF_LOCKED', 'REPO_READ_ONLY')) throw cause;
  }
}

/** Folds the operations of the journal into commits. */
export async function fold(repo: Repo): Promise<void> {
  await underLock(repo, () => foldJournal(repo, replicaOf(repo.cwfDir)));
}

async function underLock(repo: Repo, fn: () => Promise<void>): Promise<void> {
  mkdirSync(join(repo.cwfDir, 'tmp'), { recursive: true });
  const lock = await lockRepository(repo.cwfDir);
  try {
    await settle(repo);
    await fn();
  } finally {
    lock.release();
  }
}

/** Callers in one process queue up in memory before they take the lock file: that is fair, and nobody polls. */
async function lockRepository(cwfDir: string): Promise<Held> {
  const earlier = queues.get(cwfDir);
  let leave = (): void => {};
  const mine = new Promise<void>((resolve) => {
    leave = resolve;
  });
  queues.set(cwfDir, mine);
  await earlier;
  const left = (): void => {
    if (queues.get(cwfDir) === mine) queues.delete(cwfDir);
    leave();
  };
  try {
    const lock = await takeLock(cwfDir, join(cwfDir, LOCK), 'the repository');
    return {
      release: () => {
        try {
          lock.release();
        } finally {
          left();
        }
      },
    };
  } catch (error) {
    left();
    throw error;
  }
}

async function commit(repo: Repo, meta: TransactionMeta, tx: Transaction): Promise<void> {
  checkHead(repo, tx);
  await checkProtection(repo, meta, tx);
  const staged: StagedFile[] = [];
  try {
    const files = await stageFiles(repo, tx, staged);
    const { changes, locked } = await lockAll(repo, tx);
    try {
      if (changes.length + files.length + tx.index.size === 0) return;
      await carryOut(repo, meta.actor, await prepare(repo, meta, tx, changes, files), locked, staged);
    } finally {
      locked.release();
    }
  } finally {
    for (const file of staged) file.discard();
  }
  await foldIfNeeded(repo);
}

/** Index and working tree belong to what HEAD names: moved meanwhile, they are another branch's. */
function checkHead(repo: Repo, tx: Transaction): void {
  if (tx.index.size + tx.files.size === 0) return;
  const now = readRawRef(repo.gitDir, 'HEAD') ?? null;
  if (now !== tx.head) throw new CwfError('REF_STALE', { ref: 'HEAD', actual: now ?? 'nothing' });
}

/** Locks and compares all refs, those that stay where they are too; notes are staged anew while git is faster. [NT-5] */
async function lockAll(repo: Repo, tx: Transaction): Promise<{ changes: RefChange[]; locked: LockedRefs }> {
  for (let attempt = 1; ; attempt++) {
    const notes = await stageAllNotes(repo, tx);
    const all = [...tx.refs.values(), ...notes];
    try {
      const locked = await lockRefs(repo, all);
      const changes = all.filter((change) => change.old !== change.new);
      return { changes, locked };
    } catch (error) {
      const isNote = isCwfError(error, 'REF_STALE') && notes.some(({ ref }) => ref === error.data['ref']);
      if (!isNote || attempt === NOTE_ATTEMPTS) throw error;
    }
  }
}

async function prepare(
  repo: Repo,
  { command, actor, undoes, redoes }: TransactionMeta,
  tx: Transaction,
  refs: readonly RefChange[],
  files: readonly FileChange[],
): Promise<Prepared> {
  const replica = replicaOf(repo.cwfDir);
  const parent = await lastOperation(repo, replica, readJournal(repo).last);
  const links = { ...(undoes === undefined ? {} : { undoes }), ...(redoes === undefined ? {} : { redoes }) };
  const operation = withId({ parent, replica, command, actor, time: Date.now(), refs, files, ...links });
  return { operation, index: [...tx.index.values()] };
}

async function carryOut(
  repo: Repo,
  actor: string,
  prepared: Prepared,
  locked: LockedRefs,
  staged: readonly StagedFile[],
): Promise<void> {
  try {
    journalPrepared(repo, prepared, repo.objects.held());
    placeObjects(repo, prepared);
    const isJournaled = repo.boot !== '';
    locked.commit({ identity: reflogIdentity(actor), message: `cwf ${prepared.operation.command}` }, isJournaled);
    await finish(repo, prepared, staged);
  } catch (error) {
    // A step failed and the process lives: what the next start would do is done here, and the caller told the outcome.
    locked.release();
    const isWhole = readJournal(repo).pending !== undefined && (await settle(repo).catch(() => false));
    if (!isWhole) throw error;
  }
}

/** The first step after the journal line: where it fails nothing has begun, even of what moves no ref. */
function placeObjects(repo: Repo, { operation }: Prepared): void {
  try {
    repo.objects.place();
  } catch (cause) {
    journalSettled(repo, operation.id, false);
    throw cause;
  }
}

async function stageAllNotes(repo: Repo, tx: Transaction): Promise<RefChange[]> {
  const who: Identity = { name: 'cwf', email: 'cwf@localhost', timestamp: Math.floor(Date.now() / 1000), offset: 0 };
  const stage = {
    readObject: (oid: Oid) => repo.objects.read(oid),
    hasObject: (oid: Oid) => repo.objects.has(oid),
    writeObject: (type: 'blob' | 'tree', body: Buffer) => repo.objects.write(type, body),
    writeCommit: (parts: { tree: string; parents: string[]; message: string }) =>
      repo.objects.write('commit', encodeCommit({ ...parts, author: who, committer: who })),
  };
  const changes: RefChange[] = [];
  for (const kind of new Set([...tx.notes.keys(), ...tx.droppedNotes.keys()])) {
    const ref = notesRef(kind);
    const parent = readRef(repo.gitDir, ref);
    const expected = tx.noteTips.get(kind);
    if (expected !== undefined && expected !== (parent ?? null))
      throw new CwfError('REF_STALE', { ref, actual: parent ?? 'nothing' });
    const tip = await stageNotes(stage, kind, parent, tx.notes.get(kind) ?? new Map(), tx.droppedNotes.get(kind));
    if (tip !== undefined && tip !== parent) changes.push({ ref, old: parent ?? null, new: tip });
  }
  return changes;
}

/** Bytes before and after go into blobs, and the new file beside its place: a full disk is met before any ref moves. */
async function stageFiles(repo: Repo, tx: Transaction, staged: StagedFile[]): Promise<FileChange[]> {
  const out: FileChange[] = [];
  for (const [path, { bytes, expected }] of tx.files) {
    const now = readWorking(repo.workDir, path);
    if (expected !== undefined && !holds(now, expected)) throw new CwfError('WORKTREE_CHANGED', { file: path });
    if (holds(now, bytes)) continue;
    const before = now === undefined ? null : await repo.objects.write('blob', now);
    out.push({ path, before, after: bytes === null ? null : await repo.objects.write('blob', bytes) });
    staged.push(stageWorking(repo, path, bytes));
  }
  return out;
}

/** At once when commits or bytes would otherwise hang on the journal alone, else in bursts. */
async function foldIfNeeded(repo: Repo): Promise<void> {
  const { done } = readJournal(repo);
  const last = done.at(-1);
  if (last === undefined) return;
  await foldIf(repo, last.replica, () => done.length >= FOLD_AT || mustFold(repo, last));
}

/** Id a working file's bytes have as a blob; null when there is no file. */
export function hashOf(bytes: Buffer | undefined): Oid | null {
  if (bytes === undefined) return null;
  return blobOid(bytes);
}
