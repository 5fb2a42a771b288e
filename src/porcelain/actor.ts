import { CwfError } from '../base/errors.ts';

/** Who acts: a person, a named agent, or a named tool. */
export type Actor = 'person' | `agent/${string}` | `tool/${string}`;

/** Reads an actor; `agent:tuner` is taken for `agent/tuner`. Throws ACTOR_INVALID. */
export function parseActor(text: string): Actor {
  const actor = text.replace(/^(agent|tool):/, '$1/');
  if (actor === 'person' || /^(agent|tool)\/[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(actor)) return actor as Actor;
  throw new CwfError('ACTOR_INVALID', { actor: text.slice(0, 80) });
}
