import { CwfError } from '../base/errors.ts';
import type { Favor } from '../core/edit/merge.ts';
import { parseTrailers } from '../io/repo/trailers.ts';
import type { Commit, Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';
import { type Conflict, mergeSides, sideOf } from './merge-trees.ts';
import { splitMessage } from './message.ts';
import { recordMerged } from './record-merged.ts';
import { type FileReport, reportOf } from './report.ts';
import { settledHead, whileStale } from './settled.ts';
import { defineVerb } from './verb.ts';

/** Which commits to take back or to repeat here. */
export interface PickInput {
  readonly revs: readonly string[];
  /** Of a merge: which of its parents counts as what was before it, from 1. */
  readonly mainline?: number;
  readonly reason?: string;
  readonly favor?: Favor;
  readonly dryRun?: boolean;
}

/** What became of each commit, in order; the last one may be the conflict that ended it. */
export interface PickOutput {
  readonly picks: readonly Pick1[];
}

/** One commit that was taken back or repeated. `empty`: its changes are not, or already, here. */
export interface Pick1 {
  readonly kind: 'done' | 'empty' | 'conflict';
  readonly of: Oid;
  readonly oid?: Oid;
  readonly subject: string;
  readonly files: readonly FileReport[];
  readonly conflicts: readonly Conflict[];
}

/**
 * `cwf revert`: takes back the edits of a past commit and keeps what came later; where a later edit touched the same
 * value that is a conflict. One commit per commit. Throws REV_NOT_FOUND, MAINLINE_NEEDED, UNCOMMITTED_CHANGES.
 */
export const revert = defineVerb<PickInput, PickOutput>({
  name: 'revert',
  summary: 'Take back the edits of a commit',
  mutates: true,
  run: (ctx, input) => pickAll(ctx, input, 'revert'),
});

/** `cwf cherry-pick`: repeats the edits of a commit on top of HEAD, with its author and message. */
export const cherryPick = defineVerb<PickInput, PickOutput>({
  name: 'cherry-pick',
  summary: 'Repeat the edits of a commit here',
  mutates: true,
  run: (ctx, input) => pickAll(ctx, input, 'cherry-pick'),
});

async function pickAll(ctx: Context, input: PickInput, op: 'revert' | 'cherry-pick'): Promise<PickOutput> {
  await ctx.loadCatalog();
  const picks: Pick1[] = [];
  const commits: Commit[] = [];
  // All names first: half of the work done and then a slip in the last name helps nobody.
  for (const rev of input.revs) commits.push(await ctx.repo.readCommit(await ctx.repo.resolve(rev)));
  for (const commit of commits) {
    const done = await whileStale(() => pickOne(ctx, commit, input, op));
    picks.push(done);
    if (done.kind === 'conflict') break;
  }
  return { picks };
}

async function pickOne(ctx: Context, commit: Commit, input: PickInput, op: 'revert' | 'cherry-pick'): Promise<Pick1> {
  if (commit.parents.length > 1 && input.mainline === undefined)
    throw new CwfError('MAINLINE_NEEDED', { rev: commit.oid });
  const parent = commit.parents[(input.mainline ?? 1) - 1];
  if (parent === undefined && input.mainline !== undefined)
    throw new CwfError('REV_NOT_FOUND', { rev: `${commit.oid}^${input.mainline}` });
  const head = await settledHead(ctx);
  const [before, after] = [await sideOf(ctx, parent), await sideOf(ctx, commit.oid)];
  const ours = await sideOf(ctx, head.oid);
  const [base, theirs] = op === 'revert' ? [after, before] : [before, after];
  const result = await mergeSides(base, ours, theirs, input.favor);
  const [subject] = splitMessage(commit.message);
  const files = result.changes.map(reportOf);
  const common = { of: commit.oid, subject, files, conflicts: result.conflicts };
  if (result.conflicts.length > 0) return { kind: 'conflict', ...common };
  if (result.changes.length === 0 && result.others.size === 0) return { kind: 'empty', ...common };
  const oid = await recordMerged(ctx, result, {
    op,
    parents: head.oid === undefined ? [] : [head.oid],
    ...(op === 'revert'
      ? { message: `Revert "${subject}"\n\nThis reverts commit ${commit.oid}.` }
      : { message: wordsOf(commit.message), author: commit.author }),
    reason: input.reason,
    trailers: [{ key: 'Cwf-Cause', value: `${op === 'revert' ? 'reverts' : 'cherry-picked'} ${commit.oid}` }],
    dryRun: input.dryRun,
  });
  return { kind: 'done', ...(oid === undefined ? {} : { oid }), ...common };
}

/** A message without the trailers that say what its own commit was. */
function wordsOf(message: string): string {
  const own = new Set(
    parseTrailers(message)
      .filter(({ key }) => /^cwf-/i.test(key))
      .map(({ key }) => key.toLowerCase()),
  );
  const lines = message.split('\n').filter((line) => !own.has(line.slice(0, line.indexOf(':')).toLowerCase()));
  return lines.join('\n').trim();
}
