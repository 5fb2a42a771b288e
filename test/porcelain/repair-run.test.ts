import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { opLog } from '../../src/porcelain/op.ts';
import { type RepairInput, repair } from '../../src/porcelain/repair.ts';
import { readRuns } from '../../src/porcelain/run-note.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { ensureBuilt } from '../cli/cwf.ts';
import { portrait } from '../core/validate/fixes/prompts.ts';
import { encoded, scene } from '../io/metrics/images.ts';
import { FakeComfyui, type FakeJob, image, json } from '../io/runner/fake-comfyui.ts';
import { type Temp, tempRepo } from './temp.ts';

beforeAll(ensureBuilt);

let fake: FakeComfyui;

/** Classes of the shipped definitions as a server tells them, with its own files. */
function serverInfo(...names: readonly string[]) {
  return Object.fromEntries(
    names.map((name) => {
      const { inputs: all, outputs, flags } = defaultCatalog().node(name)!;
      const inputs = all.filter(({ section }) => section === 'required');
      const required = inputs.map(({ name: key, type, options }) => {
        if (options.files !== undefined) return [key, [['sd15.safetensors', 'sdxl.safetensors'], {}]];
        return [key, type === 'COMBO' && Array.isArray(options.options) ? [options.options, {}] : [type, options]];
      });
      return [
        name,
        {
          input: { required: Object.fromEntries(required) },
          input_order: { required: inputs.map((one) => one.name) },
          output: outputs.map((one) => one.type),
          output_name: outputs.map((one) => one.name),
          output_is_list: outputs.map(() => false),
          output_node: flags.includes('output_node'),
          python_module: 'nodes',
        },
      ];
    }),
  );
}

beforeEach(async () => {
  const picture = await encoded(scene(8));
  fake = await FakeComfyui.start();
  const classes = [...new Set(Object.values(portrait()).map((node) => node.class_type)), 'VAEDecodeTiled'];
  const info = JSON.stringify(serverInfo(...classes), (_, value) =>
    typeof value === 'bigint' ? Number(value) : value,
  );
  fake.routes.set('GET /object_info', (_seen, response) => json(response, 200, JSON.parse(info)));
  fake.routes.set('GET /prompt', (_seen, response) => json(response, 200, { exec_info: { queue_remaining: 0 } }));
  fake.routes.set('GET /view', (_seen, response) =>
    response.writeHead(200, { 'content-type': 'image/png' }).end(picture),
  );
});
afterEach(() => fake.close());

type Prompt = ReturnType<typeof portrait>;
/** What was sent, each once: the client sends a prompt that ran out of memory again once memory is freed. */
const posted = (): Prompt[] => {
  const sent = fake.requests('POST /prompt').map(({ body }) => JSON.stringify(JSON.parse(String(body)).prompt));
  return [...new Set(sent)].map((one) => JSON.parse(one));
};
const succeed = (job: FakeJob): void => fake.succeed(job, { '7': { images: [image('a.png')] } });
const outOf =
  (node: string, class_type: string) =>
  (job: FakeJob): void =>
    fake.fail(job, {
      node_id: node,
      node_type: class_type,
      exception_type: 'torch.OutOfMemoryError',
      exception_message: 'Allocation on device 0 would exceed allowed memory',
    });

/** Each prompt by the next script, as often as it comes; the last one stays. */
function play(...scripts: readonly ((job: FakeJob) => void)[]): void {
  const seen: string[] = [];
  fake.script = (job) => {
    const prompt = JSON.stringify(job.prompt);
    if (!seen.includes(prompt)) seen.push(prompt);
    scripts[Math.min(seen.indexOf(prompt), scripts.length - 1)]!(job);
  };
}

async function committed(change: (prompt: Prompt) => void = () => {}): Promise<Temp> {
  const prompt = portrait();
  change(prompt);
  const t = await tempRepo({ 'a.json': prompt, '.cwfrc': { runners: [{ name: 'desk', url: fake.url }] } });
  await commit.run(t.ctx, { files: ['a.json'] });
  return t;
}

async function repaired(t: Temp, more: Partial<RepairInput> = {}) {
  const steps: { readonly step: string }[] = [];
  const report = (step: { readonly step: string }): void => void steps.push(step);
  const out = await repair.run(t.ctx, { file: 'a.json', run: {}, report, ...more });
  return { out, steps: steps.map(({ step }) => step) };
}

