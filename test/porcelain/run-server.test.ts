import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { commit } from '../../src/porcelain/commit.ts';
import type { Context } from '../../src/porcelain/context.ts';
import { runWorkflow } from '../../src/porcelain/run.ts';
import { runCommits } from '../../src/porcelain/run-all.ts';
import { readRuns } from '../../src/porcelain/run-note.ts';
import { ensureBuilt } from '../cli/cwf.ts';
import { chunk, IEND, IHDR, SIGNATURE } from '../io/media/images.ts';
import { encoded, scene } from '../io/metrics/images.ts';
import { FakeComfyui, type FakeJob, image, json, plain } from '../io/runner/fake-comfyui.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

beforeAll(ensureBuilt);

let fake: FakeComfyui;
let picture: Buffer;

/** What the server has: a pack with a sampler of its own, and two nodes of ComfyUI. */
const OBJECT_INFO = {
  PackSample: {
    input: {
      required: {
        seed: ['INT', { default: 0, min: 0, max: 2 ** 40, control_after_generate: true }],
        steps: ['INT', { default: 20, min: 1, max: 100 }],
        model: [['a.safetensors', 'b.safetensors'], {}],
      },
      optional: { image: ['IMAGE'] },
    },
    input_order: { required: ['seed', 'steps', 'model'], optional: ['image'] },
    output: ['IMAGE'],
    output_name: ['IMAGE'],
    output_is_list: [false],
    output_node: false,
    python_module: 'custom_nodes.ComfyUI-Pack',
  },
  LoadImage: {
    input: { required: { image: [['there.png'], { image_upload: true }] } },
    input_order: { required: ['image'] },
    output: ['IMAGE', 'MASK'],
    output_name: ['IMAGE', 'MASK'],
    output_is_list: [false, false],
    python_module: 'nodes',
  },
  SaveImage: {
    input: { required: { images: ['IMAGE'], filename_prefix: ['STRING', { default: 'ComfyUI' }] } },
    input_order: { required: ['images', 'filename_prefix'] },
    output: [],
    output_name: [],
    output_is_list: [],
    output_node: true,
    python_module: 'nodes',
  },
};

/** A file of the page with a node of the pack. */
const PAGE = {
  last_node_id: 9,
  last_link_id: 1,
  nodes: [
    {
      id: 1,
      type: 'PackSample',
      pos: [0, 0],
      size: [200, 100],
      flags: {},
      order: 0,
      mode: 0,
      inputs: [{ name: 'image', type: 'IMAGE', link: null }],
      outputs: [{ name: 'IMAGE', type: 'IMAGE', links: [1], slot_index: 0 }],
      properties: {},
      widgets_values: [7, 'randomize', 12, 'a.safetensors'],
    },
    {
      id: 9,
      type: 'SaveImage',
      pos: [300, 0],
      size: [200, 100],
      flags: {},
      order: 1,
      mode: 0,
      inputs: [{ name: 'images', type: 'IMAGE', link: 1 }],
      outputs: [],
      properties: {},
      widgets_values: ['x'],
    },
  ],
  links: [[1, 1, 0, 9, 0, 'IMAGE']],
  groups: [],
  config: {},
  extra: {},
  version: 0.4,
};

beforeEach(async () => {
  picture = await encoded(scene(8));
  fake = await FakeComfyui.start();
  fake.routes.set('GET /object_info', (_seen, response) => json(response, 200, OBJECT_INFO));
  fake.routes.set('GET /prompt', (_seen, response) => json(response, 200, { exec_info: { queue_remaining: 0 } }));
  fake.routes.set('GET /view', (_seen, response) =>
    response.writeHead(200, { 'content-type': 'image/png' }).end(picture),
  );
});
afterEach(() => fake.close());

async function committed(graph: unknown = PAGE): Promise<Temp> {
  const runners = [{ name: 'desk', url: fake.url }];
  const temp = await tempRepo({ 'wf.json': graph, '.cwfrc': { runners } });
  await commit.run(temp.ctx, { files: ['wf.json'] });
  return temp;
}

async function ran(ctx: Context, input: Parameters<typeof runWorkflow>[1] = {}) {
  const out = await runWorkflow(ctx, input);
  if (out.kind !== 'ran') throw new Error(`it is ${out.kind}: ${out.kind === 'invalid' && out.error.message}`);
  return out;
}

const head = (ctx: Context) => ctx.repo.resolve('HEAD');
const posted = () => fake.requests('POST /prompt').map(({ body }) => JSON.parse(String(body)));

