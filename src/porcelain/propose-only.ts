import type { Repo } from '../io/repo/repo.ts';
import type { Context } from './context.ts';

/**
 * The context of a caller who may only propose, whoever acts in it: what a transaction leaves behind but proposals and
 * lines of notes is refused with PROPOSE_ONLY. For doors that give out tokens of that scope. [RV-3]
 */
export function proposeOnly(ctx: Context): Context {
  const transaction: Repo['transaction'] = (meta, fn) => ctx.repo.transaction({ ...meta, proposeOnly: true }, fn);
  const repo: Repo = Object.create(ctx.repo, { transaction: { value: transaction } });
  return Object.create(ctx, { repo: { value: repo, enumerable: true } });
}
