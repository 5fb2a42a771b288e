import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { OPERATIONS } from '../../src/io/runner/embedded/registry.ts';
import { encoded, scene } from '../io/metrics/images.ts';
import { cwf, ensureBuilt, inTemp, ROOT } from './cwf.ts';
import { type Started, start } from './engine-process.ts';

let root: string;
let server: Started;
beforeAll(async () => {
  ensureBuilt();
  root = mkdtempSync(join(tmpdir(), 'cwf-engine-test-'));
  server = await start(root, root, '--porcelain', '--output', 'results', '--input', 'pictures');
});
afterAll(async () => {
  server.process.kill('SIGKILL');
  await server.ended;
  rmSync(root, { recursive: true, force: true });
});

/** What the tests read of answers. */
interface Answer {
  readonly status: number;
  readonly body: {
    readonly prompt_id: string;
    readonly error: { readonly type: string; readonly message: string };
    readonly node_errors: Readonly<Record<string, object>>;
  };
}

async function post(prompt: object, more: object = {}): Promise<Answer> {
  const response = await fetch(`${server.line}/prompt`, { method: 'POST', body: JSON.stringify({ prompt, ...more }) });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

/** Posts a prompt as a client does and waits on its socket until no node runs any more; returns the types it heard. */
async function runToEnd(prompt: object): Promise<{ readonly id: string; readonly heard: readonly string[] }> {
  const client = `test-${Math.random()}`;
  const socket = new WebSocket(`${server.line.replace('http', 'ws')}/ws?clientId=${client}`);
  const heard: string[] = [];
  const done = new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('message', (data, isBinary) => {
      if (isBinary) return;
      const { type, data: told } = JSON.parse(String(data));
      heard.push(type);
      if (type === 'executing' && told.node === null) resolve();
    });
  });
  await new Promise((resolve) => socket.once('open', resolve));
  const { status, body } = await post(prompt, { client_id: client });
  expect(status).toBe(200);
  await done;
  socket.close();
  return { id: body.prompt_id, heard };
}

