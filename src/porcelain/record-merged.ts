import { CwfError } from '../base/errors.ts';
import type { Transaction } from '../io/repo/repo.ts';
import type { Trailer } from '../io/repo/trailers.ts';
import type { Identity, Oid } from '../io/repo/types.ts';
import { type Entry, entriesOf, stageEntries } from './checkout.ts';
import type { Context } from './context.ts';
import { dryRun } from './dry-run.ts';
import type { TreeMerge } from './merge-trees.ts';
import type { CommitOp } from './message.ts';
import { stageCommit } from './record.ts';
import { toDocument } from './worktree.ts';

/** The commit that a merge result becomes. */
export interface MergedCommit {
  readonly op: CommitOp;
  readonly parents: readonly Oid[];
  readonly message: string;
  readonly reason?: string;
  readonly trailers?: readonly Trailer[];
  readonly author?: Identity;
  readonly dryRun?: boolean;
  /** A branch (full name) that HEAD is not on takes the commit: then nothing else moves. */
  readonly onto?: string;
  /** What belongs to the same operation; `oid` is the new commit. */
  readonly also?: (tx: Transaction, oid: Oid) => Promise<void>;
  /** Its name in the operation log, where it is not that of `op`. */
  readonly command?: string;
}

/**
 * Commits a merge result on top of HEAD and brings the working tree and git's index to it, in one transaction. Dry
 * without an oid. Throws UNCOMMITTED_CHANGES when a file that must change holds something no commit has.
 */
export async function recordMerged(
  ctx: Context,
  { changes, others }: TreeMerge,
  commit: MergedCommit,
): Promise<Oid | undefined> {
  const { dryRun: isDry, onto, also, command = commit.op, ...plan } = commit;
  const { repo } = isDry ? dryRun(ctx) : ctx;
  const oid = await repo.transaction({ command, actor: ctx.actor }, async (tx) => {
    const head = onto === undefined ? await ctx.repo.head() : { branch: onto, oid: await ctx.repo.readRef(onto) };
    // Merged onto what HEAD was: were it another commit now, that one would be lost.
    if (head.oid !== commit.parents[0]) throw new CwfError('REF_STALE', { ref: head.branch ?? 'HEAD' });
    if (onto === undefined) await stageWorkTree(ctx, tx, head.oid, { changes, others });
    const away = onto === undefined ? {} : { onto: { ref: onto, from: head.oid ?? null } };
    const made = await stageCommit(ctx, tx, { head, changes, others, ...plan, ...away });
    await also?.(tx, made);
    return made;
  });
  return isDry ? undefined : oid;
}

/** Working files and git's index, from the commit HEAD is on to what was merged. */
async function stageWorkTree(
  ctx: Context,
  tx: Transaction,
  head: Oid | undefined,
  { changes, others }: Pick<TreeMerge, 'changes' | 'others'>,
): Promise<void> {
  const from = await entriesOf(ctx, head);
  const to = new Map<string, Entry>(from);
  for (const [path, entry] of others) setEntry(to, path, entry);
  for (const { file, after } of changes) {
    const oid = after && (await tx.writeBlob(toDocument(after).bytes));
    setEntry(to, file, oid === undefined ? null : { mode: from.get(file)?.mode ?? '100644', oid });
  }
  await stageEntries(ctx, tx, from, to);
}

function setEntry(entries: Map<string, Entry>, path: string, entry: Entry | null): void {
  if (entry) entries.set(path, entry);
  else entries.delete(path);
}
