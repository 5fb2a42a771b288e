import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { measureImage } from '../../../src/io/metrics/measure.ts';
import { openShelf } from '../../../src/io/metrics/models/shelf.ts';
import { type MetricPool, openMetricPool, type PoolOptions } from '../../../src/io/metrics/pool.ts';
import { workerFile } from '../../../src/io/metrics/worker-file.ts';
import { ensureBuilt, ROOT } from '../../cli/cwf.ts';
import { encoded, paint, scene } from './images.ts';
import { install, tinyFiles } from './model-folder.ts';

let dir: string;
let pool: MetricPool | undefined;
beforeAll(() => {
  ensureBuilt();
  dir = mkdtempSync(join(tmpdir(), 'cwf-pool-'));
});
afterEach(async () => {
  await pool?.close();
  pool = undefined;
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function open(options: PoolOptions = {}): MetricPool {
  pool = openMetricPool({ workers: 2, ...options });
  return pool;
}

/** A worker program whose answer depends on the name of the image. */
function program(body: string): string {
  const path = join(dir, `worker-${body.length}.cjs`);
  writeFileSync(
    path,
    `const { parentPort } = require('node:worker_threads');
     const report = (request) => ({ kind: 'report', report: { name: request.image.name, frames: 0, measurements: [] } });
     parentPort.on('message', (message) => {
       if (message.kind === 'close') return parentPort.close();
       const { request } = message;
       ${body}
     });`,
  );
  return path;
}
const stuck = () =>
  program(`if (request.image.name === 'stuck') for (;;) {} else parentPort.postMessage(report(request));`);
const image = (name: string) => ({ image: { bytes: new Uint8Array(1), name } });

it('answers what a measurement in this thread answers [MT-14]', async () => {
  const bytes = await encoded(scene(1));
  const request = { image: { bytes, name: 'a.png' } };
  const shelf = openShelf();
  expect(await open().measure(request)).toEqual(await measureImage(request, {}, shelf));
  await shelf.clear();
});

it('many at once, from files, each under its own name', async () => {
  const names = Array.from({ length: 12 }, (_, i) => join(dir, `${i}.png`));
  for (const [i, path] of names.entries()) writeFileSync(path, await encoded(scene(i)));
  const measuring = open();
  const reports = await Promise.all(
    names.map((path) => measuring.measure({ image: { path }, metrics: ['luma-mean'] })),
  );
  const direct = names.map((_, i) => scene(i).tones().mean);
  expect(reports.map(({ measurements: [one] }) => one!.kind === 'value' && one!.value)).toEqual(direct);
});

it('models run in a thread, which ends when the pool closes [MT-9]', async () => {
  const models = [install(join(dir, 'models'), 'tiny', 'clip', tinyFiles())];
  const bytes = await encoded(scene(1));
  const request = { image: { bytes, name: 'a.png' }, metrics: ['clip-similarity', 'sharpness'], prompt: 'a cat' };
  const first = open({ models, modelFolders: [join(dir, 'models')] });
  const reports = await Promise.all([1, 2, 3].map(() => first.measure(request)));
  expect(reports[0]!.measurements.map(({ kind, name }) => [kind, name])).toEqual([
    ['value', 'clip-similarity'],
    ['value', 'sharpness'],
  ]);
  expect(reports[1]).toEqual(reports[0]);
  await first.close();
  await expect(first.measure(request)).rejects.toMatchObject({ code: 'METRIC_STOPPED' });
});

it('errors come back typed [MT-14]', async () => {
  const failing = open();
  await expect(failing.measure(image('no-image'))).rejects.toMatchObject({
    code: 'IMAGE_INVALID',
    message: /no-image/ as never,
  });
  await expect(failing.measure({ ...image('x'), metrics: ['nope'] })).rejects.toMatchObject({
    code: 'METRIC_NOT_FOUND',
  });
  const [small, other] = await Promise.all([encoded(scene(1, 8, 8)), encoded(scene(1, 9, 8))]);
  const compare = {
    image: { bytes: small, name: 'a' },
    reference: { bytes: other, name: 'b' },
    metrics: ['psnr', 'luma-mean'],
  };
  const [psnr, luma] = (await failing.measure(compare)).measurements;
  expect(psnr).toMatchObject({
    kind: 'unavailable',
    code: 'IMAGE_SIZES_DIFFER',
    reason: 'a is 8x8, and the reference is 9x8',
  });
  expect(luma).toMatchObject({ kind: 'value' });
});

it('a measurement that is aborted or late ends at once, and the next one runs [MT-14]', async () => {
  const patient = open({ workers: 1, workerFile: stuck() });
  const stop = new AbortController();
  const running = patient.measure(image('stuck'), { signal: stop.signal });
  const next = patient.measure(image('next'));
  const waiting = patient.measure(image('waiting'), { signal: stop.signal });
  setTimeout(() => stop.abort(), 20);
  await expect(running).rejects.toMatchObject({ code: 'METRIC_STOPPED', message: /stuck.*aborted/ as never });
  await expect(waiting).rejects.toMatchObject({ code: 'METRIC_STOPPED' });
  expect(await next).toMatchObject({ name: 'next' });
  await expect(patient.measure(image('x'), { signal: stop.signal })).rejects.toMatchObject({ code: 'METRIC_STOPPED' });
  await patient.close();
  const hasty = open({ workers: 1, workerFile: stuck(), deadlineMs: 1500 });
  await expect(hasty.measure(image('stuck'))).rejects.toMatchObject({ message: /longer than 1500 ms/ as never });
  expect(await hasty.measure(image('after'))).toMatchObject({ name: 'after' });
});

it('a thread that dies is replaced, and the queue has an end [MT-14]', async () => {
  const dying = open({
    workers: 1,
    workerFile: program(
      `if (request.image.name === 'die') process.exit(3); if (request.image.name === 'throw') throw new Error('lost'); parentPort.postMessage(report(request));`,
    ),
  });
  await expect(dying.measure(image('die'))).rejects.toMatchObject({ message: /its thread ended with 3/ as never });
  await expect(dying.measure(image('throw'))).rejects.toMatchObject({ message: /its thread failed: lost/ as never });
  expect(await dying.measure(image('live'))).toMatchObject({ name: 'live' });
  await dying.close();
  const full = open({ workers: 1, waiting: 1, workerFile: stuck() });
  const outcomes = [image('stuck'), image('b'), image('c')].map((each) =>
    full.measure(each).catch((error) => error.message),
  );
  expect(await outcomes[2]).toMatch(/1 others wait already/);
  await full.close();
  expect(await Promise.all(outcomes.slice(0, 2))).toEqual([
    expect.stringMatching(/closed/),
    expect.stringMatching(/closed/),
  ]);
});

it('the thread that asks stays free while large images are measured [MT-14]', async () => {
  const bytes = await encoded(paint(1024, 1024, (x, y) => [x & 255, y & 255, (x * y) & 255]));
  const measuring = open({ workers: 1 });
  await measuring.measure({ image: { bytes, name: 'warm' }, metrics: ['luma-mean'] });
  let turns = 0;
  const ticking = setInterval(() => turns++, 5);
  await measuring.measure({ image: { bytes, name: 'big' } });
  clearInterval(ticking);
  // In this thread the same work would be one turn.
  expect(turns).toBeGreaterThan(3);
});

it('an open pool does not keep a program running, and the library finds its worker', async () => {
  writeFileSync(join(dir, 'one.png'), await encoded(scene(1)));
  const script = `import { openMetricPool } from ${JSON.stringify(join(ROOT, 'dist/index.js'))};
    const pool = openMetricPool();
    const { measurements } = await pool.measure({ image: { path: ${JSON.stringify(join(dir, 'one.png'))} }, metrics: ['psnr', 'luma-std'] });
    console.log(measurements.map(({ kind }) => kind).join());`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(stderr).toBe('');
  expect([stdout.trim(), status]).toEqual(['unavailable,value', 0]);
  expect(workerFile()).toBe(join(ROOT, 'dist/metrics-worker.cjs'));
});

it('a package that is not there makes its metrics unavailable, and says how to get it [MT-12]', async () => {
  const place = join(dir, 'bare');
  mkdirSync(join(place, 'node_modules'), { recursive: true });
  copyFileSync(workerFile(), join(place, 'metrics-worker.cjs'));
  const models = [install(join(dir, 'models'), 'tiny', 'clip', tinyFiles())];
  const options = { workerFile: join(place, 'metrics-worker.cjs'), models, modelFolders: [join(dir, 'models')] };
  const request = {
    image: { bytes: await encoded(scene(1)), name: 'a.png' },
    metrics: ['clip-score', 'luma-mean'],
    prompt: 'cat',
  };
  const blind = open(options);
  await expect(blind.measure(request)).rejects.toMatchObject({ code: 'RUNTIME_MISSING', message: /sharp/ as never });
  await blind.close();
  symlinkSync(join(ROOT, 'node_modules/sharp'), join(place, 'node_modules/sharp'), 'junction');
  const { measurements } = await open(options).measure(request);
  expect(measurements).toMatchObject([
    { kind: 'unavailable', code: 'RUNTIME_MISSING', reason: /onnxruntime-node/ as never, hint: /npm ci/ as never },
    { kind: 'value' },
  ]);
});
