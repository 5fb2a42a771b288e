/** A command line divided into the command's name and its words. */
export interface Resolved {
  /** Name of the command found, or undefined. */
  readonly name?: string;
  readonly argv: readonly string[];
}

/**
 * Finds the command: the longest run of leading words that is a command's name. Options that stand before it, as in
 * `cwf -C dir log`, move behind it.
 */
export function resolveCommand(argv: readonly string[], names: ReadonlySet<string>): Resolved {
  const front: string[] = [];
  let at = 0;
  for (; at < argv.length; at++) {
    const word = argv[at] as string;
    if (word === '-C' || word === '--directory') front.push(word, argv[++at] ?? '');
    else if (word.startsWith('-') && word !== '-' && word !== '--') front.push(word);
    else break;
  }
  const words = argv.slice(at);
  for (let length = Math.min(3, words.length); length > 0; length--) {
    const name = words.slice(0, length).join(' ');
    if (names.has(name)) return { name, argv: [...front, ...words.slice(length)] };
  }
  return { argv: [...front, ...words] };
}

/** The names nearest to a mistyped one, best first: within two edits (Damerau), or sharing a long start. */
export function nearest(word: string, names: readonly string[]): string[] {
  const scored = names
    .map((name) => ({ name, away: name.startsWith(word) && word.length > 1 ? 1 : distance(word, name) }))
    .filter(({ name, away }) => away <= Math.min(2, Math.floor(Math.max(name.length, word.length) / 2)));
  return scored
    .sort((a, b) => a.away - b.away || (a.name < b.name ? -1 : 1))
    .map(({ name }) => name)
    .slice(0, 3);
}

/** Edits between two words, a swap of neighbours counting as one; words over 40 characters are far from all. */
function distance(a: string, b: string): number {
  if (a.length > 40 || b.length > 40) return Infinity;
  const rows: number[][] = [];
  for (let i = 0; i <= a.length; i++) {
    const row: number[] = [];
    rows.push(row);
    for (let j = 0; j <= b.length; j++) {
      if (i === 0 || j === 0) row.push(i + j);
      else {
        const same = a[i - 1] === b[j - 1] ? 0 : 1;
        let best = Math.min(cell(rows, i - 1, j) + 1, cell(rows, i, j - 1) + 1, cell(rows, i - 1, j - 1) + same);
        const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
        if (swapped) best = Math.min(best, cell(rows, i - 2, j - 2) + 1);
        row.push(best);
      }
    }
  }
  return cell(rows, a.length, b.length);
}

function cell(rows: readonly number[][], i: number, j: number): number {
  return rows[i]?.[j] ?? Infinity;
}
