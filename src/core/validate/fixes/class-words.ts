import type { Catalog } from '../../catalog/catalog.ts';

/** Words that more classes have say what a node does (`Load`, `Image`), not what it belongs to; one alone is no family. */
const FAMILY = { least: 2, most: 25 } as const;
/** For each word of a family that the workflow uses, and against each of one that it does not use. */
const POINTS = { shared: 0.4, foreign: -0.4, least: -0.5, most: 1.2 } as const;

const known = new WeakMap<Catalog, ReadonlyMap<string, number>>();

/**
 * Points for a class by the family it belongs to: the rare words of its name (`AceStep`, `LTXV`, `Mini Max`) stand in
 * names of the classes of the workflow, or in none of them.
 */
export function kinship(catalog: Catalog, classType: string, used: ReadonlySet<string>): number {
  const counts = wordCounts(catalog);
  const rare = namesOf(classType).filter((word) => {
    const count = counts.get(word) ?? 0;
    return count >= FAMILY.least && count <= FAMILY.most;
  });
  if (rare.length === 0) return 0;
  const around = new Set([...used].flatMap(namesOf));
  const shared = rare.filter((word) => around.has(word)).length;
  const points = shared * POINTS.shared + (rare.length - shared) * POINTS.foreign;
  return Math.min(POINTS.most, Math.max(POINTS.least, points));
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
