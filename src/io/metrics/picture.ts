import { METRIC_LIMITS } from './limits.ts';
import {
  type ColorSums,
  colorSums,
  lumaHistogram,
  lumaPlane,
  type Steps,
  stepsOf,
  type Tones,
  tonesOf,
} from './planes.ts';

/** An image as 8-bit RGB, three bytes a pixel, row by row; what several metrics need of it is made once. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
  /** How long it is shown, in the shortest time of any frame: encoders store a frame that does not change once. */
  readonly ticks: number;
  /** Luma in thousandths: 299 R + 587 G + 114 B, an exact integer from 0 to 255,000. */
  luma(): Int32Array;
  tones(): Tones;
  colors(): ColorSums;
  steps(): Steps;
}

/** Wraps decoded pixels; `rgb` has width x height x 3 bytes. */
export function pictureOf(width: number, height: number, rgb: Uint8Array, ticks = 1): Picture {
  const luma = once(() => lumaPlane(rgb));
  return {
    width,
    height,
    rgb,
    ticks,
    luma,
    tones: once(() => tonesOf(lumaHistogram(luma()), rgb)),
    colors: once(() => colorSums(rgb)),
    steps: once(() => stepsOf(luma(), width, height)),
  };
}

/** At most 16 frames, evenly spread from the first to the last. */
export function sampled(frames: readonly Picture[]): readonly Picture[] {
  const count = METRIC_LIMITS.sampled;
  if (frames.length <= count) return frames;
  return Array.from({ length: count }, (_, i) => frames[Math.round((i * (frames.length - 1)) / (count - 1))]!);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
