import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { reproduceRun } from '../../src/porcelain/reproduce.ts';
import { runWorkflow } from '../../src/porcelain/run.ts';
import { ensureBuilt } from '../cli/cwf.ts';
import { encoded, noisy, scene } from '../io/metrics/images.ts';
import { FakeComfyui, json } from '../io/runner/fake-comfyui.ts';
import { type Temp, tempRepo } from './temp.ts';

beforeAll(ensureBuilt);

let fake: FakeComfyui;
/** What the server has left, one file after the other; the last one stays. */
let pictures: Buffer[];
/** What the server is asked. */
let info: { [name: string]: JsonObject };

const PAIR = {
  '1': { class_type: 'PackSample', inputs: { seed: 7, model: 'a.safetensors' } },
  '9': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
};

beforeEach(async () => {
  info = {
    PackSample: {
      input: { required: { seed: ['INT', { min: 0, max: 99 }], model: [['a.safetensors', 'b.safetensors'], {}] } },
      output: ['IMAGE'],
      output_name: ['IMAGE'],
      output_is_list: [false],
      output_node: false,
      python_module: 'custom_nodes.Pack',
    },
    SaveImage: {
      input: { required: { images: ['IMAGE'], filename_prefix: ['STRING', {}] } },
      output: [],
      output_name: [],
      output_is_list: [],
      output_node: true,
      python_module: 'nodes',
    },
  };
  pictures = [await encoded(scene(8))];
  fake = await FakeComfyui.start();
  fake.routes.set('GET /object_info', (_seen, response) => json(response, 200, info));
  fake.routes.set('GET /prompt', (_seen, response) => json(response, 200, { exec_info: { queue_remaining: 0 } }));
  fake.routes.set('GET /view', (_seen, response) => {
    const bytes = pictures.length > 1 ? pictures.shift()! : pictures[0]!;
    response.writeHead(200, { 'content-type': 'image/png' }).end(bytes);
  });
  pack('1.0');
});
afterEach(() => fake.close());

const pack = (version: string) =>
  fake.routes.set('GET /v2/customnode/installed', (_seen, response) =>
    json(response, 200, { Pack: { ver: version, cnr_id: 'pack', aux_id: null, enabled: true } }),
  );

async function ranOnce(): Promise<Temp> {
  const temp = await tempRepo({ 'wf.json': PAIR, '.cwfrc': { runners: [{ name: 'desk', url: fake.url }] } });
  await commit.run(temp.ctx, { files: ['wf.json'] });
  const out = await runWorkflow(temp.ctx, { metrics: 'none' });
  expect(out).toMatchObject({ kind: 'ran', note: { kind: 'finished', runner: 'desk' } });
  return temp;
}

describe('made again on a server', () => {
  test('[RE-9, RE-10] on the one that made it, which is asked to forget what it kept', async () => {
    const { ctx } = await ranOnce();
    const before = fake.requests('POST /free').length;
    expect(await reproduceRun(ctx, {})).toMatchObject({ kind: 'ran', verdict: 'identical', drifts: [] });
    expect(fake.requests('POST /free').length).toBe(before + 1);
    expect(JSON.parse(String(fake.requests('POST /prompt').at(-1)!.body)).prompt['1'].inputs.seed).toBe(7);
  });

  test('[RE-11] a runner that does not give the same twice, where nothing drifted', async () => {
    const { ctx } = await ranOnce();
    pictures = [await encoded(noisy(scene(8), 2, 1)), await encoded(noisy(scene(8), 2, 2))];
    const out = await reproduceRun(ctx, { repeat: 2 });
    expect(out).toMatchObject({ kind: 'ran', verdict: 'differs', drifts: [], unknown: [], alike: false });
    // The same in all attempts, and another one than it was.
    const once = await reproduceRun(ctx, { repeat: 2 });
    expect(once).toMatchObject({ verdict: 'differs', alike: true });
  });

  test('[RE-7] packs and their versions are named', async () => {
    const { ctx } = await ranOnce();
    pack('2.0');
    expect(await reproduceRun(ctx, {})).toMatchObject({
      drifts: [{ kind: 'pack', name: 'custom_nodes.Pack', before: '1.0', now: '2.0', cause: 'likely' }],
    });
  });

  test('[RE-13] classes and models that are gone, and a server that is: named with the drift', async () => {
    const { ctx } = await ranOnce();
    const { PackSample: sample } = info;
    pack('3.0');
    const models = { seed: ['INT', { min: 0, max: 99 }], model: [['b.safetensors'], {}] };
    info.PackSample = { ...sample!, input: { required: models as never } };
    const model = await reproduceRun(ctx, {});
    expect(model).toMatchObject({
      kind: 'blocked',
      error: { code: 'RUN_INVALID', exit: 3 },
      drifts: [{ kind: 'pack' }],
    });
    expect(model.kind === 'blocked' && model.error.message).toContain('a.safetensors');
    delete info.PackSample;
    const gone = await reproduceRun(ctx, {});
    expect(gone).toMatchObject({ kind: 'blocked', drifts: [{ kind: 'pack', before: '1.0' }] });
    expect(gone.kind === 'blocked' && gone.error.message).toContain('PackSample');
    await fake.close();
    const away = await reproduceRun(ctx, {});
    expect(away).toMatchObject({ kind: 'blocked', error: { code: 'RUNNER_UNREACHABLE', exit: 6 }, drifts: [] });
  });

  test('[RE-9] a runner that is no longer one of ours is never asked by what a note calls it', async () => {
    const { ctx, write, open } = await ranOnce();
    write('.cwfrc', { runners: [] });
    const asked = fake.requests('GET /object_info').length;
    const out = await reproduceRun(await open(), {});
    expect(out).toMatchObject({ kind: 'blocked', drifts: expect.arrayContaining([]) });
    expect(out.remarks.join()).toContain('desk');
    expect(fake.requests('GET /object_info').length).toBe(asked);
    const elsewhere = await reproduceRun(ctx, { on: fake.url });
    expect(elsewhere).toMatchObject({ kind: 'ran', verdict: 'identical', drifts: [{ kind: 'runner' }] });
  });

  test('[RE-12, RE-13] an attempt that fails is noted, and ends with its error', async () => {
    const { ctx } = await ranOnce();
    fake.routes.set('POST /prompt', (_seen, response) =>
      json(response, 400, { error: { type: 'x', message: 'no', details: '' }, node_errors: {} }),
    );
    expect(await reproduceRun(ctx, {})).toMatchObject({
      kind: 'ran',
      recorded: true,
      error: { code: 'RUN_REFUSED', exit: 7 },
      attempts: [{ note: { kind: 'refused' }, outputs: [] }],
    });
  });
});
