import type { Meaning } from './tunable.ts';

/** What a search is for. */
export const GOALS = ['quality', 'speed', 'vram'] as const;
export type Goal = (typeof GOALS)[number];

/** What is left as it is for each goal, and why. */
const LEFT: Readonly<Record<Goal, Readonly<Partial<Record<Meaning, string>>>>> = {
  quality: {
    size: 'pictures of other sizes are no better or worse ones',
    scale: 'pictures of other sizes are no better or worse ones',
    frames: 'a longer video is no better or worse one',
    tile: 'tiles change time and memory, not the picture',
  },
  speed: {
    lora: 'costs no time',
    control: 'costs no time',
    image: 'costs next to no time',
    cfg: 'costs no time above 1',
    guidance: 'costs no time',
    shift: 'costs no time',
    scheduler: 'costs no time',
  },
  vram: {
    steps: 'needs no memory',
    split: 'needs no memory',
    cfg: 'needs no more memory above 1',
    guidance: 'needs no memory',
    sampler: 'needs next to no memory',
    scheduler: 'needs no memory',
    denoise: 'needs no memory',
    shift: 'needs no memory',
    lora: 'needs no memory',
    control: 'needs no memory',
    image: 'needs next to no memory',
  },
};

/** Why goals leave a value as it is; undefined where it bears on one of them, or there is none. [SP-11] */
export function heldBy(goal: Goal | readonly Goal[] | undefined, meaning: Meaning): string | undefined {
  const goals: readonly Goal[] = goal === undefined ? [] : typeof goal === 'string' ? [goal] : goal;
  const reasons = goals.map((one) => LEFT[one][meaning]);
  return reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined;
}
