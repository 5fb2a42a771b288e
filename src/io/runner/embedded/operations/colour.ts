import { image } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Operation } from '../operation.ts';
import { clamp } from '../pixels/bytes.ts';
import { size, type Tensor, zeros } from '../values.ts';

const f = Math.fround;

/** ITU-R BT.601 as kornia rounds it. */
const [RED, GREEN, BLUE] = [f(0.299), f(0.587), f(0.114)];

export const imageRgbToYuv: Operation = {
  classType: 'ImageRGBToYUV',
  run(inputs) {
    const source = image(inputs, 'image');
    if (size(source, 3) !== 3) throw new NodeFailure('ValueError', 'Input size must have a shape of (*, 3, H, W).');
    const planes = [zeros(...source.shape), zeros(...source.shape), zeros(...source.shape)] as const;
    for (let i = 0; i < source.data.length; i += 3) {
      const [r, g, b] = [source.data[i]!, source.data[i + 1]!, source.data[i + 2]!];
      const y = f(f(f(RED * r) + f(GREEN * g)) + f(BLUE * b));
      planes[0].data.fill(y, i, i + 3);
      planes[1].data.fill(f(f(b - y) * f(0.564)) + 0.5, i, i + 3);
      planes[2].data.fill(f(f(r - y) * f(0.713)) + 0.5, i, i + 3);
    }
    return { outputs: [...planes] };
  },
};

export const imageYuvToRgb: Operation = {
  classType: 'ImageYUVToRGB',
  run(inputs) {
    const [luma, blue, red] = [image(inputs, 'Y'), image(inputs, 'U'), image(inputs, 'V')];
    const out = zeros(...luma.shape.slice(0, 3), 3);
    for (let i = 0; i < out.data.length / 3; i++) {
      const y = mean(luma, i);
      const u = f(mean(blue, i) - 0.5);
      const v = f(mean(red, i) - 0.5);
      out.data[i * 3] = clamp(f(y + f(f(1.4025245442) * v)));
      out.data[i * 3 + 1] = clamp(f(f(y - f(f(0.7144034731) * v)) - f(f(0.3443401356) * u)));
      out.data[i * 3 + 2] = clamp(f(y + f(f(1.7730496454) * u)));
    }
    return { outputs: [out] };
  },
};

/** The mean of the channels of one pixel. */
function mean(source: Tensor, pixel: number): number {
  const channels = size(source, 3);
  let sum = 0;
  for (let c = 0; c < channels; c++) sum = f(sum + source.data[pixel * channels + c]!);
  return f(sum / channels);
}
