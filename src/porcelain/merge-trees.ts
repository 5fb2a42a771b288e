import { isClean, type MergeOptions, type MergeResult, merge3, type Resolution } from '../core/edit/merge.ts';
import { own } from '../core/workflow/names.ts';
import { readWorkflow } from '../core/workflow/read.ts';
import type { Workflow } from '../core/workflow/types.ts';
import { writeWorkflow } from '../core/workflow/write.ts';
import type { Oid } from '../io/repo/types.ts';
import { type Change, compareFile } from './changes.ts';
import { type Entry, entriesOf } from './checkout.ts';
import { type Conflict, conflictsOf } from './conflict-list.ts';
import type { Context } from './context.ts';
import { isJsonFile } from './json-file.ts';
import { type KeptResolution, sidesDigest } from './merge-state.ts';
import { workflowOf } from './workflows.ts';
import { toDocument } from './worktree.ts';

/** What merging two trees gives, relative to ours. */
export interface TreeMerge {
  readonly changes: readonly Change[];
  readonly others: ReadonlyMap<string, Entry | null>;
  /** Every decision that was asked for, those with a resolution too. */
  readonly conflicts: readonly Conflict[];
  /** New ids that both sides had used, in words. */
  readonly notes: readonly string[];
}

/** A state as it takes part in a merge: files by path; a virtual base has documents that no blob holds. */
export type Side = ReadonlyMap<string, SideEntry>;

interface SideEntry extends Entry {
  workflow(): Promise<Workflow | undefined>;
}

/** The state of a commit. */
export async function sideOf(ctx: Context, oid: Oid | undefined): Promise<Side> {
  const out = new Map<string, SideEntry>();
  for (const [path, entry] of await entriesOf(ctx, oid)) {
    const workflow = async () => (isJsonFile(path) ? workflowOf(ctx, entry.oid, path) : undefined);
    out.set(path, { ...entry, workflow });
  }
  return out;
}

/** How a merge of trees decides what its rules leave open; resolutions by the id of their conflict. */
export interface TreeMergeOptions extends Omit<MergeOptions, 'resolutions'> {
  readonly resolutions?: Readonly<Record<string, KeptResolution>>;
}

/** The conflicts nobody has resolved yet. */
export function openConflicts({ conflicts }: Pick<TreeMerge, 'conflicts'>): Conflict[] {
  return conflicts.filter(({ resolution }) => resolution === undefined);
}

/** Merges two states over a base, file by file; workflows node by node, other files as a whole. [MG-8] */
export async function mergeSides(
  ctx: Context,
  base: Side,
  ours: Side,
  theirs: Side,
  options: TreeMergeOptions = {},
): Promise<TreeMerge> {
  const changes: Change[] = [];
  const others = new Map<string, Entry | null>();
  const conflicts: Conflict[] = [];
  const notes: string[] = [];
  for (const path of [...new Set([...ours.keys(), ...theirs.keys()])].sort()) {
    const [b, o, t] = [base.get(path), ours.get(path), theirs.get(path)];
    if (isSame(o, t) || isSame(b, t)) continue;
    const [bw, ow, tw] = [await b?.workflow(), await o?.workflow(), await t?.workflow()];
    const isWorkflow = (ow ?? tw) !== undefined && (o === undefined || ow) && (t === undefined || tw);
    const take = async (side: SideEntry | undefined): Promise<void> => {
      if (isWorkflow) push(changes, compareFile(path, ow, await side?.workflow()));
      else others.set(path, side ? { mode: side.mode, oid: side.oid } : null);
    };
    if (isSame(b, o)) await take(t);
    else if (bw && ow && tw) {
      const merged = mergeFile(path, bw, ow, tw, options);
      conflicts.push(...merged.conflicts);
      if (openConflicts(merged).length === 0) push(changes, compareFile(path, ow, reread(ctx, path, merged.workflow)));
      for (const { what, from, to } of merged.reminted) notes.push(`${path}: ${what} ${from} of one side is now ${to}`);
    } else if (options.favor !== undefined) await take({ ours: o, theirs: t }[options.favor]);
    else {
      const conflict = withResolution(fileConflict(path, b, o, t), options);
      conflicts.push(conflict);
      const { resolution } = conflict;
      if (resolution && 'take' in resolution) await take({ base: b, ours: o, theirs: t }[resolution.take]);
    }
  }
  return { changes, others, conflicts, notes };
}

interface FileMerge extends Pick<MergeResult, 'workflow' | 'reminted'> {
  readonly conflicts: readonly Conflict[];
}

