import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { defaultCatalog } from '../../../src/core/catalog/catalog.ts';
import { validateAsEngine } from '../../../src/core/validate/engine/validate-as-engine.ts';
import { encodePng } from '../../../src/io/media/png-encode.ts';
import { comfyuiRunner } from '../../../src/io/runner/comfyui/runner.ts';
import { embeddedRunner } from '../../../src/io/runner/embedded/runner.ts';
import { serveEngine } from '../../../src/io/runner/embedded/serve.ts';
import { fetchOutputs } from '../../../src/io/runner/outputs.ts';
import type { RunEvent, Runner, RunRequest } from '../../../src/io/runner/runner.ts';
import { type Simulation, simulatedRunner } from '../../../src/io/runner/simulated/runner.ts';
import { VirtualClock } from '../../../src/io/runner/simulated/virtual-clock.ts';
import { ROOT } from '../../cli/cwf.ts';

/** A runner to hold against the contract, with what it needs. */
interface Made {
  readonly runner: Runner;
  /** Whether it runs nodes, so that results are kept and nodes are told of. */
  readonly isReal: boolean;
  /** The side of pictures that take long. */
  readonly side?: number;
  /** It does not say when a prompt came, as 0.3.64. */
  readonly isOld?: boolean;
  close(): Promise<void>;
}

const PNG = encodePng({ width: 4, height: 4, channels: 3, bytes: new Uint8Array(48).fill(9) }, [], 1);
let unique = Math.floor(Date.now() % 1_000_000);

/** A picture that no run has made before. */
const fresh = () => ({
  class_type: 'EmptyImage',
  inputs: { width: 16, height: 16, batch_size: 1, color: unique++ % 0xffffff },
});
const save = (from: string, prefix = 'cwf-contract') => ({
  class_type: 'SaveImage',
  inputs: { images: [from, 0], filename_prefix: prefix },
});
const picture = (): JsonObject => ({ '1': fresh(), '9': save('1') });
const lacking = (): JsonObject => ({
  ...picture(),
  '3': { class_type: 'SaveImage', inputs: { filename_prefix: 'x' } },
});
const failing = (): JsonObject => ({
  '1': { class_type: 'PrimitiveInt', inputs: { value: -5 } },
  '2': { class_type: 'EmptyImage', inputs: { width: ['1', 0], height: 16, batch_size: 1, color: 1 } },
  '9': save('2'),
});
const unknown = (): JsonObject => ({ '1': { class_type: 'CwfNoSuchNode', inputs: {} }, '9': save('1') });
/** Some seconds in many nodes; a real server needs larger pictures for that. */
function slow(side = 896): JsonObject {
  const blur = (from: string) => ({ class_type: 'ImageBlur', inputs: { image: [from, 0], blur_radius: 8, sigma: 3 } });
  const first = {
    class_type: 'EmptyImage',
    inputs: { width: side, height: side, batch_size: 1, color: unique++ % 0xffffff },
  };
  const chain = Array.from({ length: 12 }, (_, i) => [`b${i}`, blur(i === 0 ? '1' : `b${i - 1}`)]);
  return { '1': first, ...Object.fromEntries(chain), '9': save('b11') };
}

/** What the prompts of this suite do, as far as a simulation needs it. */
function simulate(prompt: JsonObject, number: number): Simulation {
  const classes = Object.values(prompt).map((node) => (node as JsonObject).class_type);
  if (classes.includes('CwfNoSuchNode')) {
    return { duration: 0, refused: { type: 'missing_node_type', message: 'no such node', details: '' } };
  }
  if (classes.includes('PrimitiveInt')) {
    const error = {
      node: '2',
      classType: 'EmptyImage',
      type: 'RuntimeError',
      message: 'negative dimension',
      trace: [],
    };
    return { duration: 5, failure: { kind: 'failed', error } };
  }
  const outputs = { '9': [{ filename: `cwf-contract_${number}.png`, bytes: () => PNG }] };
  return { duration: classes.includes('ImageBlur') ? 60_000 : 100, outputs };
}

const MAKERS: Record<string, () => Promise<Made>> = {
  embedded: async () => {
    const { folders, remove } = place();
    const workerFile = join(ROOT, 'dist/engine-worker.cjs');
    const runner = embeddedRunner({ name: 'embedded', catalog: defaultCatalog(), folders, workerFile });
    return { runner, isReal: true, close: async () => remove() };
  },
  simulated: async () => {
    const runner = simulatedRunner({ name: 'simulated', clock: new VirtualClock(), simulate });
    return { runner, isReal: false, close: async () => {} };
  },
  'comfyui, before the embedded engine': async () => {
    const { folders, remove } = place();
    const server = await serveEngine({
      catalog: defaultCatalog(),
      folders,
      workerFile: join(ROOT, 'dist/engine-worker.cjs'),
      port: 0,
      validate: (request) => validateAsEngine(request, defaultCatalog()),
    });
    const runner = comfyuiRunner({ name: 'served', url: `http://127.0.0.1:${server.port}` });
    const close = async () => {
      await server.close();
      remove();
    };
    return { runner, isReal: true, close };
  },
};
const real = process.env['CWF_COMFYUI_URL'];
if (real === undefined) console.warn('CWF_COMFYUI_URL is not set: the contract is not tried on a real ComfyUI');
else {
  MAKERS[`comfyui at ${real}`] = async () => {
    const runner = comfyuiRunner({ name: 'real', url: real });
    const { engine = '' } = (await runner.capabilities()).environment;
    return { runner, isReal: true, side: 1024, isOld: engine === '0.3.64', close: async () => {} };
  };
}

