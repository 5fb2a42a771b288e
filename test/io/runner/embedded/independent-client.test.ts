import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, HttpError, Workflow, WorkflowInterruptedError } from '@stable-canvas/comfyui-client';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { readEmbedded } from '../../../../src/io/media/embedded.ts';
import { type RunningEngine, startEngine } from '../../../../src/porcelain/engine.ts';
import { ensureBuilt } from '../../../cli/cwf.ts';
import { encoded, scene } from '../../metrics/images.ts';

/** The engine under a client that others wrote for ComfyUI, and that knows nothing of cwf. */

let root: string;
let engine: RunningEngine;
let client: Client;
const opened: Client[] = [];

beforeAll(async () => {
  ensureBuilt();
  root = mkdtempSync(join(tmpdir(), 'cwf-client-'));
  engine = await startEngine({ port: 0, input: 'input', output: 'output' }, root);
});
afterAll(async () => {
  await engine.close();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(async () => {
  client = await connected();
});
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

async function connected(): Promise<Client> {
  const one = new Client({ api_host: new URL(engine.url).host, api_base: '/api', WebSocket });
  opened.push(one);
  await one.connect();
  return one;
}

/** Something that a client heard, and of which prompt. */
interface Heard {
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** All JSON messages from now on, but for those about the queue. */
function messagesOf(one: Client): Heard[] {
  const heard: Heard[] = [];
  one.on('message', ({ data }) => {
    if (typeof data !== 'string') return;
    const message = JSON.parse(data) as Heard;
    if (message.type !== 'status') heard.push(message);
  });
  return heard;
}

/** Waits for a message of one kind about one prompt; to be called before the prompt is sent or while it waits. */
function once(one: Client, type: string, matches: (data: Record<string, unknown>) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const off = one.on(type as 'message', (data: unknown) => {
      if (!matches((data ?? {}) as Record<string, unknown>)) return;
      off();
      resolve();
    });
  });
}

let colour = 0;

/** A prompt that takes its time between several nodes, and was never run before. */
function slow(): Workflow {
  const workflow = new Workflow();
  let [image] = workflow.node('EmptyImage', { width: 384, height: 384, batch_size: 1, color: ++colour });
  for (let i = 0; i < 8; i++) [image] = workflow.node('ImageBlur', { image: image!, blur_radius: 15, sigma: 1 });
  workflow.node('PreviewImage', { images: image! });
  return workflow;
}

/** One flat picture that is saved. */
function flat(color: number, prefix: string): Workflow {
  const workflow = new Workflow();
  const [image] = workflow.node('EmptyImage', { width: 8, height: 8, batch_size: 1, color });
  workflow.node('SaveImage', { images: image!, filename_prefix: prefix });
  return workflow;
}

async function upload(bytes: Uint8Array, name: string): Promise<unknown> {
  const form = new FormData();
  form.append('image', new Blob([new Uint8Array(bytes)]), name);
  return (await client.fetchApi('/upload/image', { method: 'POST', body: form })).json();
}

async function pixelsAt(url: string): Promise<Buffer> {
  return sharp(Buffer.from(await (await fetch(url)).arrayBuffer()))
    .raw()
    .toBuffer();
}

async function failure(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => {
      throw new Error('it was taken');
    },
    (error) => error,
  );
}

