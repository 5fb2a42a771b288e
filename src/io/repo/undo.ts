import { CwfError } from '../../base/errors.ts';
import { type IndexEntry, readIndex } from './git-index.ts';
import { changedNotes, noteLines, notesRef, treeOfCommit } from './notes.ts';
import { isAgent } from './protection.ts';
import type { Repo } from './repo.ts';
import { hashOf, type Transaction, type TransactionMeta } from './transaction.ts';
import type { Oid, Operation } from './types.ts';
import { readWorking } from './working-files.ts';

/**
 * Takes an operation back as one of its own: every ref to where it was, every working file to its bytes, git's index
 * to the commit HEAD then stands on. Of notes that have grown since, its own lines go. Throws REF_STALE or WORKTREE_CHANGED, with nothing changed, when something was
 * changed since. [OP-6]
 */
export async function applyInverse(repo: Repo, operation: Operation, meta: TransactionMeta): Promise<void> {
  await repo.transaction(meta, async (tx) => {
    const before = await repo.head();
    for (const { ref, old, new: now } of operation.refs) {
      if (await isByLine(repo, ref, now, meta.actor)) await stageLinesBack(repo, tx, ref, old, now);
      else if (ref !== 'HEAD') tx.setRef(ref, old, now);
      else if (old !== null) tx.setHead(old.startsWith('ref: ') ? { branch: old.slice(5) } : { oid: old }, now);
    }
    for (const { path, before: bytes, after } of operation.files) {
      const now = readWorking(repo.workDir, path);
      if (hashOf(now) !== after) throw new CwfError('WORKTREE_CHANGED', { file: path });
      if (bytes === null) tx.deleteFile(path, { expected: now ?? null });
      else tx.writeFile(path, (await repo.readObject(bytes)).body, { expected: now ?? null });
    }
    await stageIndex(repo, tx, before, operation);
  });
}

const NOTES = 'refs/notes/cwf/';

/** Notes of ours to which lines came since: a note is a set of lines, and undo takes back those of its operation. */
async function isByLine(repo: Repo, ref: string, now: string | null, actor: string): Promise<boolean> {
  if (!ref.startsWith(NOTES)) return false;
  // An agent may take back lines of its own, and moves the notes of reviews for nobody else.
  return (isAgent(actor) && ref === notesRef('review')) || ((await repo.readRef(ref)) ?? null) !== now;
}

async function stageLinesBack(
  repo: Repo,
  tx: Transaction,
  ref: string,
  old: string | null,
  now: string | null,
): Promise<void> {
  const kind = ref.slice(NOTES.length);
  const treeOf = async (tip: string | null) => (tip === null ? undefined : treeOfCommit(repo, tip));
  const [from, to] = [await treeOf(now), await treeOf(old)];
  for (const oid of await changedNotes(repo, from, to)) {
    const [had, has] = [await noteLines(repo, from, oid), await noteLines(repo, to, oid)];
    for (const line of had) if (!has.includes(line)) tx.dropNote(kind, oid, line);
    for (const line of has) if (!had.includes(line)) tx.addNote(kind, oid, line);
  }
}

async function stageIndex(
  repo: Repo,
  tx: Parameters<Parameters<Repo['transaction']>[1]>[0],
  head: { branch?: string; oid?: Oid },
  { refs }: Operation,
): Promise<void> {
  const back = new Map(refs.map((change) => [change.ref, change.old]));
  const value = back.has('HEAD') ? back.get('HEAD') : head.branch === undefined ? head.oid : `ref: ${head.branch}`;
  const branch = value?.startsWith('ref: ') ? value.slice(5) : undefined;
  const oid = branch === undefined ? value : back.has(branch) ? back.get(branch) : await repo.readRef(branch);
  const from = await filesOf(repo, head.oid);
  const to = await filesOf(repo, oid ?? undefined);
  const staged = readIndex(repo.gitDir) ?? new Map<string, IndexEntry>();
  for (const path of new Set([...from.keys(), ...to.keys()])) {
    if (from.get(path)?.oid === to.get(path)?.oid) continue;
    // What the user staged since is the user's. The working file is the other commit's: git is left to compare.
    if (staged.get(path)?.oid === from.get(path)?.oid) tx.setIndexEntry(path, to.get(path) ?? null, false);
  }
}

async function filesOf(repo: Repo, oid: Oid | undefined): Promise<Map<string, { mode: string; oid: Oid }>> {
  return oid === undefined ? new Map() : repo.listTree((await repo.readCommit(oid)).tree);
}
