import { CwfError } from '../base/errors.ts';
import { type Actor, parseActor } from './actor.ts';
import type { TokenScope } from './token-scope.ts';
import { changeTokens, newToken, readTokens, tokenHash } from './tokens.ts';
import { defineVerb } from './verb.ts';

/** Whose token, and what it is for. */
export interface TokenAddInput {
  readonly actor: string;
  readonly scope: TokenScope;
}

/** The token itself, which is told this once. */
export interface TokenAddOutput {
  readonly actor: Actor;
  readonly scope: TokenScope;
  readonly token: string;
}

/** A token without what makes it one. `created` in seconds since 1970. */
export interface ListedToken {
  readonly actor: Actor;
  readonly scope: TokenScope;
  readonly created: number;
}

/**
 * `cwf token add`: a token by which one actor is known to the server. An agent's is for `read` or `propose`. Throws
 * ACTOR_INVALID, TOKEN_AGENT, TOKEN_EXISTS.
 */
export const tokenAdd = defineVerb<TokenAddInput, TokenAddOutput>({
  name: 'token add',
  summary: 'Make a token for an agent or a tool',
  mutates: false,
  writes: true,
  scope: 'admin',
  async run(ctx, input) {
    const { scope } = input;
    const actor = parseActor(input.actor);
    if (actor.startsWith('agent/') && scope !== 'read' && scope !== 'propose')
      throw new CwfError('TOKEN_AGENT', { scope });
    const token = newToken();
    const kept = { actor, scope, sha256: tokenHash(token), created: Math.floor(ctx.now() / 1000) };
    await changeTokens(ctx.repo, (tokens) => {
      if (tokens.some((one) => one.actor === actor)) throw new CwfError('TOKEN_EXISTS', { actor });
      return [...tokens, kept];
    });
    return { actor, scope, token };
  },
});

/** `cwf token ls`: who has a token, in the order in which they were made. Throws TOKENS_DAMAGED. */
export const tokenLs = defineVerb<Record<string, never>, { readonly tokens: readonly ListedToken[] }>({
  name: 'token ls',
  summary: 'List who has a token',
  mutates: false,
  scope: 'admin',
  async run(ctx) {
    return { tokens: readTokens(ctx.repo).map(({ actor, scope, created }) => ({ actor, scope, created })) };
  },
});

/** `cwf token rm`: takes a token away; the server that runs refuses it from then on. Throws TOKEN_NOT_FOUND. */
export const tokenRm = defineVerb<{ readonly actor: string }, { readonly actor: Actor }>({
  name: 'token rm',
  summary: 'Take a token away',
  mutates: false,
  writes: true,
  scope: 'admin',
  async run(ctx, input) {
    const actor = parseActor(input.actor);
    await changeTokens(ctx.repo, (tokens) => {
      const left = tokens.filter((one) => one.actor !== actor);
      if (left.length === tokens.length) throw new CwfError('TOKEN_NOT_FOUND', { actor });
      return left;
    });
    return { actor };
  },
});
