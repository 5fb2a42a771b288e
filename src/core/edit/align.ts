import { compareIds, isIntegerId, own } from '../workflow/names.ts';
import type { Workflow } from '../workflow/types.ts';
import { invertEdits } from './compile.ts';
import type { Edit } from './edit.ts';
import { freshIds } from './fresh-id.ts';
import type { Matching } from './match.ts';
import { danglingIds, renumber, renumberEdit } from './renumber.ts';

/** A workflow that speaks of what it shares with another by the other's ids, and the edits that give it its own back. */
export interface Aligned {
  readonly workflow: Workflow;
  readonly renumbering: readonly Edit[];
}

/**
 * `b` with the ids that its parts have in `a`, so that the two can be compared, or merged, place by place. What only `b`
 * has keeps its id unless that names something else in `a`: then it gets a free one. Applying `renumbering` gives `b`.
 */
export function align(a: Workflow, b: Workflow, matching: Matching): Aligned {
  const renumbering: Edit[] = [];
  const add = (path: readonly string[], ids: Map<string, string>): void => {
    const changed = [...ids].filter(([old, id]) => old !== id);
    if (changed.length > 0) renumbering.push(renumberEdit(path, changed));
  };
  const definitions = spaceIds(a, b, ['subgraphs'], ['subgraphs'], matching.subgraphs);
  const known = new Map([...definitions].map(([alias, id]) => [id, alias]));
  for (const match of matching.scopes) {
    // A pair of definitions that could not get one id is two definitions.
    if (match.b !== undefined && match.a !== known.get(match.b)) continue;
    const [inA, inB] = [prefix(match.a), prefix(match.b)];
    add([...inA, 'nodes'], spaceIds(a, b, [...inA, 'nodes'], [...inB, 'nodes'], match.nodes));
    if (match.b === undefined) continue;
    add([...inA, 'inputs'], spaceIds(a, b, [...inA, 'inputs'], [...inB, 'inputs'], match.inputs));
    add([...inA, 'outputs'], spaceIds(a, b, [...inA, 'outputs'], [...inB, 'outputs'], match.outputs));
  }
  // Definitions last: the places above name them as `a` does.
  add(['subgraphs'], definitions);
  const workflow = invertEdits(renumbering).reduce(renumber, b);
  return { workflow, renumbering };
}

/** For every id of one kind in `b`, by the id it gets: a bijection. */
function spaceIds(
  a: Workflow,
  b: Workflow,
  inA: readonly string[],
  inB: readonly string[],
  matched: ReadonlyMap<string, string>,
): Map<string, string> {
  const [idsA, idsB] = [idsAt(a, inA), idsAt(b, inB)];
  const isPlain = [...matched].every(([x, y]) => x === y);
  const dangling = isPlain ? new Set<string>() : danglingIds(b, inB);
  const isText = inA.at(-1) === 'nodes' && (a.format === 'ui' || b.format === 'ui');
  const out = new Map<string, string>();
  const done = new Set<string>();
  for (const [x, y] of matched) {
    // A link to nowhere would lead to the node that takes its id; and a file's rows write integers without quotes.
    if (x !== y && (dangling.has(x) || (isText && isIntegerId(x) !== isIntegerId(y)))) continue;
    out.set(x, y);
    done.add(y);
  }
  const fresh = freshIds([...idsA, ...idsB, ...dangling]);
  for (const id of idsB.filter((one) => !done.has(one)).sort(compareIds)) out.set(out.has(id) ? fresh(id) : id, id);
  return out;
}

function idsAt(workflow: Workflow, path: readonly string[]): string[] {
  const scope = path.length === 1 ? workflow : own(workflow.subgraphs, path[1]!);
  return Object.keys((scope as unknown as Record<string, object> | undefined)?.[path.at(-1)!] ?? {});
}

function prefix(scope: string | undefined): readonly string[] {
  return scope === undefined ? [] : ['subgraphs', scope];
}
