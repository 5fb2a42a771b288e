import type { Scope, Workflow } from '../workflow/types.ts';
import { describeEdit, nodeLabel, wayOf } from './describe.ts';
import { type Edit, isPresentationEdit, targetOf } from './edit.ts';
import { NewIds } from './new-ids.ts';
import { renumberedIds } from './renumber.ts';
import type { SubgraphStep } from './subgraph-path.ts';
import { findWraps, outside, type Wrap } from './wraps.ts';

/** One thing that a change did, in words and as data. */
export interface Told {
  /** `Refine > KSampler "portrait" (3): steps 20 -> 30`; texts of the file are in it as they are. */
  readonly text: string;
  readonly presentation: boolean;
  /** What was done; absent for a wrap, which stands for several edits. */
  readonly edit?: Edit;
  readonly wrap?: Wrap;
  /** The subgraphs it lies in, from the root inwards; absent in the root. */
  readonly way?: readonly SubgraphStep[];
}

/**
 * All that a diff says, in its order: nodes that were wrapped into a subgraph, or unwrapped, as that, then what changed in
 * them, then every other edit.
 */
export function tellEdits(edits: readonly Edit[], before: Workflow, after: Workflow): Told[] {
  const ids = new NewIds(edits);
  const wraps = findWraps(edits, before, after);
  const hidden = new Set(wraps.flatMap((wrap) => [...wrap.edits]));
  return [
    ...wraps.map((wrap): Told => ({ text: wrapText(wrap, before, after), presentation: false, wrap })),
    // What changed in a wrapped node is told by the later version: there it has its place and its name.
    ...wraps.flatMap((wrap) => changesIn(wrap, before, after)),
    ...edits.filter((edit) => !hidden.has(edit)).map((edit) => toldOf(edit, before, after, ids)),
  ];
}

/** A commit subject for edits: the graph changes of one node in full, else the first and how many more. */
export function summarizeEdits(edits: readonly Edit[], before: Workflow, after: Workflow): string {
  if (edits.length === 0) return 'no change';
  const told = tellEdits(edits, before, after).filter(({ presentation }) => !presentation);
  const [first, ...more] = told;
  if (first === undefined) return layoutSummary(edits, before, after);
  return more.length === 0
    ? first.text
    : `${first.text} and ${more.length} more ${more.length === 1 ? 'edit' : 'edits'}`;
}

function changesIn({ changes, nodes }: Wrap, before: Workflow, after: Workflow): Told[] {
  const [from, to] = [nodes[0]?.before.scope, nodes[0]?.after.scope];
  const old = from === undefined ? before.nodes : before.subgraphs[from]!.nodes;
  const others = Object.fromEntries(Object.entries(old).map(([id, node]) => [outside(id), node]));
  const within = <T extends Scope>(scope: T): T => ({ ...scope, nodes: { ...others, ...scope.nodes } });
  const both = { ...after, subgraphs: { ...before.subgraphs, ...after.subgraphs } };
  const known =
    to === undefined ? within(both) : { ...both, subgraphs: { ...both.subgraphs, [to]: within(both.subgraphs[to]!) } };
  return changes.map((edit) => toldOf(edit, known, after));
}

function toldOf(edit: Edit, before: Workflow, after: Workflow, ids?: NewIds): Told {
  const text = describeEdit(edit, before, after, ids);
  const way = wayOf(edit, before, after, ids);
  return { text, presentation: isPresentationEdit(edit), edit, ...(way.length === 0 ? {} : { way }) };
}

/** `wrapped 5 nodes into subgraph Refine (12)`; `moved ...` where the subgraph stays. */
function wrapText({ kind, kept, name, subgraph, instance, nodes }: Wrap, before: Workflow, after: Workflow): string {
  const count = `${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`;
  const workflow = kind === 'wrap' ? after : before;
  const scope = instance.scope === undefined ? workflow : workflow.subgraphs[instance.scope]!;
  const node = scope.nodes[instance.node];
  const label = node === undefined ? name || subgraph : nodeLabel(instance.node, node, workflow);
  if (kept) return `moved ${count} ${kind === 'wrap' ? 'into' : 'out of'} subgraph ${label}`;
  return kind === 'wrap' ? `wrapped ${count} into subgraph ${label}` : `unwrapped ${count} from subgraph ${label}`;
}

function layoutSummary(edits: readonly Edit[], before: Workflow, after: Workflow): string {
  const renamed = edits.filter(({ kind }) => kind === 'rename-node');
  if (renamed.length === 1 && edits.length === 1) return describeEdit(edits[0]!, before, after);
  const renumbered = edits.filter(({ kind }) => kind === 'renumber');
  if (renumbered.length === edits.length) {
    const count = renumbered.reduce((sum, edit) => sum + renumberedIds(edit).length, 0);
    return count === 1 ? 'one new id' : `${count} new ids`;
  }
  const nodes = new Set(
    edits.map((edit) => targetOf(edit)).flatMap(({ scope, node }) => (node ? [`${scope} ${node}`] : [])),
  );
  return nodes.size === 0 ? 'layout' : `layout of ${nodes.size} ${nodes.size === 1 ? 'node' : 'nodes'}`;
}
