import { isCwfError } from '../../base/errors.ts';
import { type IndexChange, stampOf, updateIndex } from './git-index.ts';
import { journalSettled, mayBePending, type Prepared, readJournal } from './journal.ts';
import { isMissing } from './objects.ts';
import { foldIf, replicaOf } from './operations.ts';
import { putObjectsBack, restoreRefs } from './power-loss.ts';
import { lockRefs } from './ref-update.ts';
import { readRawRef } from './refs.ts';
import type { Repo } from './repo.ts';
import type { Identity, RefChange } from './types.ts';
import { holds, readWorking, type StagedFile, stageWorking } from './working-files.ts';

/**
 * Brings the repository to the state its journal tells, after a crash and after a power cut. The caller holds the
 * transaction lock. Returns false when an unfinished operation was dropped.
 */
export async function settle(repo: Repo): Promise<boolean> {
  if (!mayBePending(repo)) return true;
  const journal = readJournal(repo);
  await putObjectsBack(repo);
  if (journal.isOlder) await restoreRefs(repo, journal);
  const isWhole = journal.pending === undefined || (await settlePending(repo, journal.pending));
  await foldIf(repo, replicaOf(repo.cwfDir), () => journal.isOlder);
  return isWhole;
}

/**
 * Finishes or drops an operation whose process died between its journal line and its end: no ref at its new value,
 * nobody was told of it, and it never was; else the other refs follow, then files and index. [OP-2]
 */
async function settlePending(repo: Repo, pending: Prepared): Promise<boolean> {
  const { operation } = pending;
  const left = operation.refs.filter(({ ref, new: to }) => (readRawRef(repo.gitDir, ref) ?? null) !== to);
  if (operation.refs.length > 0 && left.length === operation.refs.length) {
    journalSettled(repo, operation.id, false);
    return false;
  }
  const message = `cwf ${operation.command} (finished after a crash)`;
  for (const change of left) await follow(repo, change, { identity: reflogIdentity(operation.actor), message });
  const staged: StagedFile[] = [];
  try {
    for (const { path, after } of operation.files) {
      const bytes = after === null ? null : (await repo.objects.read(after)).body;
      const file = attempt(() =>
        holds(readWorking(repo.workDir, path), bytes) ? undefined : stageWorking(repo, path, bytes),
      );
      if (file) staged.push(file);
    }
    await finish(repo, pending, staged, true);
  } finally {
    for (const file of staged) file.discard();
  }
  return true;
}

/** Who the reflog says moved a ref, at this moment. */
export function reflogIdentity(actor: string): Identity {
  return { name: `cwf ${actor}`, email: 'cwf@localhost', timestamp: Math.floor(Date.now() / 1000), offset: 0 };
}

/**
 * What follows once the refs have moved: working files, index, the journal's last line. A file that somebody changed
 * in between stays as it is. `isLenient`: so does one that cannot be written, since recovery must come to an end.
 */
export async function finish(
  repo: Repo,
  { operation, index }: Prepared,
  staged: readonly StagedFile[],
  isLenient = false,
): Promise<void> {
  const before = new Map(operation.files.map((file) => [file.path, file.before]));
  for (const file of staged) {
    const oid = before.get(file.path) ?? null;
    const bytes = oid === null ? null : (await repo.objects.read(oid)).body;
    if (isLenient) attempt(() => file.apply(bytes));
    else file.apply(bytes);
  }
  if (index.length > 0) await updateIndex(repo, await stamped(repo, { operation, index }));
  journalSettled(repo, operation.id, true);
}

/** A file this operation wrote stands for its index entry, if it holds what was written. */
async function stamped(repo: Repo, { operation, index }: Prepared): Promise<IndexChange[]> {
  const after = new Map(operation.files.map((file) => [file.path, file.after]));
  const out: IndexChange[] = [];
  for (const change of index) {
    const oid = after.get(change.path);
    if (oid === undefined || oid === null) {
      out.push(change);
      continue;
    }
    const { body } = await repo.objects.read(oid);
    const isOurs = attempt(() => holds(readWorking(repo.workDir, change.path), body)) === true;
    out.push({ ...change, stamp: isOurs ? stampOf(repo.workDir, change.path) : null });
  }
  return out;
}

/** Moves one ref that the others left behind; one that somebody else moved since, or whose place is taken, stays. */
async function follow(repo: Repo, change: RefChange, reflog: { identity: Identity; message: string }): Promise<void> {
  try {
    const locked = await lockRefs(repo, [change]);
    try {
      locked.commit(reflog);
    } finally {
      locked.release();
    }
  } catch (error) {
    if (!isCwfError(error, 'REF_STALE', 'REF_CONFLICT')) throw error;
  }
}

/** A folder that became a link, a file that became a folder, a file that may not be written: then it is the user's. */
function attempt<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    const isOurs = isCwfError(error, 'PATH_OUTSIDE', 'PATH_INVALID', 'FILE_UNREADABLE', 'REPO_READ_ONLY');
    const { code } = error as NodeJS.ErrnoException;
    if (
      isOurs ||
      isMissing(error) ||
      ['EACCES', 'EPERM', 'EISDIR', 'EROFS', 'ENOTEMPTY', 'EEXIST'].includes(code ?? '')
    )
      return undefined;
    throw error;
  }
}
