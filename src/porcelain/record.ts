import type { Transaction } from '../io/repo/repo.ts';
import type { Identity, Oid } from '../io/repo/types.ts';
import { stageCatalog } from './catalog-store.ts';
import type { Change } from './changes.ts';
import type { Context } from './context.ts';
import { commitMessage, type MessageParts } from './message.ts';
import { rememberDocument } from './workflows.ts';
import { toDocument } from './worktree.ts';

/** Where HEAD stands: a branch (full name; unborn without `oid`), or a commit alone when detached. */
export interface Head {
  readonly branch?: string;
  readonly oid?: Oid;
}

/** A commit to be made on top of `head`. `parents` default to the tip of `head`. */
export interface CommitPlan extends Omit<MessageParts, 'actor' | 'catalogHash'> {
  readonly head: Head;
  readonly parents?: readonly Oid[];
  /** Files that are no workflows and come from another parent: their entries in the tree. */
  readonly others?: ReadonlyMap<string, { mode: string; oid: Oid } | null>;
  /** Who wrote the change, when it is not who commits it. */
  readonly author?: Identity;
  /** A ref that is not HEAD's takes the commit, and what it holds now: then git's index stays as it is. */
  readonly onto?: { readonly ref: string; readonly from: Oid | null };
}

const PLAIN = '100644';

/**
 * Stages one commit of workflow changes: canonical blobs, tree on top of the first parent's, verified message, the ref
 * of HEAD by compare-and-swap, git's index. Files that are not in `changes` keep their place in the tree. Returns the
 * new commit's oid; nothing is visible before the transaction ends. Throws MESSAGE_INVALID or BUG.
 */
export async function stageCommit(ctx: Context, tx: Transaction, plan: CommitPlan): Promise<Oid> {
  const parents = plan.parents ?? (plan.head.oid === undefined ? [] : [plan.head.oid]);
  const base = parents[0] === undefined ? undefined : (await ctx.repo.readCommit(parents[0])).tree;
  const modes = base === undefined ? new Map<string, { mode: string }>() : await ctx.repo.listTree(base);
  const entries = new Map<string, { mode: string; oid: Oid } | null>(plan.others);
  for (const change of plan.changes) {
    if (change.from !== undefined) entries.set(change.from, null);
    entries.set(change.file, await stageFile(ctx, tx, change, modes.get(change.from ?? change.file)?.mode ?? PLAIN));
  }
  const tree = await tx.writeTree(base, entries);
  await stageCatalog(ctx, tx);
  const message = commitMessage({ ...plan, actor: ctx.actor, catalogHash: ctx.catalog.hash });
  const who = await ctx.identity();
  const author = plan.author ?? who.author;
  const oid = await tx.writeCommit({ tree, parents: [...parents], message, ...who, author });
  if (plan.onto) {
    tx.setRef(plan.onto.ref, oid, plan.onto.from);
    return oid;
  }
  if (plan.head.branch === undefined) tx.setHead({ oid });
  else tx.setRef(plan.head.branch, oid, plan.head.oid ?? null);
  for (const [file, entry] of entries) tx.setIndexEntry(file, entry);
  return oid;
}

async function stageFile(
  ctx: Context,
  tx: Transaction,
  change: Change,
  mode: string,
): Promise<{ mode: string; oid: Oid } | null> {
  if (change.after === undefined) return null;
  const document = toDocument(change.after);
  rememberDocument(ctx, document);
  return { mode, oid: await tx.writeBlob(document.bytes) };
}
