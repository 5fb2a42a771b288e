import { image, text } from '../arguments.ts';
import type { Operation } from '../operation.ts';
import { size, type Tensor, zeros } from '../values.ts';

export const imageFlip: Operation = {
  classType: 'ImageFlip',
  run(inputs) {
    const source = image(inputs, 'image');
    const [height, width] = [size(source, 1), size(source, 2)];
    const how = text(inputs, 'flip_method');
    if (how.startsWith('x')) return { outputs: [moved(source, height, width, (y, x) => [height - 1 - y, x])] };
    if (how.startsWith('y')) return { outputs: [moved(source, height, width, (y, x) => [y, width - 1 - x])] };
    return { outputs: [source] };
  },
};

export const imageRotate: Operation = {
  classType: 'ImageRotate',
  run(inputs) {
    const source = image(inputs, 'image');
    const [height, width] = [size(source, 1), size(source, 2)];
    const how = text(inputs, 'rotation');
    if (how.startsWith('90')) return { outputs: [moved(source, width, height, (y, x) => [height - 1 - x, y])] };
    if (how.startsWith('180')) {
      return { outputs: [moved(source, height, width, (y, x) => [height - 1 - y, width - 1 - x])] };
    }
    if (how.startsWith('270')) return { outputs: [moved(source, width, height, (y, x) => [x, width - 1 - y])] };
    return { outputs: [source] };
  },
};

/** An image whose pixel at (y, x) is the one of `source` at `from(y, x)`. */
function moved(
  source: Tensor,
  height: number,
  width: number,
  from: (y: number, x: number) => [number, number],
): Tensor {
  const [batch, oldHeight, oldWidth, channels] = source.shape as [number, number, number, number];
  const out = zeros(batch, height, width, channels);
  let to = 0;
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [i, j] = from(y, x);
        const at = ((b * oldHeight + i) * oldWidth + j) * channels;
        for (let c = 0; c < channels; c++) out.data[to++] = source.data[at + c]!;
      }
    }
  }
  return out;
}