/** Decisions first; what the graph they give breaks is only known once all of them are made. */
function mergeFile(
  file: string,
  base: Workflow,
  ours: Workflow,
  theirs: Workflow,
  options: TreeMergeOptions,
): FileMerge {
  const { resolutions: _kept, ...rules } = options;
  const asked = merge3(base, ours, theirs, rules);
  if (isClean(asked)) return { ...asked, conflicts: [] };
  const told = (result: MergeResult): Conflict[] =>
    conflictsOf(file, result).map((conflict) => withResolution(conflict, options));
  const conflicts = new Map(told(asked).map((conflict) => [conflict.id, conflict]));
  const resolved = (): Map<string, Resolution> =>
    new Map(
      [...conflicts.values()].flatMap(({ id, resolution }) =>
        resolution ? [[id.slice(file.length + 1), resolution] as const] : [],
      ),
    );
  // Each round may bring up violations, and their resolutions others.
  for (;;) {
    const result = merge3(base, ours, theirs, { ...rules, resolutions: resolved() });
    const fresh = told(result).filter(({ id }) => !conflicts.has(id));
    for (const conflict of fresh) conflicts.set(conflict.id, conflict);
    if (fresh.some(({ resolution }) => resolution !== undefined)) continue;
    // A violation that a resolution did not mend is open still.
    for (const { id } of told(result)) {
      const { resolution: _inVain, ...open } = conflicts.get(id)!;
      conflicts.set(id, open);
    }
    return { ...result, conflicts: [...conflicts.values()] };
  }
}

function withResolution(conflict: Conflict, { resolutions }: TreeMergeOptions): Conflict {
  const kept = resolutions && own(resolutions, conflict.id);
  if (kept === undefined || kept.of !== sidesDigest(conflict)) return conflict;
  return { ...conflict, resolution: 'take' in kept ? { take: kept.take } : { value: kept.value } };
}

/** As its text will be read: a merge may leave looks of what is no longer there, which the text does not have. */
function reread(ctx: Context, source: string, workflow: Workflow): Workflow {
  return readWorkflow(writeWorkflow(workflow), { catalog: ctx.catalog, source });
}

/**
 * One base out of several (a criss-cross history): the bases merged into one another; where they disagree, what their
 * own base has stands, so that neither side's answer counts as the original. [MG-9]
 */
export async function virtualBase(ctx: Context, bases: readonly Oid[]): Promise<Side> {
  let side = await sideOf(ctx, bases[0]);
  for (const [i, oid] of bases.slice(1).entries()) {
    const roots = await ctx.repo.mergeBases(bases[i]!, oid);
    const root = roots.length > 1 ? await virtualBase(ctx, roots) : await sideOf(ctx, roots[0]);
    side = await mergeVirtual(root, side, await sideOf(ctx, oid));
  }
  return side;
}

async function mergeVirtual(base: Side, a: Side, b: Side): Promise<Side> {
  const out = new Map<string, SideEntry>();
  for (const path of new Set([...a.keys(), ...b.keys()])) {
    const [x, y, z] = [a.get(path), b.get(path), base.get(path)];
    const [xw, yw] = [await x?.workflow(), await y?.workflow()];
    const kept = isSame(x, z) ? y : x;
    if (xw && yw && !isSame(x, y)) {
      const { workflow } = merge3(await z?.workflow(), xw, yw);
      out.set(path, { mode: x!.mode, oid: toDocument(workflow).oid, workflow: async () => workflow });
    } else if (kept) out.set(path, kept);
  }
  return out;
}

/** Two files of one name that nobody has a base for are two workflows: joining them node by node would double every node. */
function fileConflict(
  file: string,
  base: Entry | undefined,
  ours: Entry | undefined,
  theirs: Entry | undefined,
): Conflict {
  const what =
    ours === undefined
      ? 'removed by ours, changed by theirs'
      : theirs === undefined
        ? 'changed by ours, removed by theirs'
        : base === undefined
          ? 'added by both'
          : 'changed by both';
  const sides = Object.entries({ base, ours, theirs }).flatMap(([name, side]) =>
    side ? [[name, { mode: side.mode, oid: side.oid }] as const] : [],
  );
  const text = `the file as a whole: ${what}`;
  return { id: file, file, kind: 'file', path: '', text, ...Object.fromEntries(sides) };
}

function isSame(a: Entry | undefined, b: Entry | undefined): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}

function push(changes: Change[], change: Change | undefined): void {
  if (change) changes.push(change);
}