describe('[EN-2] what the server is', () => {
  test('statistics, queue and history', async () => {
    const { system, devices } = await client.getSystemStats();
    expect(system).toMatchObject({ comfyui_version: engine.engine, argv: [] });
    expect(devices).toMatchObject([{ type: 'cpu', vram_total: system.ram_total }]);
    expect(await client.getQueue()).toEqual({ Running: [], Pending: [] });
    expect(await client.getHistory()).toEqual({ History: [] });
  });

  test('its classes, with inputs in the order in which they stand in a node', async () => {
    const classes = await client.getNodeDefs();
    expect(classes['ImageBlur']).toMatchObject({ output: ['IMAGE'], output_node: false });
    expect(Object.keys(classes['ImageBlur']!.input.required!)).toEqual(['image', 'blur_radius', 'sigma']);
    expect(Object.keys(classes['SaveImage']!.input)).toEqual(['required', 'hidden']);
    // The first version of ComfyUI's nodes has a list of options in the place of a type; clients read it there.
    const options = (name: string, input: string) => classes[name]!.input.required![input]![0];
    expect(options('ImageScale', 'crop')).toEqual(['disabled', 'center']);
    await upload(await encoded(scene(1)), 'listed.png');
    const { LoadImage } = await client.getNodeDefs();
    expect(LoadImage!.input.required!['image']).toEqual([
      expect.arrayContaining(['listed.png']),
      { image_upload: true },
    ]);
    expect(classes['ImageBatch']).toMatchObject({ deprecated: true });
    expect(await client.getSamplers()).toEqual([]);
  });

  test('it has no models, and says so where a server lists them', async () => {
    expect(await client.getEmbeddings()).toEqual([]);
    expect(await client.getExtensions()).toEqual([]);
    expect(await client.getModelFolders()).toEqual([]);
    expect(await client.getSDModels()).toEqual([]);
  });

  test('a client that asks in place of a socket', async () => {
    const asking = new Client({ api_host: new URL(engine.url).host, WebSocket });
    opened.push(asking);
    expect(await asking.connect({ polling: { enabled: true }, websocket: { enabled: false } })).toBe(true);
    const { images } = await flat(0x0a0b0c, 'asked').invoke_polling(asking, { polling_ms: 20 });
    const [r, g, b] = await pixelsAt((images[0] as { data: string }).data);
    expect([r, g, b]).toEqual([10, 11, 12]);
  });
});

