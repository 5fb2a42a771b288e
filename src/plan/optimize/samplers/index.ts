import { gpSampler } from '../gp/sampler.ts';
import type { Sampler } from '../sampler.ts';
import { gridSampler } from './grid.ts';
import { latinSampler } from './latin.ts';
import { randomSampler } from './random.ts';
import { sobolSampler } from './sobol.ts';
import { tpeSampler } from './tpe/tpe.ts';

/** What a sampler may need of its study beside the history. */
export interface SamplerContext {
  readonly seed: number;
  /** Trials that the study will have. */
  readonly budget?: number;
}

interface SamplerEntry {
  readonly summary: string;
  make(context: SamplerContext): Sampler;
}

/** The samplers by name, with what each is for. */
export const SAMPLERS: Readonly<Record<string, SamplerEntry>> = {
  random: { summary: 'each value equally likely', make: () => randomSampler },
  lhs: {
    summary: 'Latin hypercube: every part of every range once',
    make: ({ seed, budget }) => latinSampler({ seed, size: Math.min(1024, Math.max(1, budget ?? 16)) }),
  },
  sobol: { summary: 'scrambled Sobol points: even at any budget', make: ({ seed }) => sobolSampler({ seed }) },
  grid: { summary: 'every combination, in order', make: () => gridSampler() },
  gp: { summary: 'Gaussian processes: most from few, costly, noisy trials', make: () => gpSampler() },
  tpe: { summary: 'near what was good and away from what was bad; for many or cheap trials', make: () => tpeSampler() },
};
