import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { initRepo } from '../../../src/io/repo/init.ts';
import { type OpenOptions, type Operation, openRepo, type Repo, type Transaction } from '../../../src/io/repo/repo.ts';
import { git } from './worker.ts';

/** Author and committer of every commit made here. */
export const WHO = { name: 'A', email: 'a@example.org', timestamp: 1_700_000_000, offset: 60 };
/** What every transaction made here is called. */
export const META = { command: 'commit', actor: 'person' };

/** Returns a maker of repositories in one temporary folder, which goes when the tests of the file are done. */
export function scratch(name: string): (options?: OpenOptions) => Promise<{ dir: string; repo: Repo }> {
  const root = mkdtempSync(join(tmpdir(), `cwf-${name}-`));
  let count = 0;
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return async (options = { durability: 'normal' }) => {
    const dir = join(root, `r${count++}`);
    mkdirSync(dir);
    await initRepo(dir);
    return { dir, repo: await openRepo(dir, options) };
  };
}

/** Writes a file of the working tree by plain means; `age` in seconds dates it back. */
export function put(dir: string, path: string, text: string, age = 0): void {
  const file = join(dir, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  const time = Date.now() / 1000 - age;
  if (age > 0) utimesSync(file, time, time);
}

/** Stages a commit of these files (null: removed) on the branch of HEAD, index entries included. */
export async function stage(repo: Repo, tx: Transaction, files: Record<string, string | null>): Promise<string> {
  const head = await repo.head();
  const base = head.oid === undefined ? undefined : (await repo.readCommit(head.oid)).tree;
  const changes = new Map<string, { mode: string; oid: string } | null>();
  for (const [path, text] of Object.entries(files)) {
    changes.set(path, text === null ? null : { mode: '100644', oid: await tx.writeBlob(Buffer.from(text)) });
  }
  const tree = await tx.writeTree(base, changes);
  const parents = head.oid === undefined ? [] : [head.oid];
  const message = `change ${Object.keys(files).join(' ')}\n`;
  const oid = await tx.writeCommit({ tree, parents, message, author: WHO, committer: WHO });
  if (head.branch === undefined) tx.setHead({ oid });
  else tx.setRef(head.branch, oid, head.oid ?? null);
  for (const [path, entry] of changes) tx.setIndexEntry(path, entry);
  return oid;
}

/** Commits files as `cwf commit` does: the working tree is the user's and is not written. */
export function commitFiles(repo: Repo, files: Record<string, string | null>): Promise<string> {
  return repo.transaction(META, (tx) => stage(repo, tx, files));
}

/** What git's strictest check says beside notices; empty when all is well. */
export function fsck(dir: string): string {
  return git(dir, 'fsck', '--strict', '--no-dangling').replace(/^notice:.*$/gm, '');
}

/** The operation log as a list, newest first. */
export async function log(repo: Repo, limit?: number): Promise<Operation[]> {
  const out: Operation[] = [];
  for await (const operation of repo.operations(limit)) out.push(operation);
  return out;
}

/** Expects a CwfError of this code. */
export async function refuses(promise: Promise<unknown>, code: string): Promise<void> {
  await expect(promise).rejects.toMatchObject({ name: 'CwfError', code });
}
