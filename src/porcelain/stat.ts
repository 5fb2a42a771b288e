import { type Told, tellEdits } from '../core/edit/tell.ts';
import type { Commit, Oid } from '../io/repo/types.ts';
import { type Change, compareSides } from './changes.ts';
import type { Context } from './context.ts';
import { loadWorkflows } from './workflows.ts';

/** How much of one file changed: edits of the graph and edits of its presentation. */
export interface FileStat {
  readonly file: string;
  readonly kind: Change['kind'];
  readonly from?: string;
  readonly graph: number;
  readonly presentation: number;
}

/** What a commit changed relative to its first parent, told from the snapshots: a trailer may have been copied. */
export async function changesOfCommit(ctx: Context, commit: Pick<Commit, 'parents' | 'tree'>): Promise<Change[]> {
  const parent: Oid | undefined = commit.parents[0];
  return compareSides(await loadWorkflows(ctx, parent), await loadWorkflows(ctx, commit.tree));
}

/** `changesOfCommit`, counted. */
export async function statOfCommit(ctx: Context, commit: Pick<Commit, 'parents' | 'tree'>): Promise<FileStat[]> {
  return (await changesOfCommit(ctx, commit)).map((change) => statOf(change));
}

/** What one change says, in order: its edits, those that only wrap nodes into a subgraph as one. */
export function toldOf({ edits, before, after }: Change): Told[] {
  return before && after ? tellEdits(edits, before, after) : [];
}

/** Counts what one change says. */
export function statOf(change: Change, told: readonly Told[] = toldOf(change)): FileStat {
  const presentation = told.filter((one) => one.presentation).length;
  const { file, kind, from } = change;
  return {
    file,
    kind,
    ...(from === undefined ? {} : { from }),
    graph: told.length - presentation,
    presentation,
  };
}
