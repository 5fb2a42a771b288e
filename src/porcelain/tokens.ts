import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { CwfError, isCwfError } from '../base/errors.ts';
import { isObject, type Json } from '../base/json.ts';
import { parseJson } from '../base/json-parse.ts';
import { takeLock } from '../io/repo/locks.ts';
import type { Repo } from '../io/repo/repo.ts';
import { type Actor, parseActor } from './actor.ts';
import { readBytes } from './plain-files.ts';
import { writePrivate } from './private-files.ts';
import { TOKEN_SCOPES, type TokenScope } from './token-scope.ts';

/** A token as it is kept: its SHA-256, never itself. `created` in seconds since 1970. */
export interface KeptToken {
  readonly actor: Actor;
  readonly scope: TokenScope;
  readonly sha256: string;
  readonly created: number;
}

const FILE = 'tokens.json';
/** So that a leaked token is found by those who look for secrets. */
const PREFIX = 'cwf_';
const BYTES = 32;

/** Makes a token: 256 random bits, readable as one of cwf's. */
export function newToken(): string {
  return PREFIX + randomBytes(BYTES).toString('base64url');
}

/** What is kept of a token. A token is as long and random as its hash: no slow hash is needed. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Whether two hashes are equal, in a time that does not tell where they differ. */
export function isSameHash(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a, 'hex'), Buffer.from(b, 'hex')];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The tokens of a repository; none without the file. Throws TOKENS_DAMAGED. */
export function readTokens({ cwfDir }: Pick<Repo, 'cwfDir'>): readonly KeptToken[] {
  const path = join(cwfDir, FILE);
  let json: Json;
  try {
    json = parseJson(readBytes(path, FILE), { source: FILE });
  } catch (error) {
    if (isCwfError(error, 'FILE_NOT_FOUND')) return [];
    throw new CwfError('TOKENS_DAMAGED', { path, reason: (error as Error).message }, { cause: error });
  }
  const tokens = isObject(json) ? json['tokens'] : undefined;
  if (!Array.isArray(tokens) || !tokens.every(isToken))
    throw new CwfError('TOKENS_DAMAGED', { path, reason: 'it is no list of tokens' });
  return tokens as unknown as readonly KeptToken[];
}

/** Changes the tokens of a repository, one writer at a time. Throws what `change` throws, with nothing changed. */
export async function changeTokens(
  repo: Pick<Repo, 'cwfDir'>,
  change: (tokens: readonly KeptToken[]) => readonly KeptToken[],
): Promise<void> {
  const path = join(repo.cwfDir, FILE);
  const held = await takeLock(repo.cwfDir, `${path}.lock`, FILE);
  try {
    const tokens = change(readTokens(repo));
    writePrivate(path, `${JSON.stringify({ tokens }, undefined, 2)}\n`);
  } finally {
    held.release();
  }
}

/** The token file's place, where others than its owner may read or write it; else undefined. */
export function openTokenFile({ cwfDir }: Pick<Repo, 'cwfDir'>): string | undefined {
  const path = join(cwfDir, FILE);
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && process.platform !== 'win32' && (stat.mode & 0o077) !== 0 ? path : undefined;
}

function isToken(json: Json): boolean {
  if (!isObject(json)) return false;
  const { actor, scope, sha256, created } = json;
  return (
    typeof actor === 'string' &&
    isActor(actor) &&
    TOKEN_SCOPES.includes(scope as TokenScope) &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    typeof created === 'number'
  );
}

function isActor(text: string): boolean {
  try {
    return parseActor(text) === text;
  } catch {
    return false;
  }
}
