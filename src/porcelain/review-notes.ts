import { randomBytes } from 'node:crypto';
import { CwfError } from '../base/errors.ts';
import { notesRef } from '../io/repo/notes.ts';
import { PROPOSAL_REFS } from '../io/repo/protection.ts';
import type { Transaction } from '../io/repo/repo.ts';
import type { Oid } from '../io/repo/types.ts';
import { eventFact, type ReviewAct, type ReviewEvent, readEvent } from '../plan/review/event.ts';
import { type ReviewState, reviewState } from '../plan/review/state.ts';
import type { Context } from './context.ts';

/** A proposal: what its ref and its lines say. `joined`: its commits are in the target, however they came there. */
export interface Proposal {
  readonly id: string;
  readonly ref: string;
  readonly head: Oid;
  readonly review: ReviewState;
  readonly joined: boolean;
  /** Where the notes stood when this was read. */
  readonly notes: Oid | undefined;
}

const KIND = 'review';
const MAX_TEXT = 64 * 1024;
const MAX_TITLE = 200;

/** Every proposal that a ref and a line of `open` make, newest first. */
export async function readProposals(ctx: Context): Promise<Proposal[]> {
  const notes = await ctx.repo.readRef(notesRef(KIND));
  const events = await readEvents(ctx);
  const found: Proposal[] = [];
  for (const { ref, oid: head } of await ctx.repo.listRefs(PROPOSAL_REFS)) {
    const id = ref.slice(PROPOSAL_REFS.length);
    const review = reviewState(id, events.get(id) ?? [], head);
    if (review === undefined) continue;
    const target = await ctx.repo.readRef(targetRef(review));
    // A clone may have one ref and not what it leads to.
    const known = target !== undefined && review.state !== 'merged';
    const joined = known && (await ctx.repo.isAncestor(head, target).catch(() => false));
    found.push({ id, ref, head, review, joined, notes });
  }
  return found.sort((a, b) => b.review.time - a.review.time || (a.id < b.id ? -1 : 1));
}

/** The proposal that a word names: `proposal/<id>`, its id, or the beginning of it. Throws PROPOSAL_NOT_FOUND. */
export async function findProposal(ctx: Context, word: string): Promise<Proposal> {
  const id = word.replace(/^(refs\/cwf\/)?proposal\//, '').toLowerCase();
  const found = (await readProposals(ctx)).filter((one) => one.id === id || (id.length >= 2 && one.id.startsWith(id)));
  if (found.length === 1) return found[0]!;
  const known = found.map((one) => one.id).join(', ');
  const hint = found.length > 1 ? { hint: `It may be ${known}: give more digits.` } : {};
  throw new CwfError('PROPOSAL_NOT_FOUND', { proposal: word.slice(0, 80) }, hint);
}

/** As `findProposal`, and it must be open. Throws PROPOSAL_CLOSED. */
export async function openProposal(ctx: Context, word: string): Promise<Proposal> {
  const proposal = await findProposal(ctx, word);
  refuseClosed(proposal);
  return proposal;
}

/** Throws PROPOSAL_CLOSED where a proposal was merged or rejected. */
export function refuseClosed({ id, review, joined }: Proposal): void {
  const { state, closed, target } = review;
  if (state === 'open' && !joined) return;
  const told = state === 'open' ? `in ${target}` : state;
  throw new CwfError('PROPOSAL_CLOSED', {
    proposal: id,
    state: told,
    actor: closed?.name || closed?.actor || 'a merge',
  });
}

/** Full name of the branch a proposal goes into. */
export function targetRef({ target }: Pick<ReviewState, 'target'>): string {
  return `refs/heads/${target}`;
}

/** An id that no proposal has. */
export function newProposalId(): string {
  return randomBytes(4).toString('hex');
}

/** An id for a comment. */
export function newCommentId(): string {
  return randomBytes(3).toString('hex');
}

/** Stages what the actor says of a proposal, as a line on a commit. Throws REVIEW_INVALID for a text no note may hold. */
export async function stageEvent(
  ctx: Context,
  tx: Transaction,
  act: ReviewAct,
  { proposal, on, seq }: { readonly proposal: string; readonly on: Oid; readonly seq: number },
): Promise<ReviewEvent> {
  const { name, email } = (await ctx.identity()).author;
  const by = { actor: ctx.actor, name, email, time: Math.floor(ctx.now() / 1000) };
  const event: ReviewEvent = { ...checkedTexts(act), ...by, proposal, on, seq };
  ctx.repo.notes(KIND).add(tx, on, eventFact(event));
  return event;
}

async function readEvents(ctx: Context): Promise<Map<string, ReviewEvent[]>> {
  const events = new Map<string, ReviewEvent[]>();
  for await (const { oid, facts } of ctx.repo.notes(KIND).list()) {
    for (const fact of facts) {
      const event = readEvent(fact, oid);
      if (event) events.set(event.proposal, [...(events.get(event.proposal) ?? []), event]);
    }
  }
  return events;
}

function checkedTexts(act: ReviewAct): ReviewAct {
  const refuse = (reason: string): CwfError => new CwfError('REVIEW_INVALID', { reason });
  if (act.event === 'open') {
    if (act.title.trim() === '') throw refuse('the title is empty');
    if (/[\n\r\0]/.test(act.title) || act.title.length > MAX_TITLE)
      throw refuse(`a title is one line of at most ${MAX_TITLE} characters`);
  }
  const text = 'text' in act ? act.text : undefined;
  if (text === undefined) return act;
  if (text.trim() === '') throw refuse('the text is empty');
  if (text.includes('\0') || Buffer.byteLength(text) > MAX_TEXT)
    throw refuse(`the text holds a NUL or is over ${MAX_TEXT} bytes`);
  return act;
}
