import { nearest } from '../../base/nearest.ts';
import type { Catalog, InputDefinition, NodeDefinition } from '../../core/catalog/catalog.ts';
import { isLinkOnly } from '../../core/catalog/check-value.ts';
import { linkFits } from '../../core/transform/checks.ts';
import { usersOf } from '../../core/transform/scope-wires.ts';
import { inputSlot, outputSlots, sourceType, typeText } from '../../core/transform/slots.ts';
import type { Diagnostic } from '../../core/validate/diagnostic.ts';
import { nodeAt, scopeAt } from '../../core/workflow/scopes.ts';
import type { LinkSource, Workflow } from '../../core/workflow/types.ts';
import { scopePart } from './model-places.ts';

/** Nodes of these kinds are never offered nor taken: they cost money when they run, or are on their way out. */
const REFUSED_FLAGS = ['api_node', 'deprecated', 'experimental'];
const MOST_CLASSES = 4;
/** Names that are looked at for one unknown class. */
const MOST_NAMES = 12;

/** Whether a model may put nodes of a class into a workflow. */
export function isOfferable(definition: NodeDefinition): boolean {
  return !definition.flags.some((flag) => REFUSED_FLAGS.includes(flag));
}

/** Classes that may help with a finding, best first: for a node of an unknown class, or to make what an input takes. */
export function classesFor(
  workflow: Workflow,
  catalog: Catalog,
  finding: Diagnostic,
  candidates: readonly LinkSource[],
): readonly string[] {
  if (finding.code === 'CLASS_UNKNOWN') return classesInPlace(workflow, catalog, finding);
  if (finding.code === 'OUTPUT_MISSING') {
    const types = candidates.map((source) => sourceType(workflow, finding.scope, source, catalog));
    return ranked(catalog, (definition) => {
      if (!definition.flags.includes('output_node')) return undefined;
      const [needed, { inputs }] = [neededLinks(definition), definition];
      return needed.length > 0 && needed.every(({ type }) => types.some((one) => linkFits(one, type)))
        ? inputs.length
        : undefined;
    });
  }
  if (finding.node === undefined || finding.input === undefined) return [];
  const target = { ...scopePart(finding.scope), node: finding.node, input: finding.input };
  const slot = inputSlot(workflow, target, catalog);
  if (!slot?.declared || !slot.isLinkOnly || slot.type === '*') return [];
  const link = nodeAt(workflow, target)?.links[finding.input];
  const given = link && sourceType(workflow, finding.scope, link, catalog);
  return makersOf(workflow, catalog, finding.scope, slot.type, given);
}

/** Classes with a like name that can take what the node is given and give what its users take; the name alone else. */
function classesInPlace(workflow: Workflow, catalog: Catalog, { scope, node: id }: Diagnostic): string[] {
  const place = { ...scopePart(scope), node: id! };
  const node = nodeAt(workflow, place);
  if (!node) return [];
  const names = nearest(node.class_type, catalog.classes(), MOST_NAMES).filter((name) =>
    isOfferableName(catalog, name),
  );
  const taken = usersOf(workflow, place).map(
    (user) => inputSlot(workflow, { ...place, ...user }, catalog)?.type ?? '*',
  );
  const given = Object.values(node.links).map((link) => sourceType(workflow, scope, link, catalog));
  const fits = names.filter((name) => {
    const definition = catalog.node(name)!;
    const outputs = definition.outputs.map(({ type }) => typeText(type));
    return (
      taken.every((type) => outputs.some((one) => linkFits(one, type))) &&
      given.every((type) => definition.inputs.some((input) => linkFits(type, input.type)))
    );
  });
  return [...new Set([...fits, ...names])].slice(0, MOST_CLASSES);
}

/** Classes that give a type: those the scope can feed first, of them those it has already, then those that convert. */
function makersOf(
  workflow: Workflow,
  catalog: Catalog,
  scope: string | undefined,
  wanted: string,
  given: string | undefined,
): string[] {
  const there = new Set(outputsIn(workflow, catalog, scope).map(({ type }) => type));
  const used = new Set(Object.values(scopeAt(workflow, scope)?.nodes ?? {}).map(({ class_type }) => class_type));
  return ranked(catalog, (definition, name) => {
    const { inputs, outputs } = definition;
    if (!outputs.some(({ type }) => typeText(type) !== '*' && linkFits(typeText(type), wanted))) return undefined;
    const needed = neededLinks(definition);
    const lacking = needed.filter(({ type }) => ![...there].some((one) => linkFits(one, type))).length;
    const converts = given !== undefined && needed.some(({ type }) => linkFits(given, type));
    return lacking * 10_000 + (used.has(name) ? 0 : 1000) + (converts ? 0 : 100) + inputs.length;
  });
}

/** The inputs of a class that must be linked. */
export function neededLinks({ inputs }: NodeDefinition): InputDefinition[] {
  return inputs.filter((input) => input.section === 'required' && isLinkOnly(input));
}

/** All outputs of a scope, with their types. */
export function outputsIn(
  workflow: Workflow,
  catalog: Catalog,
  scope: string | undefined,
): (LinkSource & { readonly type: string })[] {
  return Object.keys(scopeAt(workflow, scope)?.nodes ?? {}).flatMap((from) =>
    (outputSlots(workflow, { ...scopePart(scope), node: from }, catalog) ?? []).map(({ slot, type }) => ({
      from,
      slot,
      type,
    })),
  );
}

/** Offerable classes by a cost, least first, then by name; those without one are left out. */
function ranked(catalog: Catalog, cost: (definition: NodeDefinition, name: string) => number | undefined): string[] {
  const found: { name: string; cost: number }[] = [];
  for (const name of catalog.classes()) {
    const definition = catalog.node(name)!;
    const one = isOfferable(definition) ? cost(definition, name) : undefined;
    if (one !== undefined) found.push({ name, cost: one });
  }
  return found
    .sort((a, b) => a.cost - b.cost)
    .slice(0, MOST_CLASSES)
    .map(({ name }) => name);
}

function isOfferableName(catalog: Catalog, name: string): boolean {
  const definition = catalog.node(name);
  return definition !== undefined && isOfferable(definition);
}
