import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '../base/json.ts';
import { parseJson } from '../base/json-parse.ts';
import { takeLock } from '../io/repo/locks.ts';
import type { Repo } from '../io/repo/repo.ts';
import { writePrivate } from './private-files.ts';

/** The server of a repository, as it says itself in `.git/cwf/server.json`; only its owner can read the token there. */
export interface ServerRecord {
  readonly pid: number;
  readonly url: string;
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly started: number;
}

type Place = Pick<Repo, 'cwfDir'>;

const FILE = 'server.json';

/** Where the record lies. */
export function serverFile({ cwfDir }: Place): string {
  return join(cwfDir, FILE);
}

/** The record of a server, which may be one that ended without a word; undefined where none is, or it is damaged. */
export function readServer(place: Place): ServerRecord | undefined {
  try {
    const json = parseJson(readFileSync(serverFile(place)), { source: FILE });
    if (!isObject(json)) return undefined;
    const { pid, url, token, started } = json;
    const isRecord =
      typeof pid === 'number' && typeof url === 'string' && typeof token === 'string' && typeof started === 'number';
    return isRecord ? { pid, url, token, started } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether others than its owner can read the record. */
export function isServerFileOpen(place: Place): boolean {
  const stat = statSync(serverFile(place), { throwIfNoEntry: false });
  return stat !== undefined && process.platform !== 'win32' && (stat.mode & 0o077) !== 0;
}

/**
 * Writes the record of this server, unless `isRunning` says that the one which is there still runs; that one is
 * returned then. Two that start at once do so one after the other.
 */
export async function claimServer(
  place: Place,
  record: ServerRecord,
  isRunning: (other: ServerRecord) => Promise<boolean>,
): Promise<ServerRecord | undefined> {
  const path = serverFile(place);
  const held = await takeLock(place.cwfDir, `${path}.lock`, FILE);
  try {
    const other = readServer(place);
    if (other && (await isRunning(other))) return other;
    writePrivate(path, `${JSON.stringify(record, undefined, 2)}\n`);
    return undefined;
  } finally {
    held.release();
  }
}

/** Removes the record of this server, and of no other. */
export function releaseServer(place: Place, { token }: ServerRecord): void {
  if (readServer(place)?.token === token) rmSync(serverFile(place), { force: true });
}
