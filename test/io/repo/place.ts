import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { initRepo } from '../../../src/io/repo/init.ts';
import { type OpenOptions, openRepo, type Repo } from '../../../src/io/repo/repo.ts';
import { META, WHO } from './scratch.ts';

/** Author and committer of the commits made in these tests; `at` in seconds. */
export const who = (at = WHO.timestamp) => ({ ...WHO, timestamp: at });

/** A folder for the repositories of one test file, removed at its end; `next` gives a new empty one in it. */
export function place(name: string): { readonly root: string; next(): string } {
  const root = mkdtempSync(join(tmpdir(), `cwf-${name}-`));
  let count = 0;
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const next = (): string => {
    const dir = join(root, `r${count++}`);
    mkdirSync(dir);
    return dir;
  };
  return { root, next };
}

/** A new repository of cwf in an empty folder. */
export async function newRepo(dir: string, options: OpenOptions = { durability: 'normal' }): Promise<Repo> {
  await initRepo(dir);
  return openRepo(dir, options);
}

/** What a commit of these tests may be told. */
export interface CommitOptions {
  readonly parents?: readonly string[];
  readonly at?: number;
  readonly text?: string;
}

/** Commits one file on a branch, on top of its tip unless parents are given; throws what the transaction throws. */
export async function commitOn(repo: Repo, ref: string, options: CommitOptions = {}): Promise<string> {
  const tip = await repo.readRef(ref);
  const parents = options.parents ?? (tip === undefined ? [] : [tip]);
  return repo.transaction(META, async (tx) => {
    const text = options.text ?? `${Math.random()}\n`;
    const blob = await tx.writeBlob(Buffer.from(text));
    const tree = await tx.writeTree(undefined, new Map([['a.json', { mode: '100644', oid: blob }]]));
    const time = who(options.at);
    const oid = await tx.writeCommit({ tree, parents, message: `to ${ref}\n`, author: time, committer: time });
    tx.setRef(ref, oid, tip ?? null);
    return oid;
  });
}

/** Moves one ref in a transaction of its own. */
export function moveRef(repo: Repo, ref: string, to: string | null, from: string | null): Promise<void> {
  return repo.transaction({ command: 'branch', actor: 'person' }, async (tx) => tx.setRef(ref, to, from));
}