describe('a run on a server', () => {
  test('[RU-5, RU-8, RU-10] a file of the page with nodes that only the server has', async () => {
    const { ctx } = await committed();
    const { note, recorded } = await ran(ctx);
    expect([note.kind, note.runner, recorded]).toEqual(['finished', 'desk', true]);
    const [{ prompt, extra_data: extra }] = posted();
    expect(prompt['1']).toMatchObject({
      class_type: 'PackSample',
      inputs: { seed: 7, steps: 12, model: 'a.safetensors' },
    });
    expect(extra.extra_pnginfo.workflow.nodes).toHaveLength(2);
    expect(extra.extra_pnginfo.cwf).toEqual({ commit: await head(ctx), file: 'wf.json' });
    expect(note).toMatchObject({
      seeds: [{ node: '1', input: 'seed', value: 7 }],
      packs: [{ module: 'custom_nodes.ComfyUI-Pack', classes: ['PackSample'] }],
      models: [{ input: 'PackSample.model', file: 'a.safetensors' }],
      environment: { engine: '0.33.0', python: '3.11', pytorch: '2.13', argv: ['main.py'] },
    });
    expect(await readRuns(ctx, await head(ctx))).toEqual([note]);
  });

  test('[RU-5] versions of node packs are noted where the manager of the server tells them', async () => {
    const { ctx } = await committed();
    const installed = { 'ComfyUI-Pack': { ver: '1.4.2', cnr_id: 'pack', aux_id: null, enabled: true }, Other: 7 };
    fake.routes.set('GET /v2/customnode/installed', (_seen, response) => json(response, 200, installed));
    const [pack] = (await ran(ctx)).note.packs!;
    expect(pack).toEqual({
      module: 'custom_nodes.ComfyUI-Pack',
      classes: ['PackSample'],
      version: '1.4.2',
      source: 'pack',
    });
    fake.routes.set('GET /customnode/installed', (_seen, response) => json(response, 200, ['nothing']));
    expect((await ran(ctx)).note.packs![0]!.version).toBe('1.4.2');
  });

  test('[RU-4] seeds: those of the file, one for all, or a random one; the picture carries what was sent', async () => {
    const { ctx } = await committed();
    expect((await ran(ctx)).note.seeds).toEqual((await ran(ctx)).note.seeds);
    expect((await ran(ctx, { seed: 99n })).note.seeds).toEqual([{ node: '1', input: 'seed', value: 99 }]);
    const { note } = await ran(ctx, { seed: 'random' });
    const { prompt, extra_data: extra } = posted().at(-1);
    expect(prompt['1'].inputs.seed).toBe(note.seeds[0]!.value);
    expect(JSON.stringify(extra.extra_pnginfo.workflow.nodes[0])).toContain(String(note.seeds[0]!.value));
    await failure('USAGE', ran(ctx, { seed: 2n ** 41n }));
    // A note is enough to send the same again.
    const again = (await ran(ctx, { seeds: note.seeds })).note;
    expect([again.prompt, again.graph]).toEqual([note.prompt, note.graph]);
  });

  test('[RU-6] what the server would refuse is not sent', async () => {
    const { ctx } = await committed();
    const lacking = await runWorkflow(ctx, { set: [{ address: '1.model', value: 'c.safetensors' }] });
    expect(lacking).toMatchObject({ kind: 'invalid', runner: 'desk' });
    expect(lacking.kind === 'invalid' && lacking.error.message).toContain('c.safetensors');
    expect(posted()).toEqual([]);
  });

  test('[RU-7] files at hand are sent, files that the server has are named, others are missing', async () => {
    const load = (name: string) => ({
      '1': { class_type: 'LoadImage', inputs: { image: name } },
      '9': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
    });
    fake.routes.set('POST /upload/image', (_seen, response) => json(response, 200, { name: 'up.png', subfolder: '' }));
    const temp = await committed(load('here.png'));
    mkdirSync(join(temp.dir, 'input'));
    writeFileSync(join(temp.dir, 'input/here.png'), picture);
    const { note } = await ran(temp.ctx);
    expect(note.inputs).toEqual([{ node: '1', input: 'image', file: 'here.png', sha256: expect.any(String) }]);
    expect(posted().at(-1).prompt['1'].inputs.image).toBe('up.png');
    const there = (await ran(temp.ctx, { set: [{ address: '1.image', value: 'there.png' }] })).note;
    expect(there.inputs).toEqual([{ node: '1', input: 'image', file: 'there.png' }]);
    await failure('RUN_INPUT_MISSING', ran(temp.ctx, { set: [{ address: '1.image', value: 'nope.png' }] }));
  });

  const forget = (job: FakeJob) => {
    fake.pending = fake.pending.filter((one) => one !== job);
  };
  const endings: [string, (job: FakeJob) => unknown, kind: string, code: string, part: string][] = [
    [
      'fails',
      (job) => fake.fail(job, { exception_type: 'RuntimeError', exception_message: 'x'.repeat(1e5) }),
      'failed',
      'RUN_FAILED',
      'KSampler (3)',
    ],
    [
      'runs out of memory',
      (job) => fake.fail(job, { exception_type: 'torch.OutOfMemoryError', exception_message: 'CUDA out of memory' }),
      'out-of-memory',
      'RUN_OUT_OF_MEMORY',
      'CUDA out of memory',
    ],
    ['loses it', forget, 'lost', 'RUN_LOST', 'queue'],
  ];
  test.each(endings)(
    '[RU-10] a server that %s: noted, and an error with the next step',
    async (_, script, kind, code, part) => {
      const { ctx } = await committed();
      fake.script = script;
      const { note, error } = await ran(ctx);
      expect([note.kind, error?.code, error?.exit]).toEqual([kind, code, 7]);
      expect(error!.message).toContain(part);
      const [noted] = await readRuns(ctx, await head(ctx));
      expect(noted).toEqual(note);
      expect(JSON.stringify(noted).length).toBeLessThan(10_000);
    },
  );

  test('[RU-10] a prompt that is not taken on after all is noted as refused', async () => {
    const { ctx } = await committed();
    fake.routes.set('POST /prompt', (_seen, response) =>
      json(response, 400, { error: { type: 'weird', message: 'not today', details: 'ever' }, node_errors: {} }),
    );
    const { note, error } = await ran(ctx);
    expect([note.kind, error?.code]).toEqual(['refused', 'RUN_REFUSED']);
    expect(error!.message).toContain('not today: ever');
    expect(await readRuns(ctx, await head(ctx))).toHaveLength(1);
  });

  test('[RU-10, RU-17] an output that is none is lost, the others stay', async () => {
    const { ctx } = await committed();
    const files = [image('a.png'), image('page.png'), image('../../etc/passwd'), image('gone.png')];
    fake.script = (job) => fake.succeed(job, { '9': { images: files } });
    fake.routes.set('GET /view', ({ query }, response) => {
      const name = query.get('filename');
      if (name === 'a.png') return response.writeHead(200, { 'content-type': 'image/png' }).end(picture);
      return name === 'page.png' ? plain(response, 200, '<html>', 'text/html') : plain(response, 404, 'no');
    });
    const { note, error } = await ran(ctx);
    expect(note.outputs.map(({ filename }) => filename)).toEqual(['a.png']);
    expect(note.lost!.map(({ filename }) => filename).sort()).toEqual(['../../etc/passwd', 'gone.png', 'page.png']);
    expect(error).toMatchObject({ code: 'RUN_OUTPUT_LOST', exit: 7 });
  });

  test('[RU-17] a picture with a hundred thousand chunks, or cut off, is kept as a file and has no numbers', async () => {
    const { ctx } = await committed();
    const many = Array.from({ length: 100_000 }, () => chunk('tEXt', 'a\0b'));
    picture = Buffer.concat([SIGNATURE, IHDR, ...many, IEND]);
    const { note, measured, error } = await ran(ctx);
    expect(error).toBeUndefined();
    expect(note.outputs).toMatchObject([{ type: 'image/png', size: picture.length }]);
    expect(note.outputs[0]!.width).toBeUndefined();
    expect(measured.files[0]!.measurements).toEqual([]);
    expect(measured.files[0]!.error!.code).toMatch(/^IMAGE_/);
    picture = (await encoded(scene(1))).subarray(0, 300);
    expect((await ran(ctx)).note.outputs).toHaveLength(1);
  });

  test('[RU-17] ids that no node has do not get into the note', async () => {
    const { ctx } = await committed();
    fake.script = (job) => {
      fake.start(job, ['1', 'constructor', 'x'.repeat(1e6)]);
      for (const node of ['1', '__proto__', 'prototype', 'constructor', 'y'.repeat(1e6)]) fake.executing(job, node);
      fake.succeed(job);
    };
    const { note } = await ran(ctx);
    expect(note.cached).toEqual(['1']);
    const known = await readRuns(ctx, await head(ctx));
    expect(known).toHaveLength(1);
    expect(JSON.stringify(known).length).toBeLessThan(10_000);
  });

  test('[RU-13] [RN-33] one that hangs is interrupted at its deadline, and noted', async () => {
    const { ctx } = await committed();
    fake.script = (job) => fake.start(job);
    const { note, error } = await ran(ctx, { timeout: 1 });
    expect([note.kind, error?.code]).toEqual(['interrupted', 'RUN_STOPPED']);
    expect(error!.message).toContain('deadline');
  });

  test('[RU-15] no server, or none by its answers, is an error before anything is noted', async () => {
    const { ctx } = await committed();
    fake.routes.set('GET /object_info', (_seen, response) => plain(response, 200, '<html>', 'text/html'));
    await failure('RUNNER_ANSWER', ran(ctx));
    fake.routes.set('GET /object_info', (_seen, response) => json(response, 200, { SaveImage: 7 }));
    await failure('RUNNER_ANSWER', ran(ctx));
    await failure('RUNNER_UNREACHABLE', ran(ctx, { on: 'http://127.0.0.1:1' }));
    expect(await readRuns(ctx, await head(ctx))).toEqual([]);
  });
});

describe('several servers', () => {
  test('[RU-14, RU-15] [RN-32] runs go to those that have their classes; one server that is down stops nothing', async () => {
    const temp = await committed();
    const runners = [
      { name: 'gone', url: 'http://127.0.0.1:1' },
      { name: 'desk', url: fake.url },
    ];
    temp.write('.cwfrc', { runners });
    const ctx = await temp.open();
    expect((await ran(ctx)).note.runner).toBe('desk');
    const { entries } = await runCommits(ctx, { what: ['HEAD'], again: true });
    expect(entries.map(({ kind, note }) => [kind, note?.runner])).toEqual([['ran', 'desk']]);
    expect(await readRuns(ctx, await head(ctx))).toHaveLength(2);
  });
});
