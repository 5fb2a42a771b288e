import { CwfError } from '../base/errors.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { canonicalJson } from '../base/json-text.ts';
import { type Choice, choiceFault } from '../plan/rank/choice.ts';
import type { Context } from './context.ts';

/** A choice as somebody made it. */
export interface MadeChoice {
  readonly choice: Choice;
  readonly actor: string;
  /** Seconds since 1970. */
  readonly time: number;
}

/** A choice that stands in a note; `id` is its own. */
export interface NotedChoice extends MadeChoice {
  readonly id: string;
}

/** The fact that a note holds of a choice. `id` keeps two equal choices of one second apart. */
export function choiceFact({ choice, actor, time }: MadeChoice, id: string): JsonObject {
  const by = { actor, id, time };
  return choice.kind === 'tie'
    ? { ...by, tied: [...choice.between].sort() }
    : { ...by, chosen: choice.chosen, over: [...choice.over].sort() };
}

/**
 * All choices in refs/notes/cwf/rank, oldest first, or those of one actor (`agent` stands for every agent). A line that
 * stands on two objects, as after `git notes copy`, is one choice; `unread` counts lines that are none.
 */
export async function readChoices(ctx: Context, by?: string): Promise<{ choices: NotedChoice[]; unread: number }> {
  const made = new Map<string, NotedChoice>();
  let unread = 0;
  for await (const { facts } of ctx.repo.notes('rank').list()) {
    for (const fact of facts) {
      const choice = toChoice(fact);
      if (choice === undefined) unread++;
      else {
        const text = canonicalJson(fact);
        made.set(text, { ...choice, id: isObject(fact) && typeof fact.id === 'string' ? fact.id : text });
      }
    }
  }
  const isWanted = ({ actor }: MadeChoice): boolean => by === undefined || actor === by || actor.startsWith(`${by}/`);
  const choices = [...made].sort(([p, a], [q, b]) => a.time - b.time || (p < q ? -1 : 1)).map(([, choice]) => choice);
  return { choices: choices.filter(isWanted), unread };
}

/** Refuses what is no choice. Throws RANK_INVALID. */
export function checkedChoice(choice: Choice): Choice {
  const reason = choiceFault(choice);
  if (reason !== undefined) throw new CwfError('RANK_INVALID', { reason });
  return choice;
}

function toChoice(fact: Json): MadeChoice | undefined {
  if (!isObject(fact)) return undefined;
  const { chosen, over, tied, actor, time } = fact;
  const by = { actor: typeof actor === 'string' ? actor : 'person', time: typeof time === 'number' ? time : 0 };
  const choice = asChoice(chosen, over, tied);
  return choice === undefined || choiceFault(choice) !== undefined ? undefined : { choice, ...by };
}

/** The choice that a fact of a note tells of; undefined for another fact. */
export function choiceOf(fact: Json): Choice | undefined {
  return toChoice(fact)?.choice;
}

function asChoice(chosen: Json | undefined, over: Json | undefined, tied: Json | undefined): Choice | undefined {
  if (isCandidate(chosen) && Array.isArray(over) && over.every(isCandidate) && tied === undefined)
    return { kind: 'best', chosen, over };
  if (chosen !== undefined || !Array.isArray(tied) || tied.length !== 2) return undefined;
  const [a, b] = tied as [Json, Json];
  return isCandidate(a) && isCandidate(b) ? { kind: 'tie', between: [a, b] } : undefined;
}

/** A commit's oid, or the hash of an output. */
function isCandidate(value: Json | undefined): value is string {
  return typeof value === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value);
}
