import type { Oid } from '../io/repo/types.ts';
import { approvers, type Demand, missing } from '../plan/review/gate.ts';
import type { ReviewState } from '../plan/review/state.ts';
import { commitsOf, filesOf, type ProposedCommit } from './propose.ts';
import type { FileReport } from './report.ts';
import { type Checks, changedWorkflows, failedChecks, makeChecks } from './review-checks.ts';
import { demandOn, endsOf } from './review-gate.ts';
import { findProposal, type Proposal, readProposals } from './review-notes.ts';
import { type PlacedComment, placeAll } from './review-places.ts';
import { toldRuns } from './review-runs.ts';
import { allIds } from './review-say.ts';
import { defineVerb } from './verb.ts';

/** One proposal in a list. */
export interface ProposalRow extends Pick<ReviewState, 'id' | 'title' | 'target' | 'author' | 'time'> {
  readonly state: ReviewState['state'];
  readonly head: Oid;
  /** Names of the people whose approval counts now. */
  readonly approvedBy: readonly string[];
  readonly changesRequested: boolean;
  readonly comments: number;
}

/** `cwf review list`: proposals, newest first; those that are over only with `all`. */
export const reviewList = defineVerb<{ readonly all?: boolean }, { readonly proposals: readonly ProposalRow[] }>({
  name: 'review list',
  summary: 'List proposals',
  mutates: false,
  async run(ctx, { all = false }) {
    const proposals = (await readProposals(ctx)).map(rowOf);
    return { proposals: all ? proposals : proposals.filter(({ state }) => state === 'open') };
  },
});

/** All that is known of a proposal. `needs`: what it still needs to be merged, in words; empty when it may be. */
export interface ReviewShowOutput extends Omit<ReviewState, 'comments' | 'checks' | 'nextSeq'> {
  readonly head: Oid;
  /** Where it left its target; absent where that is not known. */
  readonly base?: Oid;
  readonly joined: boolean;
  readonly commits: readonly ProposedCommit[];
  readonly files: readonly FileReport[];
  /** Made anew; `run` as the notes of both sides tell, where there are any. */
  readonly checks: Checks;
  readonly demand: Demand;
  readonly needs: readonly string[];
  readonly comments: readonly PlacedComment[];
}

/** `cwf review show`: a proposal with its commits, checks, changes and comments. Throws PROPOSAL_NOT_FOUND. */
export const reviewShow = defineVerb<{ readonly proposal: string }, ReviewShowOutput>({
  name: 'review show',
  summary: 'Show a proposal: its changes, checks and comments',
  mutates: false,
  async run(ctx, input) {
    await ctx.loadCatalog();
    const proposal = await findProposal(ctx, input.proposal);
    const { head, review, joined } = proposal;
    const { comments, checks: _noted, nextSeq: _seq, ...told } = review;
    const ends = await endsOf(ctx, proposal);
    const checks = await makeChecks(ctx, ends.base, head);
    const demand = await demandOn(ctx, review);
    const needs = review.state === 'open' && !joined ? missing(review, demand, failedChecks(checks)) : [];
    const runs = await toldRuns(ctx, ends.base, head, await changedWorkflows(ctx, ends.base, head));
    return {
      ...told,
      head,
      ...(ends.base === undefined ? {} : { base: ends.base }),
      joined,
      commits: await commitsOf(ctx, ends.other, head),
      files: await filesOf(ctx, ends.base, head),
      checks: runs ? { ...checks, results: [...checks.results, runs] } : checks,
      demand,
      needs,
      comments: await placeAll(ctx, comments, head),
    };
  },
});

function rowOf({ id, head, review, joined }: Proposal): ProposalRow {
  const { title, target, author, time, state, verdicts, comments } = review;
  return {
    id,
    title,
    target,
    author,
    time,
    state: joined ? 'merged' : state,
    head,
    approvedBy: approvers(review),
    changesRequested: verdicts.some((one) => one.verdict === 'request-changes' && one.actor === 'person'),
    comments: allIds(comments).length,
  };
}
