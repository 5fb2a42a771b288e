import { jsonEqual } from '../../base/json-text.ts';
import { compareIds, own } from '../workflow/names.ts';
import type { Workflow } from '../workflow/types.ts';
import type { Edit } from './edit.ts';
import { freshIds } from './fresh-id.ts';
import { comparePaths } from './pointer.ts';
import type { Remint } from './remint.ts';
import { danglingIds, renumber, renumberEdit, renumberedIds } from './renumber.ts';

/** One side's own ids for what a merge knows by the base's. */
interface Side {
  readonly workflow: Workflow;
  readonly renumbering: readonly Edit[];
}

/**
 * A merged workflow with the ids its sides gave: those of the side that renumbered, of both where they agree, else the
 * base's [MG-12]. An id that something else has taken in between is not taken from it: what the base knew keeps its
 * own, what a side added gets a free one, and that is told.
 */
export function withSideIds(
  base: Workflow,
  merged: Workflow,
  ours: Side,
  theirs: Side,
  reminted: readonly Remint[],
): { workflow: Workflow; reminted: readonly Remint[] } {
  let told: Remint[] = [...reminted];
  const paths = [...ours.renumbering, ...theirs.renumbering].map(({ path }) => path).sort(byPlace);
  let workflow = merged;
  for (const path of paths.filter((one, i) => i === 0 || !jsonEqual([...one], [...paths[i - 1]!]))) {
    const there = idsAt(workflow, path);
    const wanted = joined(
      idsOf(ours.renumbering, path, reminted, 'ours'),
      idsOf(theirs.renumbering, path, reminted, 'theirs'),
      there,
    );
    // A link to nowhere would lead to the node that takes its id.
    for (const id of danglingIds(workflow, path)) {
      for (const [from, to] of wanted) if (to === id) wanted.delete(from);
    }
    const left = settleTargets(wanted, there, new Set(idsAt(base, path)));
    const fresh = freshIds([...there, ...wanted.values()]);
    for (const id of left) {
      const to = fresh(id);
      wanted.set(id, to);
      const isTold = told.some((one) => one.what === 'node' && one.scope === scopeAt(path) && one.to === id);
      if (path.at(-1) !== 'nodes' || isTold) continue;
      const side = idsAt(ours.workflow, path).includes(id) ? 'ours' : 'theirs';
      const scope = path.length === 1 ? {} : { scope: path[1]! };
      told.push({ side, what: 'node', ...scope, from: id, to });
    }
    if (path.at(-1) === 'nodes') told = inOwnIds(told, path, { ours, theirs }, wanted);
    const pairs = [...wanted].filter(([from, to]) => from !== to);
    if (pairs.length > 0) workflow = renumber(workflow, renumberEdit(path, pairs));
  }
  return { workflow, reminted: told };
}

/** What was reminted, from the id that its own file gave it to the one it has in the end. */
function inOwnIds(
  told: readonly Remint[],
  path: readonly string[],
  sides: Readonly<Record<Remint['side'], Side>>,
  wanted: ReadonlyMap<string, string>,
): Remint[] {
  const scope = scopeAt(path);
  return told.flatMap((one) => {
    if (one.what !== 'node' || one.scope !== scope) return [one];
    const edit = sides[one.side].renumbering.find((other) => jsonEqual([...other.path], [...path]));
    const own = new Map(edit ? renumberedIds(edit) : []);
    const [from, to] = [own.get(one.from) ?? one.from, wanted.get(one.to) ?? one.to];
    return from === to ? [] : [{ ...one, from, to }];
  });
}

/** Definitions last: the places of the others name them as the base does. */
function byPlace(a: readonly string[], b: readonly string[]): number {
  const rank = (path: readonly string[]): number => (path.length === 1 && path[0] === 'subgraphs' ? 1 : 0);
  return rank(a) - rank(b) || comparePaths(a, b);
}

/** New ids of one side in one map, by the ids that the merge has; a node that was reminted is known by its other id. */
function idsOf(
  renumbering: readonly Edit[],
  path: readonly string[],
  reminted: readonly Remint[],
  side: Remint['side'],
): Map<string, string> {
  const edit = renumbering.find((one) => jsonEqual([...one.path], [...path]));
  const out = new Map(edit ? renumberedIds(edit) : []);
  if (path.at(-1) !== 'nodes') return out;
  const scope = scopeAt(path);
  for (const one of reminted) {
    if (one.side !== side || one.what !== 'node' || one.scope !== scope) continue;
    const id = out.get(one.from);
    out.delete(one.from);
    if (id !== undefined) out.set(one.to, id);
  }
  return out;
}

/** What either side wants; where they want different things, or one id for two, nobody gets it. */
function joined(
  a: ReadonlyMap<string, string>,
  b: ReadonlyMap<string, string>,
  there: readonly string[],
): Map<string, string> {
  const out = new Map<string, string>();
  const taken = new Set<string>();
  for (const id of there) {
    const [x, y] = [a.get(id), b.get(id)];
    const to = x === undefined || y === undefined || x === y ? (x ?? y) : undefined;
    if (to === undefined || taken.has(to)) continue;
    taken.add(to);
    out.set(id, to);
  }
  return out;
}

/** Takes back what would take the id of something the base knew; returns the ids that something else must leave. */
function settleTargets(wanted: Map<string, string>, there: readonly string[], known: ReadonlySet<string>): string[] {
  for (;;) {
    const targets = new Map([...wanted].map(([from, to]) => [to, from]));
    const kept = there.filter((id) => !wanted.has(id) && targets.has(id));
    const lost = kept.filter((id) => known.has(id));
    for (const id of lost) wanted.delete(targets.get(id)!);
    if (lost.length === 0) return kept;
  }
}

function scopeAt(path: readonly string[]): string | undefined {
  return path.length === 1 ? undefined : path[1];
}

function idsAt(workflow: Workflow, path: readonly string[]): string[] {
  const scope = path.length === 1 ? workflow : own(workflow.subgraphs, path[1]!);
  const map = (scope as unknown as Record<string, object> | undefined)?.[path.at(-1)!] ?? {};
  return Object.keys(map).sort(compareIds);
}
