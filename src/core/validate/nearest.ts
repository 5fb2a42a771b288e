/** The names most like a wanted one, best first: few edits of letters, case aside; none that is another word altogether. */
export function nearestNames(wanted: string, names: readonly string[], most = 3): string[] {
  const low = wanted.toLowerCase();
  const limit = Math.max(2, Math.floor(low.length / 3));
  const scored: { name: string; score: number }[] = [];
  for (const name of names) {
    const other = name.toLowerCase();
    const isPart = low.length > 2 && other.length > 2 && (other.includes(low) || low.includes(other));
    if (Math.abs(other.length - low.length) > limit && !isPart) continue;
    const distance = editDistance(low, other, limit);
    if (distance <= limit) scored.push({ name, score: distance });
    else if (isPart) scored.push({ name, score: limit + Math.abs(other.length - low.length) / 100 });
  }
  scored.sort((a, b) => a.score - b.score || (a.name < b.name ? -1 : 1));
  return scored.slice(0, most).map(({ name }) => name);
}

/** Edits (insert, delete, replace, swap of neighbours) from a to b; anything over `limit` where it is more. Source: optimal string alignment. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
      least = Math.min(least, cost);
    }
    if (least > limit) return limit + 1;
    before = last;
    last = row;
  }
  return last[b.length]!;
}
