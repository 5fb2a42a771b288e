import { CwfError } from '../base/errors.ts';
import { compareSides, workSide } from './changes.ts';
import type { Context } from './context.ts';
import { loadWorkflows } from './workflows.ts';
import { scanWorktree } from './worktree.ts';

/**
 * Makes sure that every workflow of the last commit stands in the working tree as it was committed; new files do not
 * matter. Throws UNCOMMITTED_CHANGES.
 */
export async function requireClean(ctx: Context): Promise<void> {
  await ctx.loadCatalog();
  const head = await loadWorkflows(ctx, (await ctx.repo.head()).oid);
  const scan = await scanWorktree(ctx, head.keys());
  const changes = await compareSides(head, workSide(scan, head));
  const files = changes.filter(({ kind }) => kind !== 'added').map(({ file, from }) => from ?? file);
  const broken = scan.broken.filter(({ file }) => head.has(file)).map(({ file }) => file);
  if (files.length + broken.length > 0) throw new CwfError('UNCOMMITTED_CHANGES', { files: [...files, ...broken] });
}
