import { CwfError } from '../base/errors.ts';
import { checkProtection } from '../io/repo/protection.ts';
import { readRawRef } from '../io/repo/refs.ts';
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
    for (const { ref, old } of tx.refs.values()) {
      const actual = readRawRef(ctx.repo.gitDir, ref) ?? null;
      if (actual !== old) throw new CwfError('REF_STALE', { ref, actual: actual ?? 'nothing' });
    }
    return result;
  };
  const repo: Repo = Object.create(ctx.repo, { transaction: { value: transaction } });
  return Object.create(ctx, { repo: { value: repo, enumerable: true }, dryRun: { value: true } });
}
