import { flag, int, mask, text } from '../arguments.ts';
import type { Operation } from '../operation.ts';
import { clamp } from '../pixels/bytes.ts';
import { extreme } from '../pixels/morphology.ts';
import { roundHalfEven } from '../python.ts';
import { size, type Tensor } from '../values.ts';

const f = Math.fround;

const OPERATIONS: Readonly<Record<string, (a: number, b: number) => number>> = {
  multiply: (a, b) => f(a * b),
  add: (a, b) => f(a + b),
  subtract: (a, b) => f(a - b),
  and: (a, b) => Number(roundHalfEven(a) !== 0 && roundHalfEven(b) !== 0),
  or: (a, b) => Number(roundHalfEven(a) !== 0 || roundHalfEven(b) !== 0),
  xor: (a, b) => Number((roundHalfEven(a) !== 0) !== (roundHalfEven(b) !== 0)),
};

export const maskComposite: Operation = {
  classType: 'MaskComposite',
  run(inputs) {
    const destination = mask(inputs, 'destination');
    const source = mask(inputs, 'source');
    const [left, top] = [int(inputs, 'x'), int(inputs, 'y')];
    const [batch, height, width] = destination.shape as [number, number, number];
    const right = Math.min(left + size(source, 2), width);
    const bottom = Math.min(top + size(source, 1), height);
    const operation = OPERATIONS[text(inputs, 'operation')];
    const data = destination.data.slice();
    // One source for all masks, or one for each.
    const sources = size(source, 0);
    for (let b = 0; operation && b < batch; b++) {
      for (let y = top; y < bottom; y++) {
        for (let x = left; x < right; x++) {
          const at = (b * height + y) * width + x;
          const from = (Math.min(b, sources - 1) * size(source, 1) + y - top) * size(source, 2) + x - left;
          data[at] = operation(data[at]!, source.data[from]!);
        }
      }
    }
    return { outputs: [{ shape: destination.shape, data: data.map(clamp) }] };
  },
};

export const featherMask: Operation = {
  classType: 'FeatherMask',
  run(inputs) {
    const source = mask(inputs, 'mask');
    const [batch, height, width] = source.shape as [number, number, number];
    const data = source.data.slice();
    const fade = (by: number, x0: number, x1: number, y0: number, y1: number) => {
      for (let b = 0; b < batch; b++) {
        for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) data[(b * height + y) * width + x]! *= f(by);
      }
    };
    const sides = ['left', 'right', 'top', 'bottom'] as const;
    const [left, right, top, bottom] = sides.map((name, i) => Math.min(int(inputs, name), i < 2 ? width : height)) as [
      number,
      number,
      number,
      number,
    ];
    for (let x = 0; x < left; x++) fade((x + 1) / left, x, x + 1, 0, height);
    for (let x = 0; x < right; x++) fade((x + 1) / right, width - 1 - x, width - x, 0, height);
    for (let y = 0; y < top; y++) fade((y + 1) / top, 0, width, y, y + 1);
    for (let y = 0; y < bottom; y++) fade((y + 1) / bottom, 0, width, height - 1 - y, height - y);
    return { outputs: [{ shape: source.shape, data }] };
  },
};

export const growMask: Operation = {
  classType: 'GrowMask',
  run(inputs) {
    const source = mask(inputs, 'mask');
    const expand = int(inputs, 'expand');
    const corners = !flag(inputs, 'tapered_corners');
    // A mask has spread through its whole size after so many steps; more change nothing.
    const steps = Math.min(Math.abs(expand), size(source, 1) + size(source, 2));
    if (corners) return { outputs: [extreme(source, 2 * steps + 1, expand > 0)] };
    let out: Tensor = source;
    for (let i = 0; i < steps; i++) out = grown(out, expand > 0);
    return { outputs: [out] };
  },
};

/** Each place the greatest (or least) of itself and its four neighbours. */
function grown(source: Tensor, greatest: boolean): Tensor {
  const [batch, height, width] = source.shape as [number, number, number];
  const pick = greatest ? Math.max : Math.min;
  const { data } = source;
  const out = new Float32Array(data.length);
  for (let b = 0; b < batch; b++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const at = (b * height + y) * width + x;
        let value = data[at]!;
        if (x > 0) value = pick(value, data[at - 1]!);
        if (x < width - 1) value = pick(value, data[at + 1]!);
        if (y > 0) value = pick(value, data[at - width]!);
        if (y < height - 1) value = pick(value, data[at + width]!);
        out[at] = value;
      }
    }
  }
  return { shape: source.shape, data: out };
}
