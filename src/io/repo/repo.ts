import { join } from 'node:path';
import { CwfError } from '../../base/errors.ts';
import { bootId } from './boot.ts';
import { decodeCommit } from './commit-object.ts';
import type { Faults } from './faults.ts';
import { mayBePending } from './journal.ts';
import { Notes } from './notes.ts';
import { ObjectStore } from './objects.ts';
import { findRepo, type RepoPlace } from './open.ts';
import { readOperations } from './operations.ts';
import type { Projection } from './projection.ts';
import { listRefs, readRawRef, readRef } from './refs.ts';
import { resolveRevision } from './revision.ts';
import type { Transaction, TransactionMeta } from './transaction.ts';
import type { Commit, Durability, GitObject, Oid, Operation, Ref, TreeEntry } from './types.ts';
import { isAncestor, mergeBases, shallowCommits, type WalkOptions, walk } from './walk.ts';
import { listTree, readTree } from './write-tree.ts';

export type { Transaction } from './transaction.ts';
export type { Commit, Oid, Operation } from './types.ts';

/** How to open a repository. */
export interface OpenOptions {
  readonly durability?: Durability;
  readonly faults?: Faults;
  /** Names this run of the machine; only tests say another. */
  readonly boot?: string;
}

/** Opens the repository a folder lies in, and settles what a crash left. Throws REPO_NOT_FOUND, REPO_UNSUPPORTED. */
export async function openRepo(dir: string, options: OpenOptions = {}): Promise<Repo> {
  const place = findRepo(dir);
  if (!place) throw new CwfError('REPO_NOT_FOUND', { dir });
  const repo = new Repo(place, options);
  if (mayBePending(repo)) await (await import('./transaction.ts')).recover(repo);
  return repo;
}

/** A git repository with cwf's own data in `.git/cwf`. Reads always see the disk as it is now. */
export class Repo {
  readonly workDir: string;
  readonly gitDir: string;
  readonly cwfDir: string;
  readonly durability: Durability;
  readonly faults: Faults | undefined;
  readonly boot: string;
  readonly objects: ObjectStore;
  /** Commits that were read, for as long as the store keeps their objects. */
  private readonly commits = new WeakMap<GitObject, Commit>();

  constructor({ workDir, gitDir }: RepoPlace, { durability = 'durable', faults, boot = bootId() }: OpenOptions) {
    this.workDir = workDir;
    this.gitDir = gitDir;
    this.cwfDir = join(gitDir, 'cwf');
    this.durability = durability;
    this.faults = faults;
    this.boot = boot;
    this.objects = new ObjectStore(gitDir, durability, faults, boot);
  }

  /** Where HEAD stands: `branch` is a full name (absent when detached), `oid` is absent on an unborn branch. */
  async head(): Promise<{ branch?: string; oid?: Oid }> {
    const value = readRawRef(this.gitDir, 'HEAD');
    if (value === undefined) throw new CwfError('REF_CORRUPT', { ref: 'HEAD', found: 'nothing' });
    if (!value.startsWith('ref: ')) return { oid: value };
    const branch = value.slice(5);
    const oid = readRef(this.gitDir, branch);
    return oid === undefined ? { branch } : { branch, oid };
  }

  /** The commit a revision names; see resolveRevision. */
  resolve(rev: string): Promise<Oid> {
    return resolveRevision(this, rev);
  }

  async readRef(ref: string): Promise<Oid | undefined> {
    return readRef(this.gitDir, ref);
  }

  async listRefs(prefix: string): Promise<Ref[]> {
    return listRefs(this.gitDir, prefix);
  }

  readObject(oid: Oid): Promise<GitObject> {
    return this.objects.read(oid);
  }

  /** A commit; throws NOT_A_COMMIT when the object is something else. */
  async readCommit(oid: Oid): Promise<Commit> {
    const object = await this.objects.read(oid);
    const { type, body } = object;
    if (type !== 'commit') throw new CwfError('NOT_A_COMMIT', { rev: oid, type });
    const known = this.commits.get(object);
    if (known) return known;
    const commit = decodeCommit(oid, body);
    this.commits.set(object, commit);
    return commit;
  }

  readTree(oid: Oid): Promise<TreeEntry[]> {
    return readTree(this.objects, oid);
  }

  listTree(oid: Oid): Promise<Map<string, { mode: string; oid: Oid }>> {
    return listTree(this.objects, oid);
  }

  walk(start: readonly Oid[], options?: WalkOptions): AsyncGenerator<Commit> {
    return walk(this, start, options);
  }

  mergeBases(a: Oid, b: Oid): Promise<Oid[]> {
    return mergeBases(this, a, b);
  }

  isAncestor(a: Oid, b: Oid): Promise<boolean> {
    return isAncestor(this, a, b);
  }

  async shallow(): Promise<ReadonlySet<Oid>> {
    return shallowCommits(this.gitDir);
  }

  /** Notes of one kind, in refs/notes/cwf/<kind>. */
  notes(kind: string): Notes {
    return new Notes(this, kind);
  }

  /** Changes the repository; see runTransaction. */
  async transaction<T>(meta: TransactionMeta, fn: (tx: Transaction) => Promise<T>): Promise<T> {
    return (await import('./transaction.ts')).runTransaction(this, meta, fn);
  }

  /** The operation log, newest first. */
  operations(limit?: number): AsyncGenerator<Operation> {
    return readOperations(this, limit);
  }

  /** Reads through the index, which is brought up to date first. */
  async withIndex<T>(fn: (index: Projection) => Promise<T>): Promise<T> {
    const { withIndex } = await import('./projection.ts');
    return withIndex({ ...bound(this), cwfDir: this.cwfDir }, fn);
  }
}

/** The methods the index needs, so that they can be handed over alone. */
function bound(repo: Repo) {
  return {
    head: () => repo.head(),
    listRefs: (prefix: string) => repo.listRefs(prefix),
    readRef: (ref: string) => repo.readRef(ref),
    readObject: (oid: Oid) => repo.readObject(oid),
    readCommit: (oid: Oid) => repo.readCommit(oid),
    walk: (start: string[], options: { until: string[] }) => repo.walk(start, options),
    shallow: () => repo.shallow(),
  };
}
