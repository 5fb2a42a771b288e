import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { type CommitParts, encodeCommit } from './commit-object.ts';
import { updateIndex } from './git-index.ts';
import { journalPrepared, journalSettled, readJournal } from './journal.ts';
import { takeLock } from './locks.ts';
import { notesRef, stageNotes } from './notes.ts';
import { FOLD_AT, foldJournal, replicaOf, withId } from './operations.ts';
import { lockRefs } from './ref-update.ts';
import { readRawRef, readRef } from './refs.ts';
import type { Repo } from './repo.ts';
import type { FileChange, Identity, Oid, Operation, RefChange } from './types.ts';
import { isAncestor } from './walk.ts';
import { readWorking, workingPath, writeWorking } from './working-files.ts';
import { type TreeChanges, writeTree } from './write-tree.ts';

/** What an operation is called in the log. */
export interface TransactionMeta {
  readonly command: string;
  readonly actor: string;
  readonly undoes?: string;
  readonly redoes?: string;
}

interface StagedFile {
  readonly bytes: Uint8Array | null;
  /** Bytes the file must still have (null: must not be there); undefined takes whatever is there. */
  readonly expected: Uint8Array | null | undefined;
}

/**
 * One change of a repository while it is put together. Objects are written at once, since nobody sees them; refs,
 * working files, git's index and notes are staged and change together when the function given to `runTransaction`
 * returns. Throwing out of it leaves nothing behind.
 */
export class Transaction {
  private readonly repo: Repo;
  readonly refs = new Map<string, RefChange>();
  readonly files = new Map<string, StagedFile>();
  readonly index = new Map<string, { mode: string; oid: Oid } | null>();
  readonly notes = new Map<string, Map<Oid, string[]>>();

