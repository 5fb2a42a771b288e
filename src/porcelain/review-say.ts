import { CwfError } from '../base/errors.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Demand } from '../plan/review/gate.ts';
import { missing } from '../plan/review/gate.ts';
import type { Comment } from '../plan/review/state.ts';
import type { Context } from './context.ts';
import { type Checks, changedWorkflows, failedChecks, makeChecks } from './review-checks.ts';
import { demandOn, endsOf } from './review-gate.ts';
import { findProposal, newCommentId, openProposal, stageEvent } from './review-notes.ts';
import { anchorOf, type PlacedComment, placed } from './review-places.ts';
import { type SmokeRuns, toldRuns } from './review-runs.ts';
import { type SmokeTerms, smokeRuns } from './review-smoke.ts';
import { stageRun } from './run-document.ts';
import { whileStale } from './settled.ts';
import { defineVerb } from './verb.ts';

/** A comment on a proposal, on a file of it, on a node or an input; or an answer to another comment. */
export interface ReviewCommentInput {
  readonly proposal: string;
  readonly text: string;
  readonly file?: string;
  /** `<node>` or `<node>.<input>` as for `cwf set`. */
  readonly address?: string;
  /** Id of the comment that is answered. */
  readonly reply?: string;
  readonly dryRun?: boolean;
}

/** The comment as it was noted. */
export interface ReviewCommentOutput extends Omit<PlacedComment, 'replies'> {
  readonly proposal: string;
}

/** `cwf review comment`. Throws PROPOSAL_NOT_FOUND, COMMENT_NOT_FOUND, REVIEW_INVALID, FILE_NOT_FOUND, NODE_NOT_FOUND, INPUT_NOT_FOUND. */
export const reviewComment = defineVerb<ReviewCommentInput, ReviewCommentOutput>({
  name: 'review comment',
  summary: 'Comment on a proposal, a node or an input',
  mutates: true,
  scope: 'propose',
  async run(ctx, input) {
    const { id: proposal, head, review } = await findProposal(ctx, input.proposal);
    const { text, reply } = input;
    if (reply !== undefined && !allIds(review.comments).includes(reply))
      throw new CwfError('COMMENT_NOT_FOUND', { proposal, comment: reply });
    const anchor = input.file === undefined ? undefined : await anchorOf(ctx, head, input.file, input.address);
    if (anchor === undefined && input.address !== undefined)
      throw new CwfError('REVIEW_INVALID', { reason: 'an address is one of a file, which is named before it' });
    const id = newCommentId();
    const act = { event: 'comment' as const, id, text, ...(anchor ? { anchor } : {}), ...(reply ? { reply } : {}) };
    const write = (world: Context): Promise<Awaited<ReturnType<typeof stageEvent>>> =>
      world.repo.transaction({ command: 'review comment', actor: ctx.actor }, (tx) =>
        stageEvent(ctx, tx, act, { proposal, on: head, seq: review.nextSeq }),
      );
    const { actor, name, email, time } = await write(await dryWhere(ctx, input.dryRun));
    const said = { proposal, id, text, actor, name, email, time, on: head };
    return { ...said, ...(await placed(ctx, anchor, head, head)) };
  },
});

/** A verdict, with a word of why. */
export interface VerdictInput {
  readonly proposal: string;
  readonly text?: string;
  readonly dryRun?: boolean;
}

/** The verdict, and what the proposal needs after it. */
export interface VerdictOutput {
  readonly proposal: string;
  readonly title: string;
  readonly verdict: 'approve' | 'request-changes' | 'reject';
  /** The commit it is about: another head makes it stale. */
  readonly on: Oid;
  readonly target: string;
  readonly needs: readonly string[];
}

/** `cwf review approve`: of the commit that is the head now; a person does. Throws APPROVAL_DENIED, PROPOSAL_CLOSED. */
export const reviewApprove = defineVerb<VerdictInput, VerdictOutput>({
  name: 'review approve',
  summary: 'Approve a proposal as it is now',
  mutates: true,
  run: (ctx, input) => judge(ctx, 'approve', input),
});

/** `cwf review request-changes`: it is not merged before that person approves. An agent's word is advice. Throws PROPOSAL_CLOSED. */
export const reviewRequestChanges = defineVerb<VerdictInput, VerdictOutput>({
  name: 'review request-changes',
  summary: 'Ask for changes before a proposal is merged',
  mutates: true,
  scope: 'propose',
  run: (ctx, input) => judge(ctx, 'request-changes', input),
});

