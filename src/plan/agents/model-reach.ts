import { isObject } from '../../base/json.ts';
import type { Catalog } from '../../core/catalog/catalog.ts';
import { linkFits } from '../../core/transform/checks.ts';
import { inputSlot, isSide, outputSlots, usersOf } from '../../core/transform/slots.ts';
import type { Diagnostic, DiagnosticCode } from '../../core/validate/diagnostic.ts';
import type { InputPlace } from '../../core/workflow/effective.ts';
import { type NodePlace, nodeAt, scopeAt } from '../../core/workflow/scopes.ts';
import type { LinkSource, Workflow } from '../../core/workflow/types.ts';

/** A finding put to the model, under the name the model knows it by. */
export interface AskedFinding {
  readonly name: string;
  readonly finding: Diagnostic;
  /** Outputs that may feed its input: by type, and without making a cycle. */
  readonly candidates: readonly LinkSource[];
}

/**
 * What a model sees and what it may change, fixed before it is asked. Nodes have names of ours (`n1`), since ids of a
 * file are texts of a stranger; what has no name cannot be spoken of. [LM-10]
 */
export interface Reach {
  readonly findings: readonly AskedFinding[];
  /** Nodes by name, those of the findings first. */
  readonly nodes: ReadonlyMap<string, NodePlace>;
  /** Inputs whose value may be set: those a finding is about, and all of a node that a finding is about as a whole. */
  readonly values: Places;
  /** Inputs whose link may be changed: the same, and those that such a node feeds. */
  readonly links: Places;
  /** Nodes of a class that the catalog has not: they may go or get another class. */
  readonly unknown: Places;
}

/** A set of places; an input is in it by itself, or with its whole node. */
export class Places {
  private readonly keys = new Set<string>();

  add(place: Target): void {
    this.keys.add(keyOf(place));
  }

  has({ scope, node, input }: Target): boolean {
    const place = { ...scopePart(scope), node };
    return this.keys.has(keyOf(place)) || (input !== undefined && this.keys.has(keyOf({ ...place, input })));
  }

  /** Whether anything of a node is in it. */
  touches(place: NodePlace): boolean {
    const start = keyOf(place);
    return [...this.keys].some((key) => key === start || key.startsWith(`${start}\n`));
  }
}

/**
 * What a model may be able to cure. Not which file is meant (only its author knows), nor what is damaged in the file
 * itself, nor what is merely unused.
 */
const CURABLE: ReadonlySet<DiagnosticCode> = new Set([
  'CLASS_UNKNOWN',
  'INPUT_MISSING',
  'LINK_UNDECLARED',
  'LINK_DANGLING',
  'SLOT_OUT_OF_RANGE',
  'TYPE_MISMATCH',
  'VALUE_ON_LINK_INPUT',
  'VALUE_WRONG_TYPE',
  'VALUE_CAST',
  'VALUE_NOT_FINITE',
  'VALUE_TOO_SMALL',
  'VALUE_TOO_BIG',
  'VALUE_OFF_STEP',
  'VALUE_NOT_IN_LIST',
  'OPTION_UNKNOWN',
  'CYCLE',
  'OUTPUT_MISSING',
] satisfies DiagnosticCode[]);

const MOST_FINDINGS = 12;
const MOST_NODES = 40;
const MOST_CANDIDATES = 8;

/** The reach of a model that is to cure these findings; no findings in it when there is none that it could. */
export function reachOf(workflow: Workflow, catalog: Catalog, findings: readonly Diagnostic[]): Reach {
  const put = findings.filter(({ code }) => CURABLE.has(code)).slice(0, MOST_FINDINGS);
  const [values, links, unknown] = [new Places(), new Places(), new Places()];
  const seen = new Map<string, NodePlace>();
  const see = (place: NodePlace): void => {
    if (!isSide(place.scope, place.node) && nodeAt(workflow, place) && seen.size < MOST_NODES) {
      seen.set(keyOf(place), place);
    }
  };
  for (const finding of put) {
    for (const target of targetsOf(finding)) {
      if (!nodeAt(workflow, target)) continue;
      see(nodePart(target));
      // In a cycle it is a link that is wrong, never a value.
      if (finding.code !== 'CYCLE') values.add(target);
      links.add(target);
      if (finding.code !== 'CLASS_UNKNOWN') continue;
      unknown.add(target);
      for (const { node, input } of usersOf(workflow, target)) links.add({ ...nodePart(target), node, input });
    }
  }
  const asked = put.map((finding, i) => ({
    name: `f${i + 1}`,
    finding,
    candidates: candidatesFor(workflow, catalog, finding),
  }));
  // Neighbours come after all nodes of findings, so that a limit cuts them off first.
  for (const { finding, candidates } of asked) {
    const scope = scopePart(finding.scope);
    for (const { from } of candidates) see({ ...scope, node: from });
    for (const place of targetsOf(finding)) {
      for (const { from } of Object.values(nodeAt(workflow, place)?.links ?? {})) see({ ...scope, node: from });
      for (const { node } of usersOf(workflow, place)) see({ ...scope, node });
    }
  }
  const nodes = new Map([...seen.values()].map((place, i) => [`n${i + 1}`, place]));
  return { findings: asked, nodes, values, links, unknown };
}

