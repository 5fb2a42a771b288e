import { pointCount } from '../domain/domain.ts';
import { transferSampler } from '../gp/transfer.ts';
import { preferenceSampler } from '../preference/sampler.ts';
import { mulberry32, type Rng, seedOf } from '../rng.ts';
import type { History, Sampler } from '../sampler.ts';
import { chooseSampler } from '../samplers/choice.ts';
import { gridSampler } from '../samplers/grid.ts';
import { SAMPLERS } from '../samplers/index.ts';
import type { Params, Space } from '../space.ts';
import { PREFERENCE, type StudyDefinition } from './definition.ts';

type Sampling = Pick<StudyDefinition, 'name' | 'seed' | 'sampler' | 'sources' | 'objectives' | 'budget' | 'fidelity'>;

/**
 * The sampler of a study: with earlier studies to start from, the one that knows of them; a grid of every point where the
 * budget covers that. [ST-8]
 */
export function samplerOf({ sampler, sources, objectives, seed, budget, fidelity }: Sampling, space: Space): Sampler {
  if (sampler === 'grid' && pointCount(space) <= budget) return gridSampler({ divisions: Number.POSITIVE_INFINITY });
  if (sampler === 'gp' && objectives.every(({ name }) => name === PREFERENCE)) return preferenceSampler();
  const isLadder = fidelity !== undefined && fidelity.kind !== 'images';
  if (sampler === 'gp' && sources.length > 0 && objectives.length === 1 && !isLadder) return transferSampler(sources);
  return SAMPLERS[sampler]!.make({ seed, budget });
}

/**
 * The stream of one trial. It hangs on nothing but study, seed and number, so a study that was killed asks for what it
 * would have asked for. [ST-2]
 */
export function streamOf({ name, seed }: Pick<StudyDefinition, 'name' | 'seed'>, number: number): Rng {
  return mulberry32(seedOf(`${name}|${seed}|${number}`));
}

/** The point of a trial: what the workflow is for the first, then what the sampler says. [ST-4] */
export function ask(
  definition: Sampling,
  history: History,
  number: number,
  base: Params | undefined,
  sampler: Sampler = samplerOf(definition, history.space),
): Params {
  if (number === 0 && base) return base;
  return sampler.suggest(history, streamOf(definition, number));
}

/** The sampler that a study takes, and why: the one that was asked for, or the one that fits. */
export function decideSampler(
  asked: string | undefined,
  task: { readonly space: Space; readonly budget: number; readonly trialSeconds?: number; readonly sources: number },
): { readonly name: string; readonly reason: string } {
  if (asked !== undefined) return { name: asked, reason: 'as asked' };
  const chosen = chooseSampler(task);
  const isKnown = task.sources > 0 && chosen.name === 'tpe' && pointCount(task.space) > task.budget;
  return isKnown ? { name: 'gp', reason: 'earlier studies to start from' } : chosen;
}
