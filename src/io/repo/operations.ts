import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../base/json.ts';
import { canonicalJson } from '../../base/json-text.ts';
import { decodeCommit, encodeCommit } from './commit-object.ts';
import { readJournal, restartJournal } from './journal.ts';
import { takeLock } from './locks.ts';
import { isMissing, type ObjectStore, writeAll } from './objects.ts';
import { type RefTarget, writeRef } from './ref-update.ts';
import { listRefs, readRef } from './refs.ts';
import type { Identity, Oid, Operation } from './types.ts';
import { writeTree } from './write-tree.ts';

/** Operations in the journal before they are folded into commits. */
export const FOLD_AT = 64;
const PREFIX = 'refs/cwf/op/';

/** What reading and folding operations needs of a repository. */
export interface OperationSource extends RefTarget {
  readonly objects: ObjectStore;
}

/** Completes an operation with its id: the hash of its canonical JSON. */
export function withId(operation: Omit<Operation, 'id'>): Operation {
  const id = createHash('sha1')
    .update(canonicalJson(operation as unknown as Json))
    .digest('hex');
  return { id, ...operation };
}

/** Random name of this copy of the repository: each copy keeps its own log, so that logs never conflict. [OP-3] */
export function replicaOf(cwfDir: string): string {
  const path = join(cwfDir, 'replica');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    const name = randomBytes(8).toString('hex');
    writeAll(path, Buffer.from(`${name}\n`), true);
    return name;
  }
}

/** Operations, newest first: the journal's, then those of every replica's log by time. [OP-4] */
export async function* readOperations(
  repo: OperationSource,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<Operation> {
  let left = limit;
  const { done } = readJournal(repo.cwfDir);
  const seen = new Set<string>();
  const heads: { operation: Operation; next: Oid | undefined }[] = [];
  for (const { oid } of listRefs(repo.gitDir, PREFIX)) {
    const head = await readFolded(repo, oid);
    if (head) heads.push(head);
  }
  for (const operation of [...done].reverse()) {
    if (left-- <= 0) return;
    seen.add(operation.id);
    yield operation;
  }
  while (heads.length > 0 && left > 0) {
    heads.sort((a, b) => b.operation.time - a.operation.time);
    const { operation, next } = heads.shift()!;
    const following = next === undefined ? undefined : await readFolded(repo, next);
    if (following) heads.push(following);
    if (seen.has(operation.id)) continue;
    left--;
    yield operation;
  }
}

/**
 * Folds the journal into commits on `refs/cwf/op/<replica>`: the operation as message, the bytes of overwritten files
 * as tree, and as parents the log so far and every commit the operation named, so that gc never takes what undo needs
 * [OP-5]. The caller holds the transaction lock.
 */
export async function foldJournal(repo: OperationSource, replica: string): Promise<void> {
  const { done, last } = readJournal(repo.cwfDir);
  if (done.length === 0 || last === null) return;
  const ref = PREFIX + replica;
  const lock = await takeLock(repo.cwfDir, join(repo.gitDir, `${ref}.lock`), ref);
  try {
    let tip = readRef(repo.gitDir, ref);
    // After a crash between the ref and the new journal, what is folded already is not folded twice.
    const folded = tip === undefined ? undefined : (await readFolded(repo, tip))?.operation.id;
    const at = done.findIndex(({ id }) => id === folded);
    for (const operation of done.slice(at + 1)) tip = await writeFolded(repo, operation, tip);
    writeRef(repo, ref, tip!);
    restartJournal(repo.cwfDir, last, repo.durability);
  } finally {
    lock.release();
  }
}

async function writeFolded(repo: OperationSource, operation: Operation, tip: Oid | undefined): Promise<Oid> {
  const files = new Map<string, { mode: string; oid: Oid }>();
  for (const [i, { before, after }] of operation.files.entries()) {
    if (before !== null) files.set(`${i}-before`, { mode: '100644', oid: before });
    if (after !== null) files.set(`${i}-after`, { mode: '100644', oid: after });
  }
  const named = new Set<Oid>();
  for (const { old, new: now } of operation.refs) {
    for (const value of [old, now]) {
      if (value !== null && /^[0-9a-f]{40}$/.test(value) && (await isCommit(repo, value))) named.add(value);
    }
  }
  const who: Identity = {
    name: 'cwf',
    email: 'cwf@localhost',
    timestamp: Math.floor(operation.time / 1000),
    offset: 0,
  };
  const body = encodeCommit({
    tree: await writeTree(repo.objects, undefined, files),
    parents: [...(tip === undefined ? [] : [tip]), ...[...named].filter((oid) => oid !== tip)],
    author: who,
    committer: who,
    message: `${canonicalJson(operation as unknown as Json)}\n`,
  });
  return repo.objects.write('commit', body);
}

async function isCommit(repo: OperationSource, oid: Oid): Promise<boolean> {
  return (await repo.objects.has(oid)) && (await repo.objects.read(oid)).type === 'commit';
}

async function readFolded(
  repo: OperationSource,
  oid: Oid,
): Promise<{ operation: Operation; next: Oid | undefined } | undefined> {
  const commit = decodeCommit(oid, (await repo.objects.read(oid)).body);
  let operation: Operation;
  try {
    operation = JSON.parse(commit.message) as Operation;
  } catch {
    return undefined;
  }
  // The log so far comes first among the parents, unless the operation is the first one.
  return { operation, next: operation.parent === null ? undefined : commit.parents[0] };
}
