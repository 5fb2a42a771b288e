/** A run of words that both texts have, or only the old or the new one. */
export interface WordRun {
  readonly kind: 'same' | 'old' | 'new';
  readonly text: string;
}

/** Beyond this many comparisons the middle is shown as replaced as a whole. */
const MAX_CELLS = 1_000_000;

/** Compares two texts word by word (longest common subsequence); the runs joined give either text back. */
export function diffWords(before: string, after: string): WordRun[] {
  const a = tokens(before);
  const b = tokens(after);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++;
  const middle = compare(a.slice(start, a.length - end), b.slice(start, b.length - end));
  return joinRuns([run('same', a.slice(0, start)), ...middle, run('same', end === 0 ? [] : a.slice(-end))]);
}

/** How much of the longer text is the same in both, 0 to 1; below a half, marking words helps nobody. */
export function sameShare(runs: readonly WordRun[]): number {
  const size = { same: 0, old: 0, new: 0 };
  for (const { kind, text } of runs) size[kind] += text.length;
  return size.same / (size.same + Math.max(size.old, size.new) || 1);
}

function tokens(text: string): string[] {
  return text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

function compare(a: readonly string[], b: readonly string[]): WordRun[] {
  if (a.length * b.length > MAX_CELLS || a.length === 0 || b.length === 0) return [run('old', a), run('new', b)];
  const width = b.length + 1;
  // lengths[i * width + j]: longest common subsequence of a from i and b from j.
  const lengths = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      lengths[at] = a[i] === b[j] ? lengths[at + width + 1]! + 1 : Math.max(lengths[at + width]!, lengths[at + 1]!);
    }
  }
  const runs: WordRun[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const at = i * width + j;
    if (i < a.length && j < b.length && a[i] === b[j]) {
      runs.push(run('same', [a[i++]!]));
      j++;
    } else if (j >= b.length || (i < a.length && lengths[at + width]! >= lengths[at + 1]!))
      runs.push(run('old', [a[i++]!]));
    else runs.push(run('new', [b[j++]!]));
  }
  return runs;
}

function run(kind: WordRun['kind'], words: readonly string[]): WordRun {
  return { kind, text: words.join('') };
}

/** Neighbours of one kind become one run; blanks alone between changed words are part of the change. */
function joinRuns(runs: readonly WordRun[]): WordRun[] {
  const out: { kind: WordRun['kind']; text: string }[] = [];
  let old = '';
  let fresh = '';
  const flush = (): void => {
    if (old !== '') out.push({ kind: 'old', text: old });
    if (fresh !== '') out.push({ kind: 'new', text: fresh });
    old = '';
    fresh = '';
  };
  runs.forEach(({ kind, text }, i) => {
    if (text === '') return;
    const changing = old !== '' || fresh !== '';
    const between =
      kind === 'same' &&
      changing &&
      /^\s+$/.test(text) &&
      runs.slice(i + 1).find((r) => r.text !== '')?.kind !== 'same';
    if (kind === 'old' || between) old += text;
    if (kind === 'new' || between) fresh += text;
    if (kind !== 'same' || between) return;
    flush();
    const last = out.at(-1);
    if (last?.kind === 'same') last.text += text;
    else out.push({ kind: 'same', text });
  });
  flush();
  return out;
}
