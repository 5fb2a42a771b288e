/** Names that a message shows. */
const MOST_SHOWN = 8;
/** Characters of one name that a message shows, and that are compared. */
const LONGEST = 60;

/** The names that look most like `wanted`, best first: by common pairs of letters, which forgives order and case. */
export function nearest(wanted: string, names: readonly string[], most = MOST_SHOWN): string[] {
  const want = pairsOf(wanted);
  const score = (name: string): number => {
    const have = pairsOf(name);
    let common = 0;
    for (const pair of want) if (have.has(pair)) common++;
    return common / (want.size + have.size || 1);
  };
  return names
    .map((name) => ({ name, score: score(name) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ name }) => name.slice(0, LONGEST));
}

function pairsOf(text: string): Set<string> {
  const low = text.toLowerCase().slice(0, 80);
  return new Set(Array.from({ length: Math.max(low.length - 1, 0) }, (_, i) => low.slice(i, i + 2)));
}
