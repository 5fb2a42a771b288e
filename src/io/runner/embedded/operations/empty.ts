import { float, int } from '../arguments.ts';
import type { Operation } from '../operation.ts';
import { zeros } from '../values.ts';

export const emptyImage: Operation = {
  classType: 'EmptyImage',
  method: 'generate',
  run(inputs) {
    const [batch, height, width] = [int(inputs, 'batch_size'), int(inputs, 'height'), int(inputs, 'width')];
    // Torch makes three planes of one channel each and names their shape where a size is negative.
    zeros(...(Math.min(batch, height, width) < 0 ? [batch, height, width, 1] : [0]));
    const out = zeros(batch, height, width, 3);
    const color = int(inputs, 'color');
    const rgb = [16, 8, 0].map((shift) => ((color >> shift) & 0xff) / 0xff);
    for (let i = 0; i < out.data.length; i++) out.data[i] = rgb[i % 3]!;
    return { outputs: [out] };
  },
};

export const solidMask: Operation = {
  classType: 'SolidMask',
  run(inputs) {
    const out = zeros(1, int(inputs, 'height'), int(inputs, 'width'));
    out.data.fill(float(inputs, 'value'));
    return { outputs: [out] };
  },
};
