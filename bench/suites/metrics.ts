import { monitorEventLoopDelay } from 'node:perf_hooks';
import sharp from 'sharp';
import { decode } from '../../src/io/metrics/decode.ts';
import { fingerprintOf } from '../../src/io/metrics/fingerprint.ts';
import { METRICS, modelFree } from '../../src/io/metrics/index.ts';
import type { Metric, Parts } from '../../src/io/metrics/metric.ts';
import { type Picture, pictureOf } from '../../src/io/metrics/picture.ts';
import { openMetricPool } from '../../src/io/metrics/pool.ts';
import { preprocess } from '../../src/io/metrics/preprocess.ts';
import { type BenchContext, type Figure, figure } from '../figure.ts';
import { type Case, interleaved, median } from '../measure.ts';

const SIDE = 1024;
const ROUNDS = 7;
/** Bars: the whole model-free set for one image, and the lag of the thread that asks. */
const SET_MS = 300;
const LAG_MS = 50;
const PREPROCESS_MS = 60;
const IMAGE = `one ${SIDE}x${SIDE} image`;

/**
 * Image metrics: the model-free set in a worker thread with its decoding, the lag of the asking thread meanwhile, each
 * metric by itself, preprocessing; sharp.stats() of the same file is the peer.
 */
export async function figures(ctx: BenchContext): Promise<Figure[]> {
  const { image, file } = await sample();
  const pool = openMetricPool({ workers: 1 });
  const request = { image: { bytes: file, name: 'bench.png' } };
  const lag = monitorEventLoopDelay({ resolution: 1 });
  const inWorker = async (): Promise<undefined> => {
    lag.enable();
    await pool.measure(request);
    lag.disable();
  };
  const peers: Record<string, Case> = {
    set: inWorker,
    stats: async () => void (await sharp(file).stats()),
    decode: async () => void (await decode(request.image)),
    hash: async () => void fingerprintOf(fresh(image)),
    preprocess: async () => void preprocess(fresh(image), 'clip-224-pil-bicubic@1'),
    resize: async () => void (await sharp(file).resize(224, 224, { kernel: 'cubic', fit: 'fill' }).raw().toBuffer()),
  };
  const set = await interleaved(peers, ROUNDS);
  await pool.close();
  const [own, stats] = [median(set['set']!), median(set['stats']!)];
  const common = { suite: 'metrics', unit: 'ms', bar: null, against: IMAGE };
  const count = modelFree().length;
  ctx.note(
    `sharp.stats() takes ${stats.toFixed(1)} ms and gives means, deviations, an entropy and a sharpness of its own`,
  );
  return [
    figure({ ...common, name: `${count} model-free metrics in a worker`, value: own, bar: SET_MS }),
    figure({
      ...common,
      name: 'the same over sharp.stats()',
      value: own / stats,
      unit: 'ratio',
      against: 'sharp.stats()',
    }),
    // The histogram counts nanoseconds.
    figure({ ...common, name: 'event loop lag meanwhile, p99', value: lag.percentile(99) / 1e6, bar: LAG_MS }),
    figure({ ...common, name: 'decoding a PNG', value: median(set['decode']!) }),
    figure({ ...common, name: 'pixel digest and difference hash', value: median(set['hash']!) }),
    figure({ ...common, name: 'preprocessing to 224 as CLIP', value: median(set['preprocess']!), bar: PREPROCESS_MS }),
    figure({
      ...common,
      name: 'the same over sharp with decoding',
      value: median(set['preprocess']!) / median(set['resize']!),
      unit: 'ratio',
      against: 'sharp.resize()',
    }),
    ...(await each(image)),
  ];
}

/** Each metric that needs no model, on an image of which nothing is known yet. */
async function each(image: Picture): Promise<Figure[]> {
  const single = METRICS.filter(({ needs }) => needs.every((need) => need === 'image' || need === 'reference'));
  const reference = darker(image);
  const measure = (metric: Metric) => async () => {
    await metric.measure({ image: fresh(image), reference: fresh(reference) } as unknown as Parts);
  };
  const times = await interleaved(Object.fromEntries(single.map((metric) => [metric.id, measure(metric)])), 3);
  return single.map(({ id }) =>
    figure({ suite: 'metrics', name: id, value: median(times[id]!), unit: 'ms', against: IMAGE, bar: null }),
  );
}

/** The same pixels without what was computed from them before. */
function fresh({ width, height, rgb }: Picture): Picture {
  return pictureOf(width, height, rgb);
}

function darker({ width, height, rgb }: Picture): Picture {
  return pictureOf(
    width,
    height,
    rgb.map((value) => Math.max(0, value - 2)),
  );
}

/** Waves, edges and noise; incompressible enough for a decoder to work as on a photograph. */
async function sample(): Promise<{ image: Picture; file: Buffer }> {
  const rgb = new Uint8Array(SIDE * SIDE * 3);
  let state = 1;
  for (let i = 0; i < rgb.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const x = Math.floor(i / 3) % SIDE;
    const y = Math.floor(i / 3 / SIDE);
    const level = 120 + 60 * Math.sin(x / 37) + 40 * Math.cos(y / 23) + ((x >> 7) & 1) * 20;
    rgb[i] = Math.min(255, Math.max(0, Math.round(level + (state >>> 24) / 16)));
  }
  const file = await sharp(rgb, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .png()
    .toBuffer();
  return { image: pictureOf(SIDE, SIDE, rgb), file };
}
