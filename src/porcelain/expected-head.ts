import { CwfError } from '../base/errors.ts';
import type { Repo } from '../io/repo/repo.ts';
import type { Oid } from '../io/repo/types.ts';
import type { Context } from './context.ts';

/**
 * A context in which the first change happens on the commit that the caller expects HEAD to be on, or not at all. What
 * moves HEAD later, before the refs are locked, fails by compare-and-swap and comes here again. Throws HEAD_MOVED, here
 * and out of the transaction.
 */
export async function expectHead(ctx: Context, expected: Oid | null): Promise<Context> {
  const check = async (): Promise<void> => {
    const { oid = null } = await ctx.repo.head();
    if (oid !== expected) throw new CwfError('HEAD_MOVED', { head: oid ?? '', expected: expected ?? '' });
  };
  await check();
  let isDone = false;
  const transaction: Repo['transaction'] = async (meta, fn) => {
    const result = await ctx.repo.transaction(meta, async (tx) => {
      const made = await fn(tx);
      if (!isDone) await check();
      return made;
    });
    isDone = true;
    return result;
  };
  const repo: Repo = Object.create(ctx.repo, { transaction: { value: transaction } });
  return Object.create(ctx, { repo: { value: repo, enumerable: true } });
}
