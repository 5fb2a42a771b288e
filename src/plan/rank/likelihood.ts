/**
 * What choices say about scores. A choice is a draw among alternatives, each with a utility that is linear in the
 * parameters, and is taken with probability e^utility / sum of e^utilities:
 *
 *   a against b    score a | score b | (score a + score b) / 2 + tie     (the third only where ties happen)
 *   best of a b c  score a | score b | score c
 *
 * That is Bradley and Terry (Biometrika 39, 1952) for two, Luce's choice axiom (1959) as in Plackett's model for more,
 * and Davidson's ties (JASA 65, 1970). The logarithm is concave: there is one maximum.
 */
import { type Choice, candidatesOf } from './choice.ts';

/** One alternative: which parameters it adds up, each with its weight. */
type Alternative = readonly (readonly [parameter: number, weight: number])[];

/** Equal choices, counted: which of the alternatives was taken how often. */
export interface Observation {
  readonly alternatives: readonly Alternative[];
  readonly taken: number;
  readonly count: number;
}

/** The choices as observations; parameter `candidates.length` is that of ties, where `hasTies`. */
export interface Observations {
  readonly candidates: readonly string[];
  readonly hasTies: boolean;
  readonly all: readonly Observation[];
}

/** Slope and curvature of the negative logarithm at one point. */
export interface Curve {
  readonly value: number;
  readonly gradient: Float64Array;
  readonly hessian: Float64Array;
}

/**
 * Counts equal choices, in an order of their own, so that the order of the choices changes not even a last digit.
 * Candidates are sorted; those of choices are among them.
 */
export function observe(candidates: readonly string[], choices: readonly Choice[]): Observations {
  const index = new Map(candidates.map((id, i) => [id, i]));
  const hasTies = choices.some(({ kind }) => kind === 'tie');
  const counts = new Map<string, { members: number[]; taken: number; count: number }>();
  for (const choice of choices) {
    const members = candidatesOf(choice)
      .map((id) => index.get(id)!)
      .sort((a, b) => a - b);
    const taken = choice.kind === 'tie' ? members.length : members.indexOf(index.get(choice.chosen)!);
    const key = `${members.join()}:${taken}`;
    const same = counts.get(key);
    if (same) same.count++;
    else counts.set(key, { members, taken, count: 1 });
  }
  const all = [...counts.keys()].sort().map((key) => {
    const { members, taken, count } = counts.get(key)!;
    const alternatives: Alternative[] = members.map((i) => [[i, 1]]);
    const isPair = members.length === 2;
    if (hasTies && isPair)
      alternatives.push([
        [members[0]!, 0.5],
        [members[1]!, 0.5],
        [candidates.length, 1],
      ]);
    return { alternatives, taken, count };
  });
  return { candidates, hasTies, all };
}

/** Probabilities of the alternatives at one point, and the logarithm of that of the one taken. */
export function draw(
  { alternatives, taken }: Omit<Observation, 'count'>,
  at: Float64Array,
): { readonly shares: readonly number[]; readonly logTaken: number } {
  const utilities = alternatives.map((alternative) => dot(alternative, at));
  const most = Math.max(...utilities);
  const weights = utilities.map((utility) => Math.exp(utility - most));
  const sum = weights.reduce((a, b) => a + b, 0);
  return { shares: weights.map((weight) => weight / sum), logTaken: utilities[taken]! - most - Math.log(sum) };
}

/** Negative logarithm of the likelihood at one point, with slope and curvature. */
export function curveAt({ candidates, hasTies, all }: Observations, at: Float64Array): Curve {
  const size = candidates.length + (hasTies ? 1 : 0);
  const gradient = new Float64Array(size);
  const hessian = new Float64Array(size * size);
  let value = 0;
  for (const observation of all) {
    const { alternatives, taken, count } = observation;
    const { shares, logTaken } = draw(observation, at);
    value -= count * logTaken;
    const mean = new Map<number, number>();
    for (const [k, alternative] of alternatives.entries()) {
      for (const [i, weight] of alternative) mean.set(i, (mean.get(i) ?? 0) + shares[k]! * weight);
      for (const [i, w] of alternative)
        for (const [j, v] of alternative) add(hessian, i * size + j, count * shares[k]! * w * v);
    }
    for (const [i, weight] of alternatives[taken]!) add(gradient, i, -count * weight);
    for (const [i, w] of mean) {
      add(gradient, i, count * w);
      for (const [j, v] of mean) add(hessian, i * size + j, -count * w * v);
    }
  }
  return { value, gradient, hessian };
}

function dot(alternative: Alternative, at: Float64Array): number {
  let sum = 0;
  for (const [i, weight] of alternative) sum += weight * at[i]!;
  return sum;
}

function add(to: Float64Array, at: number, value: number): void {
  to[at] = to[at]! + value;
}
