import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CwfError, isCwfError } from '../base/errors.ts';
import { mayBePending } from '../io/repo/journal.ts';
import type { Context } from './context.ts';
import type { Head } from './record.ts';

/** Another writer may be faster this often before we give up. */
const ATTEMPTS = 8;
/** A process that died leaves its operation pending; the next transaction settles it. */
const PATIENCE_MS = 2000;

/**
 * HEAD at a moment when the working tree belongs to it. Another cwf moves refs before it writes working files: a commit
 * made of files read in between would take back what the other just committed. What is committed while we read on shows
 * as a moved HEAD. Throws MERGE_UNDER_WAY while plain git waits for the end of a merge, whose parents we would lose.
 */
export async function settledHead(ctx: Context): Promise<Head> {
  if (existsSync(join(ctx.repo.gitDir, 'MERGE_HEAD'))) throw new CwfError('MERGE_UNDER_WAY');
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const head = await ctx.repo.head();
    if (!mayBePending(ctx.repo) || Date.now() > deadline) return head;
    await setTimeout(5);
  }
}

/** Runs a verb from the start again while other writers move HEAD, or the file it writes, under it. */
export async function whileStale<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (!isCwfError(error, 'REF_STALE', 'WORKTREE_CHANGED') || tries === ATTEMPTS) throw error;
    }
  }
}
