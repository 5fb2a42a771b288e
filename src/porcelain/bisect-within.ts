import { CwfError } from '../base/errors.ts';
import { applyEdits } from '../core/edit/compile.ts';
import { describeEdit } from '../core/edit/describe.ts';
import type { Edit } from '../core/edit/edit.ts';
import { NewIds } from '../core/edit/new-ids.ts';
import { findViolations } from '../core/edit/violations.ts';
import type { Oid } from '../io/repo/types.ts';
import { editDependencies } from '../plan/bisect/edit-dependencies.ts';
import { minimize, type Verdict } from '../plan/bisect/minimize.ts';
import { type Named, named } from './bisect.ts';
import { readBisect } from './bisect-state.ts';
import { type Change, compareSides } from './changes.ts';
import { type Entry, entriesOf } from './checkout.ts';
import type { Context } from './context.ts';
import { keepScratch, putBackScratch, writeScratch } from './scratch.ts';
import { loadWorkflows } from './workflows.ts';
import { toDocument } from './worktree.ts';

/** One edit of the set that is to blame; a file that came, went or is no workflow is one edit as a whole. */
export interface BlamedEdit {
  readonly file: string;
  readonly text: string;
  /** Place in the keyed form; absent for a whole file. */
  readonly path?: readonly string[];
}

/**
 * Which edits of a commit make it bad. `minimal`: these together do, and none of them can be left out; `not-bad`: the
 * commit itself passed (`verdict`); `bad-before`: its parent fails as well.
 */
export interface WithinOutput {
  readonly kind: 'minimal' | 'not-bad' | 'bad-before';
  readonly commit: Named;
  readonly edits: readonly BlamedEdit[];
  readonly verdict?: Verdict;
  /** Edits of the commit, and how often the test was run. */
  readonly of: number;
  readonly tests: number;
}

/** One change of the commit that a candidate has or has not. */
interface Unit extends BlamedEdit {
  readonly edit?: Edit;
  /** Of a whole file: its bytes in the commit (null: not there), and in the parent. */
  readonly whole?: { readonly file: string; readonly now: Entry | null; readonly old: Entry | null };
}

/**
 * Minimises the edits of a commit, which is checked out, relative to its first parent: `test` judges the working tree,
 * into which each candidate is written as a valid graph. The files are as before when it ends. Throws BISECT_ROOT and
 * what `test` throws.
 */
export async function minimizeCommit(ctx: Context, oid: Oid, test: () => Promise<Verdict>): Promise<WithinOutput> {
  const commit = await named(ctx, oid);
  const [parent] = (await ctx.repo.readCommit(oid)).parents;
  if (parent === undefined) throw new CwfError('BISECT_ROOT', { rev: oid.slice(0, 8) });
  const changes = await compareSides(await loadWorkflows(ctx, parent), await loadWorkflows(ctx, oid));
  const units = await unitsOf(ctx, parent, oid, changes);
  const dependencies = dependenciesOf(units);
  const files = [...new Set(units.map(({ file, whole }) => whole?.file ?? file))];
  let state = await keepScratch(ctx, readBisect(ctx), files);
  try {
    const found = await minimize({
      count: units.length,
      dependencies: (i) => dependencies[i]!,
      test: async (subset) => {
        const candidate = await candidateOf(ctx, changes, units, new Set(subset));
        if (candidate === undefined) return 'unresolved';
        state = writeScratch(ctx, state, candidate);
        const verdict = await test();
        ctx.log(`${verdict.padEnd(10)}  with ${subset.length} of ${units.length} edits`);
        return verdict;
      },
    });
    const common = { kind: found.kind, commit, of: units.length, tests: found.tests };
    if (found.kind === 'not-bad') return { ...common, edits: [], verdict: found.verdict };
    if (found.kind === 'bad-before') return { ...common, edits: [] };
    const edits = found.subset.map((i) => units[i]!);
    return { ...common, edits: edits.map(({ file, text, path }) => ({ file, text, ...(path ? { path } : {}) })) };
  } finally {
    await putBackScratch(ctx, state);
  }
}

async function unitsOf(ctx: Context, parent: Oid, oid: Oid, changes: readonly Change[]): Promise<Unit[]> {
  const units: Unit[] = [];
  const [old, now] = [await entriesOf(ctx, parent), await entriesOf(ctx, oid)];
  const edited = new Set(changes.filter(({ kind }) => kind === 'changed').map(({ file }) => file));
  for (const { file, edits, before, after } of changes.filter((change) => edited.has(change.file))) {
    const ids = new NewIds(edits);
    for (const edit of edits)
      units.push({ file, text: describeEdit(edit, before!, after!, ids), path: edit.path, edit });
  }
  for (const file of [...new Set([...old.keys(), ...now.keys()])].sort()) {
    const [a, b] = [old.get(file) ?? null, now.get(file) ?? null];
    if (edited.has(file) || (a?.oid === b?.oid && a?.mode === b?.mode)) continue;
    // Links and submodules have no bytes of their own.
    if (![a, b].every((entry) => entry === null || entry.mode.startsWith('100'))) continue;
    const text =
      a === null
        ? 'the file as a whole: added'
        : b === null
          ? 'the file as a whole: removed'
          : 'the file as a whole: changed';
    units.push({ file, text, whole: { file, now: b, old: a } });
  }
  return units;
}

function dependenciesOf(units: readonly Unit[]): number[][] {
  const out: number[][] = units.map(() => []);
  for (const file of new Set(units.map((unit) => unit.file))) {
    const own = [...units.keys()].filter((i) => units[i]!.file === file && units[i]!.edit);
    const needs = editDependencies(own.map((i) => units[i]!.edit!));
    for (const [at, i] of own.entries()) out[i] = needs[at]!.map((other) => own[other]!);
  }
  return out;
}

/** The files of a candidate, or undefined when one of its graphs breaks something that neither version breaks. */
async function candidateOf(
  ctx: Context,
  changes: readonly Change[],
  units: readonly Unit[],
  chosen: ReadonlySet<number>,
): Promise<Map<string, Uint8Array | null> | undefined> {
  const out = new Map<string, Uint8Array | null>();
  for (const [i, { whole }] of units.entries()) {
    if (!whole) continue;
    const entry = chosen.has(i) ? whole.now : whole.old;
    out.set(whole.file, entry && (await ctx.repo.readObject(entry.oid)).body);
  }
  for (const { file, kind, before, after } of changes) {
    if (kind !== 'changed') continue;
    const edits = units.filter((unit, i) => unit.file === file && unit.edit && chosen.has(i)).map(({ edit }) => edit!);
    const workflow = applyEdits(before!, edits);
    if (findViolations(workflow, [before!, after!]).length > 0) return undefined;
    out.set(file, toDocument(workflow).bytes);
  }
  return out;
}
