import type { Catalog } from '../../catalog/catalog.ts';

/** Words that more classes have say what a node does (`Load`, `Image`), not what it belongs to. */
const MOST_OF_FAMILY = 25;
/** For a class whose family the workflow uses, and against each word of a family that it does not use. */
const POINTS = { shared: 0.5, foreign: -0.4, least: -0.5 } as const;

const known = new WeakMap<Catalog, ReadonlyMap<string, number>>();

/**
 * Points for a class by the family it belongs to: the rare words of its name (`AceStep`, `LTXV`, `Mini Max`) stand in
 * names of other classes of the workflow, or in none of them.
 */
export function kinship(catalog: Catalog, classType: string, used: ReadonlySet<string>): number {
  const counts = wordCounts(catalog);
  const rare = namesOf(classType).filter((word) => (counts.get(word) ?? 0) <= MOST_OF_FAMILY);
  if (rare.length === 0) return 0;
  const around = new Set([...used].filter((one) => one !== classType).flatMap(namesOf));
  const foreign = rare.filter((word) => !around.has(word)).length;
  return Math.max(POINTS.least, (foreign < rare.length ? POINTS.shared : 0) + foreign * POINTS.foreign);
}

/** The words of a class name, each once, in small letters; a number with its dots is one. */
function namesOf(classType: string): string[] {
  const words = classType.match(/\d+(\.\d+)*|[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  return [...new Set(words.map((word) => word.toLowerCase()))];
}

function wordCounts(catalog: Catalog): ReadonlyMap<string, number> {
  const found = known.get(catalog);
  if (found) return found;
  const counts = new Map<string, number>();
  for (const one of catalog.classes()) for (const word of namesOf(one)) counts.set(word, (counts.get(word) ?? 0) + 1);
  known.set(catalog, counts);
  return counts;
}
