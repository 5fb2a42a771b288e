import { CwfError } from '../base/errors.ts';
import type { Json } from '../base/json.ts';
import { parseJson } from '../base/json-parse.ts';
import type { Resolution } from '../core/edit/merge.ts';
import { linkOf } from '../core/workflow/read-api.ts';
import { checkBranch } from '../io/repo/protection.ts';
import type { Oid } from '../io/repo/types.ts';
import { type ChangeFault, changeFaults, refuseFaults } from './change-faults.ts';
import type { Conflict } from './conflict-list.ts';
import type { Context } from './context.ts';
import { type PlannedMerge, planMerge } from './merge-plan.ts';
import { clearMerge, type MergeOp, type MergeState, readMerge, sidesDigest, writeMerge } from './merge-state.ts';
import { openConflicts } from './merge-trees.ts';
import { type Pick1, pickEach } from './pick.ts';
import type { Head } from './record.ts';
import { recordMerged } from './record-merged.ts';
import { type FileReport, reportOf } from './report.ts';
import { refuseUnreviewed } from './review-gate.ts';
import { settledHead, whileStale } from './settled.ts';
import { defineVerb } from './verb.ts';

/** A conflict by its number: its place in the list, from 1, which holds while both sides stay what they are. */
export interface NumberedConflict extends Conflict {
  readonly number: number;
}

/** The merge under way and every decision it asks for. */
export interface ConflictsOutput {
  readonly op: MergeOp;
  readonly rev: string;
  readonly theirs: Oid;
  readonly conflicts: readonly NumberedConflict[];
  /** How many of them nobody has resolved. */
  readonly open: number;
  /** Once none is open: what would be committed, relative to HEAD. */
  readonly files?: readonly FileReport[];
  /** Then also the errors and warnings that this brings. */
  readonly faults?: readonly ChangeFault[];
}

/** Which conflicts to resolve, and how. */
export interface ResolveInput {
  /** Numbers, ids, or files (all their open conflicts). */
  readonly ids: readonly string[];
  /** Every open one; then `ids` is empty. */
  readonly all?: boolean;
  readonly take?: 'ours' | 'theirs' | 'base';
  /** JSON text, instead of a side; where a text is expected plain text will do. */
  readonly value?: string;
}

/** How a merge ended that waited for decisions. `picks`: what became of the commits that came after it. */
export interface ContinueOutput {
  readonly op: MergeOp;
  readonly subject: string;
  /** Absent when nothing was left to commit. */
  readonly oid?: Oid;
  readonly branch?: string;
  readonly files: readonly FileReport[];
  /** The errors and warnings that the result has and HEAD had not. */
  readonly faults: readonly ChangeFault[];
  readonly picks: readonly Pick1[];
}

/** How to finish what waits. */
export interface ContinueInput {
  readonly op: MergeOp;
  readonly message?: string;
  /** Refuses a result with errors that HEAD has not; else they are told. */
  readonly check?: boolean;
  readonly dryRun?: boolean;
}

/** `cwf conflicts`: the decisions that the merge under way asks for. Throws MERGE_NONE. */
export const conflicts = defineVerb<Record<string, never>, ConflictsOutput>({
  name: 'conflicts',
  summary: 'List the decisions a merge waits for',
  mutates: false,
  async run(ctx) {
    await ctx.loadCatalog();
    const state = readMerge(ctx);
    return listed(ctx, state, await planned(ctx, state));
  },
});

/** `cwf resolve`. Throws MERGE_NONE, CONFLICT_NOT_FOUND, RESOLUTION_INVALID. */
export const resolve = defineVerb<ResolveInput, ConflictsOutput>({
  name: 'resolve',
  summary: 'Decide what a merge left open',
  mutates: true,
  async run(ctx, input) {
    await ctx.loadCatalog();
    const state = readMerge(ctx);
    const before = listed(ctx, state, await planned(ctx, state));
    const wanted = input.all
      ? before.conflicts.filter(({ resolution }) => resolution === undefined)
      : [...new Set(input.ids.flatMap((id) => find(before.conflicts, id)))];
    const resolutions = { ...state.resolutions };
    for (const one of wanted) resolutions[one.id] = { ...resolutionOf(one, input), of: sidesDigest(one) };
    const next = { ...state, resolutions };
    const after = listed(ctx, next, await planned(ctx, next));
    await writeMerge(ctx, next);
    return after;
  },
});

/**
 * `cwf merge --continue`, and the same of revert and cherry-pick: the commit, now that every decision is made, on top
 * of what HEAD is now. Throws MERGE_NONE, MERGE_OTHER, MERGE_ELSEWHERE, MERGE_UNRESOLVED, UNCOMMITTED_CHANGES, REVIEW_NEEDED,
 * EDIT_REFUSED.
 */
export const mergeContinue = defineVerb<ContinueInput, ContinueOutput>({
  name: 'merge continue',
  summary: 'Finish the merge under way',
  mutates: true,
  async run(ctx, input) {
    const { op, message, dryRun: isDry } = input;
    await ctx.loadCatalog();
    const state = ofOp(ctx, op);
    const done = await whileStale(() => finishMerge(ctx, message === undefined ? state : { ...state, message }, input));
    if (isDry) return { ...done, picks: [] };
    clearMerge(ctx);
    const { rest, mainline, reason, favor, isStrict } = state;
    return {
      ...done,
      picks: op === 'merge' ? [] : await pickEach(ctx, rest, { mainline, reason, favor, isStrict }, op),
    };
  },
});

