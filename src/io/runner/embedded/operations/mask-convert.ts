import { image, int, mask, text } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Operation } from '../operation.ts';
import { roundHalfEven } from '../python.ts';
import { size, zeros } from '../values.ts';

const CHANNELS = ['red', 'green', 'blue', 'alpha'];
const f = Math.fround;

export const imageToMask: Operation = {
  classType: 'ImageToMask',
  run(inputs) {
    const source = image(inputs, 'image');
    const channels = size(source, 3);
    const channel = CHANNELS.indexOf(text(inputs, 'channel'));
    if (channel < 0) throw new NodeFailure('ValueError', `'${inputs['channel']}' is not in list`);
    if (channel >= channels) {
      const told = `index ${channel} is out of bounds for dimension 3 with size ${channels}`;
      throw new NodeFailure('IndexError', told);
    }
    const out = zeros(...source.shape.slice(0, 3));
    for (let i = 0; i < out.data.length; i++) out.data[i] = source.data[i * channels + channel]!;
    return { outputs: [out] };
  },
};

export const maskToImage: Operation = {
  classType: 'MaskToImage',
  run(inputs) {
    const source = mask(inputs, 'mask');
    const out = zeros(...source.shape, 3);
    for (let i = 0; i < out.data.length; i++) out.data[i] = source.data[Math.floor(i / 3)]!;
    return { outputs: [out] };
  },
};

export const imageColorToMask: Operation = {
  classType: 'ImageColorToMask',
  run(inputs) {
    const source = image(inputs, 'image');
    const channels = size(source, 3);
    const color = int(inputs, 'color');
    const byte = (value: number) => roundHalfEven(f(Math.min(1, Math.max(0, value)) * 255));
    const out = zeros(...source.shape.slice(0, 3));
    for (let i = 0; i < out.data.length; i++) {
      const [r, g, b] = [0, 1, 2].map((c) => byte(source.data[i * channels + c]!)) as [number, number, number];
      out.data[i] = (r << 16) + (g << 8) + b === color ? 1 : 0;
    }
    return { outputs: [out] };
  },
};
