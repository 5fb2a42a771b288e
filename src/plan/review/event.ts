import { isObject, type Json, type JsonObject } from '../../base/json.ts';

/** A place in a workflow that a comment is about, by the ids of the commit it stands on. */
export interface Anchor {
  readonly file: string;
  readonly scope?: string;
  readonly node?: string;
  readonly input?: string;
}

/** What was said or done. `open` and `comment` bring texts; the others are decisions, with a text where one was given. */
export type ReviewAct =
  | {
      readonly event: 'open';
      readonly title: string;
      readonly text?: string;
      readonly target: string;
      readonly branch?: string;
    }
  | {
      readonly event: 'comment';
      readonly id: string;
      readonly text: string;
      readonly anchor?: Anchor;
      readonly reply?: string;
    }
  | { readonly event: 'approve' | 'request-changes' | 'reject'; readonly text?: string }
  | { readonly event: 'merge'; readonly base: string; readonly as: string }
  | { readonly event: 'checks'; readonly base: string; readonly digest: string; readonly failed: readonly string[] };

/** Who said it. People share the actor `person`: the address tells one from another. */
export interface Reviewer {
  readonly actor: string;
  readonly name: string;
  readonly email: string;
}

/**
 * One line of a review. `seq` is one more than any its writer had seen: it orders what followed from each other, where
 * two clocks or one second do not. `on`: the commit it stands on, the head of the proposal at that time.
 */
export type ReviewEvent = ReviewAct &
  Reviewer & {
    readonly proposal: string;
    readonly on: string;
    readonly seq: number;
    /** Seconds since 1970. */
    readonly time: number;
  };

const PROPOSAL_ID = /^[0-9a-f]{8}$/;
const OID = /^[0-9a-f]{40}$/;
const COMMENT_ID = /^[0-9a-f]{6}$/;

/** The fact (NT-2) of an event; `on` is where it stands. */
export function eventFact({ on: _on, ...event }: ReviewEvent): JsonObject {
  return JSON.parse(JSON.stringify(event)) as JsonObject;
}

/** The event that a fact on a commit is; undefined for remarks, and for whatever else people write into notes. */
export function readEvent(fact: Json, on: string): ReviewEvent | undefined {
  if (!isObject(fact)) return undefined;
  const { proposal, seq, time, actor, name, email } = fact;
  if (typeof proposal !== 'string' || !PROPOSAL_ID.test(proposal) || !isCount(seq) || !isCount(time)) return undefined;
  if (typeof actor !== 'string' || typeof name !== 'string' || typeof email !== 'string') return undefined;
  const act = readAct(fact);
  return act && { ...act, proposal, on, seq, time, actor, name, email };
}

function readAct(fact: JsonObject): ReviewAct | undefined {
  const { event, title, text, target, branch, id, reply, base, as, digest, failed } = fact;
  const said = typeof text === 'string' ? { text } : {};
  switch (event) {
    case 'open':
      if (typeof title !== 'string' || typeof target !== 'string') return undefined;
      return { event, title, ...said, target, ...(typeof branch === 'string' ? { branch } : {}) };
    case 'comment': {
      if (!isText(id, COMMENT_ID) || typeof text !== 'string') return undefined;
      const anchor = readAnchor(fact['anchor']);
      return { event, id, text, ...(anchor ? { anchor } : {}), ...(isText(reply, COMMENT_ID) ? { reply } : {}) };
    }
    case 'approve':
    case 'request-changes':
    case 'reject':
      return { event, ...said };
    case 'merge':
      return isText(base, OID) && isText(as, OID) ? { event, base, as } : undefined;
    case 'checks': {
      const names = Array.isArray(failed) ? failed.filter((one) => typeof one === 'string') : undefined;
      if (!isText(base, OID) || typeof digest !== 'string' || names === undefined) return undefined;
      return { event, base, digest, failed: names };
    }
    default:
      return undefined;
  }
}

function readAnchor(json: Json | undefined): Anchor | undefined {
  if (json === undefined || !isObject(json) || typeof json['file'] !== 'string') return undefined;
  const { file, scope, node, input } = json;
  return {
    file,
    ...(typeof scope === 'string' ? { scope } : {}),
    ...(typeof node === 'string' ? { node } : {}),
    ...(typeof input === 'string' ? { input } : {}),
  };
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isText(value: Json | undefined, shape: RegExp): value is string {
  return typeof value === 'string' && shape.test(value);
}