/** `cwf review reject`: closes a proposal and keeps all of it. An agent may only reject its own. Throws APPROVAL_DENIED, PROPOSAL_CLOSED. */
export const reviewReject = defineVerb<VerdictInput, VerdictOutput>({
  name: 'review reject',
  summary: 'Close a proposal without merging it; all of it is kept',
  mutates: true,
  scope: 'propose',
  run: (ctx, input) => judge(ctx, 'reject', input),
});

/** Which proposal to check, and whether to run it. */
export interface ReviewChecksInput extends SmokeTerms {
  readonly proposal: string;
  /** Also runs what it changes, as its base has it and as it is. */
  readonly run?: boolean;
}

/** The checks of a proposal, and what the rules of its target ask for. */
export interface ReviewChecksOutput extends Checks {
  readonly proposal: string;
  readonly head: Oid;
  readonly demand: Demand;
}

/**
 * `cwf review checks`: makes the checks and notes what they judged and how, and the runs that it made, in one operation.
 * Throws PROPOSAL_NOT_FOUND, and with `run` what `smokeRuns` throws.
 */
export const reviewChecks = defineVerb<ReviewChecksInput, ReviewChecksOutput>({
  name: 'review checks',
  summary: 'Check a proposal, and note what came of it',
  mutates: true,
  long: true,
  reports: true,
  scope: 'propose',
  async run(ctx, input) {
    const proposal = await findProposal(ctx, input.proposal);
    const { id, head, review } = proposal;
    const { base } = await endsOf(ctx, proposal);
    let checks = await makeChecks(ctx, base, head);
    let made: SmokeRuns = { runs: [], unrun: new Map() };
    if (input.run) {
      const changes = await changedWorkflows(ctx, base, head);
      made = await smokeRuns(ctx, base, head, changes, input);
      const told = await toldRuns(ctx, base, head, changes, made);
      if (told) checks = { ...checks, results: [...checks.results, told] };
    }
    const act = { event: 'checks' as const, base: base ?? head, digest: checks.digest, failed: failedChecks(checks) };
    // Others may have spoken while it ran.
    const { nextSeq: seq } = input.run ? (await findProposal(ctx, id)).review : review;
    const world = await dryWhere(ctx, input.dryRun);
    await world.repo.transaction({ command: 'review checks', actor: ctx.actor }, async (tx) => {
      for (const { commit, ...run } of made.runs) stageRun(ctx, tx, commit, run);
      await stageEvent(ctx, tx, act, { proposal: id, on: head, seq });
    });
    return { proposal: id, head, demand: await demandOn(ctx, review), ...checks };
  },
});

async function judge(ctx: Context, verdict: VerdictOutput['verdict'], input: VerdictInput): Promise<VerdictOutput> {
  return whileStale(async () => {
    const proposal = await openProposal(ctx, input.proposal);
    const { id, ref, head, review, notes } = proposal;
    const isOwn = verdict === 'reject' && review.author.actor === ctx.actor;
    if (ctx.actor !== 'person' && verdict !== 'request-changes' && !isOwn)
      throw new CwfError('APPROVAL_DENIED', { actor: ctx.actor, what: verdict });
    const act = { event: verdict, ...(input.text === undefined ? {} : { text: input.text }) };
    const world = await dryWhere(ctx, input.dryRun);
    await world.repo.transaction({ command: `review ${verdict}`, actor: ctx.actor }, async (tx) => {
      // What is judged is what was looked at: a push or another word meanwhile begins it anew.
      tx.setRef(ref, head, head);
      tx.requireNotes('review', notes);
      await stageEvent(ctx, tx, act, { proposal: id, on: head, seq: review.nextSeq });
    });
    const told = { proposal: id, title: review.title, verdict, on: head, target: review.target };
    if (verdict === 'reject' || input.dryRun) return { ...told, needs: [] };
    const after = await findProposal(ctx, id);
    const failed = failedChecks(await makeChecks(ctx, (await endsOf(ctx, after)).base, head));
    return { ...told, needs: missing(after.review, await demandOn(ctx, review), failed) };
  });
}

async function dryWhere(ctx: Context, isDry: boolean | undefined): Promise<Context> {
  return isDry ? (await import('./dry-run.ts')).dryRun(ctx) : ctx;
}

/** Ids of comments and answers. */
export function allIds(comments: readonly Comment[]): string[] {
  return comments.flatMap(({ id, replies }) => [id, ...allIds(replies)]);
}
