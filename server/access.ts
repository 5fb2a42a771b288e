import { randomBytes } from 'node:crypto';
import { CwfError } from '../src/base/errors.ts';
import type { Actor } from '../src/porcelain/actor.ts';
import type { TokenScope } from '../src/porcelain/token-scope.ts';
import { isSameHash, type KeptToken, tokenHash } from '../src/porcelain/tokens.ts';
import { Failures } from './failures.ts';

/** Who sends a request, and what that one may do. `id` tells apart what each of them asked for. */
export interface Caller {
  readonly id: string;
  readonly actor: Actor;
  readonly scope: TokenScope;
}

/** What of a request says who sends it. */
export interface Credentials {
  readonly authorization?: string | undefined;
  readonly cookie?: string | undefined;
  readonly address: string;
}

/** What access is decided by. */
export interface AccessOptions {
  /** The token of this start of the server. */
  readonly token: string;
  /** Who holds it, and who comes through a link: the person at this machine. */
  readonly actor: Actor;
  readonly tokens: () => readonly KeptToken[];
  readonly now: () => number;
}

/** A link is for the one who just started the server. */
const LINK_LIFE_MS = 10 * 60_000;
const MOST_LINKS = 20;
const SESSION_LIFE_MS = 12 * 3_600_000;
const MOST_SESSIONS = 100;

/** Who may come in: by a token, or by the cookie of a link that was opened once. [SV-5] [SV-6] [SV-7] */
export class Access {
  private readonly options: AccessOptions;
  private readonly failures: Failures;
  private readonly own: string;
  /** Until when, by the hash of what was given out: nothing here is worth stealing. */
  private readonly links = new Map<string, number>();
  private readonly sessions = new Map<string, number>();

  constructor(options: AccessOptions) {
    this.options = options;
    this.failures = new Failures(options.now);
    this.own = tokenHash(options.token);
  }

  /** Who sends a request. Throws TOKEN_NEEDED, TOO_MANY_FAILURES. */
  caller(given: Credentials, cookieName: string): Caller {
    const found = this.find(given, cookieName);
    if (found) return found;
    const seconds = this.failures.count(given.address);
    throw seconds === undefined ? new CwfError('TOKEN_NEEDED') : new CwfError('TOO_MANY_FAILURES', { seconds });
  }

  /** Whether the one who was let in would still be. */
  isStill({ id, actor, scope }: Caller): boolean {
    if (id === this.own) return true;
    if (this.sessions.has(id)) return this.isLive(this.sessions, id);
    return this.options.tokens().some((kept) => kept.sha256 === id && kept.actor === actor && kept.scope === scope);
  }

  /** Makes a code that opens one session, once. */
  newLink(): string {
    return this.issue(this.links, LINK_LIFE_MS, MOST_LINKS);
  }

  /** The secret of a new session, for the code of a link. Throws LINK_USED, TOO_MANY_FAILURES. */
  enter(code: string, address: string): string {
    const hash = tokenHash(code);
    const isLive = this.isLive(this.links, hash);
    this.links.delete(hash);
    if (isLive) return this.issue(this.sessions, SESSION_LIFE_MS, MOST_SESSIONS);
    const seconds = this.failures.count(address);
    throw seconds === undefined ? new CwfError('LINK_USED') : new CwfError('TOO_MANY_FAILURES', { seconds });
  }

  private find({ authorization, cookie }: Credentials, cookieName: string): Caller | undefined {
    const { actor } = this.options;
    const bearer = /^Bearer ([\w-]{1,200})$/i.exec(authorization ?? '')?.[1];
    // Whoever names a token means it: the cookie of a browser does not make up for a wrong one.
    if (authorization !== undefined) return bearer === undefined ? undefined : this.holder(tokenHash(bearer));
    const session = cookieOf(cookie, cookieName);
    const id = session === undefined ? '' : tokenHash(session);
    return this.isLive(this.sessions, id) ? { id, actor, scope: 'admin' } : undefined;
  }

  private holder(hash: string): Caller | undefined {
    if (isSameHash(hash, this.own)) return { id: hash, actor: this.options.actor, scope: 'admin' };
    let found: Caller | undefined;
    // All of them, so that the time tells nothing.
    for (const { sha256, actor, scope } of this.options.tokens())
      if (isSameHash(hash, sha256)) found = { id: sha256, actor, scope };
    return found;
  }

  private issue(into: Map<string, number>, life: number, most: number): string {
    const secret = randomBytes(32).toString('base64url');
    into.set(tokenHash(secret), this.options.now() + life);
    if (into.size > most) into.delete(into.keys().next().value!);
    return secret;
  }

  private isLive(among: Map<string, number>, hash: string): boolean {
    const until = among.get(hash);
    if (until === undefined) return false;
    if (until > this.options.now()) return true;
    among.delete(hash);
    return false;
  }
}

function cookieOf(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}
