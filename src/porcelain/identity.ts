import { hostname, userInfo } from 'node:os';
import { CwfError } from '../base/errors.ts';
import type { Identity } from '../io/repo/types.ts';
import { type GitSettings, readGitSettings } from './git-settings.ts';

/** Author and committer of one commit. */
export interface Identities {
  readonly author: Identity;
  readonly committer: Identity;
}

type Env = Readonly<Record<string, string | undefined>>;

/** The last date a commit may have. [RP-8] */
const LAST_SECOND = 2 ** 40 - 1;
const MINUTES_OF_A_DAY = 1440;

/**
 * Who author and committer are: `GIT_AUTHOR_*` and `GIT_COMMITTER_*` first, then `user.name` and `user.email` of git's
 * configuration (system, global, repository, with `include.path`), then the login name at this machine's name.
 * `now` is in milliseconds and is the date of both unless `GIT_*_DATE` says otherwise. Throws CONFIG_INVALID for a
 * `GIT_*_DATE` that is no date.
 */
export function readIdentities(gitDir: string, env: Env, now: number): Identities {
  const complete = ['AUTHOR', 'COMMITTER'].every((role) => env[`GIT_${role}_NAME`] && env[`GIT_${role}_EMAIL`]);
  const settings: GitSettings = complete ? new Map() : readGitSettings(gitDir, env);
  const one = (role: 'AUTHOR' | 'COMMITTER'): Identity => ({
    name: clean(env[`GIT_${role}_NAME`]) || clean(settings.get('user.name')) || login(env),
    email:
      clean(env[`GIT_${role}_EMAIL`]) ||
      clean(settings.get('user.email')) ||
      clean(env['EMAIL']) ||
      `${login(env)}@${clean(hostname()) || 'localhost'}`,
    ...when(`GIT_${role}_DATE`, env, now),
  });
  return { author: one('AUTHOR'), committer: one('COMMITTER') };
}

/** What git calls crud (brackets, control characters, ends made of punctuation) would break the commit header. */
function clean(text: string | undefined): string {
  return (text ?? '')
    .replace(/[<>\u0000-\u001f\u007f]+/g, ' ')
    .replace(/ {2,}/g, ' ')
    .replace(/^[ .,:;"'\\]+|[ .,:;"'\\]+$/g, '')
    .slice(0, 200)
    .trim();
}

function login(env: Env): string {
  try {
    return clean(userInfo().username) || 'cwf';
  } catch {
    // No passwd entry for this uid, as in many containers.
    return clean(env['USER']) || 'cwf';
  }
}

/**
 * `1700000000 +0100` and `@1700000000 +0100` as git writes them, else what `Date` understands; now where nothing is
 * said. Throws CONFIG_INVALID for what is no date: a commit that is silently dated otherwise helps nobody.
 */
function when(variable: string, env: Env, now: number): { timestamp: number; offset: number } {
  const text = env[variable]?.trim() ?? '';
  const stamp = /^@?(\d+)(?: ([+-])(\d\d)(\d\d))?$/.exec(text);
  if (stamp) {
    const minutes = Number(stamp[3] ?? 0) * 60 + Number(stamp[4] ?? 0);
    const timestamp = Number(stamp[1]);
    if (timestamp > LAST_SECOND || minutes >= MINUTES_OF_A_DAY) throw noDate(variable, text);
    return { timestamp, offset: stamp[2] === '-' ? 0 - minutes : minutes };
  }
  // `Date` would take `-1` for a month of 2001.
  const ms = text === '' ? now : /^\d{4}-\d|[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN;
  if (!(ms >= 0 && ms / 1000 <= LAST_SECOND)) throw noDate(variable, text);
  return { timestamp: Math.floor(ms / 1000), offset: 0 - new Date(ms).getTimezoneOffset() };
}

function noDate(variable: string, text: string): CwfError {
  const hint = 'A date is `<seconds since 1970> <+hhmm>` or ISO 8601, as 2026-11-25T21:04:00+01:00.';
  return new CwfError('CONFIG_INVALID', { source: variable, reason: `${JSON.stringify(text)} is no date` }, { hint });
}