describe('[EN-2] a prompt', () => {
  test('of several nodes: picture sent, messages heard, history read, pixels fetched', async () => {
    const source = scene(3);
    const sent = await upload(await encoded(source), 'theirs.png');
    expect(sent).toEqual({ name: 'theirs.png', subfolder: '', type: 'input' });
    const workflow = new Workflow();
    const [image] = workflow.node('LoadImage', { image: 'theirs.png' });
    const [flipped] = workflow.node('ImageFlip', { image: image!, flip_method: 'y-axis: horizontally' });
    const [inverted] = workflow.node('ImageInvert', { image: flipped! });
    workflow.node('SaveImage', { images: inverted!, filename_prefix: 'deep/theirs' });
    workflow.node('PreviewImage', { images: flipped! });
    const heard = messagesOf(client);
    const over = once(client, 'executing', ({ node }) => node === null);
    const run = workflow.instance(client);
    await run.enqueue();
    const { images } = await run.wait_polling({ polling_ms: 20 });
    await over;
    const id = run.task_id!;

    expect(new Set(heard.map(({ data }) => data['prompt_id']))).toEqual(new Set([id]));
    const types = heard.map(({ type }) => type).filter((type) => type !== 'progress_state');
    expect(types.slice(0, 2)).toEqual(['execution_start', 'execution_cached']);
    expect(types.slice(-2)).toEqual(['execution_success', 'executing']);
    const nodes = (type: string) => heard.filter((one) => one.type === type).map(({ data }) => data['node']);
    expect(nodes('executing').toSorted()).toEqual(['1', '2', '3', '4', '5', null]);
    expect(nodes('executed').toSorted()).toEqual(['4', '5']);

    expect(await client.getPromptStatus(id)).toEqual({ running: false, pending: false, done: true });
    expect(await client.getPromptOutputs(id)).toMatchObject({
      '4': { images: [{ subfolder: 'deep', type: 'output' }] },
      '5': { images: [{ subfolder: '', type: 'temp' }] },
    });
    const pixels = (of: (value: number) => number) =>
      Buffer.from(source.rgb).map((_, at) => {
        const [x, y] = [Math.floor(at / 3) % source.width, Math.floor(at / 3 / source.width)];
        return of(source.rgb[(y * source.width + source.width - 1 - x) * 3 + (at % 3)]!);
      });
    const f = Math.fround;
    const wanted = { temp: pixels((v) => v), output: pixels((v) => Math.trunc(f(255 * f(1 - f(v / 255))))) };
    const urls = images.map(({ data }) => data as string);
    const folders = urls.map((url) => new URL(url).searchParams.get('type') as 'temp' | 'output');
    expect(folders.toSorted()).toEqual(['output', 'temp']);
    for (const [i, url] of urls.entries()) expect(Buffer.compare(await pixelsAt(url), wanted[folders[i]!])).toBe(0);
  });

  test('of which the picture keeps what was sent', async () => {
    const { images } = await client.runPrompt(flat(3, 'kept').workflow().prompt, {
      workflow: { nodes: [], links: [], version: 0.4, extra: { theirs: true } },
      polling_ms: 20,
    });
    const file = Buffer.from(await (await fetch(images[0]!.data as string)).arrayBuffer());
    const { prompt, workflow } = readEmbedded(file, 'kept.png');
    expect(JSON.parse(prompt!)).toMatchObject({ '2': { inputs: { filename_prefix: 'kept' } } });
    expect(JSON.parse(workflow!)).toMatchObject({ extra: { theirs: true } });
  });

  test('run again: all of it is kept from before, and its outputs are told once more', async () => {
    const again = flat(0x123456, 'again');
    await again.invoke_polling(client, { polling_ms: 20 });
    const heard = messagesOf(client);
    const over = once(client, 'executing', ({ node }) => node === null);
    const { images } = await again.invoke_polling(client, { polling_ms: 20 });
    await over;
    const told = (type: string) => heard.filter((one) => one.type === type).map(({ data }) => data);
    expect(told('execution_cached')[0]!['nodes']).toEqual(expect.arrayContaining(['1', '2']));
    expect(told('executed').map(({ node }) => node)).toEqual(['2']);
    expect([...(await pixelsAt(images[0]!.data as string)).subarray(0, 3)]).toEqual([0x12, 0x34, 0x56]);
  });

  test('whose pictures come over the socket, with their progress', async () => {
    const workflow = new Workflow();
    const [image] = workflow.node('EmptyImage', { width: 8, height: 4, batch_size: 2, color: 0xff8000 });
    workflow.node('SaveImageWebsocket', { images: image! });
    const pictures: { image: ArrayBuffer; mime: string }[] = [];
    client.on('image_data', (one) => pictures.push(one));
    const steps: unknown[] = [];
    client.on('progress', ({ value, max, node }) => steps.push([value, max, node]));
    const over = once(client, 'executing', ({ node }) => node === null);
    await workflow.invoke_polling(client, { polling_ms: 20 });
    await over;
    expect(steps).toEqual([
      [0, 2, '2'],
      [1, 2, '2'],
    ]);
    expect(pictures.map(({ mime }) => mime)).toEqual(['image/png', 'image/png']);
    const { data, info } = await sharp(Buffer.from(pictures[1]!.image)).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, ...data.subarray(0, 3)]).toEqual([8, 4, 255, 128, 0]);
  });
});

describe('[EN-3] a prompt that fails', () => {
  test.each([
    ['lacks an input', { '1': { class_type: 'SaveImage', inputs: {} } }, 'prompt_outputs_failed_validation'],
    ['has no outputs', { '1': { class_type: 'EmptyImage', inputs: {} } }, 'prompt_no_outputs'],
    ['has a class that nobody knows', { '1': { class_type: 'Nope', inputs: {} } }, 'missing_node_type'],
    ['has a class that needs a model', { '1': { class_type: 'KSampler', inputs: {} } }, 'not_supported'],
  ])('%s: refused with 400 and its reason', async (_, prompt, type) => {
    const error = await failure(client.enqueue(prompt));
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({ status: 400, json: { error: { type } } });
    expect(await client.getQueue()).toEqual({ Running: [], Pending: [] });
  });

  test('while it runs: an error message with its node, and a history that says so', async () => {
    await upload(Buffer.from('no picture'), 'broken.png');
    const workflow = new Workflow();
    const [image] = workflow.node('LoadImage', { image: 'broken.png' });
    workflow.node('PreviewImage', { images: image! });
    const heard = messagesOf(client);
    const error = await failure(workflow.invoke_polling(client, { polling_ms: 20 }));
    expect(error).toMatchObject({ message: expect.stringContaining('error') });
    const told = heard.find(({ type }) => type === 'execution_error')!;
    expect(told.data).toMatchObject({ node_id: '1', node_type: 'LoadImage', executed: [] });
    const { History } = await client.getHistory(1);
    expect(History).toMatchObject([{ status: { status_str: 'error', completed: false } }]);
    expect(History[0]!.prompt[1]).toBe(told.data['prompt_id']);
  });
});

