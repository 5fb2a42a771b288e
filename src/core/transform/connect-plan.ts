import type { Catalog } from '../catalog/catalog.ts';
import { own } from '../workflow/names.ts';
import { INPUT_SIDE } from '../workflow/read-links.ts';
import { scopeAt } from '../workflow/scopes.ts';
import type { NodeId, Workflow, WorkflowNode } from '../workflow/types.ts';
import { linkFits } from './checks.ts';
import { type Candidate, weigh } from './connect-score.ts';
import { downstreamOf, type Users, usersByNode } from './scope-wires.ts';
import { type InputSlot, inputSlots, type OutputSlot, outputSlots } from './slots.ts';
import { connect, type Wire } from './wiring.ts';

/** A link that an open input should get: which, how likely it is meant (0 to 1), and why. */
export interface ProposedWire extends Wire {
  readonly type: string;
  readonly confidence: number;
  readonly reason: string;
}

/** Which open inputs to look at; without options the required ones of all scopes. */
export interface ConnectPlanOptions {
  /** Inputs that may stay open as well. */
  readonly optional?: boolean;
  /** Only this scope; `null` is the root. */
  readonly scope?: string | null;
  /** Only nodes of these ids. */
  readonly nodes?: readonly NodeId[];
}

/** An input that takes a link and has none. */
interface OpenInput {
  readonly scope: string | undefined;
  readonly node: NodeId;
  readonly slot: InputSlot;
}

/** Proposals that one plan holds. [LIM] */
const MOST_PROPOSALS = 1000;

/**
 * Links for the open inputs of a workflow, surest first; made one after the other, each with those before it in place,
 * so that all of them together make no cycle and two inputs of a node do not take one source by chance. Inputs for
 * which nothing fits are left out. [TE-20] [TE-21]
 */
export function connectPlan(workflow: Workflow, catalog: Catalog, options: ConnectPlanOptions = {}): ProposedWire[] {
  const out: ProposedWire[] = [];
  const scopes = options.scope === undefined ? [null, ...Object.keys(workflow.subgraphs)] : [options.scope];
  for (const one of scopes) {
    const scope = one ?? undefined;
    let known = lookAt(workflow, scope, catalog);
    const first = openInputs(workflow, scope, catalog, options).flatMap((open) => {
      const found = propose(workflow, open, known, catalog);
      return found ? [{ open, confidence: found.confidence }] : [];
    });
    first.sort((a, b) => b.confidence - a.confidence);
    let current = workflow;
    for (const { open } of first.slice(0, MOST_PROPOSALS)) {
      // The links made meanwhile may have taken a source, or make a cycle of what was none.
      const found = propose(current, open, known, catalog);
      if (!found) continue;
      out.push(found);
      current = connect(current, found, catalog);
      known = { users: usersByNode(current, scope), outputs: outputsAfter(current, found, known.outputs, catalog) };
    }
  }
  return out.sort((a, b) => b.confidence - a.confidence);
}

/** The inputs that take links only and have none: required ones, with `optional` the first free one of the others too. */
function openInputs(
  workflow: Workflow,
  scope: string | undefined,
  catalog: Catalog,
  { optional = false, nodes }: ConnectPlanOptions,
): OpenInput[] {
  const inside = scopeAt(workflow, scope)?.nodes ?? {};
  return Object.entries(inside).flatMap(([node, file]): OpenInput[] => {
    if (nodes && !nodes.includes(node)) return [];
    const at = scope === undefined ? { node } : { scope, node };
    const grown = new Set<string>();
    const free = inputSlots(workflow, at, catalog).filter((slot) => {
      const { declared } = slot;
      const isFilled = Object.hasOwn(file.links, slot.name) || !slot.isLinkOnly;
      if (isFilled || !(slot.isRequired || isDue(workflow, file, optional, slot))) return false;
      if (slot.isRequired || declared?.growing === undefined) return true;
      const isFirst = !grown.has(declared.growing);
      grown.add(declared.growing);
      return isFirst;
    });
    return free.map((slot) => ({ scope, node, slot }));
  });
}

/** An instance says of no input that it is required: a link-only one that nothing inside stands in for counts as such. */
function isDue({ subgraphs }: Workflow, file: WorkflowNode, optional: boolean, { declared }: InputSlot): boolean {
  return declared === undefined ? own(subgraphs, file.class_type) !== undefined : optional;
}

/** What is looked up once for all inputs of a scope: who uses what, and all that could be used. */
interface Known {
  readonly users: Users;
  readonly outputs: readonly Candidate[];
}

function lookAt(workflow: Workflow, scope: string | undefined, catalog: Catalog): Known {
  return { users: usersByNode(workflow, scope), outputs: allOutputs(workflow, scope, catalog) };
}

/** The outputs after a link was made: others only where its node passes a type on (a switch, a reroute). */
function outputsAfter(
  workflow: Workflow,
  { scope, node }: Wire,
  known: readonly Candidate[],
  catalog: Catalog,
): readonly Candidate[] {
  const place = scope === undefined ? { node } : { scope, node };
  const types = (outputSlots(workflow, place, catalog) ?? []).map(({ type }) => type).join();
  const were = known
    .filter(({ from }) => from === node)
    .map(({ type }) => type)
    .join();
  return types === were ? known : allOutputs(workflow, scope, catalog);
}

/** The likeliest source of one input. */
function propose(
  workflow: Workflow,
  { scope, node, slot }: OpenInput,
  { users, outputs }: Known,
  catalog: Catalog,
): ProposedWire | undefined {
  const below = downstreamOf(users, node);
  const fitting = outputs.filter(({ from, type }) => {
    return !below.has(from) && linkFits(type, slot.type);
  });
  const [best] = weigh(workflow, scope, { node, slot }, fitting, catalog, users);
  if (!best) return undefined;
  const { confidence, reason, candidate } = best;
  const at = scope === undefined ? {} : { scope };
  return {
    ...at,
    node,
    input: slot.name,
    from: candidate.from,
    slot: candidate.slot,
    type: candidate.type,
    confidence,
    reason,
  };
}

/** All outputs of a scope: those of its nodes, muted ones apart, and what a definition is given. */
function allOutputs(workflow: Workflow, scope: string | undefined, catalog: Catalog): Candidate[] {
  const MUTED = 2;
  const inside = scopeAt(workflow, scope)?.nodes ?? {};
  const ids = Object.keys(inside).filter((id) => inside[id]!.mode !== MUTED);
  if (scope !== undefined) ids.push(INPUT_SIDE);
  return ids.flatMap((from) => {
    const at = scope === undefined ? { node: from } : { scope, node: from };
    const slots: readonly OutputSlot[] = outputSlots(workflow, at, catalog) ?? [];
    return slots.map(({ slot, name, type }) => ({ from, slot, name, type }));
  });
}
