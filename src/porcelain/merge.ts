import { CwfError } from '../base/errors.ts';
import type { Favor } from '../core/edit/merge.ts';
import type { Oid } from '../io/repo/types.ts';
import { type ChangeFault, changeFaults, refuseFaults } from './change-faults.ts';
import type { Change } from './changes.ts';
import { stageCheckout } from './checkout.ts';
import type { Conflict } from './conflict-list.ts';
import type { Context } from './context.ts';
import { dryRun } from './dry-run.ts';
import { type MergePlan, planMerge } from './merge-plan.ts';
import { clearMerge, findMerge, refuseSecondMerge, writeMerge } from './merge-state.ts';
import { mergeSides, openConflicts, sideOf } from './merge-trees.ts';
import type { Head } from './record.ts';
import { recordMerged } from './record-merged.ts';
import { type FileReport, reportOf } from './report.ts';
import { refuseUnreviewed } from './review-gate.ts';
import { settledHead, whileStale } from './settled.ts';
import { defineVerb } from './verb.ts';

/** What to merge, and how. */
export interface MergeInput {
  readonly rev: string;
  readonly message?: string;
  readonly reason?: string;
  /** Which side wins where both changed one thing. */
  readonly favor?: Favor;
  /** Any two changes of one node are a conflict, be it of different values. */
  readonly isStrict?: boolean;
  /** A merge commit even where the branch could just move forward; or never one. */
  readonly fastForward?: 'no' | 'only';
  /** Refuses a result with errors that HEAD has not. */
  readonly check?: boolean;
  readonly dryRun?: boolean;
}

/** How a merge ended; with conflicts no commit and no file was written, and the merge waits for decisions. */
export interface MergeOutput {
  readonly kind: 'up-to-date' | 'fast-forward' | 'merged' | 'conflict';
  readonly oid?: Oid;
  readonly branch?: string;
  readonly files: readonly FileReport[];
  readonly conflicts: readonly Conflict[];
  readonly notes: readonly string[];
  /** The errors and warnings that the result has and HEAD had not: where `check` or a dry run looked for them. */
  readonly faults?: readonly ChangeFault[];
}

/** `cwf merge`. Throws REV_NOT_FOUND, NO_MERGE_BASE, NOT_FAST_FORWARD, UNCOMMITTED_CHANGES, MERGE_UNDER_WAY, MERGE_OPEN, REVIEW_NEEDED, EDIT_REFUSED. */
export const merge = defineVerb<MergeInput, MergeOutput>({
  name: 'merge',
  summary: 'Join another branch into this one',
  mutates: true,
  run: (ctx, input) => whileStale(() => mergeOnce(ctx, input)),
});

async function mergeOnce(ctx: Context, input: MergeInput): Promise<MergeOutput> {
  await ctx.loadCatalog();
  const theirs = await ctx.repo.resolve(input.rev);
  refuseSecondMerge(ctx, 'merge', theirs);
  const head = await settledHead(ctx);
  await refuseUnreviewed(ctx, theirs, head.branch);
  const done = { branch: head.branch, files: [], conflicts: [], notes: [] };
  if (head.oid !== undefined && (await ctx.repo.isAncestor(theirs, head.oid))) {
    // Joined in another way meanwhile (plain git, a reset): nothing waits any more.
    if (!input.dryRun) clearMerge(ctx);
    return { kind: 'up-to-date', oid: head.oid, ...done };
  }
  const isForward = head.oid === undefined || (await ctx.repo.isAncestor(head.oid, theirs));
  if (isForward && input.fastForward !== 'no') return { ...done, ...(await fastForward(ctx, input, theirs)) };
  if (input.fastForward === 'only') throw new CwfError('NOT_FAST_FORWARD', { rev: input.rev });
  return { ...done, ...(await threeWay(ctx, input, theirs, head)) };
}

async function fastForward(
  ctx: Context,
  input: MergeInput,
  theirs: Oid,
): Promise<Pick<MergeOutput, 'kind' | 'oid' | 'files' | 'faults'>> {
  const head = await ctx.repo.head();
  const { changes } = await mergeSides(
    ctx,
    await sideOf(ctx, head.oid),
    await sideOf(ctx, head.oid),
    await sideOf(ctx, theirs),
  );
  const told = faultsOf(ctx, input, changes);
  const { repo } = input.dryRun ? dryRun(ctx) : ctx;
  await repo.transaction({ command: 'merge', actor: ctx.actor }, async (tx) => {
    await stageCheckout(ctx, tx, theirs);
    if (head.branch === undefined) tx.setHead({ oid: theirs });
    else tx.setRef(head.branch, theirs, head.oid ?? null);
  });
  return { kind: 'fast-forward', oid: theirs, files: changes.map(reportOf), ...told };
}

/** Throws EDIT_REFUSED where that was asked for; validating costs more than merging, so it is done where somebody looks. */
function faultsOf(ctx: Context, { check, dryRun: isDry }: MergeInput, changes: readonly Change[]) {
  if (!check && !isDry) return {};
  const faults = changeFaults(ctx, changes);
  if (check && !isDry) refuseFaults(faults);
  return { faults };
}

async function threeWay(
  ctx: Context,
  input: MergeInput,
  theirs: Oid,
  head: Head,
): Promise<Omit<MergeOutput, 'branch'>> {
  const { rev, message, reason, favor, isStrict } = input;
  // Begun again: what was decided stays decided.
  const resolutions = findMerge(ctx)?.resolutions ?? {};
  const plan: MergePlan = { op: 'merge', rev, theirs, message, reason, favor, isStrict, resolutions };
  const { result, commit } = await planMerge(ctx, plan, head);
  const files = result.changes.map(reportOf);
  const { conflicts, notes } = result;
  if (openConflicts(result).length > 0) {
    if (!input.dryRun) await writeMerge(ctx, { version: 1, ...plan, branch: head.branch, rest: [], resolutions });
    return { kind: 'conflict', files, conflicts, notes };
  }
  const told = faultsOf(ctx, input, result.changes);
  const oid = await recordMerged(ctx, result, { ...commit, dryRun: input.dryRun });
  // Begun again with a side that wins: nothing waits any more.
  if (!input.dryRun) clearMerge(ctx);
  return { kind: 'merged', ...(oid === undefined ? {} : { oid }), files, conflicts, notes, ...told };
}
