import { float, image, text } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Operation } from '../operation.ts';
import { clamp } from '../pixels/bytes.ts';
import { resize } from '../pixels/resize.ts';
import { alphaFix, sameShape, toBatch } from '../pixels/shapes.ts';
import { size, type Tensor } from '../values.ts';

const f = Math.fround;

export const imageBlend: Operation = {
  classType: 'ImageBlend',
  run(inputs) {
    const first = image(inputs, 'image1');
    let second = alphaFix(first, image(inputs, 'image2'));
    if (!sameShape(first, second)) second = resize(second, size(first, 2), size(first, 1), 'bicubic', 'center');
    const mode = MODES[text(inputs, 'blend_mode')];
    if (mode === undefined) throw new NodeFailure('ValueError', `Unsupported blend mode: ${inputs['blend_mode']}`);
    return { outputs: [blended(...broadcast(first, second), mode, float(inputs, 'blend_factor'))] };
  },
};

/** Both with the same number of pictures, where one has a single picture. Throws a NodeFailure as torch does. */
function broadcast(a: Tensor, b: Tensor): [Tensor, Tensor] {
  const batch = Math.max(size(a, 0), size(b, 0));
  for (const one of [a, b]) {
    if (size(one, 0) !== batch && size(one, 0) !== 1) {
      const told = `The size of tensor a (${size(a, 0)}) must match the size of tensor b (${size(b, 0)}) at non-singleton dimension 0`;
      throw new NodeFailure('RuntimeError', told);
    }
  }
  return [toBatch(a, batch), toBatch(b, batch)];
}

function blended(a: Tensor, b: Tensor, mode: (a: number, b: number) => number, factor: number): Tensor {
  const [keep, take] = [f(1 - factor), f(factor)];
  const data = new Float32Array(a.data.length);
  for (let i = 0; i < data.length; i++) {
    data[i] = clamp(f(f(a.data[i]! * keep) + f(mode(a.data[i]!, b.data[i]!) * take)));
  }
  return { shape: a.shape, data };
}

/** Every step rounded to 32 bits, as torch's one tensor after the other. */
const MODES: Readonly<Record<string, (a: number, b: number) => number>> = {
  normal: (_, b) => b,
  multiply: (a, b) => f(a * b),
  screen: (a, b) => f(1 - f(f(1 - a) * f(1 - b))),
  overlay: (a, b) => (a <= 0.5 ? f(f(2 * a) * b) : f(1 - f(f(2 * f(1 - a)) * f(1 - b)))),
  soft_light: (a, b) =>
    b <= 0.5 ? f(a - f(f(f(1 - f(2 * b)) * a) * f(1 - a))) : f(a + f(f(f(2 * b) - 1) * f(lightened(a) - a))),
  difference: (a, b) => f(a - b),
};

function lightened(x: number): number {
  return x <= 0.25 ? f(f(f(f(f(f(16 * x) - 12) * x) + 4) * x)) : f(Math.sqrt(x));
}
