import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CwfError } from '../base/errors.ts';
import { sha256 } from '../base/hash.ts';
import type { Json } from '../base/json.ts';
import { parseJson } from '../base/json-parse.ts';
import { canonicalJson } from '../base/json-text.ts';
import type { Favor, Resolution } from '../core/edit/merge.ts';
import { writeAll } from '../io/repo/objects.ts';
import { checkBranch } from '../io/repo/protection.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';

/** What ends in a merge of two states, and may wait for decisions. */
export type MergeOp = 'merge' | 'revert' | 'cherry-pick';

/**
 * A merge that waits for decisions, as `.git/cwf/merge.json` keeps it. Nothing of it is in a commit or a working file:
 * it is computed anew from its commits, and the resolutions are put in.
 */
export interface MergeState {
  readonly version: 1;
  readonly op: MergeOp;
  /** What the user called it. */
  readonly rev: string;
  /** The commit merged in, taken back or repeated. */
  readonly theirs: Oid;
  /** Full name of the branch it was begun on; absent when HEAD is detached. */
  readonly branch?: string;
  /** Of a merge that is taken back or repeated: which parent counts as what was before it, from 1. */
  readonly mainline?: number;
  /** Commits that follow once this one is done. */
  readonly rest: readonly Oid[];
  readonly message?: string;
  readonly reason?: string;
  readonly favor?: Favor;
  readonly isStrict?: boolean;
  readonly resolutions: Readonly<Record<string, KeptResolution>>;
}

/** A resolution by the id of its conflict. `of`: what the sides were when it was made; others would need another one. */
export type KeptResolution = Resolution & { readonly of: string };

/** The merge under way. Throws MERGE_NONE. */
export function readMerge(ctx: Context): MergeState {
  const state = findMerge(ctx);
  if (state === undefined) throw new CwfError('MERGE_NONE');
  return state;
}

/** The merge under way, if there is one; a file that is damaged counts as none. */
export function findMerge(ctx: Pick<Context, 'repo'>): MergeState | undefined {
  try {
    const state = parseJson(readFileSync(statePath(ctx)), { source: 'merge.json' }) as unknown as MergeState;
    const isWhole = state.version === 1 && typeof state.theirs === 'string' && Array.isArray(state.rest);
    return isWhole && typeof state.resolutions === 'object' ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps the state; the file is replaced as a whole. Throws BRANCH_PROTECTED: what is decided here ends on the branch. */
export async function writeMerge(ctx: Context, state: MergeState): Promise<void> {
  await checkBranch(ctx.repo, ctx.actor, state.op, state.branch);
  if (ctx.dryRun) return;
  const path = statePath(ctx);
  const temporary = `${path}.${process.pid}.tmp`;
  writeAll(temporary, Buffer.from(`${JSON.stringify(state, null, 1)}\n`), ctx.repo.durability === 'durable');
  renameSync(temporary, path);
}

/** Ends the merge. */
export function clearMerge(ctx: Context): void {
  if (!ctx.dryRun) rmSync(statePath(ctx), { force: true });
}

/** Throws MERGE_OPEN when another merge waits for decisions; beginning the same one again replaces it. */
export function refuseSecondMerge(ctx: Context, op: MergeOp, theirs: Oid): void {
  const state = findMerge(ctx);
  if (state && (state.op !== op || state.theirs !== theirs))
    throw new CwfError('MERGE_OPEN', { op: state.op, rev: state.rev });
}

/** Names what the sides of a conflict are, so that a resolution is not applied to something else. */
export function sidesDigest(sides: { base?: Json; ours?: Json; theirs?: Json; text: string }): string {
  const { base, ours, theirs, text } = sides;
  const known = [base, ours, theirs].some((side) => side !== undefined);
  const named = known
    ? Object.fromEntries(Object.entries({ base, ours, theirs }).filter(([, side]) => side !== undefined))
    : { text };
  return sha256(canonicalJson(named as Json)).slice(0, 16);
}

function statePath({ repo }: Pick<Context, 'repo'>): string {
  return join(repo.cwfDir, 'merge.json');
}
