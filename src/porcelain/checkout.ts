import { CwfError } from '../base/errors.ts';
import type { Transaction } from '../io/repo/repo.ts';
import { hashOf } from '../io/repo/transaction.ts';
import type { Oid } from '../io/repo/types.ts';
import { readWorking } from '../io/repo/working-files.ts';
import type { Context } from './context.ts';
import { isJsonFile } from './json-file.ts';
import { workflowOf } from './workflows.ts';
import { readDocument, toDocument } from './worktree.ts';

/** A file of a tree. */
export interface Entry {
  readonly mode: string;
  readonly oid: Oid;
}

const PLAIN = ['100644', '100755'];

/**
 * Stages the change of the working tree and git's index from the commit HEAD stands on to another. Files both have
 * alike stay as they are, changes of the user among them. Throws UNCOMMITTED_CHANGES when a file that must change
 * holds something no commit has. Returns the files that change.
 */
export async function stageCheckout(ctx: Context, tx: Transaction, to: Oid | undefined): Promise<string[]> {
  const from = await entriesOf(ctx, (await ctx.repo.head()).oid);
  const target = await entriesOf(ctx, to);
  return stageEntries(ctx, tx, from, target);
}

/** Stages the working files and index entries of the paths in which two trees differ; as `stageCheckout`. */
export async function stageEntries(
  ctx: Context,
  tx: Transaction,
  from: ReadonlyMap<string, Entry>,
  to: ReadonlyMap<string, Entry>,
): Promise<string[]> {
  const touched: string[] = [];
  const dirty: string[] = [];
  for (const path of [...new Set([...from.keys(), ...to.keys()])].sort()) {
    const [old, now] = [from.get(path), to.get(path)];
    if (old?.oid === now?.oid && old?.mode === now?.mode) continue;
    touched.push(path);
    tx.setIndexEntry(path, now ?? null);
    // Links and submodules are git's own matter.
    if (!PLAIN.includes((now ?? old)!.mode)) continue;
    const bytes = readWorking(ctx.repo.workDir, path);
    if (!(await isExpendable(ctx, path, bytes, old, now))) dirty.push(path);
    else if (now === undefined) tx.deleteFile(path, { expected: bytes ?? null });
    else tx.writeFile(path, (await ctx.repo.readObject(now.oid)).body, { expected: bytes ?? null });
  }
  if (dirty.length > 0) throw new CwfError('UNCOMMITTED_CHANGES', { files: dirty });
  return touched;
}

/** Files of a commit by path; none without one. */
export async function entriesOf(ctx: Context, oid: Oid | undefined): Promise<Map<string, Entry>> {
  return oid === undefined ? new Map() : ctx.repo.listTree((await ctx.repo.readCommit(oid)).tree);
}

/** Whether the bytes of a working file are those of one of the two commits, or the same workflow in another layout. */
async function isExpendable(
  ctx: Context,
  path: string,
  bytes: Buffer | undefined,
  old: Entry | undefined,
  now: Entry | undefined,
): Promise<boolean> {
  if (bytes === undefined) return true;
  const oid = hashOf(bytes);
  if (oid === old?.oid || oid === now?.oid) return true;
  if (!isJsonFile(path)) return false;
  await ctx.loadCatalog();
  try {
    const document = readDocument(ctx, bytes, path);
    for (const entry of [old, now]) {
      const workflow = entry && (await workflowOf(ctx, entry.oid, path));
      if (workflow && toDocument(workflow).oid === document.oid) return true;
    }
  } catch {
    // Not a workflow any more: nothing a commit has.
  }
  return false;
}