const fileAt = (t: Temp, rev: string): Prompt => JSON.parse(t.git('show', `${rev}:a.json`));

describe('cwf repair --run', () => {
  test('[RA-25] out of memory, then half the batch: a commit, a run noted on each state, one operation', async () => {
    const t = await committed((prompt) => {
      prompt['4']!.inputs.batch_size = 4;
      prompt['5']!.inputs.steps = 'abc';
    });
    play(outOf('5', 'KSampler'), succeed);
    const { out, steps } = await repaired(t);
    expect(out.ran).toMatchObject({ finished: true, left: [], tried: [] });
    expect(posted().map((prompt) => prompt['4']!.inputs.batch_size)).toEqual([4, 2]);
    expect(steps.filter((step) => ['run', 'ran', 'finding', 'patch'].includes(step))).toEqual([
      'patch',
      'run',
      'ran',
      'finding',
      'patch',
      'run',
      'ran',
    ]);
    expect(fileAt(t, 'repair/a')['4']!.inputs.batch_size).toBe(2);
    expect(fileAt(t, 'repair/a~1')).toMatchObject({
      '4': { inputs: { batch_size: 4 } },
      '5': { inputs: { steps: 20 } },
    });
    expect(t.git('log', '-1', '--format=%s%n%b', 'repair/a')).toMatch(
      /halve batch_size[\s\S]*KSampler \(5\)[\s\S]*RUN_OUT_OF_MEMORY/,
    );
    const kinds = async (rev: string) => (await readRuns(t.ctx, await t.ctx.repo.resolve(rev))).map(({ kind }) => kind);
    expect([await kinds('repair/a~1'), await kinds('repair/a')]).toEqual([['out-of-memory'], ['finished']]);
    expect(out.ran!.commit).toBe(t.git('rev-parse', 'repair/a').trim());
    expect(out.checkpoint!.oid).toBe(t.git('rev-parse', 'main').trim());
    expect((await opLog.run(t.ctx, {})).operations.map(({ command }) => command).slice(0, 2)).toEqual([
      'repair',
      'commit',
    ]);
    await undo.run(t.ctx, {});
    expect(t.git('branch', '--list', 'repair/*')).toBe('');
  });

  test('[RA-26] a VAE goes into tiles first, and then the sides shrink', async () => {
    const t = await committed((prompt) => Object.assign(prompt['4']!.inputs, { width: 1024, height: 768 }));
    play(outOf('6', 'VAEDecode'), outOf('6', 'VAEDecodeTiled'), succeed);
    const { out } = await repaired(t);
    expect(out.ran!.patches.map(({ agent }) => agent)).toEqual(['structural', 'parameter']);
    const sent = posted();
    expect(sent[1]!['6']).toMatchObject({
      class_type: 'VAEDecodeTiled',
      inputs: { samples: ['5', 0], vae: ['1', 2], tile_size: 512 },
    });
    expect(sent[2]!['4']!.inputs).toMatchObject({ width: 768, height: 576 });
    expect(t.git('rev-list', '--count', 'main..repair/a').trim()).toBe('2');
  });

  test('[RA-25] changes that help nothing are not kept, and runs are bounded', async () => {
    const t = await committed((prompt) => Object.assign(prompt['4']!.inputs, { batch_size: 64 }));
    play(outOf('5', 'KSampler'));
    const { out } = await repaired(t, { run: { most: 3 } });
    expect(posted().map((prompt) => prompt['4']!.inputs.batch_size)).toEqual([64, 32, 16]);
    expect(out.ran).toMatchObject({ finished: false, patches: [], error: { code: 'RUN_OUT_OF_MEMORY' } });
    expect(out.ran!.tried).toHaveLength(2);
    expect(out.branch).toBeUndefined();
    expect(t.git('branch', '--list', 'repair/*')).toBe('');
    // The run of what is committed is told there.
    const runs = await readRuns(t.ctx, await t.ctx.repo.resolve('HEAD'));
    expect(runs.map(({ kind }) => kind)).toEqual(['out-of-memory']);
  });

  const refuse = (errors: object): void => {
    fake.routes.set('POST /prompt', (seen, response) => {
      const { prompt } = JSON.parse(String(seen.body)) as { prompt: Prompt };
      if (prompt['5']!.inputs.steps === 20) return false;
      const error = {
        type: 'prompt_outputs_failed_validation',
        message: 'Prompt outputs failed validation',
        details: '',
      };
      return json(response, 400, { error, node_errors: { '5': { class_type: 'KSampler', errors: [errors] } } });
    });
  };

  test('[RA-27] what a server refuses is told in the codes of the validator', async () => {
    const t = await committed((prompt) => Object.assign(prompt['5']!.inputs, { steps: 21 }));
    const extra = { input_name: 'steps', received_value: 21 };
    refuse({ type: 'invalid_input_type', message: 'Failed to convert', details: 'steps', extra_info: extra });
    const { out } = await repaired(t);
    expect(out.ran).toMatchObject({
      finished: false,
      left: [{ code: 'VALUE_WRONG_TYPE', node: '5', input: 'steps' }],
      error: { code: 'RUN_REFUSED' },
    });
  });

  test('[RA-27] a file that the server has not got is told, never replaced', async () => {
    const t = await committed();
    const extra = { input_name: 'ckpt_name', received_value: 'sd15.safetensors' };
    fake.routes.set('POST /prompt', (_seen, response) =>
      json(response, 400, {
        error: { type: 'prompt_outputs_failed_validation', message: 'no', details: '' },
        node_errors: {
          '1': {
            class_type: 'CheckpointLoaderSimple',
            errors: [{ type: 'value_not_in_list', message: 'Value not in list', details: '', extra_info: extra }],
          },
        },
      }),
    );
    const { out } = await repaired(t);
    expect(out.ran!.left).toMatchObject([{ code: 'FILE_MISSING', node: '1' }]);
    expect(out.ran!.left[0]!.advice).toBeTruthy();
    expect([out.ran!.patches, out.ran!.tried]).toEqual([[], []]);
    play((job) =>
      fake.fail(job, {
        node_id: '1',
        node_type: 'CheckpointLoaderSimple',
        exception_type: 'FileNotFoundError',
        exception_message: 'Model in folder checkpoints with filename sd15.safetensors not found.',
      }),
    );
    fake.routes.delete('POST /prompt');
    expect((await repaired(t)).out.ran!.left).toMatchObject([{ code: 'FILE_MISSING', node: '1' }]);
  });

  test('[RA-25] on the embedded engine, where a batch is larger than its memory', async () => {
    const t = await tempRepo({
      'a.json': {
        '1': { class_type: 'EmptyImage', inputs: { width: 1024, height: 1024, batch_size: 48, color: 3 } },
        '2': { class_type: 'GetImageSize', inputs: { image: ['1', 0] } },
        '3': { class_type: 'PreviewAny', inputs: { source: ['2', 2] } },
      },
    });
    await commit.run(t.ctx, { files: ['a.json'] });
    const { out } = await repaired(t);
    expect(out.ran).toMatchObject({ finished: true, runs: [{ kind: 'out-of-memory' }, { kind: 'finished' }] });
    expect(fileAt(t, 'repair/a')['1']!.inputs.batch_size).toBe(24);
  });

  test('[RA-25] what has errors left is not run; what finishes at once changes nothing', async () => {
    const t = await committed((prompt) => Object.assign(prompt['1']!.inputs, { ckpt_name: '' }));
    expect((await repaired(t)).out.ran).toBeUndefined();
    expect(posted()).toEqual([]);
    const sound = await committed();
    play(succeed);
    const { out } = await repaired(sound);
    expect([out.branch, out.ran!.finished, out.ran!.commit]).toEqual([
      undefined,
      true,
      sound.git('rev-parse', 'HEAD').trim(),
    ]);
  });

  test('[RA-25] a server that is not there leaves the repair as it is', async () => {
    const t = await committed((prompt) => Object.assign(prompt['5']!.inputs, { steps: 'abc' }));
    await fake.close();
    const { out } = await repaired(t);
    expect(out.ran).toMatchObject({ runs: [], error: { code: 'RUNNER_UNREACHABLE' } });
    expect(fileAt(t, 'repair/a')['5']!.inputs.steps).toBe(20);
  });
});
