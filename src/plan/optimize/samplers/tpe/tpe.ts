import { isActive } from '../../domain/active.ts';
import { type Domain, domainOf, type Encoded } from '../../domain/domain.ts';
import { freshPoint } from '../../domain/fresh.ts';
import { uniformPoint } from '../../domain/uniform.ts';
import type { Rng } from '../../rng.ts';
import type { Sampler } from '../../sampler.ts';
import type { Params } from '../../space.ts';
import { type Density, densityOf, rampWeights } from './density.ts';
import { type Split, splitTrials } from './split.ts';

/** Trials that end before the densities are trusted, and points drawn from the good density: Optuna's numbers. */
const STARTUP = 10;
const CANDIDATES = 24;

export interface TpeOptions {
  readonly startup?: number;
  readonly candidates?: number;
  /** What is believed of some values before the study, added to the score; its weight goes down with each trial. */
  readonly logPrior?: (params: Params) => number;
}

/**
 * Tree-structured Parzen estimator (Bergstra et al. 2011; Watanabe, arXiv 2304.11127) by the rules of Optuna 5.0:
 * several parameters at once, points that others try now counted as bad (the constant liar), bandwidths by the gaps
 * between neighbours. Parameters with the same conditions form a group with densities of its own, over the trials in
 * which it was active. Unlike Optuna's it learns from points that ran out of memory without a value, and proposes no
 * point a second time while the space has others.
 */
export function tpeSampler({ startup = STARTUP, candidates = CANDIDATES, logPrior }: TpeOptions = {}): Sampler {
  return {
    name: 'tpe',
    suggest: (history, rng) => {
      const split = splitTrials(history);
      if (split.ended < startup) return freshPoint(history, () => uniformPoint(history.space, rng), rng);
      const believe = logPrior && ((params: Params): number => logPrior(params) / split.ended);
      const domain = domainOf(history.space);
      const groups = modelsOf(domain, split, history.directions.length > 1);
      return freshPoint(history, () => proposal(domain, groups, candidates, rng, believe), rng);
    },
  };
}

/** Parameters that are active together, with the densities of good and bad points over them. */
interface Group {
  readonly slots: readonly number[];
  readonly near: Density;
  readonly far: Density;
}

function modelsOf(domain: Domain, split: Split, isMulti: boolean): Group[] {
  const good = split.good.map(({ params }) => domain.encode(params));
  const bad = split.bad.map(({ params }) => domain.encode(params));
  return groupsOf(domain).map((slots) => {
    const has = (point: Encoded): boolean => slots.every((slot) => !Number.isNaN(point[slot]!));
    const [below, above] = [good.filter(has), bad.filter(has)];
    const weights = isMulti ? new Float64Array(below.length).fill(1) : rampWeights(below.length);
    return {
      slots,
      near: densityOf(domain.scales, slots, below, weights),
      far: densityOf(domain.scales, slots, above, rampWeights(above.length)),
    };
  });
}

/** Slots by the conditions of their parameters; parents' groups stand before those of their children. */
function groupsOf({ scales }: Domain): number[][] {
  const groups = new Map<string, number[]>();
  for (const [slot, { parameter }] of scales.entries()) {
    const key = JSON.stringify(parameter.when ?? []);
    groups.set(key, [...(groups.get(key) ?? []), slot]);
  }
  return [...groups.values()];
}

/** In each active group the drawn candidate that is most likely good rather than bad. */
function proposal(
  domain: Domain,
  groups: readonly Group[],
  candidates: number,
  rng: Rng,
  believe?: (params: Params) => number,
): Params {
  let point = new Float64Array(domain.scales.length).fill(NaN);
  for (const { slots, near, far } of groups) {
    if (!isActive(domain.scales[slots[0]!]!.parameter, domain.decode(point))) continue;
    let best = point;
    let most = -Infinity;
    for (let i = 0; i < candidates; i++) {
      const candidate = point.slice();
      near.draw(candidate, rng);
      const belief = believe ? believe(valuesAt(domain, slots, candidate)) : 0;
      const score = near.logAt(candidate) - far.logAt(candidate) + belief;
      if (score > most) [best, most] = [candidate, score];
    }
    point = best;
  }
  return domain.decode(point);
}

function valuesAt({ scales }: Domain, slots: readonly number[], point: Encoded): Params {
  return Object.fromEntries(slots.map((slot) => [scales[slot]!.parameter.name, scales[slot]!.decode(point[slot]!)]));
}
