import { image, mask, text } from '../arguments.ts';
import { NodeFailure } from '../failure.ts';
import type { Operation } from '../operation.ts';
import { clamp } from '../pixels/bytes.ts';
import { resize } from '../pixels/resize.ts';
import { pictures, sameShape } from '../pixels/shapes.ts';
import { size, type Tensor, zeros } from '../values.ts';

const f = Math.fround;

/** Colours already multiplied by their alpha, and the alphas, of source and destination; every step in 32 bits. */
interface Mode {
  alpha(source: number, destination: number): number;
  colour(s: number, d: number, sourceAlpha: number, destinationAlpha: number): number;
}

const rest = (value: number) => f(1 - value);
const union = (s: number, d: number) => f(f(s + d) - f(s * d));
const both = (s: number, d: number) => f(s * d);
/** `(1 - da) * s + (1 - sa) * d`: what each keeps where the other is not. */
const outside = (s: number, d: number, sa: number, da: number) => f(f(rest(da) * s) + f(rest(sa) * d));

/** Porter and Duff 1984, and the separable blends of ComfyUI, by name. */
const MODES: Readonly<Record<string, Mode>> = {
  ADD: { alpha: (s, d) => clamp(f(s + d)), colour: (s, d) => clamp(f(s + d)) },
  CLEAR: { alpha: () => 0, colour: () => 0 },
  DARKEN: { alpha: union, colour: (s, d, sa, da) => f(outside(s, d, sa, da) + Math.min(s, d)) },
  DST: { alpha: (_, d) => d, colour: (_, d) => d },
  DST_ATOP: { alpha: (s) => s, colour: (s, d, sa, da) => f(f(sa * d) + f(rest(da) * s)) },
  DST_IN: { alpha: both, colour: (_, d, sa) => f(d * sa) },
  DST_OUT: { alpha: (s, d) => f(rest(s) * d), colour: (_, d, sa) => f(rest(sa) * d) },
  DST_OVER: { alpha: (s, d) => f(d + f(rest(d) * s)), colour: (s, d, _, da) => f(d + f(rest(da) * s)) },
  LIGHTEN: { alpha: union, colour: (s, d, sa, da) => f(outside(s, d, sa, da) + Math.max(s, d)) },
  MULTIPLY: { alpha: both, colour: both },
  OVERLAY: {
    alpha: union,
    colour: (s, d, sa, da) => (f(2 * d) < da ? f(f(2 * s) * d) : f(f(sa * da) - f(f(2 * f(da - s)) * f(sa - d)))),
  },
  SCREEN: { alpha: union, colour: union },
  SRC: { alpha: (s) => s, colour: (s) => s },
  SRC_ATOP: { alpha: (_, d) => d, colour: (s, d, sa, da) => f(f(da * s) + f(rest(sa) * d)) },
  SRC_IN: { alpha: both, colour: (s, _, __, da) => f(s * da) },
  SRC_OUT: { alpha: (s, d) => f(rest(d) * s), colour: (s, _, __, da) => f(rest(da) * s) },
  SRC_OVER: { alpha: (s, d) => f(s + f(rest(s) * d)), colour: (s, d, sa) => f(s + f(rest(sa) * d)) },
  XOR: { alpha: (s, d) => f(f(rest(d) * s) + f(rest(s) * d)), colour: outside },
};

export const porterDuffImageComposite: Operation = {
  classType: 'PorterDuffImageComposite',
  run(inputs) {
    const all = [image(inputs, 'source'), mask(inputs, 'source_alpha')] as const;
    const under = [image(inputs, 'destination'), mask(inputs, 'destination_alpha')] as const;
    const mode = MODES[text(inputs, 'mode')];
    if (mode === undefined) throw new NodeFailure('KeyError', `'${inputs['mode']}'`);
    const batch = Math.min(...[...all, ...under].map((one) => size(one, 0)));
    const [height, width] = [size(under[0], 1), size(under[0], 2)];
    if (size(all[0], 3) !== size(under[0], 3)) throw new NodeFailure('AssertionError', '');
    const outImage = zeros(batch, height, width, size(under[0], 3));
    const outAlpha = zeros(batch, height, width);
    for (let b = 0; b < batch; b++) {
      const [source, sourceAlpha, destination, destinationAlpha] = [...all, ...under].map((one) => {
        const picture = pictures(one, b, b + 1);
        return size(one, 1) === height && size(one, 2) === width
          ? picture
          : resize(picture, width, height, 'bicubic', 'center');
      }) as [Tensor, Tensor, Tensor, Tensor];
      over(mode, source, sourceAlpha, destination, destinationAlpha, outImage, outAlpha, b);
    }
    return { outputs: [outImage, outAlpha] };
  },
};

function over(
  mode: Mode,
  source: Tensor,
  sourceMask: Tensor,
  destination: Tensor,
  destinationMask: Tensor,
  outImage: Tensor,
  outAlpha: Tensor,
  b: number,
): void {
  if (!sameShape(source, destination)) throw new NodeFailure('RuntimeError', 'the images have different shapes');
  const channels = size(destination, 3);
  const pixels = sourceMask.data.length;
  for (let i = 0; i < pixels; i++) {
    // A mask says where an image is not.
    const sa = rest(sourceMask.data[i]!);
    const da = rest(destinationMask.data[i]!);
    const alpha = mode.alpha(sa, da);
    outAlpha.data[b * pixels + i] = rest(alpha);
    for (let c = 0; c < channels; c++) {
      const s = f(source.data[i * channels + c]! * sa);
      const d = f(destination.data[i * channels + c]! * da);
      const colour = alpha > f(1e-5) ? f(mode.colour(s, d, sa, da) / alpha) : 0;
      outImage.data[(b * pixels + i) * channels + c] = clamp(colour);
    }
  }
}
