import { nonDominatedSort } from '../front.ts';
import type { Params, ParamValue, Space } from '../space.ts';
import type { Trial } from '../trial.ts';
import { type Measured, measuredTrials, order, type Results } from './best.ts';

/** A parameter with another value than in the base; undefined is: not there. */
export interface Difference {
  readonly name: string;
  readonly from?: ParamValue;
  readonly to?: ParamValue;
}

/** One trial of a leaderboard. */
export interface LeaderboardRow {
  /**
   * 1 is best, equal ones share it: by value, of several objectives by layer of the front. Infeasible trials stand behind
   * all others, by how much they violate.
   */
  readonly rank: number;
  readonly trial: Trial;
  readonly values: readonly number[];
  /** Whether nothing feasible is better. */
  readonly isBest: boolean;
  /** Sum of the violated constraints; 0 is feasible. */
  readonly violation: number;
  /** What differs from the base, in the order of the space; all of its parameters where there is no base. */
  readonly differences: readonly Difference[];
}

/** The measured trials of a study, best first; equal ones by number. [PL-5] */
export function leaderboard(results: Results & { readonly space: Space }, base?: Params): LeaderboardRow[] {
  const measured = measuredTrials(results);
  const layer = new Map<Measured, number>();
  const feasible = measured.filter(({ violation }) => violation === 0);
  for (const [at, members] of nonDominatedSort(feasible.map(({ losses }) => losses)).entries()) {
    for (const i of members) layer.set(feasible[i]!, at);
  }
  const compare = (a: Measured, b: Measured): number =>
    order(a.violation, b.violation) || (layer.get(a) ?? 0) - (layer.get(b) ?? 0);
  const sorted = [...measured].sort(
    (a, b) => compare(a, b) || order(a.losses[0]!, b.losses[0]!) || a.trial.number - b.trial.number,
  );
  let rank = 0;
  return sorted.map((one, i) => {
    const { trial, values, violation } = one;
    if (i === 0 || compare(sorted[i - 1]!, one) !== 0) rank = i + 1;
    const differences = differencesOf(results.space, base ?? {}, trial.params);
    return { rank, trial, values, isBest: layer.get(one) === 0, violation, differences };
  });
}

/** The parameters whose values differ, in the order of the space. */
export function differencesOf({ parameters }: Space, from: Params, to: Params): Difference[] {
  return parameters
    .filter(({ name }) => from[name] !== to[name])
    .map(({ name }) => ({
      name,
      ...(from[name] !== undefined && { from: from[name] }),
      ...(to[name] !== undefined && { to: to[name] }),
    }));
}
