import { domainOf } from './domain/domain.ts';
import type { Beliefs, ParameterBelief } from './gp/belief.ts';
import type { Params, ParamValue, Space } from './space.ts';

/** A study that ended, of a model family. Only the order of its losses counts; small is good. */
export interface PastStudy {
  readonly family: string;
  readonly trials: readonly { readonly params: Params; readonly loss: number }[];
}

/** A choice as the arm of a bandit: how it did wherever it was tried. */
export interface Arm {
  readonly value: ParamValue;
  /** Mean place among the trials of its study, 0 best, 1 worst; drawn to the middle where little is known. */
  readonly mean: number;
  /** Trials that had it. */
  readonly count: number;
}

/** As many trials as this say as much as what is known without them. */
const SHRINKAGE = 4;
/** How much more a choice is believed in for each step of its mean place. */
const STEEPNESS = 4;

/**
 * The choices of a parameter by what past studies say, best first: means of places in the order of their study, those
 * of one family drawn to those of all, and these to the middle (empirical Bayes), so that one lucky trial makes no arm.
 * A choice that nobody tried stands in the middle.
 */
export function armsOf(space: Space, name: string, pasts: readonly PastStudy[], family: string): readonly Arm[] {
  const parameter = space.parameters.find((each) => each.name === name);
  if (parameter?.kind !== 'categorical' && parameter?.kind !== 'ordinal') return [];
  const tries = pasts.flatMap((past) => placesOf(past).map((trial) => ({ ...trial, isOwn: past.family === family })));
  const arms = parameter.choices.map((value, i): Arm & { readonly i: number } => {
    const all = tries.filter(({ params }) => params[name] === value);
    const own = all.filter(({ isOwn }) => isOwn);
    return { value, mean: shrunk(own, shrunk(all, 0.5)), count: all.length, i };
  });
  return arms.sort((a, b) => a.mean - b.mean || a.i - b.i).map(({ value, mean, count }) => ({ value, mean, count }));
}

/** What past studies make one believe of the categorical parameters: weights of the choices, never 0. */
export function beliefsOf(space: Space, pasts: readonly PastStudy[], family: string): Beliefs {
  const parameters: Record<string, ParameterBelief> = {};
  for (const { name, kind } of space.parameters) {
    const arms = kind === 'categorical' ? armsOf(space, name, pasts, family) : [];
    if (!arms.some(({ count }) => count > 0)) continue;
    const weights = new Map(arms.map(({ value, mean }) => [value, Math.exp(-STEEPNESS * mean)]));
    parameters[name] = { kind: 'choices', weights };
  }
  return { parameters };
}

/** The logarithm of the weights of the choices that a point, or a part of one, has. */
export function logPriorOf({ parameters, strength = 10 }: Beliefs): (params: Params) => number {
  return (params) => {
    let sum = 0;
    for (const [name, belief] of Object.entries(parameters)) {
      const weight = belief.kind === 'choices' ? belief.weights.get(params[name]!) : undefined;
      if (weight !== undefined) sum += Math.log(weight);
    }
    return strength * sum;
  };
}

/**
 * The points to try first: for each of the best choices of `name` (say the sampler) the best past trial that had it,
 * of the same family where there is one, moved into the space. At most `count`, none twice.
 */
export function firstPicks(
  space: Space,
  name: string,
  pasts: readonly PastStudy[],
  family: string,
  count: number,
): readonly Params[] {
  const domain = domainOf(space);
  const tries = pasts.flatMap((past) => placesOf(past).map((trial) => ({ ...trial, isOther: past.family !== family })));
  const ordered = tries.sort((a, b) => Number(a.isOther) - Number(b.isOther) || a.place - b.place);
  const picks = new Map<string, Params>();
  for (const { value } of armsOf(space, name, pasts, family).filter((arm) => arm.count > 0)) {
    const best = ordered.find(({ params }) => params[name] === value);
    if (best && picks.size < count) {
      const params = domain.decode(domain.encode(best.params));
      picks.set(domain.keyOf(params), params);
    }
  }
  return [...picks.values()];
}

/** Each trial with its place in the order of its study: the middle of its share, equal losses share theirs. */
function placesOf({ trials }: PastStudy): { params: Params; place: number }[] {
  const measured = trials.filter(({ loss }) => !Number.isNaN(loss));
  return measured.map(({ params, loss }) => {
    const below = measured.filter((other) => other.loss < loss).length;
    const equal = measured.filter((other) => other.loss === loss).length;
    return { params, place: (below + equal / 2) / measured.length };
  });
}

function shrunk(tries: readonly { readonly place: number }[], towards: number): number {
  const sum = tries.reduce((total, { place }) => total + place, SHRINKAGE * towards);
  return sum / (tries.length + SHRINKAGE);
}
