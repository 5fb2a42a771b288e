import type { Catalog } from '../../catalog/catalog.ts';

/** Words that more classes have say what a node does (`Load`, `Image`), not what it belongs to; one alone is no family. */
const FAMILY = { least: 2, most: 25 } as const;
/** For each word of a family that the workflow uses, and against each of one that it does not use. */
const POINTS = { shared: 0.4, foreign: -0.4, least: -0.5, most: 1.2 } as const;

/** The families of each class, by catalog. */
const known = new WeakMap<Catalog, ReadonlyMap<string, readonly string[]>>();

/**
 * Points for a class by the family it belongs to: the rare words of its name (`AceStep`, `LTXV`, `Mini Max`) stand in
 * names of the classes that a workflow uses, or in none of them.
 */
export function kinship(catalog: Catalog, used: ReadonlySet<string>): (classType: string) => number {
  const families = familiesOf(catalog);
  const around = new Set([...used].flatMap(namesOf));
  return (classType) => {
    const rare = families.get(classType) ?? [];
    if (rare.length === 0) return 0;
    const shared = rare.filter((word) => around.has(word)).length;
    const points = shared * POINTS.shared + (rare.length - shared) * POINTS.foreign;
    return Math.min(POINTS.most, Math.max(POINTS.least, points));
  };
}

/** The words of a class name, each once, in small letters; a number with its dots is one. */
function namesOf(classType: string): string[] {
  const words = classType.match(/\d+(\.\d+)*|[A-Z]+(?![a-z])|[A-Z]?[a-z]+/g) ?? [];
  return [...new Set(words.map((word) => word.toLowerCase()))];
}

function familiesOf(catalog: Catalog): ReadonlyMap<string, readonly string[]> {
  const found = known.get(catalog);
  if (found) return found;
  const names = new Map(catalog.classes().map((one) => [one, namesOf(one)]));
  const counts = new Map<string, number>();
  for (const words of names.values()) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const isFamily = (word: string): boolean => counts.get(word)! >= FAMILY.least && counts.get(word)! <= FAMILY.most;
  const made = new Map([...names].map(([one, words]) => [one, words.filter(isFamily)]));
  known.set(catalog, made);
  return made;
}
