/** Thousandths of a level in one level of luma. */
export const LEVEL = 1000;

/** Greatest luma in thousandths. */
const MAX = 255 * LEVEL;

/** The tones of an image: how many pixels have which luma. */
export interface Tones {
  readonly pixels: number;
  /** Pixels by luma in thousandths: fine enough that percentiles are exact without sorting. */
  readonly histogram: Uint32Array;
  /** Pixels by luma rounded to whole levels. */
  readonly bins: Uint32Array;
  /** In levels. */
  readonly mean: number;
  /** Of the population, in levels. */
  readonly std: number;
}

/** Sums over the colours of all pixels. */
export interface ColorSums {
  readonly pixels: number;
  /** Pixels with no channel above 2, and with none below 253. */
  readonly low: number;
  readonly high: number;
  /** Sum of (max - min) / max, 0 for black: the saturation of HSV. */
  readonly saturation: number;
  /** Sums and sums of squares of R - G and of R + G - 2 B, which is twice the yellow-blue of Hasler and Süsstrunk. */
  readonly rg: number;
  readonly rgSquares: number;
  readonly yb: number;
  readonly ybSquares: number;
}

/** Mean absolute differences of luma between neighbours, in levels. */
export interface Steps {
  /** Between columns x and x + 1, at index x; empty for an image of one column. */
  readonly columns: Float64Array;
  /** Between rows y and y + 1. */
  readonly rows: Float64Array;
  /** Between the first and the last column, and the first and the last row. */
  readonly aroundX: number;
  readonly aroundY: number;
}

/** Luma of each pixel in thousandths (Rec. 601 weights), without rounding. */
export function lumaPlane(rgb: Uint8Array): Int32Array {
  const luma = new Int32Array(rgb.length / 3);
  for (let i = 0, j = 0; i < luma.length; i++, j += 3) luma[i] = 299 * rgb[j]! + 587 * rgb[j + 1]! + 114 * rgb[j + 2]!;
  return luma;
}

/** How many pixels have which luma, by thousandths. */
export function lumaHistogram(luma: Int32Array): Uint32Array {
  const histogram = new Uint32Array(MAX + 1);
  for (let i = 0; i < luma.length; i++) histogram[luma[i]!]!++;
  return histogram;
}

/** Mean, deviation and whole levels of the pixels and their histogram. */
export function tonesOf(histogram: Uint32Array, rgb: Uint8Array): Tones {
  const pixels = rgb.length / 3;
  const bins = levelBins(rgb);
  let sum = 0;
  for (let value = 0; value <= MAX; value++) sum += value * histogram[value]!;
  const mean = sum / pixels;
  let squares = 0;
  for (let value = 0; value <= MAX; value++) {
    if (histogram[value] !== 0) squares += (value - mean) ** 2 * histogram[value]!;
  }
  return { pixels, histogram, bins, mean: mean / LEVEL, std: Math.sqrt(squares / pixels) / LEVEL };
}

/** Pixels by luma in whole levels, rounded as arithmetic with doubles does, like the peers'. */
export function levelBins(rgb: Uint8Array): Uint32Array {
  const bins = new Uint32Array(256);
  // Products from tables: the same doubles as multiplying each time, in a third of the time.
  const [red, green, blue] = [0.299, 0.587, 0.114].map((weight) => new Float64Array(256).map((_, v) => weight * v));
  for (let j = 0; j < rgb.length; j += 3) {
    bins[(red![rgb[j]!]! + green![rgb[j + 1]!]! + blue![rgb[j + 2]!]! + 0.5) | 0]!++;
  }
  return bins;
}

/** Mean luma in levels. */
export function meanLuma(rgb: Uint8Array): number {
  let sum = 0;
  for (let j = 0; j < rgb.length; j += 3) sum += 299 * rgb[j]! + 587 * rgb[j + 1]! + 114 * rgb[j + 2]!;
  return sum / (rgb.length / 3) / LEVEL;
}

/**
 * The value in levels that a share of the pixels lies below, between the two nearest ranks as numpy's default does
 * (Hyndman and Fan, type 7).
 */
export function percentile({ histogram, pixels }: Tones, share: number): number {
  const at = share * (pixels - 1);
  const rank = Math.floor(at);
  let seen = 0;
  let low: number | undefined;
  for (let value = 0; value <= MAX; value++) {
    seen += histogram[value]!;
    if (low === undefined && seen > rank) low = value;
    if (low !== undefined && (seen > rank + 1 || seen === pixels)) return (low + (value - low) * (at - rank)) / LEVEL;
  }
  return MAX / LEVEL;
}

/** One pass over the colours. */
export function colorSums(rgb: Uint8Array): ColorSums {
  let low = 0;
  let high = 0;
  let saturation = 0;
  let rg = 0;
  let rgSquares = 0;
  let yb = 0;
  let ybSquares = 0;
  for (let j = 0; j < rgb.length; j += 3) {
    const r = rgb[j]!;
    const g = rgb[j + 1]!;
    const b = rgb[j + 2]!;
    const max = r > g ? Math.max(r, b) : Math.max(g, b);
    const min = r < g ? Math.min(r, b) : Math.min(g, b);
    if (max <= 2) low++;
    if (min >= 253) high++;
    if (max > min) saturation += (max - min) / max;
    rg += r - g;
    rgSquares += (r - g) * (r - g);
    yb += r + g - 2 * b;
    ybSquares += (r + g - 2 * b) * (r + g - 2 * b);
  }
  return { pixels: rgb.length / 3, low, high, saturation, rg, rgSquares, yb, ybSquares };
}

/** Differences between neighbouring columns and rows, and around the edges. */
export function stepsOf(luma: Int32Array, width: number, height: number): Steps {
  const columns = new Float64Array(width - 1);
  const rows = new Float64Array(height - 1);
  let aroundX = 0;
  let aroundY = 0;
  for (let y = 0; y < height; y++) {
    const row = y * width;
    for (let x = 0; x < width - 1; x++) columns[x]! += Math.abs(luma[row + x + 1]! - luma[row + x]!);
    aroundX += Math.abs(luma[row + width - 1]! - luma[row]!);
    if (y === height - 1) break;
    let sum = 0;
    for (let x = row; x < row + width; x++) sum += Math.abs(luma[x + width]! - luma[x]!);
    rows[y] = sum / width / LEVEL;
  }
  for (let x = 0; x < width - 1; x++) columns[x]! /= height * LEVEL;
  const last = (height - 1) * width;
  for (let x = 0; x < width; x++) aroundY += Math.abs(luma[last + x]! - luma[x]!);
  return { columns, rows, aroundX: aroundX / height / LEVEL, aroundY: aroundY / width / LEVEL };
}

/** The neighbour at `i` of `n`, mirrored at the border without repeating it (reflect-101). */
export function mirrored(i: number, n: number): number {
  if (n === 1) return 0;
  return i < 0 ? -i : i >= n ? 2 * n - 2 - i : i;
}
