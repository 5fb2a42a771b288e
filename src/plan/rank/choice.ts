/** What somebody chose: one candidate over others, or that neither of two is better. Candidates are ids. */
export type Choice =
  | { readonly kind: 'best'; readonly chosen: string; readonly over: readonly string[] }
  | { readonly kind: 'tie'; readonly between: readonly [string, string] };

/** Everybody who was looked at for a choice. */
export function candidatesOf(choice: Choice): readonly string[] {
  return choice.kind === 'best' ? [choice.chosen, ...choice.over] : choice.between;
}

/** What is wrong with a choice; undefined when nothing is. */
export function choiceFault(choice: Choice): string | undefined {
  const candidates = candidatesOf(choice);
  if (candidates.length < 2) return 'a choice needs at least two candidates';
  if (new Set(candidates).size < candidates.length) return 'a candidate stands twice';
  return undefined;
}

/** How often each of two candidates was chosen over the other, and how often neither was; `a` is the smaller id. */
export interface Duel {
  readonly a: string;
  readonly b: string;
  readonly overB: number;
  readonly overA: number;
  readonly ties: number;
}

/** Every pair that choices say something about, in the order of ids; the best of several won against each of them. */
export function duelsOf(choices: readonly Choice[]): readonly Duel[] {
  const duels = new Map<string, { a: string; b: string; overB: number; overA: number; ties: number }>();
  const at = (x: string, y: string) => {
    const [a, b] = x < y ? [x, y] : [y, x];
    const key = `${a} ${b}`;
    const duel = duels.get(key) ?? { a, b, overB: 0, overA: 0, ties: 0 };
    duels.set(key, duel);
    return duel;
  };
  for (const choice of choices) {
    if (choice.kind === 'tie') at(...choice.between).ties++;
    else
      for (const other of choice.over) {
        const duel = at(choice.chosen, other);
        if (duel.a === choice.chosen) duel.overB++;
        else duel.overA++;
      }
  }
  return [...duels.values()].sort((p, q) => (p.a < q.a || (p.a === q.a && p.b < q.b) ? -1 : 1));
}
