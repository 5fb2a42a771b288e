import sharp from 'sharp';
import { type Picture, pictureOf } from '../../../src/io/metrics/picture.ts';

/** Small seeded generator (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An image whose pixels a function gives. */
export function paint(
  width: number,
  height: number,
  at: (x: number, y: number) => readonly [number, number, number],
): Picture {
  const rgb = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rgb.set(at(x, y), (y * width + x) * 3);
  return pictureOf(width, height, rgb);
}

/** Something like a photograph: slow colours, some edges, fine texture. */
export function scene(seed: number, width = 96, height = 64): Picture {
  const next = random(seed);
  const [a, b, c, edge] = [next() * 6, next() * 6, 0.05 + next() * 0.1, Math.floor(width * (0.3 + 0.4 * next()))];
  return paint(width, height, (x, y) => {
    const wave = Math.sin(x * c + a) + Math.cos(y * c * 1.3 + b);
    const texture = 20 * Math.sin(x * 1.9) * Math.sin(y * 2.3);
    const level = 120 + 40 * wave + texture + (x > edge ? 15 : -15);
    return [level, level * 0.8 + 20, level * 0.5 + 60].map((v) => Math.min(250, Math.max(5, Math.round(v)))) as never;
  });
}

/** The image with noise of a deviation added to every channel. */
export function noisy(image: Picture, sigma: number, seed = 1): Picture {
  const next = random(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return pictureOf(
    image.width,
    image.height,
    image.rgb.map((value) => Math.min(255, Math.max(0, Math.round(value + sigma * normal())))),
  );
}

/** The image under weights 1 2 1 in both directions, several times over: a blur that turns no wave around. */
export function blurred(image: Picture, times: number): Picture {
  const { width, height } = image;
  let levels = Float64Array.from(image.rgb);
  for (let time = 0; time < times; time++) {
    levels = smoothed(levels, 3, width * 3);
    levels = smoothed(levels, width * 3, width * height * 3);
  }
  return pictureOf(width, height, Uint8Array.from(levels, Math.round));
}

/** One direction: neighbours stand `step` apart, and a line of them ends after `line`. */
function smoothed(levels: Float64Array, step: number, line: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(levels, (value, i) => {
    const before = i % line < step ? value : levels[i - step]!;
    const after = i % line >= line - step ? value : levels[i + step]!;
    return (before + 2 * value + after) / 4;
  });
}

/** The image as a file. */
export function encoded(image: Picture, format: 'png' | 'jpeg' | 'webp' | 'gif' = 'png'): Promise<Buffer> {
  const { width, height } = image;
  const file = sharp(image.rgb, { raw: { width, height, channels: 3 } });
  return format === 'webp' ? file.webp({ lossless: true }).toBuffer() : file[format]().toBuffer();
}

/** Frames as an animated WebP without loss. */
export function animated(frames: readonly Picture[]): Promise<Buffer> {
  const [{ width, height }] = frames as [Picture];
  const raw = Buffer.concat(frames.map(({ rgb }) => rgb));
  return sharp(raw, { raw: { width, height: height * frames.length, channels: 3, pageHeight: height } })
    .webp({ lossless: true, loop: 0, delay: frames.map(() => 50) })
    .toBuffer();
}
