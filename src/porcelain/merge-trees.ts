import type { Json } from '../base/json.ts';
import { nodeLabel, showValue } from '../core/edit/describe.ts';
import { targetOf } from '../core/edit/edit.ts';
import { type Decision, type Favor, type MergeResult, merge3 } from '../core/edit/merge.ts';
import type { Workflow } from '../core/workflow/types.ts';
import type { Oid } from '../io/repo/types.ts';
import { type Change, compareFile } from './changes.ts';
import { type Entry, entriesOf } from './checkout.ts';
import type { Context } from './context.ts';
import { workflowOf } from './workflows.ts';
import { isJsonFile, toDocument } from './worktree.ts';

/** One decision a merge leaves open, as data: whoever shows it only renders it. */
export interface Conflict {
  readonly id: string;
  readonly file: string;
  /** `value`: both changed one place; `file`: the file as a whole; `violation`: the merged graph would be broken. */
  readonly kind: 'value' | 'file' | 'violation';
  /** Place in the keyed form, as a JSON pointer; empty for a whole file. */
  readonly path: string;
  /** The place in words. */
  readonly text: string;
  readonly base?: Json;
  readonly ours?: Json;
  readonly theirs?: Json;
}

/** What merging two trees gives, relative to ours. */
export interface TreeMerge {
  readonly changes: readonly Change[];
  readonly others: ReadonlyMap<string, Entry | null>;
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

/** Merges two states over a base, file by file; workflows node by node, other files as a whole. [MG-8] */
export async function mergeSides(base: Side, ours: Side, theirs: Side, favor?: Favor): Promise<TreeMerge> {
  const changes: Change[] = [];
  const others = new Map<string, Entry | null>();
  const conflicts: Conflict[] = [];
  const notes: string[] = [];
  for (const path of [...new Set([...ours.keys(), ...theirs.keys()])].sort()) {
    const [b, o, t] = [base.get(path), ours.get(path), theirs.get(path)];
    if (isSame(o, t) || isSame(b, t)) continue;
    const [bw, ow, tw] = [await b?.workflow(), await o?.workflow(), await t?.workflow()];
    const isWorkflow = (ow ?? tw) !== undefined && (o === undefined || ow) && (t === undefined || tw);
    if (isSame(b, o)) {
      if (isWorkflow) push(changes, compareFile(path, ow, tw));
      else others.set(path, t ? { mode: t.mode, oid: t.oid } : null);
    } else if (bw && ow && tw) {
      const result = merge3(bw, ow, tw, favor);
      const open = conflictsOf(path, result, bw, ow, tw);
      if (open.length > 0) conflicts.push(...open);
      else push(changes, compareFile(path, ow, result.workflow));
      for (const { what, from, to } of result.reminted) notes.push(`${path}: ${what} ${from} of one side is now ${to}`);
    } else if (favor === 'theirs') {
      if (isWorkflow) push(changes, compareFile(path, ow, tw));
      else others.set(path, t ? { mode: t.mode, oid: t.oid } : null);
    } else if (favor !== 'ours') conflicts.push(fileConflict(path, b, o, t));
  }
  return { changes, others, conflicts, notes };
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

function conflictsOf(
  file: string,
  { decisions, violations }: MergeResult,
  base: Workflow | undefined,
  ours: Workflow,
  theirs: Workflow,
): Conflict[] {
  const open = decisions.filter(({ conflict }) => conflict);
  return [
    ...open.map(
      (decision): Conflict => ({
        id: `${file}#${decision.id}`,
        file,
        kind: 'value',
        path: decision.id,
        text: placeText(decision, [ours, theirs, ...(base ? [base] : [])]),
        ...(decision.base === undefined ? {} : { base: decision.base }),
        ...(decision.ours === undefined ? {} : { ours: decision.ours }),
        ...(decision.theirs === undefined ? {} : { theirs: decision.theirs }),
      }),
    ),
    ...violations.map(
      ({ code, scope, node, input, message }): Conflict => ({
        id: `${file}#${[code, scope, node, input].filter((part) => part !== undefined).join('/')}`,
        file,
        kind: 'violation',
        path: '',
        text: message,
      }),
    ),
  ];
}

function placeText({ path, base, ours, theirs }: Decision, known: readonly Workflow[]): string {
  const { scope, node, input } = targetOf({ path });
  const holder = known.find((one) => (scope === undefined ? one : one.subgraphs[scope])?.nodes[node ?? '']);
  const found = holder && (scope === undefined ? holder : holder.subgraphs[scope])?.nodes[node!];
  const subgraph =
    scope === undefined ? '' : `${known.map((one) => one.subgraphs[scope]?.name).find(Boolean) ?? scope} > `;
  const label = found ? nodeLabel(node!, found, holder) : path.join('.');
  const rest = input ?? path.slice(scope === undefined ? 2 : 4).join('.');
  if (found && rest === '') {
    return `${subgraph}${label}: ${ours === undefined ? 'removed by ours, changed by theirs' : theirs === undefined ? 'changed by ours, removed by theirs' : 'replaced by both'}`;
  }
  const values = `base ${showValue(base)}, ours ${showValue(ours)}, theirs ${showValue(theirs)}`;
  return `${subgraph}${label}${found ? `: ${rest}` : ''}: ${values}`;
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
  return { id: file, file, kind: 'file', path: '', text: `the file as a whole: ${what}` };
}

function isSame(a: Entry | undefined, b: Entry | undefined): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}

function push(changes: Change[], change: Change | undefined): void {
  if (change) changes.push(change);
}
