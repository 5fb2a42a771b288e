/**
 * Working files that hold a candidate for a moment while a commit is minimised. They are written outside of the
 * operation log: what they held is kept as blobs and named in the state of the bisection before the first byte changes,
 * and is put back at the end, by `bisect reset` at the latest, wherever nobody else wrote meanwhile.
 */

import { hashOf } from '../io/repo/transaction.ts';
import type { Oid } from '../io/repo/types.ts';
import { readWorking, stageWorking } from '../io/repo/working-files.ts';
import { type BisectState, type Scratch, writeBisect } from './bisect-state.ts';
import type { Context } from './context.ts';

/** The state with the present bytes of these files kept, so that candidates may be written over them. */
export async function keepScratch(ctx: Context, state: BisectState, files: readonly string[]): Promise<BisectState> {
  const scratch: Record<string, Scratch> = {};
  for (const file of files) {
    const bytes = readWorking(ctx.repo.workDir, file);
    const before = bytes === undefined ? null : await ctx.repo.objects.write('blob', bytes);
    scratch[file] = { before, after: before };
  }
  await ctx.repo.objects.sync();
  const kept = { ...state, scratch };
  writeBisect(ctx, kept);
  return kept;
}

/** Writes candidates (null: no file); returns the state that knows them. Each is named before it is written. */
export function writeScratch(
  ctx: Context,
  state: BisectState,
  contents: ReadonlyMap<string, Uint8Array | null>,
): BisectState {
  const scratch: Record<string, Scratch> = { ...state.scratch };
  for (const [file, bytes] of contents) {
    scratch[file] = { before: scratch[file]!.before, after: bytes && hashOf(Buffer.from(bytes)) };
  }
  const next = { ...state, scratch };
  writeBisect(ctx, next);
  for (const [file, bytes] of contents) put(ctx, file, bytes);
  return next;
}

/** Puts back what the files held. One that holds something else than the last candidate is the user's, and stays. */
export async function putBackScratch(ctx: Context, state: BisectState): Promise<BisectState> {
  if (ctx.dryRun) return state;
  for (const [file, { before, after }] of Object.entries(state.scratch ?? {})) {
    const now = hashOf(readWorking(ctx.repo.workDir, file));
    if (now === before || now !== after) continue;
    put(ctx, file, before === null ? null : await bytesOf(ctx, before));
  }
  const { scratch: _done, ...rest } = state;
  writeBisect(ctx, rest);
  return rest;
}

async function bytesOf(ctx: Context, oid: Oid): Promise<Uint8Array> {
  return (await ctx.repo.readObject(oid)).body;
}

function put(ctx: Context, file: string, bytes: Uint8Array | null): void {
  const { workDir, cwfDir } = ctx.repo;
  const now = readWorking(workDir, file) ?? null;
  stageWorking({ workDir, cwfDir, durability: 'normal' }, file, bytes).apply(now);
}
