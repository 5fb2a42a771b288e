import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { isCwfError } from '../../base/errors.ts';
import { isObject, type Json } from '../../base/json.ts';
import { canonicalJson } from '../../base/json-text.ts';
import { decodeCommit, encodeCommit } from './commit-object.ts';
import type { Faults } from './faults.ts';
import { type JournalTarget, readJournal, restartJournal } from './journal.ts';
import { journaledIds } from './journal-objects.ts';
import { takeLock } from './locks.ts';
import { isMissing, type ObjectStore, syncAll, writeAll } from './objects.ts';
import { filesOfRef, writeRef } from './ref-update.ts';
import { listRefs, readRef } from './refs.ts';
import type { Durability, Identity, Oid, Operation } from './types.ts';
import { blobAt, writeTree } from './write-tree.ts';

/** Operations in the journal before they are folded into commits. */
export const FOLD_AT = 64;
const PREFIX = 'refs/cwf/op/';

/** What reading and folding operations needs of a repository. */
export interface OperationSource extends JournalTarget {
  readonly gitDir: string;
  readonly cwfDir: string;
  readonly durability: Durability;
  readonly faults?: Faults;
  readonly objects: ObjectStore;
}

interface Folded {
  readonly operation: Operation;
  readonly next: Oid | undefined;
}

/** Completes an operation with its id: the SHA-1 of its canonical JSON without it. [OP-3] */
export function withId(operation: Omit<Operation, 'id'>): Operation {
  const id = createHash('sha1')
    .update(canonicalJson(operation as unknown as Json))
    .digest('hex');
  return { id, ...operation };
}

/**
 * Random name of this copy of the repository: each copy keeps its own log, so that logs never conflict. [OP-3]
 * Made on first use; the caller holds the transaction lock.
 */
export function replicaOf(cwfDir: string): string {
  const path = join(cwfDir, 'replica');
  try {
    const name = readFileSync(path, 'utf8').trim();
    if (/^[0-9a-f]{16}$/.test(name)) return name;
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
  }
  const name = randomBytes(8).toString('hex');
  const temporary = join(cwfDir, 'tmp', `replica-${process.pid}`);
  writeAll(temporary, Buffer.from(`${name}\n`), true);
  renameSync(temporary, path);
  return name;
}

/** Id of the newest operation of this copy: where the journal was lost, the log in the commits says it. */
export async function lastOperation(repo: OperationSource, replica: string, known?: string): Promise<string | null> {
  if (known !== undefined) return known;
  const tip = readRef(repo.gitDir, PREFIX + replica);
  return tip === undefined ? null : ((await readFolded(repo, tip))?.operation.id ?? null);
}

/** Operations of all copies, newest first: the journal's and those of every log in commits, each once. [OP-4] */
export async function* readOperations(
  repo: OperationSource,
  limit = Number.POSITIVE_INFINITY,
): AsyncGenerator<Operation> {
  const open = [...readJournal(repo).done].reverse();
  const heads: Folded[] = [];
  for (const { oid } of listRefs(repo.gitDir, PREFIX)) push(heads, await readFolded(repo, oid));
  const seen = new Set<string>();
  while (seen.size < limit) {
    const [first] = open;
    // Whatever the clock said, what is not folded yet is younger than what this copy folded.
    const newest = heads
      .filter(({ operation }) => operation.replica !== first?.replica)
      .reduce<Folded | undefined>(
        (a, b) => (a === undefined || b.operation.time > a.operation.time ? b : a),
        undefined,
      );
    let operation: Operation;
    if (first !== undefined && (newest === undefined || first.time >= newest.operation.time)) {
      operation = first;
      open.shift();
    } else if (newest !== undefined) {
      operation = newest.operation;
      heads.splice(heads.indexOf(newest), 1);
      if (newest.next !== undefined) push(heads, await readFolded(repo, newest.next));
    } else return;
    if (seen.has(operation.id)) continue;
    seen.add(operation.id);
    yield operation;
  }
}

/**
 * Folds the journal into commits on `refs/cwf/op/<replica>`: the operation as message, the bytes of changed files as
 * tree, and as parents the log so far and the commits it named, so that gc never takes what undo needs. [OP-5]
 * The caller holds the transaction lock.
 */
export async function foldJournal(repo: OperationSource, replica: string): Promise<void> {
  const { done, last, isOlder } = readJournal(repo);
  if (done.length === 0 || last === undefined) {
    // Operations that were dropped, of an earlier start of the machine: nothing of them is looked at again.
    if (isOlder) restartJournal(repo, last);
    return;
  }
  const ref = PREFIX + replica;
  const lock = await takeLock(repo.cwfDir, join(repo.gitDir, `${ref}.lock`), ref);
  try {
    let tip = readRef(repo.gitDir, ref);
    // After a crash between the ref and the new journal, what is folded already is not folded twice.
    const folded = tip === undefined ? undefined : (await readFolded(repo, tip))?.operation.id;
    for (const operation of done.slice(done.findIndex(({ id }) => id === folded) + 1)) {
      tip = await writeFolded(repo, operation, tip);
    }
    await syncJournaled(repo, done);
    await repo.objects.sync();
    repo.faults?.('fold:ref');
    writeRef(repo, ref, tip!);
    restartJournal(repo, last);
  } finally {
    lock.release();
  }
}

