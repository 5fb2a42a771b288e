import { CwfError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { docDigest } from '../core/workflow/digest.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';
import { isFile } from './document.ts';
import { isJsonFile, parseFile } from './json-file.ts';
import { readMessage } from './log.ts';
import { orHint } from './mistaken.ts';
import { repoPath } from './paths.ts';
import { loadWorkflows, pathInRev, splitRevFile } from './workflows.ts';
import { readBytes, readDocument } from './worktree.ts';

/** A workflow that is to be run. */
export interface RunSource {
  /** The commit whose version it is; absent for a working file that HEAD does not have. */
  readonly commit?: Oid;
  /** The first line of its message. */
  readonly subject: string;
  /** The path from the top of the working tree. */
  readonly file: string;
  /** The document as the file holds it. */
  readonly json: Json;
  /** docDigest of it, as cwf reads it with the definitions it ships. */
  readonly document: string;
}

/**
 * What `cwf run <word>` means: a working file, `<rev>:<path>`, or a revision (HEAD by default) whose tree has one
 * workflow; with several `file` says which. A working file that is what HEAD has stands for HEAD's. Throws
 * REV_NOT_FOUND, FILE_NOT_FOUND, NOT_A_WORKFLOW, RUN_AMBIGUOUS and what reading throws.
 */
export async function runSource(ctx: Context, word: string | undefined, file?: string): Promise<RunSource> {
  await ctx.loadCatalog();
  if (word !== undefined && (isFile(word, ctx.cwd) || (isJsonFile(word) && !word.includes(':'))))
    return workingSource(ctx, word);
  const part = splitRevFile(word ?? 'HEAD');
  const rev = part?.rev ?? word ?? 'HEAD';
  const oid = await orHint(ctx.repo.resolve(rev), false);
  const path = part ? pathInRev(ctx, part.file).file : file === undefined ? undefined : repoPath(ctx, file);
  return committedSource(ctx, oid, path, rev);
}

/**
 * The workflow at a path of a commit, or the only one it has. `rev` is what the user called the commit. Throws
 * FILE_NOT_FOUND, NOT_A_WORKFLOW, RUN_AMBIGUOUS.
 */
export async function committedSource(ctx: Context, oid: Oid, path?: string, rev = oid): Promise<RunSource> {
  const files = await loadWorkflows(ctx, oid);
  if (path !== undefined && !files.has(path)) throw new CwfError('FILE_NOT_FOUND', { file: path, where: `in ${rev}` });
  const found: { readonly file: string; readonly workflow: Workflow; readonly blob: Oid }[] = [];
  for (const [file, entry] of files) {
    if (path !== undefined && file !== path) continue;
    const workflow = await entry.workflow();
    if (workflow) found.push({ file, workflow, blob: entry.oid });
    else if (path !== undefined)
      throw new CwfError('NOT_A_WORKFLOW', { source: `${rev}:${file}`, reason: 'no nodes found' });
  }
  const [only, ...others] = found;
  if (only === undefined) throw new CwfError('FILE_NOT_FOUND', { file: 'a workflow', where: `in ${rev}` });
  if (others.length > 0) throw new CwfError('RUN_AMBIGUOUS', { rev, files: found.map(({ file }) => file) });
  const { message } = await ctx.repo.readCommit(oid);
  const json = parseFile((await ctx.repo.readObject(only.blob)).body, only.file);
  return {
    commit: oid,
    subject: readMessage(message).subject,
    file: only.file,
    json,
    document: docDigest(only.workflow),
  };
}

/** A file of the working tree; HEAD's where it says the same. */
async function workingSource(ctx: Context, word: string): Promise<RunSource> {
  const file = repoPath(ctx, word);
  const bytes = readBytes(ctx, file);
  const { workflow, oid } = readDocument(ctx, bytes, file);
  const head = (await ctx.repo.head()).oid;
  const committed = head === undefined ? undefined : (await loadWorkflows(ctx, head)).get(file);
  if (head !== undefined && committed !== undefined) {
    // A file of the page in its own order is the one of the commit all the same.
    const before = await committed.workflow();
    if (committed.oid === oid || (before !== undefined && docDigest(before) === docDigest(workflow)))
      return committedSource(ctx, head, file, 'HEAD');
  }
  return { subject: '', file, json: parseFile(bytes, file), document: docDigest(workflow) };
}