  constructor(repo: Repo) {
    this.repo = repo;
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

  /** Puts HEAD on a branch (full name) or on a commit alone. */
  setHead(to: { branch: string } | { oid: Oid }): void {
    const now = 'branch' in to ? `ref: ${to.branch}` : to.oid;
    this.refs.set('HEAD', { ref: 'HEAD', old: readRawRef(this.repo.gitDir, 'HEAD') ?? null, new: now });
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

  /** Sets or removes the entry of a path in git's index. */
  setIndexEntry(path: string, entry: { mode: string; oid: Oid } | null): void {
    this.index.set(path, entry);
  }

  /** Adds a line to the note on an object; lines are a set, so that two writers never lose one. */
  addNote(kind: string, oid: Oid, line: string): void {
    const lines = this.notes.get(kind) ?? new Map<Oid, string[]>();
    this.notes.set(kind, lines.set(oid, [...(lines.get(oid) ?? []), line]));
  }
}

/**
 * Runs a change as one transaction: journal line (fdatasync), refs by compare-and-swap, working files, git's index,
 * operation recorded [OP-1]. Two transactions never run at once, in any number of processes. A crash before the
 * journal line leaves nothing; after it, the next transaction finishes or drops the whole. Throws REF_STALE,
 * REF_LOCKED, REF_CONFLICT, WORKTREE_CHANGED with nothing changed.
 */
export async function runTransaction<T>(
  repo: Repo,
  meta: TransactionMeta,
  fn: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const tx = new Transaction(repo);
  const result = await fn(tx);
  const staged = tx.refs.size + tx.files.size + tx.index.size + tx.notes.size;
  if (staged > 0) await underLock(repo, () => commit(repo, meta, tx));
  return result;
}

/** Settles what a crashed process left; does nothing while another transaction runs. */
export async function recover(repo: Repo): Promise<void> {
  await underLock(repo, async () => {});
}

/** Folds the operations of the journal into commits. */
export async function fold(repo: Repo): Promise<void> {
  await underLock(repo, () => foldJournal(repo, replicaOf(repo.cwfDir)));
}

async function underLock(repo: Repo, fn: () => Promise<void>): Promise<void> {
  mkdirSync(join(repo.cwfDir, 'tmp'), { recursive: true });
  const lock = await takeLock(repo.cwfDir, join(repo.cwfDir, 'transaction.lock'), 'the repository');
  try {
    await settle(repo);
    await fn();
  } finally {
    lock.release();
  }
}

async function commit(repo: Repo, meta: TransactionMeta, tx: Transaction): Promise<void> {
  await stageAllNotes(repo, tx);
  const changes = [...tx.refs.values()].filter((change) => change.old !== change.new);
  const locked = await lockRefs(repo, changes);
  try {
    const files = await stageFiles(repo, tx);
    const { last } = readJournal(repo.cwfDir);
    const { command, actor, ...links } = meta;
    const replica = replicaOf(repo.cwfDir);
    const operation = withId({
      parent: last,
      replica,
      command,
      actor,
      time: Date.now(),
      refs: changes,
      files,
      ...links,
    });
    repo.faults?.('journal');
    journalPrepared(repo.cwfDir, operation, repo.durability);
    locked.commit({ identity: reflogIdentity(actor), message: `cwf ${command}` });
    for (const { path } of files) {
      repo.faults?.(`file:${path}`);
      writeWorking(repo.workDir, repo.cwfDir, path, tx.files.get(path)!.bytes, repo.durability === 'durable');
    }
    repo.faults?.('index');
    if (tx.index.size > 0) await updateIndex(repo, tx.index);
    repo.faults?.('settled');
    journalSettled(repo.cwfDir, operation.id, true);
    locked.release();
    if (await needsFold(repo, operation)) await foldJournal(repo, replica);
  } finally {
    locked.release();
  }
}

/** Notes go on top of whatever tip the ref has now: no other cwf writer can move it, and git's move shows in the CAS. */
async function stageAllNotes(repo: Repo, tx: Transaction): Promise<void> {
  const who: Identity = { name: 'cwf', email: 'cwf@localhost', timestamp: Math.floor(Date.now() / 1000), offset: 0 };
  const stage = {
    readObject: (oid: Oid) => repo.objects.read(oid),
    hasObject: (oid: Oid) => repo.objects.has(oid),
    writeObject: (type: 'blob' | 'tree', body: Buffer) => repo.objects.write(type, body),
    writeCommit: (parts: { tree: string; parents: string[]; message: string }) =>
      repo.objects.write('commit', encodeCommit({ ...parts, author: who, committer: who })),
  };
  for (const [kind, additions] of tx.notes) {
    const ref = notesRef(kind);
    const parent = readRef(repo.gitDir, ref);
    const tip = await stageNotes(stage, kind, parent, additions);
    if (tip !== undefined && tip !== parent) tx.refs.set(ref, { ref, old: parent ?? null, new: tip });
  }
}

async function stageFiles(repo: Repo, tx: Transaction): Promise<FileChange[]> {
  const out: FileChange[] = [];
  for (const [path, { bytes, expected }] of tx.files) {
    const now = readWorking(repo.workDir, path);
    if (expected !== undefined && !sameBytes(now, expected)) throw new CwfError('WORKTREE_CHANGED', { file: path });
    if (sameBytes(now, bytes)) continue;
    const before = now === undefined ? null : await repo.objects.write('blob', now);
    out.push({ path, before, after: bytes === null ? null : await repo.objects.write('blob', bytes) });
  }
  return out;
}

/**
 * Finishes or drops an operation whose process died between its journal line and its end: when no ref moved, nobody
 * was told of it and it never was; else it is finished, file by file. [OP-2]
 */
async function settle(repo: Repo): Promise<void> {
  const { pending } = readJournal(repo.cwfDir);
  if (!pending) return;
  const state = pending.refs.map(({ ref }) => readRawRef(repo.gitDir, ref) ?? null);
  const moved = pending.refs.filter((change, i) => state[i] === change.new);
  const touched = pending.refs.length === 0 && pending.files.some((file) => isAfter(repo, file));
  if (moved.length === 0 && !touched) {
    journalSettled(repo.cwfDir, pending.id, false);
    return;
  }
  const rest = pending.refs.filter((change, i) => state[i] === change.old);
  const locked = await lockRefs(repo, rest);
  locked.commit({
    identity: reflogIdentity(pending.actor),
    message: `cwf ${pending.command} (finished after a crash)`,
  });
  locked.release();
  for (const { path, before, after } of pending.files) {
    // A file that the user changed since is the user's.
    if (hashOf(readWorking(repo.workDir, path)) !== before) continue;
    const bytes = after === null ? null : (await repo.objects.read(after)).body;
    writeWorking(repo.workDir, repo.cwfDir, path, bytes, true);
  }
  journalSettled(repo.cwfDir, pending.id, true);
}

function isAfter(repo: Repo, { path, after }: FileChange): boolean {
  return hashOf(readWorking(repo.workDir, path)) === after;
}

/** At once when commits or bytes would otherwise hang on the journal alone, else in bursts. [OP-5] */
async function needsFold(repo: Repo, operation: Operation): Promise<boolean> {
  if (operation.files.some(({ before }) => before !== null)) return true;
  for (const { ref, old, new: now } of operation.refs) {
    if (ref === 'HEAD' || old === null || old.startsWith('ref: ')) continue;
    if (now === null || !(await isForward(repo, old, now))) return true;
  }
  return readJournal(repo.cwfDir).done.length >= FOLD_AT;
}

async function isForward(repo: Repo, old: Oid, now: Oid): Promise<boolean> {
  const [a, b] = [await repo.readObject(old), await repo.readObject(now)];
  if (a.type !== 'commit' || b.type !== 'commit') return false;
  return (await repo.readCommit(now)).parents.includes(old) || isAncestor(repo, old, now);
}

/** Id a working file's bytes have as a blob; null when there is no file. */
export function hashOf(bytes: Buffer | undefined): Oid | null {
  if (bytes === undefined) return null;
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

function sameBytes(a: Buffer | undefined, b: Uint8Array | null): boolean {
  return a === undefined || b === null ? (a ?? null) === b : Buffer.compare(a, b) === 0;
}

function reflogIdentity(actor: string): Identity {
  return { name: `cwf ${actor}`, email: 'cwf@localhost', timestamp: Math.floor(Date.now() / 1000), offset: 0 };
}
