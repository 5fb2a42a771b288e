import type { Context } from '../src/porcelain/context.ts';
import type { Io } from './io.ts';

/** Opens the repository; with --dry-run so that transactions are checked and then dropped. */
export async function openDry(io: Io): Promise<Context> {
  const ctx = await io.open();
  if (!io.dryRun) return ctx;
  const { dryRun } = await import('../src/porcelain/dry-run.ts');
  return dryRun(ctx);
}
