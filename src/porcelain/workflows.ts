import { CwfError, isCwfError } from '../base/errors.ts';
import { detectFormat, readWorkflow } from '../core/workflow/read.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Repo } from '../io/repo/repo.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';
import { isJsonFile, parseFile } from './json-file.ts';
import { repoPath } from './paths.ts';
import { type Document, NOT_PLAIN } from './worktree.ts';

/** A `*.json` file of a tree. */
export interface TreeFile {
  readonly file: string;
  readonly mode: string;
  readonly oid: Oid;
  /** Its document, or undefined when it is no workflow that cwf can read: such files pass through untouched. */
  workflow(): Promise<Workflow | undefined>;
}

const PLAIN_MODES = ['100644', '100755'];
/** Documents kept per repository, by blob; the oldest leave first. */
const KEEP = 256;
const caches = new WeakMap<Repo, Map<Oid, Workflow | undefined>>();

/** The `*.json` files of a commit or tree by name; nothing is read but trees until a `workflow()` is asked for. */
export async function loadWorkflows(ctx: Context, commitOrTree: Oid | undefined): Promise<Map<string, TreeFile>> {
  const files = new Map<string, TreeFile>();
  if (commitOrTree === undefined) return files;
  const { type } = await ctx.repo.readObject(commitOrTree);
  const tree = type === 'tree' ? commitOrTree : (await ctx.repo.readCommit(commitOrTree)).tree;
  for (const [file, { mode, oid }] of await ctx.repo.listTree(tree)) {
    if (!isJsonFile(file) || !PLAIN_MODES.includes(mode)) continue;
    files.set(file, { file, mode, oid, workflow: () => workflowOf(ctx, oid, file) });
  }
  return files;
}

/** The document of a blob, or undefined when it is no workflow; kept by oid. */
export async function workflowOf(ctx: Context, oid: Oid, source: string): Promise<Workflow | undefined> {
  const cache = caches.get(ctx.repo);
  if (cache?.has(oid)) return cache.get(oid);
  await ctx.loadCatalog();
  const workflow = read(ctx, (await ctx.repo.readObject(oid)).body, source);
  keep(ctx, oid, workflow);
  return workflow;
}

/** Keeps a document that is about to be stored: reading its blob would give the same again [CF-1]. */
export function rememberDocument(ctx: Context, { oid, workflow }: Document): void {
  keep(ctx, oid, workflow);
}

/** A file of a revision; `fromTop`: the user's path began at the top of the tree. Throws REV_NOT_FOUND, FILE_NOT_FOUND or FILE_IS_FOLDER. */
export async function fileAt(ctx: Context, rev: string, file: string, fromTop = false): Promise<TreeFile> {
  const files = await loadWorkflows(ctx, await ctx.repo.resolve(rev));
  const found = files.get(file);
  if (found) return found;
  const isFolder = file === '' || [...files.keys()].some((name) => name.startsWith(`${file}/`));
  if (isFolder) throw new CwfError('FILE_IS_FOLDER', { file });
  const hint = `After a revision a path starts at the top of the repository; \`${rev}:./${file}\` starts where you are.`;
  throw new CwfError('FILE_NOT_FOUND', { file, where: `in ${rev}` }, fromTop ? { hint } : {});
}

/** One workflow at a revision. Throws REV_NOT_FOUND, FILE_NOT_FOUND, FILE_IS_FOLDER or NOT_A_WORKFLOW. */
export async function workflowAt(ctx: Context, rev: string, file: string): Promise<Workflow> {
  const found = await fileAt(ctx, rev, file);
  const workflow = await found.workflow();
  if (workflow === undefined)
    throw new CwfError('NOT_A_WORKFLOW', { source: `${rev}:${file}`, reason: 'no nodes found' });
  return workflow;
}

function keep(ctx: Context, oid: Oid, workflow: Workflow | undefined): void {
  const cache = caches.get(ctx.repo) ?? new Map<Oid, Workflow | undefined>();
  caches.set(ctx.repo, cache.set(oid, workflow));
  if (cache.size > KEEP) cache.delete(cache.keys().next().value!);
}

/** Divides `<rev>:<file>`; undefined when there is no colon. An empty revision is HEAD. */
export function splitRevFile(text: string): { rev: string; file: string } | undefined {
  const at = text.indexOf(':');
  return at < 0 ? undefined : { rev: text.slice(0, at) || 'HEAD', file: text.slice(at + 1) };
}

/** As in git: a path after a revision starts at the top of the tree, unless it says that it means the current folder. */
export function pathInRev(ctx: Context, file: string): { file: string; fromTop: boolean } {
  const fromTop = !/^\.\.?\//.test(file);
  return { file: repoPath({ repo: ctx.repo, cwd: fromTop ? ctx.repo.workDir : ctx.cwd }, file), fromTop };
}

/** The bytes of any plain file of a revision. Throws REV_NOT_FOUND, FILE_NOT_FOUND, FILE_IS_FOLDER or FILE_UNREADABLE. */
export async function bytesAt(ctx: Context, rev: string, path: string): Promise<Buffer> {
  const { file, fromTop } = pathInRev(ctx, path);
  if (isJsonFile(file)) return (await ctx.repo.readObject((await fileAt(ctx, rev, file, fromTop)).oid)).body;
  const files = await ctx.repo.listTree((await ctx.repo.readCommit(await ctx.repo.resolve(rev))).tree);
  const found = files.get(file);
  if (found && PLAIN_MODES.includes(found.mode)) return (await ctx.repo.readObject(found.oid)).body;
  if (found) throw new CwfError('FILE_UNREADABLE', { file, reason: NOT_PLAIN });
  if (file === '' || [...files.keys()].some((name) => name.startsWith(`${file}/`)))
    throw new CwfError('FILE_IS_FOLDER', { file });
  throw new CwfError('FILE_NOT_FOUND', { file, where: `in ${rev}` });
}

function read(ctx: Context, bytes: Uint8Array, source: string): Workflow | undefined {
  try {
    const json = parseFile(bytes, source);
    return detectFormat(json) === undefined ? undefined : readWorkflow(json, { catalog: ctx.catalog, source });
  } catch (error) {
    if (isCwfError(error) && error.kind !== 'bug') return undefined;
    throw error;
  }
}
