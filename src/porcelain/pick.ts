import type { Favor } from '../core/edit/merge.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Conflict } from './conflict-list.ts';
import type { Context } from './context.ts';
import { type MergePlan, planMerge } from './merge-plan.ts';
import { clearMerge, findMerge, type MergeOp, refuseSecondMerge, writeMerge } from './merge-state.ts';
import { openConflicts } from './merge-trees.ts';
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
  readonly isStrict?: boolean;
  readonly dryRun?: boolean;
}

type PickOp = Exclude<MergeOp, 'merge'>;

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

async function pickAll(ctx: Context, input: PickInput, op: PickOp): Promise<PickOutput> {
  await ctx.loadCatalog();
  const commits: Oid[] = [];
  // All names first: half of the work done and then a slip in the last name helps nobody.
  for (const rev of input.revs) commits.push((await ctx.repo.readCommit(await ctx.repo.resolve(rev))).oid);
  refuseSecondMerge(ctx, op, commits[0]!);
  return { picks: await pickEach(ctx, commits, input, op) };
}

/** Picks commits one after the other; the first conflict ends it, and the rest waits with it. */
export async function pickEach(
  ctx: Context,
  commits: readonly Oid[],
  input: Omit<PickInput, 'revs'>,
  op: PickOp,
): Promise<Pick1[]> {
  const picks: Pick1[] = [];
  for (const [i, oid] of commits.entries()) {
    const done = await whileStale(() => pickOne(ctx, oid, commits.slice(i + 1), input, op));
    picks.push(done);
    if (done.kind === 'conflict') break;
  }
  return picks;
}

async function pickOne(
  ctx: Context,
  of: Oid,
  rest: readonly Oid[],
  { mainline, favor, reason, isStrict, dryRun: isDry }: Omit<PickInput, 'revs'>,
  op: PickOp,
): Promise<Pick1> {
  const head = await settledHead(ctx);
  const resolutions = findMerge(ctx)?.resolutions ?? {};
  const plan: MergePlan = { op, rev: of.slice(0, 8), theirs: of, mainline, favor, reason, isStrict, resolutions };
  const { result, commit, subject } = await planMerge(ctx, plan, head);
  const { changes, others, conflicts } = result;
  const common = { of, subject, files: changes.map(reportOf), conflicts };
  if (openConflicts(result).length > 0) {
    if (!isDry) await writeMerge(ctx, { version: 1, ...plan, branch: head.branch, rest, resolutions });
    return { kind: 'conflict', ...common };
  }
  const isEmpty = changes.length === 0 && others.size === 0;
  const oid = isEmpty ? undefined : await recordMerged(ctx, result, { ...commit, dryRun: isDry });
  if (!isDry) clearMerge(ctx);
  return { kind: isEmpty ? 'empty' : 'done', ...(oid === undefined ? {} : { oid }), ...common };
}
