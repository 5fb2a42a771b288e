import { checkProtection } from '../io/repo/protection.ts';
import type { Repo } from '../io/repo/repo.ts';
import { Transaction } from '../io/repo/transaction.ts';
import type { Context } from './context.ts';

/**
 * A context in which verbs do everything but the last step: a transaction is put together, with all its checks, and
 * then dropped. Objects it stored lie unreachable until git's gc takes them.
 */
export function dryRun(ctx: Context): Context {
  const transaction: Repo['transaction'] = async (meta, fn) => {
    const tx = new Transaction(ctx.repo);
    const result = await fn(tx);
    await checkProtection(ctx.repo, meta, tx);
    return result;
  };
  const repo: Repo = Object.create(ctx.repo, { transaction: { value: transaction } });
  return Object.create(ctx, { repo: { value: repo, enumerable: true }, dryRun: { value: true } });
}
