import { flag, image, int, tensorOf, text } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Operation } from '../operation.ts';
import { resize } from '../pixels/resize.ts';
import { concatenate, pictures, withChannels } from '../pixels/shapes.ts';
import { size, type Tensor, zeros } from '../values.ts';

const COLOURS: Readonly<Record<string, readonly [number, number, number]>> = {
  white: [1, 1, 1],
  black: [0, 0, 0],
  red: [1, 0, 0],
  green: [0, 1, 0],
  blue: [0, 0, 1],
};

export const imageStitch: Operation = {
  classType: 'ImageStitch',
  run(inputs) {
    let first = image(inputs, 'image1');
    if (inputs['image2'] === undefined || inputs['image2'] === null) return { outputs: [first] };
    let second = tensorOf(inputs['image2'], 4);
    const direction = text(inputs, 'direction');
    const sideways = direction === 'left' || direction === 'right';
    const colour = COLOURS[text(inputs, 'spacing_color')];
    if (colour === undefined) throw new NodeFailure('KeyError', `'${inputs['spacing_color']}'`);

    const batch = Math.max(size(first, 0), size(second, 0));
    [first, second] = [lastRepeated(first, batch), lastRepeated(second, batch)];
    if (flag(inputs, 'match_image_size')) second = matched(first, second, sideways);
    else {
      const plain = inputs['spacing_color'] === 'white' ? 1 : 0;
      const across = sideways ? 1 : 2;
      const length = Math.max(size(first, across), size(second, across));
      [first, second] = [padded(first, across, length, plain), padded(second, across, length, plain)];
    }
    const channels = Math.max(size(first, 3), size(second, 3));
    const all = [first, second].map((one) => (size(one, 3) < channels ? withChannels(one, channels, 1) : one));
    if (direction === 'left' || direction === 'up') all.reverse();
    const asked = int(inputs, 'spacing_width');
    if (asked > 0) all.splice(1, 0, spacing(first, second, sideways, asked + (asked % 2), channels, colour));
    return { outputs: [joined(all, sideways)] };
  },
};

function lastRepeated(source: Tensor, batch: number): Tensor {
  const have = size(source, 0);
  const last = pictures(source, have - 1, have);
  return concatenate([source, ...Array<Tensor>(batch - have).fill(last)]);
}

function matched(first: Tensor, second: Tensor, sideways: boolean): Tensor {
  const aspect = size(second, 2) / size(second, 1);
  const [height, width] = sideways
    ? [size(first, 1), Math.trunc(size(first, 1) * aspect)]
    : [Math.trunc(size(first, 2) / aspect), size(first, 2)];
  return resize(second, width, height, 'lanczos', 'disabled');
}

/** Made longer to both sides along one dimension, the odd pixel last. */
function padded(source: Tensor, dimension: 1 | 2, length: number, value: number): Tensor {
  const missing = length - size(source, dimension);
  if (missing === 0) return source;
  const before = Math.floor(missing / 2);
  const shape = source.shape.map((one, i) => (i === dimension ? length : one));
  const out = zeros(...shape);
  out.data.fill(value);
  place(out, source, dimension, before);
  return out;
}

function place(out: Tensor, source: Tensor, dimension: 1 | 2, at: number): void {
  const [batch, height, width, channels] = source.shape as [number, number, number, number];
  const [top, left] = dimension === 1 ? [at, 0] : [0, at];
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < height; y++) {
      const from = (b * height + y) * width * channels;
      const to = ((b * size(out, 1) + top + y) * size(out, 2) + left) * channels;
      out.data.set(source.data.subarray(from, from + width * channels), to);
    }
  }
}

function spacing(
  first: Tensor,
  second: Tensor,
  sideways: boolean,
  width: number,
  channels: number,
  colour: readonly [number, number, number],
): Tensor {
  const out = sideways
    ? zeros(size(first, 0), Math.max(size(first, 1), size(second, 1)), width, channels)
    : zeros(size(first, 0), width, Math.max(size(first, 2), size(second, 2)), channels);
  for (let i = 0; i < out.data.length; i++) out.data[i] = colour[i % channels] ?? 1;
  return out;
}

function joined(all: readonly Tensor[], sideways: boolean): Tensor {
  const dimension = sideways ? 2 : 1;
  const across = sideways ? 1 : 2;
  const uneven = all.find((one) => size(one, across) !== size(all[0]!, across));
  if (uneven) {
    const told = `Sizes of tensors must match except in dimension ${dimension}. Expected size ${size(all[0]!, across)} but got size ${size(uneven, across)}`;
    throw new NodeFailure('RuntimeError', told);
  }
  const length = all.reduce((sum, one) => sum + size(one, dimension), 0);
  const out = zeros(...all[0]!.shape.map((one, i) => (i === dimension ? length : one)));
  let at = 0;
  for (const one of all) {
    place(out, one, dimension, at);
    at += size(one, dimension);
  }
  return out;
}