describe('[EN-2] several at once', () => {
  test('what runs is interrupted, what waits is taken out or put in front', async () => {
    const heard = messagesOf(client);
    const [running, removed, waiting, first] = [slow(), slow(), slow(), flat(9, 'first')].map((workflow) =>
      workflow.instance(client),
    );
    const started = once(client, 'executing', ({ node }) => node === '2');
    await running!.enqueue();
    const stopped = failure(running!.wait());
    await removed!.enqueue();
    await waiting!.enqueue();
    const { prompt } = first!.workflow;
    const { prompt_id: front } = (await client.queuePrompt(-1, { prompt, workflow: undefined })) as {
      prompt_id: string;
    };
    const { Running, Pending } = await client.getQueue();
    expect([Running, Pending].map((list) => list.map((job) => (job as unknown as [number, string])[1]))).toEqual([
      [running!.task_id],
      [front, removed!.task_id, waiting!.task_id],
    ]);
    await client.deleteItem('queue', removed!.task_id);
    await started;
    await running!.interrupt();
    expect(await stopped).toBeInstanceOf(WorkflowInterruptedError);
    await client.waitForPrompt(front, 20);
    await waiting!.interrupt();
    await client.interrupt();
    await client.waitForPrompt(waiting!.task_id!, 20);
    const about = (id: string) => heard.filter(({ data }) => data['prompt_id'] === id).map(({ type }) => type);
    expect(about(running!.task_id!)).toContain('execution_interrupted');
    expect(about(front)).toContain('execution_success');
    expect(about(removed!.task_id!)).toEqual([]);
    const past = (await client.getHistory()).History.map(({ prompt: tuple }) => tuple[1]);
    expect(past).not.toContain(removed!.task_id);
    expect(past.indexOf(running!.task_id!)).toBeLessThan(past.indexOf(front));
  });

  test('two clients hear of their own prompts and fetch their own pictures', async () => {
    const other = await connected();
    expect(other.clientId).not.toBe(client.clientId);
    const before = slow().instance(client);
    await before.enqueue();
    const runs = [client, other].map((one, i) => {
      const run = flat([0x010203, 0x040506][i]!, `both${i}`).instance(one);
      return { one, run, heard: messagesOf(one) };
    });
    for (const { run } of runs) await run.enqueue();
    // What they wait for cannot be over yet: the prompt before theirs still runs.
    const ends = runs.map(({ run }) => run.wait());
    await before.interrupt();
    const results = await Promise.all(ends);
    for (const [i, { run, heard }] of runs.entries()) {
      const ids = new Set(heard.map(({ data }) => data['prompt_id']));
      expect(ids.has(run.task_id)).toBe(true);
      expect(ids.has(runs[1 - i]!.run.task_id)).toBe(false);
      const { images, prompt_id } = { ...results[i]!, prompt_id: run.task_id };
      expect([images.length, prompt_id]).toEqual([1, run.task_id]);
      const pixel = [...(await pixelsAt(images[0]!.data as string)).subarray(0, 3)];
      expect(pixel).toEqual(
        [
          [1, 2, 3],
          [4, 5, 6],
        ][i],
      );
    }
  });

  test('history and queue are cleared', async () => {
    await client.clearItems('history');
    expect(await client.getHistory()).toEqual({ History: [] });
    await client.clearItems('queue');
    await client.free({ unload_models: true, free_memory: true });
    expect(await client.getQueue()).toEqual({ Running: [], Pending: [] });
  });
});
