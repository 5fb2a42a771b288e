import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CwfError } from '../base/errors.ts';
import { initRepo } from '../io/repo/init.ts';
import { findRepo } from '../io/repo/open.ts';
import { openContext } from './context.ts';
import { loadWorkflows } from './workflows.ts';
import { scanWorktree } from './worktree.ts';

/** Where a repository was made, and what lies there. */
export interface InitOutput {
  readonly workDir: string;
  /** False when there was a git repository already, and cwf only moved in. */
  readonly created: boolean;
  /** True when cwf had been here before: nothing was done. */
  readonly known: boolean;
  /** Full name of the current branch. */
  readonly branch?: string;
  /** Workflows of the working tree that no commit holds yet. */
  readonly uncommitted: number;
}

/**
 * `cwf init`: makes a repository of a folder, or moves into the git repository it lies in. The only verb without a
 * context: there is none before it. Throws NOT_A_FOLDER when there is no such folder.
 */
export async function init(dir: string, env?: Readonly<Record<string, string | undefined>>): Promise<InitOutput> {
  const there = await stat(dir).catch(() => undefined);
  if (!there?.isDirectory())
    throw new CwfError('NOT_A_FOLDER', { dir }, { hint: 'Make the folder first, or check its name.' });
  const before = await stat(join(dir, '.git')).catch(() => undefined);
  const gitDir = findRepo(dir)?.gitDir;
  const known = gitDir !== undefined && existsSync(join(gitDir, 'cwf'));
  const { workDir } = await initRepo(dir);
  const ctx = await openContext({ cwd: dir, env });
  const { branch, oid } = await ctx.repo.head();
  const committed = await loadWorkflows(ctx, oid);
  const { workflows } = await scanWorktree(ctx, []);
  const uncommitted = [...workflows.keys()].filter((file) => !committed.has(file)).length;
  return { workDir, created: before === undefined && oid === undefined, known, branch, uncommitted };
}
