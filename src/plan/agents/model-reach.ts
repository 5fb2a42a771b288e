import { isObject } from '../../base/json.ts';
import type { Catalog } from '../../core/catalog/catalog.ts';
import { linkFits } from '../../core/transform/checks.ts';
import { downstreamOf, usersByNode, usersOf } from '../../core/transform/scope-wires.ts';
import { inputSlot, isSide } from '../../core/transform/slots.ts';
import type { Diagnostic, DiagnosticCode } from '../../core/validate/diagnostic.ts';
import type { InputPlace } from '../../core/workflow/effective.ts';
import { type NodePlace, nodeAt } from '../../core/workflow/scopes.ts';
import type { LinkSource, Workflow } from '../../core/workflow/types.ts';
import { classesFor, neededLinks, outputsIn } from './model-classes.ts';
import { keyOf, Places, scopePart, type Target } from './model-places.ts';

/** A finding put to the model, under the name the model knows it by. */
export interface AskedFinding {
  readonly name: string;
  readonly finding: Diagnostic;
  /** Outputs that may feed its input: by type, and without making a cycle. */
  readonly candidates: readonly LinkSource[];
  /** Classes that may help. */
  readonly classes: readonly string[];
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
  /** Inputs whose link may be changed: the same, and those that make a cycle. */
  readonly links: Places;
  /** Nodes of a class that the catalog has not: they may go or get another class. */
  readonly unknown: Places;
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
const MOST_FEEDERS = 2;

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
      if (finding.code === 'CLASS_UNKNOWN') unknown.add(target);
    }
  }
  const asked = put.map((finding, i): AskedFinding => {
    const candidates = candidatesFor(workflow, catalog, finding);
    return { name: `f${i + 1}`, finding, candidates, classes: classesFor(workflow, catalog, finding, candidates) };
  });
  // Neighbours come after all nodes of findings, so that a limit cuts them off first.
  for (const { finding, candidates } of asked) {
    const scope = scopePart(finding.scope);
    for (const { from } of candidates) see({ ...scope, node: from });
    for (const place of targetsOf(finding)) {
      for (const { from } of Object.values(nodeAt(workflow, place)?.links ?? {})) see({ ...scope, node: from });
      for (const { node } of usersOf(workflow, place)) see({ ...scope, node });
    }
  }
  // What the offered classes would take.
  for (const { finding, classes } of asked) {
    for (const { from } of feedersOf(workflow, catalog, finding.scope, classes))
      see({ ...scopePart(finding.scope), node: from });
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

function targetAt(scope: string | undefined, node: string, input: string | undefined): Target {
  return { ...scopePart(scope), node, ...(input === undefined ? {} : { input }) };
}

function nodePart({ scope, node }: NodePlace): NodePlace {
  return { ...scopePart(scope), node };
}

function candidatesFor(workflow: Workflow, catalog: Catalog, finding: Diagnostic): LinkSource[] {
  const { scope, node, input } = finding;
  if (finding.code === 'OUTPUT_MISSING') return looseEnds(workflow, catalog, scope);
  if (node === undefined || input === undefined) return [];
  const target = { ...scopePart(scope), node, input } satisfies InputPlace;
  const slot = inputSlot(workflow, target, catalog);
  if (!slot?.declared || slot.type === '*') return [];
  const below = downstreamOf(usersByNode(workflow, scope), node);
  const fitting = outputsIn(workflow, catalog, scope).filter(
    (one) => one.type !== '*' && linkFits(one.type, slot.type),
  );
  return fitting.filter(({ from }) => !below.has(from)).slice(0, MOST_CANDIDATES);
}

/** Outputs that feed nothing: what a workflow without a result may want to show. */
function looseEnds(workflow: Workflow, catalog: Catalog, scope: string | undefined): LinkSource[] {
  const users = usersByNode(workflow, scope);
  const isUsed = ({ from, slot }: LinkSource) => users.get(from)?.some(({ source }) => source.slot === slot);
  return outputsIn(workflow, catalog, scope)
    .filter((one) => !isUsed(one))
    .slice(0, MOST_CANDIDATES);
}

/** Outputs that can feed the required links of classes: the first few of each type. */
function feedersOf(
  workflow: Workflow,
  catalog: Catalog,
  scope: string | undefined,
  classes: readonly string[],
): LinkSource[] {
  const types = new Set(
    classes.flatMap((name) =>
      neededLinks(catalog.node(name)!)
        .map(({ type }) => type)
        .filter((type) => type !== '*'),
    ),
  );
  const outputs = outputsIn(workflow, catalog, scope);
  return [...types].flatMap((type) =>
    outputs.filter((one) => one.type !== '*' && linkFits(one.type, type)).slice(0, MOST_FEEDERS),
  );
}
