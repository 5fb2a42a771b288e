/** What the holder of a token may do, least first; each may do what those before it may. */
export const TOKEN_SCOPES = ['read', 'propose', 'write', 'admin'] as const;

export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** Whether who is allowed to `held` may do what asks for `needed`. */
export function covers(held: TokenScope, needed: TokenScope): boolean {
  return TOKEN_SCOPES.indexOf(held) >= TOKEN_SCOPES.indexOf(needed);
}
