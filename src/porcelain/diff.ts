import { statSync } from 'node:fs';
import { CwfError } from '../base/errors.ts';
import type { Oid } from '../io/repo/types.ts';
import { compareSides, type Side, workSide } from './changes.ts';
import type { Context } from './context.ts';
import { type ChangedFile, type DiffView, viewOf } from './diff-view.ts';
import { isJsonFile } from './json-file.ts';
import { orHint } from './mistaken.ts';
import { diskPath, pathFilter, repoPath } from './paths.ts';
import { defineVerb } from './verb.ts';
import { loadWorkflows } from './workflows.ts';
import { type BrokenFile, readBytes, readDocument, scanWorktree } from './worktree.ts';

/** What to compare. */
export interface DiffInput {
  /**
   * Revisions, then files, as people type them: nothing (HEAD and the working tree), `<rev>` (it and the working tree),
   * `<a>..<b>`, `<a>...<b>` (from their merge base), or `<a> <b>`.
   */
  readonly words?: readonly string[];
  /** Only these files or folders. */
  readonly files?: readonly string[];
  /** Also the RFC 6902 patch of each changed file, its edits, or a picture of all. */
  readonly view?: DiffView;
}

/** The changes, by file. */
export interface DiffOutput {
  /** Absent before the first commit. */
  readonly from?: Oid;
  /** Absent for the working tree. */
  readonly to?: Oid;
  readonly files: readonly ChangedFile[];
  /** The picture, where the view is one. */
  readonly picture?: string;
  /** Files of the working tree that cannot be read and count as they were in the last commit. */
  readonly broken: readonly BrokenFile[];
  /** Whether anything but presentation differs. */
  readonly graphChanged: boolean;
}

interface Ends {
  readonly from?: Oid;
  readonly to?: Oid;
  readonly files: readonly string[];
}

/** `cwf diff`: what changed in nodes, inputs and links. Throws REV_NOT_FOUND or PATH_OUTSIDE. */
export const diff = defineVerb<DiffInput, DiffOutput>({
  name: 'diff',
  summary: 'Show changes in nodes, inputs and links',
  mutates: false,
  async run(ctx, input) {
    const { from, to, files } = await readWords(ctx, input.words ?? []);
    const before = await loadWorkflows(ctx, from);
    const work = to === undefined ? await workingSide(ctx, before) : undefined;
    const after = work?.side ?? (await loadWorkflows(ctx, to));
    const named = [...files, ...(input.files ?? [])];
    for (const name of named) mustBeThere(ctx, name, [before, after]);
    const wanted = pathFilter(ctx, named);
    const changes = await compareSides(before, after, wanted);
    const seen = viewOf(changes, input.view, { from: from ?? 'nothing', to: to ?? 'working tree' }, ctx.catalog);
    return {
      from,
      to,
      ...seen,
      broken: (work?.broken ?? []).filter(({ file }) => wanted(file)),
      graphChanged: seen.files.some(({ kind, graph }) => graph > 0 || kind === 'added' || kind === 'removed'),
    };
  },
});

/** A misspelt name must not look like a file without changes. */
function mustBeThere(ctx: Context, name: string, sides: readonly Side[]): void {
  const isNamed = pathFilter(ctx, [name]);
  if (sides.some((side) => [...side.keys()].some(isNamed))) return;
  const path = repoPath(ctx, name);
  if (statSync(diskPath(ctx, path), { throwIfNoEntry: false })?.isDirectory()) return;
  const bytes = readBytes(ctx, path);
  if (!isJsonFile(path))
    throw new CwfError('NOT_A_WORKFLOW', { source: path, reason: 'its name does not end in .json' });
  readDocument(ctx, bytes, path);
}

/** The working tree; a broken file counts as it was in HEAD or, when that is older, in `before`. */
async function workingSide(ctx: Context, before: Side): Promise<{ side: Side; broken: readonly BrokenFile[] }> {
  const head = await loadWorkflows(ctx, (await ctx.repo.head()).oid);
  const scan = await scanWorktree(ctx, head.keys());
  return { side: workSide(scan, new Map([...before, ...head])), broken: scan.broken };
}

async function readWords(ctx: Context, words: readonly string[]): Promise<Ends> {
  const [first, ...rest] = words;
  if (first === undefined) return { from: (await ctx.repo.head()).oid, files: [] };
  const range = /^(.*?)(\.\.\.?)(.*)$/.exec(first);
  // `../x.json` is a file, whatever it looks like.
  if (range && !/^\.\.?\//.test(first)) {
    const [a, b] = [await ctx.repo.resolve(range[1] || 'HEAD'), await ctx.repo.resolve(range[3] || 'HEAD')];
    return { from: range[2] === '...' ? await mergeBase(ctx, a, b) : a, to: b, files: rest };
  }
  const from = await revision(ctx, first);
  if (from === undefined) return { from: (await ctx.repo.head()).oid, files: words };
  const to = rest[0] === undefined ? undefined : await revision(ctx, rest[0]);
  return { from, to, files: to === undefined ? rest : rest.slice(1) };
}

/** A word is a revision when it names one and ends unlike a workflow; when it is neither, the error is about the revision. */
async function revision(ctx: Context, word: string): Promise<Oid | undefined> {
  if (word.endsWith('.json') || word.includes('/.') || word.startsWith('.')) return undefined;
  try {
    return await ctx.repo.resolve(word);
  } catch (error) {
    const files = await loadWorkflows(ctx, (await ctx.repo.head()).oid);
    const isFolder = [...files.keys(), ...(await scanWorktree(ctx, [])).workflows.keys()].some(pathFilter(ctx, [word]));
    if (isFolder) return undefined;
    return orHint(Promise.reject(error), `It is no file here, either; for revisions see \`cwf log\`.`);
  }
}

async function mergeBase(ctx: Context, a: Oid, b: Oid): Promise<Oid> {
  const [base] = await ctx.repo.mergeBases(a, b);
  if (base === undefined) throw new CwfError('NO_MERGE_BASE', { a, b });
  return base;
}
