import { CwfError } from '../base/errors.ts';
import { PROPOSAL_REFS, readProtection } from '../io/repo/protection.ts';
import type { Transaction } from '../io/repo/repo.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';
import { newProposalId, openProposal, stageEvent } from './review-notes.ts';
import { settledHead } from './settled.ts';

/** Where a change lands that is only proposed: on a new proposal, or on one that is open. */
export interface LandingInput {
  /** On a new one; the working tree and the branch stay as they are. */
  readonly propose?: boolean;
  /** On this one. */
  readonly proposal?: string;
}

/** The proposal that a change lands on. `start`: the commit it is made on; `from`: what the ref holds now. */
export interface Landing {
  readonly id: string;
  readonly ref: string;
  readonly start: Oid;
  readonly from: Oid | null;
  /** Short name of the branch it goes into. */
  readonly target: string;
}

/** Where a change lands, or undefined where it lands on HEAD's branch. Throws PROPOSAL_INVALID, PROPOSAL_NOT_FOUND, PROPOSAL_CLOSED. */
export async function landingOf(ctx: Context, { propose, proposal }: LandingInput): Promise<Landing | undefined> {
  if (proposal !== undefined) {
    const { id, ref, head, review } = await openProposal(ctx, proposal);
    return { id, ref, start: head, from: head, target: review.target };
  }
  if (!propose) return undefined;
  const head = await settledHead(ctx);
  if (head.oid === undefined)
    throw new CwfError('PROPOSAL_INVALID', { reason: 'there is no commit yet that it could start from' });
  const id = newProposalId();
  return { id, ref: PROPOSAL_REFS + id, start: head.oid, from: null, target: await targetHere(ctx) };
}

/** The branch (short name) that what is proposed here goes into: HEAD's, else the default one. Throws PROPOSAL_INVALID. */
export async function targetHere(ctx: Context): Promise<string> {
  const branch = (await ctx.repo.head()).branch ?? (await readProtection(ctx.repo)).defaultBranch;
  if (branch === undefined)
    throw new CwfError('PROPOSAL_INVALID', { reason: 'HEAD is on no branch, and none is known to go into' });
  return branch.slice('refs/heads/'.length);
}

/** Stages the line that opens a proposal, where a change makes one; `head` is its first head. */
export async function stageOpening(
  ctx: Context,
  tx: Transaction,
  { id, from, target }: Landing,
  head: Oid,
  { title, text, branch }: { readonly title: string; readonly text?: string | undefined; readonly branch?: string },
): Promise<void> {
  if (from !== null) return;
  const act = { event: 'open' as const, title: title.slice(0, 200), target };
  const more = { ...(text?.trim() ? { text } : {}), ...(branch === undefined ? {} : { branch }) };
  await stageEvent(ctx, tx, { ...act, ...more }, { proposal: id, on: head, seq: 0 });
}
