import { CwfError } from '../base/errors.ts';
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
  const { dryRun: isDry, ...plan } = commit;
  const { repo } = isDry ? dryRun(ctx) : ctx;
  const oid = await repo.transaction({ command: commit.op, actor: ctx.actor }, async (tx) => {
    const head = await ctx.repo.head();
    // Merged onto what HEAD was: were it another commit now, that one would be lost.
    if (head.oid !== commit.parents[0]) throw new CwfError('REF_STALE', { ref: head.branch ?? 'HEAD' });
    const from = await entriesOf(ctx, head.oid);
    const to = new Map<string, Entry>(from);
    for (const [path, entry] of others) setEntry(to, path, entry);
    for (const { file, after } of changes) {
      const oid = after && (await tx.writeBlob(toDocument(after).bytes));
      setEntry(to, file, oid === undefined ? null : { mode: from.get(file)?.mode ?? '100644', oid });
    }
    await stageEntries(ctx, tx, from, to);
    return stageCommit(ctx, tx, { head, changes, others, ...plan });
  });
  return isDry ? undefined : oid;
}

function setEntry(entries: Map<string, Entry>, path: string, entry: Entry | null): void {
  if (entry) entries.set(path, entry);
  else entries.delete(path);
}
