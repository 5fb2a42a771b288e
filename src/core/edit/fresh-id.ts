import { isIntegerId } from '../workflow/names.ts';

/**
 * Gives ids that none of `taken` is, of the same form as the one asked for: an integer goes on counting, a text gets a
 * number behind it. The same calls give the same ids.
 */
export function freshIds(taken: Iterable<string>): (id: string) => string {
  const known = new Set(taken);
  // Ids a counter could not count on from are left aside.
  const numbers = [...known].filter(isIntegerId).map(Number).filter(Number.isSafeInteger);
  let last = numbers.reduce((max, id) => Math.max(max, id), 0);
  return (id) => {
    if (isIntegerId(id)) return String(++last);
    let n = 2;
    while (known.has(`${id}-${n}`)) n++;
    known.add(`${id}-${n}`);
    return `${id}-${n}`;
  };
}
