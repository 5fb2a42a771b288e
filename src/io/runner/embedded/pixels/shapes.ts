import { size, type Tensor, zeros } from '../values.ts';

/** Whether two tensors have the same sizes. */
export function sameShape(a: Tensor, b: Tensor): boolean {
  return a.shape.length === b.shape.length && a.shape.every((size, i) => size === b.shape[i]);
}

/** `source` with as many channels as `like`: those too many are left away, one too few is added, opaque. */
export function alphaFix(like: Tensor, source: Tensor): Tensor {
  const [wanted, channels] = [size(like, 3), size(source, 3)];
  if (wanted < channels) return withChannels(source, wanted, 1);
  return wanted > channels ? withChannels(source, channels + 1, 1) : source;
}

/** An image with another number of channels; new ones hold `value`. */
export function withChannels(source: Tensor, channels: number, value: number): Tensor {
  const old = size(source, 3);
  const out = zeros(...source.shape.slice(0, 3), channels);
  const shared = Math.min(old, channels);
  for (let from = 0, to = 0; to < out.data.length; from += old, to += channels) {
    for (let c = 0; c < channels; c++) out.data[to + c] = c < shared ? source.data[from + c]! : value;
  }
  return out;
}

/** As many pictures as `batch`: repeated from the first on where there are fewer, cut off where there are more. */
export function toBatch(source: Tensor, batch: number): Tensor {
  const old = size(source, 0);
  if (old === batch) return source;
  const step = source.data.length / (old || 1);
  const out = zeros(batch, ...source.shape.slice(1));
  for (let b = 0; b < batch; b++) {
    const from = old < batch ? b % old : b;
    out.data.set(source.data.subarray(from * step, (from + 1) * step), b * step);
  }
  return out;
}

/** One picture after the other. All have the shape of the first but for the number of pictures. */
export function concatenate(all: readonly Tensor[]): Tensor {
  const batch = all.reduce((sum, one) => sum + size(one, 0), 0);
  const out = zeros(batch, ...all[0]!.shape.slice(1));
  let at = 0;
  for (const one of all) {
    out.data.set(one.data, at);
    at += one.data.length;
  }
  return out;
}

/** Pictures `from` up to but without `to`. */
export function pictures(source: Tensor, from: number, to: number): Tensor {
  const step = source.data.length / (size(source, 0) || 1);
  return { shape: [to - from, ...source.shape.slice(1)], data: source.data.slice(from * step, to * step) };
}
