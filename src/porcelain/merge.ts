import { CwfError } from '../base/errors.ts';
import type { Favor } from '../core/edit/merge.ts';
import type { Oid } from '../io/repo/types.ts';
import { stageCheckout } from './checkout.ts';
import type { Context } from './context.ts';
import { dryRun } from './dry-run.ts';
import { type Conflict, mergeSides, sideOf, virtualBase } from './merge-trees.ts';
import { recordMerged } from './record-merged.ts';
import { type FileReport, reportOf } from './report.ts';
import { settledHead, whileStale } from './settled.ts';
import { defineVerb } from './verb.ts';

/** What to merge, and how. */
export interface MergeInput {
  readonly rev: string;
  readonly message?: string;
  readonly reason?: string;
  /** Which side wins where both changed one thing. */
  readonly favor?: Favor;
  /** A merge commit even where the branch could just move forward; or never one. */
  readonly fastForward?: 'no' | 'only';
  readonly dryRun?: boolean;
}

/** How a merge ended; with conflicts nothing was written. */
export interface MergeOutput {
  readonly kind: 'up-to-date' | 'fast-forward' | 'merged' | 'conflict';
  readonly oid?: Oid;
  readonly branch?: string;
  readonly files: readonly FileReport[];
  readonly conflicts: readonly Conflict[];
  readonly notes: readonly string[];
}

/** `cwf merge`. Throws REV_NOT_FOUND, NO_MERGE_BASE, NOT_FAST_FORWARD, UNCOMMITTED_CHANGES, MERGE_UNDER_WAY. */
export const merge = defineVerb<MergeInput, MergeOutput>({
  name: 'merge',
  summary: 'Join another branch into this one',
  mutates: true,
  run: (ctx, input) => whileStale(() => mergeOnce(ctx, input)),
});

async function mergeOnce(ctx: Context, input: MergeInput): Promise<MergeOutput> {
  await ctx.loadCatalog();
  const theirs = await ctx.repo.resolve(input.rev);
  const head = await settledHead(ctx);
  const done = { branch: head.branch, files: [], conflicts: [], notes: [] };
  if (head.oid !== undefined && (await ctx.repo.isAncestor(theirs, head.oid))) {
    return { kind: 'up-to-date', oid: head.oid, ...done };
  }
  const isForward = head.oid === undefined || (await ctx.repo.isAncestor(head.oid, theirs));
  if (isForward && input.fastForward !== 'no') return { ...done, ...(await fastForward(ctx, input, theirs)) };
  if (input.fastForward === 'only') throw new CwfError('NOT_FAST_FORWARD', { rev: input.rev });
  return { ...done, ...(await threeWay(ctx, input, head.oid!, theirs)) };
}

async function fastForward(
  ctx: Context,
  input: MergeInput,
  theirs: Oid,
): Promise<Pick<MergeOutput, 'kind' | 'oid' | 'files'>> {
  const head = await ctx.repo.head();
  const { changes } = await mergeSides(
    await sideOf(ctx, head.oid),
    await sideOf(ctx, head.oid),
    await sideOf(ctx, theirs),
  );
  const { repo } = input.dryRun ? dryRun(ctx) : ctx;
  await repo.transaction({ command: 'merge', actor: ctx.actor }, async (tx) => {
    await stageCheckout(ctx, tx, theirs);
    if (head.branch === undefined) tx.setHead({ oid: theirs });
    else tx.setRef(head.branch, theirs, head.oid ?? null);
  });
  return { kind: 'fast-forward', oid: theirs, files: changes.map(reportOf) };
}

async function threeWay(ctx: Context, input: MergeInput, ours: Oid, theirs: Oid): Promise<Omit<MergeOutput, 'branch'>> {
  const bases = await ctx.repo.mergeBases(ours, theirs);
  if (bases.length === 0) throw new CwfError('NO_MERGE_BASE', { a: 'HEAD', b: input.rev });
  const base = bases.length === 1 ? await sideOf(ctx, bases[0]) : await virtualBase(ctx, bases);
  const result = await mergeSides(base, await sideOf(ctx, ours), await sideOf(ctx, theirs), input.favor);
  const files = result.changes.map(reportOf);
  const { conflicts, notes } = result;
  if (conflicts.length > 0) return { kind: 'conflict', files, conflicts, notes };
  const oid = await recordMerged(ctx, result, {
    op: 'merge',
    parents: [ours, theirs],
    message: input.message ?? `Merge ${input.rev}`,
    reason: input.reason,
    dryRun: input.dryRun,
  });
  return { kind: 'merged', ...(oid === undefined ? {} : { oid }), files, conflicts, notes };
}
