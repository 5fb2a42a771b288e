import { CwfError } from '../base/errors.ts';
import { parseTrailers, type Trailer } from '../io/repo/trailers.ts';
import type { Commit, Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';
import type { MergeState } from './merge-state.ts';
import { mergeSides, sideOf, type TreeMerge, virtualBase } from './merge-trees.ts';
import { splitMessage } from './message.ts';
import type { Head } from './record.ts';
import type { MergedCommit } from './record-merged.ts';

/** What to merge onto HEAD, and how; the same whether it is begun or goes on after its decisions. */
export type MergePlan = Pick<
  MergeState,
  'op' | 'rev' | 'theirs' | 'mainline' | 'message' | 'reason' | 'favor' | 'isStrict'
> &
  Partial<Pick<MergeState, 'resolutions'>>;

/** A merge as its commits and resolutions give it, and the commit it becomes once no decision is open. */
export interface PlannedMerge {
  readonly result: TreeMerge;
  readonly commit: MergedCommit;
  readonly subject: string;
}

/** Computes a merge; nothing is written. Throws NO_MERGE_BASE, MAINLINE_NEEDED, REV_NOT_FOUND. */
export function planMerge(ctx: Context, plan: MergePlan, head: Head): Promise<PlannedMerge> {
  return plan.op === 'merge' ? planJoin(ctx, plan, head.oid!) : planPick(ctx, plan, head);
}

async function planJoin(ctx: Context, plan: MergePlan, ours: Oid): Promise<PlannedMerge> {
  const bases = await ctx.repo.mergeBases(ours, plan.theirs);
  if (bases.length === 0) throw new CwfError('NO_MERGE_BASE', { a: 'HEAD', b: plan.rev });
  const base = bases.length === 1 ? await sideOf(ctx, bases[0]) : await virtualBase(ctx, bases);
  const result = await mergeSides(ctx, base, await sideOf(ctx, ours), await sideOf(ctx, plan.theirs), plan);
  const message = plan.message ?? `Merge ${plan.rev}`;
  const commit = { op: 'merge' as const, parents: [ours, plan.theirs], message, reason: plan.reason };
  return { result, commit: { ...commit, trailers: resolved(result) }, subject: splitMessage(message)[0] };
}

async function planPick(ctx: Context, plan: MergePlan, head: Head): Promise<PlannedMerge> {
  const commit = await ctx.repo.readCommit(plan.theirs);
  const [before, after] = [await sideOf(ctx, parentOf(commit, plan.mainline)), await sideOf(ctx, commit.oid)];
  const isRevert = plan.op === 'revert';
  const [base, theirs] = isRevert ? [after, before] : [before, after];
  const result = await mergeSides(ctx, base, await sideOf(ctx, head.oid), theirs, plan);
  const [subject] = splitMessage(commit.message);
  const cause = { key: 'Cwf-Cause', value: `${isRevert ? 'reverts' : 'cherry-picked'} ${commit.oid}` };
  return {
    result,
    subject,
    commit: {
      op: plan.op,
      parents: head.oid === undefined ? [] : [head.oid],
      ...(isRevert
        ? { message: `Revert "${subject}"\n\nThis reverts commit ${commit.oid}.` }
        : { message: wordsOf(commit.message), author: commit.author }),
      reason: plan.reason,
      trailers: [cause, ...resolved(result)],
    },
  };
}

/** Throws MAINLINE_NEEDED for a merge when nobody said which side counts, REV_NOT_FOUND for a parent that is not there. */
function parentOf(commit: Commit, mainline: number | undefined): Oid | undefined {
  if (commit.parents.length > 1 && mainline === undefined) throw new CwfError('MAINLINE_NEEDED', { rev: commit.oid });
  const count = commit.parents.length;
  const parent = commit.parents[(mainline ?? 1) - 1];
  if (parent === undefined && mainline !== undefined)
    throw new CwfError(
      'REV_NOT_FOUND',
      { rev: `${commit.oid}^${mainline}` },
      { hint: `That commit has ${count === 1 ? '1 parent' : `${count} parents`}: -m counts them from 1.` },
    );
  return parent;
}

/** What somebody decided is said in the commit: a review sees it without merging again. [MG-11] */
function resolved({ conflicts }: TreeMerge): Trailer[] {
  return conflicts.flatMap(({ id, resolution }) =>
    resolution === undefined
      ? []
      : [{ key: 'Cwf-Resolved', value: `${'take' in resolution ? resolution.take : 'value'} ${JSON.stringify(id)}` }],
  );
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
