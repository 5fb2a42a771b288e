import { CwfError } from '../base/errors.ts';
import { PROPOSAL_REFS, readProtection, rulesOf } from '../io/repo/protection.ts';
import type { Oid } from '../io/repo/types.ts';
import { type Demand, demandOf, missing } from '../plan/review/gate.ts';
import type { ReviewState } from '../plan/review/state.ts';
import type { Context } from './context.ts';
import { type Checks, failedChecks, makeChecks } from './review-checks.ts';
import { findProposal, type Proposal, refuseClosed, targetRef } from './review-notes.ts';

/** Throws REVIEW_NEEDED where a proposal may not be merged; else what it is merged with. */
export async function refuseUnready(ctx: Context, proposal: Proposal): Promise<Checks> {
  refuseClosed(proposal);
  const { id, head, review } = proposal;
  const checks = await makeChecks(ctx, (await endsOf(ctx, proposal)).base, head);
  const needs = missing(review, await demandOn(ctx, review), failedChecks(checks));
  if (needs.length > 0)
    throw new CwfError('REVIEW_NEEDED', { proposal: id, target: review.target, needs: needs.join('; ') });
  return checks;
}

/** What the rules of its target ask of a proposal. */
export async function demandOn(ctx: Context, review: ReviewState): Promise<Demand> {
  return demandOf(rulesOf(await readProtection(ctx.repo), targetRef(review)));
}

/** Where a proposal left its target (`base`), and the commit whose history it adds to (`other`). */
export async function endsOf(
  ctx: Context,
  { head, review, joined }: Proposal,
): Promise<{ readonly base?: Oid; readonly other?: Oid }> {
  const { closed } = review;
  if (closed?.base !== undefined) return { base: closed.base, other: closed.base };
  const tip = await ctx.repo.readRef(targetRef(review));
  if (tip === undefined) return {};
  if (joined) {
    const [first] = (await ctx.repo.readCommit(head)).parents;
    return first === undefined ? {} : { base: first, other: first };
  }
  const [base] = await ctx.repo.mergeBases(tip, head);
  return { ...(base === undefined ? {} : { base }), other: tip };
}

/**
 * The same for whoever merges the head of an open proposal under another name: a rule that `cwf merge` went around would
 * be none. `onto` is a full name.
 */
export async function refuseUnreviewed(ctx: Context, theirs: Oid, onto: string | undefined): Promise<void> {
  for (const { ref, oid } of await ctx.repo.listRefs(PROPOSAL_REFS)) {
    if (oid !== theirs) continue;
    const proposal = await findProposal(ctx, ref).catch(() => undefined);
    if (proposal?.review.state === 'open' && !proposal.joined && targetRef(proposal.review) === onto)
      await refuseUnready(ctx, proposal);
  }
}