/** What a finding is about: an input, a node as a whole, or the inputs that make a cycle. */
export function targetsOf({ code, scope, node, input, data }: Diagnostic): Target[] {
  const own = node === undefined ? [] : [targetAt(scope, node, input)];
  if (code !== 'CYCLE' || !Array.isArray(data?.inputs)) return own;
  const inputs = data.inputs.flatMap((one) => {
    if (!isObject(one) || typeof one.node !== 'string' || typeof one.input !== 'string') return [];
    return [targetAt(typeof one.scope === 'string' ? one.scope : undefined, one.node, one.input)];
  });
  return inputs.length > 0 ? inputs : own;
}

/** A node, or one input of it. */
export interface Target extends NodePlace {
  readonly input?: string;
}

function targetAt(scope: string | undefined, node: string, input: string | undefined): Target {
  return { ...scopePart(scope), node, ...(input === undefined ? {} : { input }) };
}

function nodePart({ scope, node }: NodePlace): NodePlace {
  return { ...scopePart(scope), node };
}

/** The same scope as part of a place: an absent one stays absent. */
export function scopePart(scope: string | undefined): { readonly scope?: string } {
  return scope === undefined ? {} : { scope };
}

/** One text for one place. */
export function keyOf({ scope, node, input }: Target): string {
  // JSON keeps line ends out of the parts.
  return `${JSON.stringify([scope ?? null, node])}${input === undefined ? '' : `\n${JSON.stringify(input)}`}`;
}

function candidatesFor(workflow: Workflow, catalog: Catalog, finding: Diagnostic): LinkSource[] {
  const { scope, node, input } = finding;
  if (finding.code === 'OUTPUT_MISSING') return looseEnds(workflow, catalog, scope);
  if (node === undefined || input === undefined) return [];
  const target = { ...scopePart(scope), node, input } satisfies InputPlace;
  const slot = inputSlot(workflow, target, catalog);
  if (!slot?.declared || slot.type === '*') return [];
  const below = usersBelow(workflow, target);
  const found: LinkSource[] = [];
  for (const from of Object.keys(scopeAt(workflow, scope)?.nodes ?? {})) {
    if (below.has(from)) continue;
    for (const output of outputSlots(workflow, { ...scopePart(scope), node: from }, catalog) ?? []) {
      if (output.type !== '*' && linkFits(output.type, slot.type)) found.push({ from, slot: output.slot });
    }
  }
  return found.slice(0, MOST_CANDIDATES);
}

/** Outputs that feed nothing: what a workflow without a result may want to show. */
function looseEnds(workflow: Workflow, catalog: Catalog, scope: string | undefined): LinkSource[] {
  const found: LinkSource[] = [];
  for (const from of Object.keys(scopeAt(workflow, scope)?.nodes ?? {})) {
    const place = { ...scopePart(scope), node: from };
    const used = new Set(usersOf(workflow, place).map(({ source }) => source.slot));
    for (const { slot } of outputSlots(workflow, place, catalog) ?? []) if (!used.has(slot)) found.push({ from, slot });
  }
  return found.slice(0, MOST_CANDIDATES);
}

/** A node and all that wait for it. */
function usersBelow(workflow: Workflow, place: NodePlace): ReadonlySet<string> {
  const users = new Map<string, string[]>();
  for (const [id, { links }] of Object.entries(scopeAt(workflow, place.scope)?.nodes ?? {})) {
    for (const { from } of Object.values(links)) users.set(from, [...(users.get(from) ?? []), id]);
  }
  const below = new Set([place.node]);
  for (const id of below) for (const user of users.get(id) ?? []) below.add(user);
  return below;
}
