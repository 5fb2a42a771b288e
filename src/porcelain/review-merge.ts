import { CwfError } from '../base/errors.ts';
import type { Favor } from '../core/edit/merge.ts';
import { checkBranch } from '../io/repo/protection.ts';
import type { Oid } from '../io/repo/types.ts';
import { approvers } from '../plan/review/gate.ts';
import type { ReviewState } from '../plan/review/state.ts';
import type { Conflict } from './conflict-list.ts';
import type { Context } from './context.ts';
import { planMerge } from './merge-plan.ts';
import { findMerge, refuseSecondMerge, writeMerge } from './merge-state.ts';
import { openConflicts } from './merge-trees.ts';
import { recordMerged } from './record-merged.ts';
import { type FileReport, reportOf } from './report.ts';
import { endsOf, refuseUnready } from './review-gate.ts';
import { findProposal, type Proposal, stageEvent, targetRef } from './review-notes.ts';
import { settledHead, whileStale } from './settled.ts';
import { defineVerb } from './verb.ts';

/** Which proposal to merge, and how. */
export interface ReviewMergeInput {
  readonly proposal: string;
  /** The commit that was looked at: another head is refused. */
  readonly expected?: string;
  readonly message?: string;
  readonly reason?: string;
  /** Which side wins where both changed one thing; ours is the target. */
  readonly favor?: Favor;
  readonly dryRun?: boolean;
}

/**
 * How it ended. With conflicts nothing was merged; `isWaiting`: the merge waits for decisions here, since HEAD is on the
 * target.
 */
export interface ReviewMergeOutput {
  readonly kind: 'merged' | 'conflict';
  readonly proposal: string;
  readonly title: string;
  readonly target: string;
  readonly oid?: Oid;
  readonly approvedBy: readonly string[];
  readonly files: readonly FileReport[];
  readonly conflicts: readonly Conflict[];
  readonly notes: readonly string[];
  readonly isWaiting: boolean;
}

/**
 * `cwf review merge`: merges a proposal into its target as a commit of its own, and notes that and who, in one operation.
 * Where HEAD is on the target the working tree follows; else only the branch moves. Throws REVIEW_NEEDED,
 * PROPOSAL_CLOSED, BRANCH_PROTECTED, NO_MERGE_BASE, UNCOMMITTED_CHANGES, MERGE_OPEN.
 */
export const reviewMerge = defineVerb<ReviewMergeInput, ReviewMergeOutput>({
  name: 'review merge',
  summary: 'Merge a proposal into its branch',
  mutates: true,
  run: (ctx, input) => whileStale(() => mergeProposal(ctx, input)),
});

async function mergeProposal(ctx: Context, input: ReviewMergeInput): Promise<ReviewMergeOutput> {
  await ctx.loadCatalog();
  const proposal = await findProposal(ctx, input.proposal);
  const { id, ref, head, review, notes } = proposal;
  const onto = targetRef(review);
  await checkBranch(ctx.repo, ctx.actor, 'review merge', onto);
  const { expected } = input;
  if (expected !== undefined && !(expected.length >= 4 && head.startsWith(expected)))
    throw new CwfError('REF_STALE', { ref: `proposal/${id}`, actual: head });
  const checks = await refuseUnready(ctx, proposal);
  const tip = await ctx.repo.readRef(onto);
  if (tip === undefined)
    throw new CwfError('REV_NOT_FOUND', { rev: review.target }, { hint: 'Its branch is gone; see `cwf branch`.' });
  const here = await settledHead(ctx);
  const isHere = here.branch === onto;
  if (isHere) refuseSecondMerge(ctx, 'merge', head);
  const { reason, favor } = input;
  const rev = `proposal/${id}`;
  const resolutions = isHere ? (findMerge(ctx)?.resolutions ?? {}) : {};
  const plan = {
    op: 'merge' as const,
    rev,
    theirs: head,
    message: messageOf(proposal, input),
    reason,
    favor,
    resolutions,
  };
  const { result, commit } = await planMerge(ctx, plan, { branch: onto, oid: tip });
  const { conflicts, notes: said } = result;
  const approvedBy = approvers(review);
  const told = { proposal: id, title: review.title, target: review.target, approvedBy, conflicts, notes: said };
  const files = result.changes.map(reportOf);
  if (openConflicts(result).length > 0) {
    if (isHere && !input.dryRun) await writeMerge(ctx, { version: 1, ...plan, branch: onto, rest: [], resolutions });
    return { kind: 'conflict', ...told, files, isWaiting: isHere && !input.dryRun };
  }
  const base = checks.base ?? (await endsOf(ctx, proposal)).base ?? tip;
  const oid = await recordMerged(ctx, result, {
    ...commit,
    trailers: [...(commit.trailers ?? []), ...trailersOf(review)],
    command: 'review merge',
    ...(isHere ? {} : { onto }),
    dryRun: input.dryRun,
    also: async (tx, merged) => {
      // What was judged is what is merged: a push or a word meanwhile begins it anew, and the second of two is told.
      tx.setRef(ref, head, head);
      tx.requireNotes('review', notes);
      await stageEvent(ctx, tx, { event: 'merge', base, as: merged }, { proposal: id, on: head, seq: review.nextSeq });
    },
  });
  return { kind: 'merged', ...told, ...(oid === undefined ? {} : { oid }), files, isWaiting: false };
}

/** The title is a text of whoever proposed: one line, and never a trailer. */
function messageOf({ id, review }: Proposal, { message }: ReviewMergeInput): string {
  if (message !== undefined) return message;
  const text = review.text === undefined ? '' : `\n\n${review.text.replace(/^(?=[A-Za-z-]+:)/gm, ' ')}`;
  return `Merge proposal/${id}: ${review.title}${text}`;
}

function trailersOf(review: ReviewState): { key: string; value: string }[] {
  const approved = review.verdicts.filter(
    ({ verdict, stale, actor }) => verdict === 'approve' && !stale && actor === 'person',
  );
  return [
    { key: 'Cwf-Proposal', value: review.id },
    ...approved.map(({ name, email }) => ({ key: 'Reviewed-by', value: `${name} <${email}>` })),
  ];
}
