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
  /** Luma in thousandths: 299 R + 587 G + 114 B, an exact integer from 0 to 255,000. */
  luma(): Int32Array;
  tones(): Tones;
  colors(): ColorSums;
  steps(): Steps;
}

/** Wraps decoded pixels; `rgb` has width x height x 3 bytes. */
export function pictureOf(width: number, height: number, rgb: Uint8Array): Picture {
  const luma = once(() => lumaPlane(rgb));
  return {
    width,
    height,
    rgb,
    luma,
    tones: once(() => tonesOf(lumaHistogram(luma()), rgb)),
    colors: once(() => colorSums(rgb)),
    steps: once(() => stepsOf(luma(), width, height)),
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