function place() {
  const root = mkdtempSync(join(tmpdir(), 'cwf-contract-'));
  const folders = { input: join(root, 'input'), output: join(root, 'output'), temp: join(root, 'temp') };
  return { folders, remove: () => rmSync(root, { recursive: true, force: true }) };
}

describe.each(Object.entries(MAKERS))('the contract of runners: %s', (_, make) => {
  let made: Made;
  let runner: Runner;
  beforeAll(async () => {
    made = await make();
    runner = made.runner;
  });
  afterAll(async () => {
    await runner.close();
    await made.close();
  });

  async function ran(request: RunRequest, stopAt?: RunEvent['kind']) {
    const events: RunEvent[] = [];
    const stop = new AbortController();
    const onEvent = (event: RunEvent) => {
      events.push(event);
      if (event.kind === stopAt) stop.abort();
    };
    const result = await runner.run(request, { onEvent, signal: stop.signal });
    expect(events[0]?.kind).toBe('queued');
    expect(events.at(-1)).toEqual({ kind: 'end', result: result.kind });
    expect(events.filter(({ kind }) => kind === 'end')).toHaveLength(1);
    return { events, result };
  }

  test('[RN-1] a run that finishes: files, times, events in order', async () => {
    const { events, result } = await ran({ prompt: picture(), expected: ['9'] });
    if (result.kind !== 'finished') throw new Error(JSON.stringify(result));
    expect(result).toMatchObject({ attempts: 1, cached: [], warmth: 'cold', unsafe: [] });
    expect(result.outputs).toMatchObject([{ node: '9', media: 'images', type: 'output' }]);
    expect(Object.keys(result.shown)).toEqual(['9']);
    expect(result.timings.run).toBeGreaterThanOrEqual(0);
    if (!made.isOld) expect(result.timings.queue).toBeGreaterThanOrEqual(0);
    const told = events.flatMap((event) => (event.kind === 'output' ? event.files : []));
    expect(told).toEqual(result.outputs);
    const order = ['queued', 'started', 'cached', 'node', 'output', 'end'];
    const first = order.map((kind) => events.findIndex((event) => event.kind === kind)).filter((at) => at >= 0);
    expect(first).toEqual(first.toSorted((a, b) => a - b));
    if (made.isReal) expect(result.timings.nodes.map(({ node }) => node)).toEqual(['1', '9']);
  });

  test('[RN-21] its files can be fetched, and are known by their content', async () => {
    const { result } = await ran({ prompt: picture() });
    if (result.kind !== 'finished') throw new Error(JSON.stringify(result));
    const saved: Uint8Array[] = [];
    const [file] = await fetchOutputs(runner, result.outputs, async (_file, bytes) => void saved.push(bytes));
    expect(file!.sha256).toMatch(/^[\da-f]{64}$/);
    expect(Buffer.from(saved[0]!).toString('latin1', 1, 4)).toBe('PNG');
    const gone = { ...result.outputs[0]!, filename: 'cwf-no-such-file.png' };
    await expect(runner.fetch(gone)).rejects.toMatchObject({ code: 'RUNNER_OUTPUT' });
  });

  test('[RN-23] the same again is warm', async (context) => {
    context.skip(!made.isReal, 'a simulation says itself what was kept');
    const prompt = picture();
    await ran({ prompt });
    const { events, result } = await ran({ prompt });
    expect(result).toMatchObject({ kind: 'finished', warmth: 'warm', cached: ['1', '9'], outputs: [{ node: '9' }] });
    expect(events.find(({ kind }) => kind === 'cached')).toEqual({ kind: 'cached', nodes: ['1', '9'] });
  });

  test('[RN-1] a node that fails', async () => {
    const { result } = await ran({ prompt: failing() });
    expect(result).toMatchObject({
      kind: 'failed',
      outputs: [],
      error: { node: '2', classType: 'EmptyImage', type: 'RuntimeError', message: expect.stringContaining('negative') },
    });
  });

  test('[RN-4] a prompt that is not taken on', async () => {
    const { result } = await ran({ prompt: unknown() });
    expect(result).toMatchObject({ kind: 'refused', status: 400, error: { message: expect.any(String) } });
  });

  test('[RN-17] an output that has errors, and one that is expected and not there', async () => {
    const { result } = await ran({ prompt: picture(), expected: ['9', '77'] });
    expect(result).toMatchObject({ kind: 'partial', missing: ['77'], outputs: [{ node: '9' }] });
    if (!made.isReal) return;
    const { result: other } = await ran({ prompt: lacking() });
    expect(other).toMatchObject({ kind: 'partial', missing: ['3'], outputs: [{ node: '9' }] });
  });

  test('[RN-1] only the targets run', async () => {
    const { result } = await ran({ prompt: { ...picture(), '12': save('1', 'cwf-other') }, targets: ['9'] });
    expect(result).toMatchObject({ kind: 'finished', outputs: [{ node: '9' }] });
  });

  test('[RN-22] a file that comes with the run', async (context) => {
    context.skip(!made.isReal, 'a simulation reads no files');
    const prompt = { '1': { class_type: 'LoadImage', inputs: { image: 'not-there.png' } }, '9': save('1') };
    const inputs = [{ node: '1', input: 'image', bytes: PNG, extension: '.png' }];
    expect((await ran({ prompt, inputs })).result.kind).toBe('finished');
  });

  test('[RN-1] runs that go on at once share a file', async () => {
    const side = 1024;
    const pixels = Buffer.alloc(side * side * 3, 0).map((_, i) => (Math.imul(i, 0x9e3779b1) >>> 24) & 255);
    const bytes = await sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
      .png({ compressionLevel: 0 })
      .toBuffer();
    const inputs = [{ node: '1', input: 'image', bytes, extension: '.png' }];
    const prompts = Array.from({ length: 6 }, (_, i): JsonObject => {
      const scaled = { image: ['1', 0], upscale_method: 'area', width: 8, height: 8 + i, crop: 'disabled' };
      return {
        '1': { class_type: 'LoadImage', inputs: { image: 'not-there.png' } },
        '2': { class_type: 'ImageScale', inputs: scaled },
        '9': save('2'),
      };
    });
    // Each begins when the one before it is about to read.
    const begin = async ([prompt, ...rest]: JsonObject[]): Promise<string[]> => {
      if (prompt === undefined) return [];
      let others: Promise<string[]> | undefined;
      const onEvent = ({ kind }: RunEvent): void => {
        if (kind === 'started') others ??= begin(rest);
      };
      const { kind } = await runner.run({ prompt, inputs }, { onEvent });
      return [kind, ...((await others) ?? [])];
    };
    expect(await begin(prompts)).toEqual(prompts.map(() => 'finished'));
  });

  test.each(['queued', 'started'] as const)('[RN-12] stopped by its signal once it is %s', async (stopAt) => {
    const { result } = await ran({ prompt: slow(made.side) }, stopAt);
    expect(result).toMatchObject({ kind: 'interrupted', by: 'signal', stopped: true });
  });

  test('[RN-12] stopped by its deadline, while it runs and while it waits', async () => {
    const [running, waiting] = await Promise.all([
      runner.run({ prompt: slow(made.side) }, { deadline: 400 }),
      runner.run({ prompt: slow(made.side) }, { deadline: 200 }),
    ]);
    expect(running).toMatchObject({ kind: 'interrupted', by: 'deadline' });
    expect(waiting).toMatchObject({ kind: 'interrupted', by: 'deadline' });
    expect((await ran({ prompt: picture() })).result.kind).toBe('finished');
  });

  test('[RN-1] several at once each get their own', async () => {
    const all = await Promise.all([picture(), picture(), picture()].map((prompt) => ran({ prompt, expected: ['9'] })));
    const names = all.map(({ result }) => (result.kind === 'finished' ? result.outputs[0]!.filename : result.kind));
    expect(new Set(names).size).toBe(3);
    const ids = all.map(({ result }) => (result.kind === 'refused' ? '' : result.promptId));
    expect(new Set(ids).size).toBe(3);
  });

  test('[RN-3] a listener that throws stops nothing, and is told of', async () => {
    const onEvent = () => {
      throw new Error('mine');
    };
    await expect(runner.run({ prompt: picture() }, { onEvent })).rejects.toThrow('mine');
    expect((await ran({ prompt: picture() })).result.kind).toBe('finished');
  });

  test('[RN-2] says what it is', async () => {
    const { environment, classes } = await runner.capabilities();
    expect(environment.engine).toEqual(expect.any(String));
    expect((await runner.load()).queued).toBeGreaterThanOrEqual(0);
    if (made.isReal) expect(classes.has('SaveImage')).toBe(true);
  });

  test('[RN-2] defines the classes that it runs, by the version it tells', async () => {
    const [definitions, { environment, classes }] = [await runner.definitions(), await runner.capabilities()];
    expect(definitions !== undefined).toBe(made.isReal);
    if (!definitions) return;
    expect(definitions.catalog.engine).toBe(environment.engine);
    expect([...definitions.classes].sort()).toEqual([...classes].sort());
    for (const name of definitions.classes) expect(definitions.catalog.node(name)).toBeDefined();
  });
});

describe('the end of a runner', () => {
  test.each(Object.entries(MAKERS))('[RN-12] %s: what runs is interrupted', async (_, make) => {
    const { runner, close, side } = await make();
    const result = await runner.run(
      { prompt: slow(side) },
      { onEvent: ({ kind }) => void (kind === 'started' && runner.close()) },
    );
    expect(result).toMatchObject({ kind: 'interrupted', by: 'signal' });
    await runner.close();
    await close();
  });
});
