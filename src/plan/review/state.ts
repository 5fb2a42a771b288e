import { canonicalJson } from '../../base/json-text.ts';
import { type Anchor, eventFact, type ReviewEvent, type Reviewer } from './event.ts';

/** Answers to answers that are shown. */
const DEEPEST = 50;

/** A comment with what was answered to it, oldest first. */
export interface Comment extends Reviewer {
  readonly id: string;
  readonly text: string;
  readonly time: number;
  /** The commit it was made on. */
  readonly on: string;
  readonly anchor?: Anchor;
  readonly replies: readonly Comment[];
}

/** The last word of one reviewer. */
export interface Verdict extends Reviewer {
  readonly verdict: 'approve' | 'request-changes';
  readonly text?: string;
  readonly time: number;
  readonly on: string;
  /** Made on another commit than the one the proposal has now. */
  readonly stale: boolean;
}

/** How a proposal ended. */
export interface Closed extends Reviewer {
  readonly time: number;
  /** What it ended on: the head that was merged or rejected. */
  readonly on: string;
  /** Of a merge: the commit that has it, and where the proposal had left the target. */
  readonly as?: string;
  readonly base?: string;
  readonly text?: string;
}

/** What the lines of a review come to. */
export interface ReviewState {
  readonly id: string;
  readonly title: string;
  readonly text?: string;
  /** Short name of the branch it goes into. */
  readonly target: string;
  /** The branch it was made of; `cwf propose` of that branch brings later commits here. */
  readonly branch?: string;
  readonly author: Reviewer;
  readonly time: number;
  readonly state: 'open' | 'merged' | 'rejected';
  readonly closed?: Closed;
  readonly verdicts: readonly Verdict[];
  readonly comments: readonly Comment[];
  /** The last checks that were noted on the head. */
  readonly checks?: ReviewEvent & { readonly event: 'checks' };
  /** One more than any line has: that of the next one. */
  readonly nextSeq: number;
}

/**
 * What became of a proposal, from its lines in any order and with any of them twice. Undefined where nobody opened it.
 * A merge is final, since it is in the history: what two copies said at once cannot take it back. [RV-6]
 */
export function reviewState(
  id: string,
  lines: readonly ReviewEvent[],
  head: string | undefined,
): ReviewState | undefined {
  const events = inOrder(lines.filter(({ proposal }) => proposal === id));
  const open = events.find((one) => one.event === 'open');
  if (open?.event !== 'open') return undefined;
  const merge = events.find((one) => one.event === 'merge');
  const reject = events.findLast((one) => one.event === 'reject');
  const end = merge ?? reject;
  const checks = events.findLast((one) => one.event === 'checks' && one.on === head);
  return {
    id,
    title: open.title,
    ...textOf(open),
    target: open.target,
    ...(open.branch === undefined ? {} : { branch: open.branch }),
    author: who(open),
    time: open.time,
    state: merge ? 'merged' : reject ? 'rejected' : 'open',
    ...(end ? { closed: closedBy(end) } : {}),
    verdicts: verdictsOf(events, head),
    comments: commentsOf(events),
    ...(checks?.event === 'checks' ? { checks } : {}),
    nextSeq: events.reduce((most, { seq }) => Math.max(most, seq), 0) + 1,
  };
}

/** Causes before what followed from them; what two writers did at once by time, then by text. */
function inOrder(events: readonly ReviewEvent[]): ReviewEvent[] {
  const known = new Map(events.map((event) => [`${event.on} ${canonicalJson(eventFact(event))}`, event]));
  return [...known]
    .sort(([p, a], [q, b]) => a.seq - b.seq || a.time - b.time || (p < q ? -1 : 1))
    .map(([, event]) => event);
}

function verdictsOf(events: readonly ReviewEvent[], head: string | undefined): Verdict[] {
  const last = new Map<string, Verdict>();
  for (const event of events) {
    if (event.event !== 'approve' && event.event !== 'request-changes') continue;
    const { time, on } = event;
    const verdict = { ...who(event), verdict: event.event, ...textOf(event), time, on, stale: on !== head };
    // The last word moves to the end of the list.
    last.delete(reviewerKey(event));
    last.set(reviewerKey(event), verdict);
  }
  return [...last.values()];
}

function commentsOf(events: readonly ReviewEvent[]): Comment[] {
  const said = events.filter((one) => one.event === 'comment');
  // Two comments of one id come from no cwf: the first has the answers, so that every line stands in one place.
  const first = new Map(said.map((one) => [one.id, one] as const).reverse());
  const answers = new Map<string | undefined, typeof said>();
  for (const one of said) {
    const parent = one.reply !== undefined && first.has(one.reply) && one.reply !== one.id ? one.reply : undefined;
    answers.set(parent, [...(answers.get(parent) ?? []), one]);
  }
  // Lines that name each other in a ring hang on nothing.
  const tree = (parent: string | undefined, depth: number): Comment[] =>
    (answers.get(parent) ?? []).map((one) => ({
      ...who(one),
      id: one.id,
      text: one.text,
      time: one.time,
      on: one.on,
      ...(one.anchor ? { anchor: one.anchor } : {}),
      replies: first.get(one.id) === one && depth < DEEPEST ? tree(one.id, depth + 1) : [],
    }));
  return tree(undefined, 0);
}

/** One reviewer, whatever name they use; agents and tools go by their actor. */
export function reviewerKey({ actor, email }: Reviewer): string {
  return actor === 'person' ? `person ${email.toLowerCase()}` : actor;
}

function closedBy(event: ReviewEvent): Closed {
  const { time, on } = event;
  const merged = event.event === 'merge' ? { as: event.as, base: event.base } : {};
  return { ...who(event), time, on, ...merged, ...textOf(event) };
}

function who({ actor, name, email }: Reviewer): Reviewer {
  return { actor, name, email };
}

function textOf(event: ReviewEvent): { readonly text?: string } {
  return 'text' in event && event.text !== undefined ? { text: event.text } : {};
}
