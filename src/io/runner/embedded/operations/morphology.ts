import { image, int, text } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Operation } from '../operation.ts';
import { extreme } from '../pixels/morphology.ts';
import type { Tensor } from '../values.ts';

const dilate = (source: Tensor, side: number) => extreme(source, side, true);
const erode = (source: Tensor, side: number) => extreme(source, side, false);
const open = (source: Tensor, side: number) => dilate(erode(source, side), side);
const close = (source: Tensor, side: number) => erode(dilate(source, side), side);
const minus = (a: Tensor, b: Tensor): Tensor => ({ shape: a.shape, data: a.data.map((one, i) => one - b.data[i]!) });

const OPERATIONS: Readonly<Record<string, (source: Tensor, side: number) => Tensor>> = {
  erode,
  dilate,
  open,
  close,
  gradient: (source, side) => minus(dilate(source, side), erode(source, side)),
  top_hat: (source, side) => minus(source, open(source, side)),
  bottom_hat: (source, side) => minus(close(source, side), source),
};

export const morphology: Operation = {
  classType: 'Morphology',
  run(inputs) {
    const operation = OPERATIONS[text(inputs, 'operation')];
    if (operation === undefined) {
      throw new NodeFailure('ValueError', `Invalid operation ${inputs['operation']} for morphology`);
    }
    return { outputs: [operation(image(inputs, 'image'), int(inputs, 'kernel_size'))] };
  },
};