describe('cwf engine', () => {
  test('runs a prompt for an independent client: upload, socket, history and picture [EN-1, EN-2, EN-4]', async () => {
    expect(server.line).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const source = scene(7);
    const form = new FormData();
    form.append('image', new Blob([new Uint8Array(await encoded(source))]), 'photo.png');
    expect((await fetch(`${server.line}/upload/image`, { method: 'POST', body: form })).status).toBe(200);
    expect(readdirSync(join(root, 'pictures'))).toEqual(['photo.png']);

    const { id, heard } = await runToEnd({
      '1': { class_type: 'LoadImage', inputs: { image: 'photo.png' } },
      '2': { class_type: 'ImageFlip', inputs: { image: ['1', 0], flip_method: 'y-axis: horizontally' } },
      '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'sub/flipped' } },
    });
    expect(heard).toEqual(expect.arrayContaining(['status', 'execution_start', 'executed', 'execution_success']));

    const history = (await (await fetch(`${server.line}/history/${id}`)).json()) as Record<
      string,
      { outputs: Record<string, { images: { filename: string; subfolder: string; type: string }[] }>; status: object }
    >;
    expect(history[id]!.status).toMatchObject({ status_str: 'success', completed: true });
    const [file] = history[id]!.outputs['3']!.images;
    expect(file).toMatchObject({ subfolder: 'sub', type: 'output' });
    const view = await fetch(`${server.line}/view?${new URLSearchParams(file)}`);
    expect(view.headers.get('content-type')).toBe('image/png');
    const bytes = Buffer.from(await view.arrayBuffer());
    expect(bytes.equals(readFileSync(join(root, 'results/sub', file!.filename)))).toBe(true);
    const { data, info } = await sharp(bytes).raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height, info.channels]).toEqual([source.width, source.height, 3]);
    const flipped = Uint8Array.from(data, (_, at) => {
      const [x, y, channel] = [Math.floor(at / 3) % info.width, Math.floor(at / 3 / info.width), at % 3];
      return source.rgb[(y * info.width + info.width - 1 - x) * 3 + channel]!;
    });
    expect(Buffer.compare(data, flipped)).toBe(0);
  });

  test('refuses a prompt of other classes with the list of them, whatever else is wrong in it [EN-3]', async () => {
    const { status, body } = await post({
      '1': { class_type: 'CheckpointLoaderSimple', inputs: {} },
      '2': { class_type: 'VAEDecode', inputs: { vae: ['1', 2] } },
      '3': { class_type: 'SaveImage', inputs: { images: ['2', 0] } },
    });
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: { type: 'not_supported', extra_info: {} }, node_errors: {} });
    expect(body.error.message).toContain('CheckpointLoaderSimple, VAEDecode');
    expect(body.error.message).not.toContain('SaveImage');
  });

  test('answers other mistakes as ComfyUI does, with the files that are there at that moment [EN-3]', async () => {
    const load = (image: string, prefix: object = { filename_prefix: 'x' }) => ({
      '1': { class_type: 'LoadImage', inputs: { image } },
      '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], ...prefix } },
    });
    const missing = await post(load('later.png'));
    expect(missing).toMatchObject({
      status: 400,
      body: {
        error: { type: 'prompt_outputs_failed_validation', message: 'Prompt outputs failed validation' },
        node_errors: { '1': { errors: [{ type: 'custom_validation_failed' }], dependent_outputs: ['2'] } },
      },
    });
    const form = new FormData();
    form.append('image', new Blob([new Uint8Array(await encoded(scene(1)))]), 'later.png');
    await fetch(`${server.line}/upload/image`, { method: 'POST', body: form });
    expect((await post(load('later.png'))).status).toBe(200);
    expect((await post(load('later.png', {}))).body.node_errors).toMatchObject({
      '2': { errors: [{ type: 'required_input_missing' }] },
    });
    expect((await post(load('../later.png'))).status).toBe(400);
    expect(await post({ '1': { class_type: 'NoSuchNode', inputs: {} } })).toMatchObject({
      status: 400,
      body: { error: { type: 'missing_node_type' } },
    });
    expect(await post({})).toMatchObject({ status: 400, body: { error: { type: 'prompt_no_outputs' } } });
  });

  test('tells a port that is taken', () =>
    inTemp(async (dir) => {
      const other = createServer();
      const port = await new Promise<number>((resolve) =>
        other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
      );
      const { code, stderr } = cwf(dir, ['engine', '--port', String(port)], { TMPDIR: dir });
      other.close();
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: the embedded engine cannot listen on port \d+: .*in use.*\nhint: Choose another/);
      expect(readdirSync(dir).filter((name) => name.startsWith('cwf-engine-'))).toEqual([]);
    }));

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s stops it, also with a client and a prompt that runs [EN-4, EN-5]',
    (signal) =>
      inTemp(async (dir) => {
        const started = await start(dir, dir, '--json');
        const temporary = () => readdirSync(dir).filter((name) => name.startsWith('cwf-engine-'));
        expect(temporary()).toHaveLength(1);
        const url = /"url": "([^"]+)"/.exec(started.line)![1]!;
        const socket = new WebSocket(`${url.replace('http', 'ws')}/ws?clientId=a`);
        await new Promise((resolve) => socket.once('open', resolve));
        const gone = new Promise((resolve) => socket.once('close', resolve));
        const prompt = {
          '1': { class_type: 'EmptyImage', inputs: { width: 1024, height: 1024, batch_size: 1, color: 3 } },
          '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: 31, sigma: 9 } },
          '3': { class_type: 'PreviewImage', inputs: { images: ['2', 0] } },
        };
        const posted = await fetch(`${url}/prompt`, { method: 'POST', body: JSON.stringify({ prompt }) });
        expect(posted.status).toBe(200);
        started.process.kill(signal);
        expect(await started.ended).toBe(0);
        await gone;
        expect(temporary()).toEqual([]);
        expect(existsSync(join(dir, 'output'))).toBe(true);
      }),
  );

  test('docs/engine.md lists the classes that run', () => {
    const [, list = ''] = readFileSync(join(ROOT, 'docs/engine.md'), 'utf8').split('<!-- classes -->');
    const classes = [...list.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    expect(classes).toEqual(OPERATIONS.map(({ classType }) => classType).sort());
  });
});
