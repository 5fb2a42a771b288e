import type { Picture } from './picture.ts';
import { resizeBicubic, resizeBicubicFloat } from './resize.ts';

/** Mean and deviation of the channels in CLIP's training set (openai/CLIP). */
const MEAN = [0.48145466, 0.4578275, 0.40821073] as const;
const STD = [0.26862954, 0.26130258, 0.27577711] as const;

/** The ways to make a network's input, each with its size; part of what a value was measured with. */
const PREPROCESS = {
  'clip-224-pil-bicubic@1': { size: 224, make: clipPixels },
  'clip-336-pil-bicubic@1': { size: 336, make: clipPixels },
  'hps-224-torch-bicubic@1': { size: 224, make: hpsPixels },
} as const;

export type PreprocessId = keyof typeof PREPROCESS;

/** Whether a text names a way of preprocessing. */
export function isPreprocess(id: string): id is PreprocessId {
  return Object.hasOwn(PREPROCESS, id);
}

/** Side of the square that a way of preprocessing makes, in pixels. */
export function sideOf(id: PreprocessId): number {
  return PREPROCESS[id].size;
}

/** The input of a vision network: channel by channel, normalised, `sideOf(id)` squared values each. */
export function preprocess(image: Picture, id: PreprocessId): Float32Array {
  const { size, make } = PREPROCESS[id];
  return make(image, size);
}

/**
 * As CLIPImageProcessor does it with Pillow: the shortest side to `size` by bicubic, the longest cut off to whole pixels,
 * the middle cropped, normalised.
 */
function clipPixels(image: Picture, size: number): Float32Array {
  const { width, height } = image;
  const short = Math.min(width, height);
  const to = {
    width: width === short ? size : Math.trunc((size * width) / short),
    height: height === short ? size : Math.trunc((size * height) / short),
  };
  const left = Math.floor((to.width - size) / 2);
  const top = Math.floor((to.height - size) / 2);
  const rgb = resizeBicubic(image.rgb, 3, image, to, { left, top, width: size, height: size });
  const table = MEAN.map((mean, c) => Float32Array.from({ length: 256 }, (_, v) => (v / 255 - mean) / STD[c]!));
  const pixels = new Float32Array(3 * size * size);
  for (const [c, normalised] of table.entries()) {
    for (let i = 0, at = c; i < size * size; i++, at += 3) pixels[c * size * size + i] = normalised[rgb[at]!]!;
  }
  return pixels;
}

/**
 * As HPSv2's open_clip fork does it: numbers first, the longest side to `size` by torch's antialiased bicubic, rounded
 * half to even, padded with black on both sides, then normalised.
 */
function hpsPixels(image: Picture, size: number): Float32Array {
  const scale = size / Math.max(image.width, image.height);
  const to = { width: halfToEven(image.width * scale), height: halfToEven(image.height * scale) };
  const resized = resizeBicubicFloat(image.rgb, 3, image, to);
  const left = Math.floor((size - to.width) / 2);
  const top = Math.floor((size - to.height) / 2);
  const pixels = new Float32Array(3 * size * size);
  for (let c = 0; c < 3; c++) {
    pixels.fill(-MEAN[c]! / STD[c]!, c * size * size, (c + 1) * size * size);
    for (let y = 0; y < to.height; y++) {
      for (let x = 0; x < to.width; x++) {
        const value = resized[(y * to.width + x) * 3 + c]!;
        pixels[(c * size + top + y) * size + left + x] = (value - MEAN[c]!) / STD[c]!;
      }
    }
  }
  return pixels;
}

/** Python's round. A side never becomes 0. */
function halfToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  const up = rest > 0.5 || (rest === 0.5 && floor % 2 === 1);
  return Math.max(up ? floor + 1 : floor, 1);
}
