import type { Tensor } from '../values.ts';
import { checkMirror, mirrored } from './convolve.ts';
import { dimensions } from './resize.ts';

/**
 * ComfyUI's Gaussian blur over mirrored borders as two passes of one line each, in 64 bits: its square kernel is the
 * product of two such lines. The sum of all weights is exactly 1, where torch's has the rounding of every product in
 * it. Throws a NodeFailure where the image is smaller than the border.
 */
export function blurByLines(image: Tensor, radius: number, sigma: number): Tensor {
  const [batch, height, width, channels] = dimensions(image);
  checkMirror(radius, height, width);
  const weights = gaussianLine(radius, sigma);
  const columns = mirrored(width, radius);
  const rows = mirrored(height, radius);
  const row = width * channels;
  const out = new Float32Array(image.data.length);
  const wide = new Float64Array(columns.length * channels);
  const across = new Float64Array(height * row);
  const sum = new Float64Array(row);
  for (let start = 0; start < batch * height * row; start += height * row) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < columns.length; x++) {
        const from = start + y * row + columns[x]! * channels;
        for (let c = 0; c < channels; c++) wide[x * channels + c] = image.data[from + c]!;
      }
      const line = across.subarray(y * row, (y + 1) * row).fill(0);
      for (let j = 0; j < weights.length; j++) addScaled(line, wide, j * channels, weights[j]!);
    }
    for (let y = 0; y < height; y++) {
      sum.fill(0);
      for (let i = 0; i < weights.length; i++) addScaled(sum, across, rows[y + i]! * row, weights[i]!);
      out.set(sum, start + y * row);
    }
  }
  return { shape: image.shape, data: out };
}

function addScaled(sum: Float64Array, from: Float64Array, start: number, weight: number): void {
  for (let i = 0; i < sum.length; i++) sum[i] = sum[i]! + from[start + i]! * weight;
}

/** One line of the kernel, over -1 to 1 whatever its radius. */
function gaussianLine(radius: number, sigma: number): Float64Array {
  const line = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i / radius - 1) ** 2) / Math.fround(2 * sigma * sigma)),
  );
  const sum = line.reduce((a, b) => a + b);
  return line.map((value) => value / sum);
}