/** Folding can wait: no failure of it counts against what was done, except one of ours. */
export async function foldIf(
  repo: OperationSource,
  replica: string,
  isNeeded: () => boolean | Promise<boolean>,
): Promise<void> {
  try {
    if (await isNeeded()) await foldJournal(repo, replica);
  } catch (error) {
    if (isCwfError(error, 'BUG')) throw error;
  }
}

/** Before the journal forgets them: objects and refs are made durable where they lie. */
async function syncJournaled(repo: OperationSource, done: readonly Operation[]): Promise<void> {
  if (repo.durability !== 'durable') return;
  await repo.objects.syncLoose(journaledIds(repo.cwfDir));
  const refs = new Set(done.flatMap(({ refs }) => refs.map(({ ref }) => ref)));
  await syncAll([...new Set([...refs].flatMap((ref) => filesOfRef(repo, ref)))]);
}

/** Whether gc could take something this operation names: then it is folded at once. [OP-5] */
export async function mustFold(repo: OperationSource, operation: Operation): Promise<boolean> {
  const kept: Oid[] = [];
  for (const { old, new: now } of operation.refs) {
    if (!isOid(old)) continue;
    if (!isOid(now) || !(await isChild(repo, now, old))) return true;
    kept.push(old);
  }
  for (const { path, before } of operation.files)
    if (before !== null && !(await isCommitted(repo, kept, path, before))) return true;
  return false;
}

/** Whether one of these commits has these bytes at this path: what leads to the commit leads to them. */
async function isCommitted(repo: OperationSource, commits: readonly Oid[], path: string, blob: Oid): Promise<boolean> {
  for (const oid of commits) {
    const { type, body } = await repo.objects.read(oid);
    if (type === 'commit' && (await blobAt(repo.objects, decodeCommit(oid, body).tree, path)) === blob) return true;
  }
  return false;
}

function push(heads: Folded[], head: Folded | undefined): void {
  if (head !== undefined) heads.push(head);
}

async function writeFolded(repo: OperationSource, operation: Operation, tip: Oid | undefined): Promise<Oid> {
  const files = new Map<string, { mode: string; oid: Oid }>();
  for (const [i, { before, after }] of operation.files.entries()) {
    if (before !== null) files.set(`${i}-before`, { mode: '100644', oid: before });
    if (after !== null) files.set(`${i}-after`, { mode: '100644', oid: after });
  }
  const named = new Set<Oid>();
  for (const { old, new: now } of operation.refs) {
    // A child leads to its parent.
    const values = isOid(old) && isOid(now) && (await isChild(repo, now, old)) ? [now] : [old, now];
    for (const value of values) {
      const commit = isOid(value) ? await peel(repo, value) : undefined;
      if (commit !== undefined) named.add(commit);
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

function isOid(value: string | null): value is Oid {
  return value !== null && /^[0-9a-f]{40}$/.test(value);
}

async function isChild(repo: OperationSource, oid: Oid, parent: Oid): Promise<boolean> {
  const { type, body } = await repo.objects.read(oid);
  return type === 'commit' && decodeCommit(oid, body).parents.includes(parent);
}

/** The commit an object is or, as an annotated tag, names; undefined for others, and for what is gone already. */
async function peel(repo: OperationSource, oid: Oid): Promise<Oid | undefined> {
  if (!(await repo.objects.has(oid))) return undefined;
  const { type, body } = await repo.objects.read(oid);
  if (type === 'commit') return oid;
  const inner = type === 'tag' ? /^object ([0-9a-f]{40})\n/.exec(body.toString('latin1', 0, 48))?.[1] : undefined;
  return inner === undefined ? undefined : peel(repo, inner);
}

/** One operation out of its commit; undefined for a commit that is none, where a log whose start was cut off ends. */
async function readFolded(repo: OperationSource, oid: Oid): Promise<Folded | undefined> {
  if (!(await repo.objects.has(oid))) return undefined;
  const { message, parents } = decodeCommit(oid, (await repo.objects.read(oid)).body);
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return undefined;
  }
  if (!isOperation(value as Json)) return undefined;
  const operation = value as Operation;
  // The log so far comes first among the parents, unless the operation is the first one.
  return { operation, next: operation.parent === null ? undefined : parents[0] };
}

function isOperation(value: Json): boolean {
  if (!isObject(value)) return false;
  const texts = ['id', 'replica', 'command', 'actor'].every((key) => typeof value[key] === 'string');
  return texts && typeof value['time'] === 'number' && Array.isArray(value['refs']) && Array.isArray(value['files']);
}
