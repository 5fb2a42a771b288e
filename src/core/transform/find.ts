import type { Catalog, InputDefinition } from '../catalog/catalog.ts';
import { type NodePlace, nodeAt, scopeAt } from '../workflow/scopes.ts';
import type { Workflow } from '../workflow/types.ts';
import { refuse } from './transform.ts';

/** What a transform looks for, in words, and how it tells. */
export interface Search<T> {
  readonly transform: string;
  /** As in "there is no <what>". */
  readonly what: string;
  /** What would make it possible. */
  readonly remedy: string;
  find(place: NodePlace): T | undefined;
}

/** All nodes of one scope in the order of the file's keys. */
export function placesIn(workflow: Workflow, scope: string | undefined): NodePlace[] {
  const nodes = Object.keys(scopeAt(workflow, scope)!.nodes);
  return nodes.map((node) => (scope === undefined ? { node } : { scope, node }));
}

/**
 * What is looked for, all in one scope: the one that is named, else the root, else the only subgraph that has any.
 * Muted nodes count only where nothing else is found. Throws TRANSFORM_REFUSED where there is none, or more than one
 * subgraph has some. [TE-12]
 */
export function findInScope<T>(
  workflow: Workflow,
  scope: string | undefined,
  { transform, what, remedy, find }: Search<T>,
): T[] {
  const inScope = (one: string | undefined): T[] => {
    const places = placesIn(workflow, one);
    const active = places.filter((place) => nodeAt(workflow, place)!.mode !== MUTED);
    const found = active.flatMap((place) => find(place) ?? []);
    return found.length > 0 ? found : places.flatMap((place) => find(place) ?? []);
  };
  const here = inScope(scope);
  if (here.length > 0) return here;
  if (scope !== undefined) throw refuse(transform, `the subgraph has no ${what}`, remedy);
  const inside = Object.keys(workflow.subgraphs)
    .map((id) => ({ id, found: inScope(id) }))
    .filter(({ found }) => found.length > 0);
  if (inside.length === 1) return inside[0]!.found;
  if (inside.length === 0) throw refuse(transform, `there is no ${what}`, remedy);
  const names = inside.map(({ id }) => `${workflow.subgraphs[id]!.name} (${id})`).join(', ');
  throw refuse(transform, `several subgraphs have a ${what}`, `Name one with --subgraph <name>: ${names}.`);
}

/** The only one of several; throws TRANSFORM_REFUSED naming them. */
export function theOne(workflow: Workflow, places: readonly NodePlace[], transform: string, what: string): NodePlace {
  const [first, ...others] = places;
  if (first && others.length === 0) return first;
  const named = places.map((place) => `${place.node} (${nodeAt(workflow, place)!.class_type})`).slice(0, 8);
  throw refuse(transform, `there are ${places.length} ${what}`, `Name one with --node <id>: ${named.join(', ')}.`);
}

/** Ids for a message: the first eight, and how many more there are. */
export function shortList(ids: readonly string[]): string {
  const unique = [...new Set(ids)];
  const more = unique.length - MOST_NAMED;
  return unique.slice(0, MOST_NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}

/** The first input of a class that names files of one of these folders. */
export function fileInput(
  catalog: Catalog,
  class_type: string,
  folders: readonly string[],
): InputDefinition | undefined {
  return catalog.node(class_type)?.inputs.find(({ options }) => folders.includes(String(options.files)));
}

/** Whether a class has an output of a type. */
export function gives(catalog: Catalog, class_type: string, type: string): boolean {
  return catalog.node(class_type)?.outputs.some((output) => output.type === type) === true;
}

/** Whether a class has an input of a type. */
export function takes(catalog: Catalog, class_type: string, type: string): boolean {
  return catalog.node(class_type)?.inputs.some((input) => input.type === type) === true;
}

const MUTED = 2;
const MOST_NAMED = 8;