/** `cwf merge --abort`: the decisions are forgotten; nothing else had been written. Throws MERGE_NONE, MERGE_OTHER. */
export const mergeAbort = defineVerb<{ op: MergeOp }, Pick<MergeState, 'op' | 'rev'>>({
  name: 'merge abort',
  summary: 'Give up the merge under way',
  mutates: true,
  async run(ctx, { op }) {
    const { rev, branch } = ofOp(ctx, op);
    await checkBranch(ctx.repo, ctx.actor, `${op} --abort`, branch);
    clearMerge(ctx);
    return { op, rev };
  },
});

async function finishMerge(
  ctx: Context,
  state: MergeState,
  { check, dryRun: isDry }: ContinueInput,
): Promise<Omit<ContinueOutput, 'picks'>> {
  const head = await headOf(ctx, state);
  if (state.op === 'merge') await refuseUnreviewed(ctx, state.theirs, head.branch);
  const { result, commit, subject } = await planMerge(ctx, state, head);
  const open = openConflicts(result);
  if (open.length > 0) throw new CwfError('MERGE_UNRESOLVED', { count: open.length, ids: open.map(({ id }) => id) });
  const faults = changeFaults(ctx, result.changes);
  if (check) refuseFaults(faults);
  const isEmpty = state.op !== 'merge' && result.changes.length === 0 && result.others.size === 0;
  const oid = isEmpty ? undefined : await recordMerged(ctx, result, { ...commit, dryRun: isDry });
  return {
    op: state.op,
    subject,
    ...(oid === undefined ? {} : { oid }),
    ...(head.branch === undefined ? {} : { branch: head.branch }),
    files: result.changes.map(reportOf),
    faults,
  };
}

async function planned(ctx: Context, state: MergeState): Promise<PlannedMerge> {
  return planMerge(ctx, state, await headOf(ctx, state));
}

/** HEAD, where the merge was begun. Throws MERGE_ELSEWHERE. */
async function headOf(ctx: Context, { op, rev, branch }: MergeState): Promise<Head> {
  const head = await settledHead(ctx);
  if (head.branch !== branch)
    throw new CwfError('MERGE_ELSEWHERE', { op, rev, branch: branch?.replace('refs/heads/', '') ?? 'a commit alone' });
  return head;
}

function ofOp(ctx: Context, op: MergeOp): MergeState {
  const state = readMerge(ctx);
  if (state.op !== op) throw new CwfError('MERGE_OTHER', { op: state.op, rev: state.rev, wanted: op });
  return state;
}

function listed(ctx: Context, { op, rev, theirs }: MergeState, { result }: PlannedMerge): ConflictsOutput {
  const numbered = result.conflicts.map((conflict, i) => ({ number: i + 1, ...conflict }));
  const asked = { op, rev, theirs, conflicts: numbered, open: openConflicts(result).length };
  if (asked.open > 0) return asked;
  return { ...asked, files: result.changes.map(reportOf), faults: changeFaults(ctx, result.changes) };
}

function find(all: readonly NumberedConflict[], id: string): NumberedConflict[] {
  const found = all.filter((one) => one.id === id || String(one.number) === id);
  if (found.length > 0) return found;
  const inFile = all.filter(({ file, resolution }) => file === id && resolution === undefined);
  if (inFile.length === 0) throw new CwfError('CONFLICT_NOT_FOUND', { id });
  return inFile;
}

function resolutionOf(conflict: Conflict, { take, value }: ResolveInput): Resolution {
  if (take !== undefined) return { take };
  const refuse = (reason: string): CwfError => new CwfError('RESOLUTION_INVALID', { id: conflict.id, reason });
  if (value === undefined) throw refuse('neither a side nor a value was chosen');
  if (conflict.value === undefined) throw refuse('only a side can be taken, no value of your own');
  const json = conflict.value === 'text' ? textOf(value) : jsonOf(value, conflict, refuse);
  // In an API file such a list is a link, whatever was meant.
  if (conflict.kind === 'value' && linkOf(json)) throw refuse(`${value.slice(0, 80)} would be read as a link`);
  if (conflict.value === 'number' && !Number.isInteger(json)) throw refuse(`${value} is not a whole number`);
  return { value: json };
}

/** A quoted text, or plain words. */
function textOf(value: string): string {
  const json = attempt(value);
  return typeof json === 'string' ? json : value;
}

function jsonOf(value: string, { base, ours, theirs }: Conflict, refuse: (reason: string) => CwfError): Json {
  const json = attempt(value);
  if (json !== undefined) return json;
  // Where texts stand on every side plain words are one; elsewhere a text without quotes is more likely a slip.
  if ([base, ours, theirs].every((side) => side === undefined || typeof side === 'string')) return value;
  throw refuse(`${value.slice(0, 80)} is not JSON`);
}

function attempt(value: string): Json | undefined {
  try {
    return parseJson(value, { source: '--value' });
  } catch {
    return undefined;
  }
}
