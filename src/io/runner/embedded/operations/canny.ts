import { float, image } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Operation } from '../operation.ts';
import { mirrored } from '../pixels/convolve.ts';
import { size, type Tensor, zeros } from '../values.ts';

const f = Math.fround;

export const canny: Operation = {
  classType: 'Canny',
  run(inputs) {
    const source = image(inputs, 'image');
    const [low, high] = [float(inputs, 'low_threshold'), float(inputs, 'high_threshold')];
    if (low > high) {
      const told = `Invalid input thresholds. low_threshold should be smaller than or equal to the high_threshold. Got: ${low}>${high}`;
      throw new NodeFailure('kornia.core.exceptions.BaseError', told);
    }
    if (size(source, 3) !== 3 && size(source, 3) !== 1) {
      throw new NodeFailure('kornia.core.exceptions.ImageError', 'canny expects 1 or 3 channels.');
    }
    const [batch, height, width] = source.shape as [number, number, number, number];
    const out = zeros(batch, height, width, 3);
    for (let b = 0; b < batch; b++) {
      const edges = edgesOf(blurred(grey(source, b), height, width), height, width, f(low), f(high));
      for (let i = 0; i < edges.length; i++)
        out.data.fill(edges[i]!, (b * edges.length + i) * 3, (b * edges.length + i + 1) * 3);
    }
    return { outputs: [out] };
  },
};

function grey(source: Tensor, b: number): Float32Array {
  const channels = size(source, 3);
  const pixels = size(source, 1) * size(source, 2);
  const from = source.data.subarray(b * pixels * channels, (b + 1) * pixels * channels);
  if (channels === 1) return from.slice();
  const [red, green, blue] = [f(0.299), f(0.587), f(0.114)];
  const out = new Float32Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const [r, g, k] = [from[i * 3]!, from[i * 3 + 1]!, from[i * 3 + 2]!];
    out[i] = f(k * blue + f(g * green + f(r * red)));
  }
  return out;
}

/** A Gaussian of five pixels and sigma 1 over mirrored borders, along the rows first. */
function blurred(grey: Float32Array, height: number, width: number): Float32Array {
  if (height < 3 || width < 3) {
    const told = 'Padding size should be less than the corresponding input dimension';
    throw new NodeFailure('RuntimeError', told);
  }
  const line = [-2, -1, 0, 1, 2].map((x) => f(Math.exp(f(-(x * x) / 2))));
  const sum = line.reduce((a, b) => f(a + b));
  const kernel = line.map((one) => f(one / sum));
  const along = (from: Float32Array, at: (y: number, x: number, k: number) => number) => {
    const out = new Float32Array(from.length);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let value = 0;
        for (let k = 0; k < 5; k++) value = f(from[at(y, x, k)]! * kernel[k]! + value);
        out[y * width + x] = value;
      }
    }
    return out;
  };
  const columns = mirrored(width, 2);
  const rows = mirrored(height, 2);
  const across = along(grey, (y, x, k) => y * width + columns[x + k]!);
  return along(across, (y, x, k) => rows[y + k]! * width + x);
}

/** Neighbours in the direction of a gradient, from +x towards +y in steps of 45 degrees. */
const STEPS = [
  [0, 1],
  [1, 1],
  [1, 0],
  [1, -1],
  [0, -1],
  [-1, -1],
  [-1, 0],
  [-1, 1],
] as const;
const EPSILON = f(1e-6);

/** Canny's edges as 0 and 1: thin ridges of the gradient, those above `high` and what above `low` touches them. */
function edgesOf(grey: Float32Array, height: number, width: number, low: number, high: number): Float32Array {
  const at = (y: number, x: number) =>
    grey[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))]!;
  const row = width + 2;
  const flat = f(Math.sqrt(EPSILON));
  const magnitude = new Float32Array(row * (height + 2)).fill(flat);
  const direction = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [nw, n, ne] = [at(y - 1, x - 1), at(y - 1, x), at(y - 1, x + 1)];
      const [w, e] = [at(y, x - 1), at(y, x + 1)];
      const [sw, s, se] = [at(y + 1, x - 1), at(y + 1, x), at(y + 1, x + 1)];
      const gx = f(se + f(-sw + f(2 * e + f(-2 * w + f(ne - nw)))));
      const gy = f(se + f(2 * s + f(sw + f(-ne + f(-2 * n - nw)))));
      magnitude[(y + 1) * row + x + 1] = Math.sqrt(f(f(f(gx * gx) + f(gy * gy)) + EPSILON));
      const eighths = Math.round(f(f(Math.atan2(gy, gx)) * f(4 / Math.PI)));
      direction[y * width + x] = (eighths + 8) % 8;
    }
  }
  const edges = new Float32Array(width * height);
  const strong: number[] = [];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const here = (y + 1) * row + x + 1;
      const value = magnitude[here]!;
      const forward = direction[y * width + x]!;
      const isRidge = [forward, (forward + 4) % 8].every((way) => {
        const [dy, dx] = STEPS[way]!;
        const neighbour = magnitude[here + dy * row + dx]!;
        // Of two equal pixels across a step the left or upper one is kept.
        return value > neighbour || (value === neighbour && (way === 0 || way === 2));
      });
      if (!isRidge || value <= flat) continue;
      if (value > high) strong.push(y * width + x);
      if (value > low) edges[y * width + x] = 0.5;
    }
  }
  for (const pixel of strong) edges[pixel] = 1;
  spread(edges, strong, height, width);
  return edges.map((one) => (one === 1 ? 1 : 0));
}

function spread(edges: Float32Array, strong: number[], height: number, width: number): void {
  for (let pixel = strong.pop(); pixel !== undefined; pixel = strong.pop()) {
    const y = Math.floor(pixel / width);
    const x = pixel % width;
    for (const [dy, dx] of STEPS) {
      if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) continue;
      const neighbour = (y + dy) * width + x + dx;
      if (edges[neighbour] !== 0.5) continue;
      edges[neighbour] = 1;
      strong.push(neighbour);
    }
  }
}
