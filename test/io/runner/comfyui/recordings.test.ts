import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { comfyuiRunner } from '../../../../src/io/runner/comfyui/runner.ts';
import type { RunEvent, Runner } from '../../../../src/io/runner/runner.ts';
import { withCorpus } from '../../../corpus.ts';
import { FakeComfyui, json, plain } from '../fake-comfyui.ts';
import { fastClock } from '../fast-clock.ts';

let fake: FakeComfyui;
let runner: Runner;
beforeEach(async () => {
  fake = await FakeComfyui.start();
  runner = comfyuiRunner({ name: 'recorded', url: fake.url, clock: fastClock() });
});
afterEach(async () => {
  await runner.close();
  await fake.close();
});

interface Message {
  readonly type?: string;
  readonly data?: Record<string, unknown>;
  readonly binary?: number | boolean;
  readonly metadata?: object;
}

interface Recording {
  readonly prompt: Record<string, never>;
  readonly ws: Message[];
  readonly post?: { readonly body: { readonly prompt_id: string; readonly node_errors: Record<string, unknown> } };
  readonly history?: { readonly body: Record<string, History> };
  readonly job?: { readonly body: Record<string, unknown> };
}

interface History {
  readonly outputs: Record<string, Record<string, unknown>>;
  readonly status: { readonly status_str: string; readonly messages: [string, Record<string, unknown>][] };
}

const KINDS: Record<string, string> = {
  '5_execution_error': 'failed',
  '6_partial_invalid': 'partial',
  '7_slow_interrupted': 'interrupted',
};
const NAMES = [
  '1_image_chain',
  '1_image_chain_again_cached',
  '1_image_chain_changed_blur',
  '2_load_mask_composite',
  '3_batch_video_lists',
  '4_primitives_switch_ws',
  '4_primitives_switch_ws_noflags',
  ...Object.keys(KINDS),
];
const SAMPLERS = ['ks_tiny_64_4', 'ks_tiny_128_8', 'ks_tiny_256_4', 'ks_tiny_512_2', 'ks_full_256_3', 'ks_full_512_2'];

/** Says all of a recording under the id of another prompt. */
function replay(recording: Recording, recorded: string): void {
  fake.nodeErrors = recording.post?.body.node_errors ?? {};
  fake.script = ({ id, client }) => {
    // Also the client, by which a run is known for ours.
    const named = (text: string) =>
      text.replaceAll(recorded, id).replace(/"client_id":"\w+"/g, `"client_id":"${client}"`);
    const ours = (value: unknown) => JSON.parse(named(JSON.stringify(value ?? {})));
    for (const { type, data, binary, metadata } of recording.ws) {
      if (type !== undefined) fake.send(client, type, ours(data));
      else if (binary === 4) fake.sendBytes(client, frame(ours(metadata)));
    }
    const body = recording.job?.body;
    if (body)
      fake.routes.set('GET /api/jobs/', (_, response) => (fake.hasJobs ? json(response, 200, ours(body)) : false));
    const history = recording.history?.body;
    if (history) fake.routes.set('GET /history/', (_, response) => json(response, 200, ours(history)));
  };
}

function frame(metadata: object): Buffer {
  const text = Buffer.from(JSON.stringify(metadata));
  const head = Buffer.from([0, 0, 0, 4, 0, 0, text.length >> 8, text.length & 255]);
  return Buffer.concat([head, text, Buffer.from('\xff\xd8\xff', 'latin1')]);
}

