import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Oid } from '../io/repo/types.ts';
import { compareSides, workSide } from './changes.ts';
import { findMerge, type MergeOp } from './merge-state.ts';
import { pathFilter } from './paths.ts';
import { type FileReport, reportOf } from './report.ts';
import { defineVerb } from './verb.ts';
import { loadWorkflows } from './workflows.ts';
import { type BrokenFile, scanWorktree } from './worktree.ts';

/** Only these files or folders; all when empty. */
export interface StatusInput {
  readonly files?: readonly string[];
}

/** The working tree against the last commit. */
export interface StatusOutput {
  /** Full name of the branch; absent when HEAD is detached. */
  readonly branch?: string;
  /** Last commit; absent before the first. */
  readonly head?: Oid;
  readonly changes: readonly FileReport[];
  readonly broken: readonly BrokenFile[];
  /** Workflows in the working tree. */
  readonly workflows: number;
  /** Workflows of the last commit, by path. */
  readonly committed: readonly string[];
  /** What is under way and waits to be finished or given up. */
  readonly inProgress: readonly ('bisect' | 'merge' | 'revert' | 'cherry-pick')[];
  /** What waits for decisions (`cwf conflicts`). */
  readonly waits?: { readonly op: MergeOp; readonly rev: string };
}

/** Files that say what is under way, those of cwf and those of git. */
const MARKS = {
  bisect: ['cwf/bisect.json', 'BISECT_START'],
  merge: ['MERGE_HEAD'],
  revert: ['REVERT_HEAD'],
  'cherry-pick': ['CHERRY_PICK_HEAD'],
} as const;

/** `cwf status`: what a commit would record, and what stands in its way. */
export const status = defineVerb<StatusInput, StatusOutput>({
  name: 'status',
  summary: 'Show what changed since the last commit',
  mutates: false,
  async run(ctx, input) {
    const { branch, oid: head } = await ctx.repo.head();
    const committed = await loadWorkflows(ctx, head);
    const scan = await scanWorktree(ctx, committed.keys());
    const wanted = pathFilter(ctx, input.files);
    const changes = await compareSides(committed, workSide(scan, committed), wanted);
    const waits = findMerge(ctx);
    const marks = Object.entries(MARKS) as [keyof typeof MARKS, readonly string[]][];
    return {
      branch,
      head,
      changes: changes.map(reportOf),
      broken: scan.broken.filter(({ file }) => wanted(file)),
      workflows: scan.workflows.size,
      committed: [...committed.keys()].sort(),
      inProgress: marks
        .filter(([name, files]) => name === waits?.op || files.some((file) => existsSync(join(ctx.repo.gitDir, file))))
        .map(([name]) => name),
      ...(waits ? { waits: { op: waits.op, rev: waits.rev } } : {}),
    };
  },
});
