import type { Json } from '../base/json.ts';
import { shareEqual } from '../base/json-text.ts';
import { diffWorkflows } from '../core/edit/diff.ts';
import type { Edit } from '../core/edit/edit.ts';
import { graphDigest } from '../core/workflow/digest.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { TreeFile } from './workflows.ts';
import type { Scan } from './worktree.ts';

/** What became of one workflow file between two states. */
export interface Change {
  readonly file: string;
  readonly kind: 'added' | 'removed' | 'changed' | 'renamed';
  /** The old name of a renamed file. */
  readonly from?: string;
  /** Absent when added. */
  readonly before?: Workflow;
  /** Absent when removed. */
  readonly after?: Workflow;
  /** From `before` to `after`; empty when one of them is absent. */
  readonly edits: readonly Edit[];
}

/** One state: files by name, compared by blob before anything is read. */
export type Side = ReadonlyMap<string, Pick<TreeFile, 'oid' | 'workflow'>>;

/**
 * What changed from one state to another, by file name. Files that are no workflows on either side do not take part; a
 * file whose document is the same is no change, whatever its bytes are. A file removed and one added with the same
 * graph are one renamed file.
 */
export async function compareSides(
  before: Side,
  after: Side,
  wanted: (file: string) => boolean = () => true,
): Promise<Change[]> {
  const changes: Change[] = [];
  for (const file of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const [a, b] = [before.get(file), after.get(file)];
    if (a?.oid === b?.oid || !wanted(file)) continue;
    const change = compareFile(file, await a?.workflow(), await b?.workflow());
    if (change) changes.push(change);
  }
  return joinRenames(changes);
}

/** The change of one file, or undefined when there is none. */
export function compareFile(
  file: string,
  before: Workflow | undefined,
  after: Workflow | undefined,
): Change | undefined {
  if (before === undefined && after === undefined) return undefined;
  if (before === undefined) return { file, kind: 'added', after, edits: [] };
  if (after === undefined) return { file, kind: 'removed', before, edits: [] };
  // Most of two versions is equal: diff, patch, digest and search for secrets then pass over it.
  if (shareEqual(before as unknown as Json, after as unknown as Json)) return undefined;
  const edits = diffWorkflows(before, after);
  return edits.length === 0 ? undefined : { file, kind: 'changed', before, after, edits };
}

/** The working tree as a side. A file that cannot be read counts as it was in `head`: it is named, not removed. */
export function workSide(scan: Scan, head: Side): Side {
  const side = new Map<string, Pick<TreeFile, 'oid' | 'workflow'>>();
  for (const [file, work] of scan.workflows) {
    side.set(file, { oid: work.oid, workflow: async () => (await work.load()).workflow });
  }
  for (const { file } of scan.broken) {
    const kept = head.get(file);
    if (kept) side.set(file, kept);
  }
  return side;
}

function joinRenames(changes: readonly Change[]): Change[] {
  const removed = new Map<string, Change>();
  for (const change of changes) if (change.kind === 'removed') removed.set(graphDigest(change.before!), change);
  const renamed = new Map<Change, Change>();
  const gone = new Set<Change>();
  if (removed.size > 0) {
    for (const change of changes) {
      if (change.kind !== 'added') continue;
      const digest = graphDigest(change.after!);
      const old = removed.get(digest);
      if (old === undefined) continue;
      removed.delete(digest);
      gone.add(old);
      const edits = diffWorkflows(old.before!, change.after!);
      renamed.set(change, { ...change, kind: 'renamed', from: old.file, before: old.before, edits });
    }
  }
  return changes.filter((change) => !gone.has(change)).map((change) => renamed.get(change) ?? change);
}