withCorpus('runs', (folder) => {
  const read = (name: string): Recording => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));

  test.each(NAMES.flatMap((name) => [true, false].map((hasJobs) => [name, hasJobs] as const)))(
    '[RN-24] %s, jobs API %s: the recorded end, files, times and cached nodes',
    async (name, hasJobs) => {
      const recording = read(name);
      fake.hasJobs = hasJobs;
      const recorded = recording.post!.body.prompt_id;
      replay(recording, recorded);
      const events: RunEvent[] = [];
      const result = await runner.run({ prompt: recording.prompt }, { onEvent: (event) => events.push(event) });
      if (result.kind === 'refused') throw new Error('refused');
      expect(result.kind).toBe(KINDS[name] ?? 'finished');
      const { outputs, status } = recording.history!.body[recorded]!;
      const files = Object.values(outputs).flatMap((shown) => Object.values(shown).flat()) as { filename?: string }[];
      expect(result.outputs.map(({ filename }) => filename).sort()).toEqual(
        files.flatMap(({ filename }) => filename ?? []).sort(),
      );
      expect(result.unsafe).toEqual([]);
      const { create_time, execution_start_time, execution_end_time } = recording.job!.body as Record<string, number>;
      expect(result.timings).toMatchObject({
        queue: execution_start_time! - create_time!,
        run: execution_end_time! - execution_start_time!,
      });
      const messages = Object.fromEntries(status.messages);
      expect(result.cached).toEqual(messages.execution_cached!.nodes);
      expect(result.warmth).toBe(result.cached.length > 0 ? 'warm' : 'cold');
      if (result.kind === 'failed') {
        expect(result.error).toMatchObject({ node: '1', classType: 'LoadImage', type: 'PIL.UnidentifiedImageError' });
        expect(result.error.trace.at(-1)).toContain('UnidentifiedImageError');
      }
      const said = (type: string) => recording.ws.filter((one) => one.type === type);
      const count = (kind: RunEvent['kind']) => events.filter((event) => event.kind === kind).length;
      expect(count('node')).toBe(said('executing').filter(({ data }) => data!.node !== null).length);
      expect(count('output')).toBe(said('executed').filter(({ data }) => data!.output !== null).length);
      expect(count('progress')).toBe(said('progress').length);
      expect(events.at(-1)).toEqual({ kind: 'end', result: result.kind });
    },
  );

  test.each(SAMPLERS)('[RN-24] %s: progress and previews of each step, and the file', async (name) => {
    const recording = read(name);
    const recorded = String(recording.ws.find(({ type }) => type === 'execution_start')!.data!.prompt_id);
    replay(recording, recorded);
    const script = fake.script;
    fake.script = (job, self) => {
      script(job, self);
      // Of these runs only the messages were kept: the history is made of them.
      const kept = ['execution_start', 'execution_cached', 'execution_success'];
      for (const { type, data } of recording.ws) {
        if (type !== undefined && kept.includes(type)) job.messages.push([type, data!]);
        if (type === 'executed') job.outputs[String(data!.node)] = data!.output;
      }
      fake.pending = [];
      fake.history.set(job.id, job);
    };
    const events: RunEvent[] = [];
    const result = await runner.run(
      { prompt: recording.prompt, expected: ['7'] },
      { onEvent: (event) => events.push(event) },
    );
    const times = Object.fromEntries(recording.ws.map(({ type, data }) => [type, data?.timestamp as number]));
    expect(result).toMatchObject({
      kind: 'finished',
      outputs: [{ node: '7', media: 'images', type: 'output' }],
      timings: { run: times.execution_success! - times.execution_start! },
    });
    const steps = events.filter((event) => event.kind === 'progress' && event.node === '5');
    expect(steps).toHaveLength(Number(/\d+$/.exec(name)![0]));
    const previews = recording.ws.filter(({ binary }) => binary === 4).length;
    expect(events.filter(({ kind }) => kind === 'preview')).toHaveLength(previews);
  });

  interface Shape {
    readonly status: number;
    readonly content_type: string | null;
    readonly body: unknown;
  }
  const shapes: Record<string, Shape> = JSON.parse(readFileSync(join(folder, 'http_shapes.json'), 'utf8'));
  const recordedAnswer = (name: string) => (_: unknown, response: ServerResponse) => {
    const { status, content_type: type, body } = shapes[name]!;
    plain(response, status, typeof body === 'string' ? body : JSON.stringify(body), type ?? undefined);
  };

  test('[RN-24] what a server says of itself', async () => {
    fake.routes.set('GET /system_stats', recordedAnswer('system_stats'));
    fake.routes.set('GET /features', recordedAnswer('features'));
    fake.routes.set('GET /object_info', recordedAnswer('object_info_unknown'));
    fake.routes.set('GET /prompt', recordedAnswer('prompt_get'));
    const { environment, classes, mostUpload } = await runner.capabilities();
    expect(environment).toMatchObject({ engine: '0.33.0', os: 'linux', devices: [{ type: 'cpu' }] });
    expect(environment.argv.slice(0, 2)).toEqual(['main.py', '--cpu']);
    expect(classes.size).toBe(0);
    expect(mostUpload).toBe(104857600);
    expect((await runner.load()).queued).toBe(0);
  });

  test.each([
    ['post_no_prompt', 400, 'no_prompt'],
    ['post_bad_id', 400, 'invalid_prompt_id'],
    ['post_bad_json', 500, 'server_error'],
    ['post_null', 500, 'server_error'],
    ['post_list', 500, 'server_error'],
  ])('[RN-24] %s is refused', async (name, status, type) => {
    fake.routes.set('POST /prompt', recordedAnswer(name));
    expect(await runner.run({ prompt: {} })).toMatchObject({ kind: 'refused', status, error: { type } });
  });

  test.each(['view_missing', 'view_traversal', 'view_bad_type', 'view_no_filename'])(
    '[RN-24] %s is an error',
    async (name) => {
      fake.routes.set('GET /view', recordedAnswer(name));
      const file = { node: '1', media: 'images', filename: 'a.png', subfolder: '', type: 'output' } as const;
      await expect(runner.fetch(file)).rejects.toMatchObject({ code: 'RUNNER_OUTPUT' });
    },
  );

  test.each([
    ['upload_first', 'engine_src.png'],
    ['upload_same_name_other_bytes', 'engine_src (1).png'],
    ['upload_subfolder', 'sub/dir/engine_src.png'],
  ])('[RN-24] %s: the name that was given', async (name, expected) => {
    fake.routes.set('POST /upload/image', recordedAnswer(name));
    const prompt = { '1': { class_type: 'LoadImage', inputs: { image: '' } } };
    await runner.run({ prompt, inputs: [{ node: '1', input: 'image', bytes: Buffer.from('x'), extension: '.png' }] });
    expect(JSON.parse(String(fake.requests('POST /prompt')[0]!.body)).prompt['1'].inputs.image).toBe(expected);
  });

  test.each(['upload_traversal', 'upload_no_file'])('[RN-24] %s is an error', async (name) => {
    fake.routes.set('POST /upload/image', recordedAnswer(name));
    const prompt = { '1': { class_type: 'LoadImage', inputs: { image: '' } } };
    const inputs = [{ node: '1', input: 'image', bytes: Buffer.from('x'), extension: '.png' }];
    await expect(runner.run({ prompt, inputs })).rejects.toMatchObject({ code: 'RUNNER_ANSWER' });
  });

  interface Quirk {
    readonly name: string;
    readonly post: number;
    readonly node_errors: Record<string, unknown>;
    readonly status?: string;
    readonly error?: Record<string, string>[];
    readonly outputs?: Record<string, string[]>;
    readonly prompt: Record<string, never>;
  }
  const quirks: Quirk[] = JSON.parse(readFileSync(join(folder, 'exec_quirks.json'), 'utf8'));

  test.each(quirks.map((quirk) => [quirk.name, quirk] as const))(
    '[RN-24] %s ends as the server said',
    async (_, quirk) => {
      const { post, node_errors: nodeErrors, status, error = [], outputs = {}, prompt } = quirk;
      fake.nodeErrors = nodeErrors;
      if (post !== 200) {
        fake.routes.set('POST /prompt', (_seen, response) =>
          json(response, post, { error: {}, node_errors: nodeErrors }),
        );
      }
      fake.script = (job) => {
        fake.start(job);
        for (const [node, keys] of Object.entries(outputs)) {
          fake.executed(job, node, Object.fromEntries(keys.map((key) => [key, []])));
        }
        if (status === 'success') return fake.succeed(job, {});
        const [{ node_id, node_type, exception_type, exception_message } = {}] = error;
        return fake.fail(job, { node_id, node_type, exception_type, exception_message });
      };
      const result = await runner.run({ prompt });
      const partial = Object.keys(nodeErrors ?? {}).length > 0;
      const whole = status === 'success' ? (partial ? 'partial' : 'finished') : 'failed';
      expect(result.kind).toBe(post === 200 ? whole : 'refused');
      if (result.kind === 'failed') expect(result.error.type).toBe(error[0]!.exception_type);
      if (result.kind !== 'refused') expect(Object.keys(result.shown).sort()).toEqual(Object.keys(outputs).sort());
    },
  );
});
