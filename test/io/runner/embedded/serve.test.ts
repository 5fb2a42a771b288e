import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as rawRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { defaultCatalog } from '../../../../src/core/catalog/catalog.ts';
import { encodePng } from '../../../../src/io/media/png-encode.ts';
import { type EngineServer, serveEngine } from '../../../../src/io/runner/embedded/serve.ts';
import type { PromptRequest, Verdict } from '../../../../src/io/runner/embedded/server/routes.ts';
import { ROOT } from '../../../cli/cwf.ts';
import { withCorpus } from '../../../corpus.ts';

let root: string;
let server: EngineServer;
const folders = () => ({ input: join(root, 'input'), output: join(root, 'output'), temp: join(root, 'temp') });
const at = (path: string) => `http://127.0.0.1:${server.port}${path}`;

/** Stands for the validation of a server: takes what is an object, tells of outputs without a first input. */
function validate({ prompt }: PromptRequest): Verdict {
  const error = (type: string) => ({ type, message: type, details: '', extra_info: {} });
  if (prompt === undefined) return { status: 400, error: error('no_prompt'), node_errors: {} };
  if (typeof prompt !== 'object' || prompt === null || Array.isArray(prompt)) {
    return { status: 500, error: null, node_errors: {} };
  }
  const lacking = Object.entries(prompt as Record<string, { class_type: string; inputs: object }>).filter(
    ([, { class_type, inputs }]) => class_type === 'SaveImage' && !('images' in inputs),
  );
  const errors = lacking.map(([id, { class_type }]) => [id, { errors: [], dependent_outputs: [id], class_type }]);
  return { status: 200, error: null, node_errors: Object.fromEntries(errors) };
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'cwf-serve-'));
  const workerFile = join(ROOT, 'dist/engine-worker.cjs');
  server = await serveEngine({ catalog: defaultCatalog(), folders: folders(), workerFile, port: 0, validate });
});
afterAll(async () => {
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

const picture = (color: number) => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color } },
  '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'served' } },
});

const slow = {
  '1': { class_type: 'EmptyImage', inputs: { width: 640, height: 640, batch_size: 1, color: 3 } },
  '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: 8, sigma: 1 } },
  '3': { class_type: 'ImageBlur', inputs: { image: ['2', 0], blur_radius: 8, sigma: 1 } },
  '4': { class_type: 'PreviewImage', inputs: { images: ['3', 0] } },
};

/** What the tests read of an answer to a prompt. */
type Body = { readonly prompt_id: string; readonly node_errors: object; readonly [key: string]: unknown };

async function post(path: string, body: unknown): Promise<{ status: number; body: Body }> {
  const response = await fetch(at(path), { method: 'POST', body: JSON.stringify(body) });
  const text = await response.text();
  return { status: response.status, body: JSON.parse(text.startsWith('{') ? text : '{}') };
}

async function get(path: string): Promise<Record<string, unknown>> {
  return (await fetch(at(path))).json() as Promise<Record<string, unknown>>;
}

interface Heard {
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** A client that hears messages until one says that no node runs any more. */
async function listen(
  clientId: string,
  flags: boolean,
): Promise<{ heard: (Heard | Buffer)[]; done: Promise<void>; close(): void }> {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws?clientId=${clientId}`);
  const heard: (Heard | Buffer)[] = [];
  let finish: () => void;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const ready = new Promise<void>((resolve) => {
    socket.on('message', (data, isBinary) => {
      const message = isBinary ? (data as Buffer) : (JSON.parse(String(data)) as Heard);
      heard.push(message);
      if (!Buffer.isBuffer(message) && message.type === (flags ? 'feature_flags' : 'status')) resolve();
      if (!Buffer.isBuffer(message) && message.type === 'executing' && message.data.node === null) finish();
    });
  });
  await new Promise((resolve) => socket.once('open', resolve));
  if (flags) socket.send(JSON.stringify({ type: 'feature_flags', data: { supports_preview_metadata: true } }));
  await ready;
  return { heard, done, close: () => socket.terminate() };
}

async function over(id: string): Promise<Record<string, unknown>> {
  for (;;) {
    const job = await get(`/api/jobs/${id}`);
    if (!['pending', 'in_progress'].includes(String(job.status))) return job;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('jobs', () => {
  test('run, are told of over the socket, and remembered', async () => {
    const client = await listen('a', true);
    const { status, body } = await post('/prompt', { prompt: picture(5), client_id: 'a' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ node_errors: {} });
    await client.done;
    client.close();
    const id: string = body.prompt_id;
    const job = await get(`/api/jobs/${id}`);
    expect(job).toMatchObject({ id, status: 'completed', outputs_count: 1, preview_output: { nodeId: '2' } });
    const history = await get(`/history/${id}`);
    expect(history[id]).toMatchObject({
      status: { status_str: 'success', completed: true },
      outputs: { '2': { images: [{ subfolder: '', type: 'output' }] } },
      meta: { '2': { node_id: '2' } },
    });
    expect(await get('/history')).toHaveProperty(id);
    expect(await get('/queue')).toEqual({ queue_running: [], queue_pending: [] });
    await post('/history', { delete: [id] });
    expect(await get(`/history/${id}`)).toEqual({});
  });

  test('wait in their order, can be taken out, and end between nodes', async () => {
    const ids: string[] = [];
    for (const extra of [{}, {}, { front: true }]) {
      ids.push((await post('/prompt', { prompt: slow, ...extra })).body.prompt_id);
    }
    const { queue_running, queue_pending } = (await get('/queue')) as unknown as Record<string, [number, string][]>;
    expect(queue_running!.map(([, id]) => id)).toEqual([ids[0]]);
    expect(queue_pending!.map(([, id]) => id)).toEqual([ids[2], ids[1]]);
    expect(await get('/prompt')).toEqual({ exec_info: { queue_remaining: 3 } });
    await post('/queue', { delete: [ids[1]] });
    expect((await post(`/api/jobs/${ids[2]}/cancel`, {})).body).toEqual({ cancelled: true });
    expect((await post('/interrupt', { prompt_id: ids[2] })).status).toBe(200);
    expect((await post('/interrupt', { prompt_id: ids[0] })).status).toBe(200);
    expect(await over(ids[0]!)).toMatchObject({ status: 'cancelled', execution_status: { status_str: 'error' } });
    for (const gone of [ids[1], ids[2]]) expect((await fetch(at(`/api/jobs/${gone}`))).status).toBe(404);
  });

  test('of a prompt with an invalid output only the others run', async () => {
    const prompt = { ...picture(6), '3': { class_type: 'SaveImage', inputs: { filename_prefix: 'x' } } };
    const { body } = await post('/prompt', { prompt });
    expect(Object.keys(body.node_errors)).toEqual(['3']);
    expect(Object.keys((await over(body.prompt_id)).outputs as object)).toEqual(['2']);
  });

  test.each([
    [{ prompt: { '1': { class_type: 'KSampler', inputs: {} } } }, 400, 'not_supported'],
    [{ prompt: picture(1), prompt_id: 'A' }, 400, 'invalid_prompt_id'],
    [{}, 400, 'no_prompt'],
    [{ prompt: [] }, 500, undefined],
    [{ prompt: picture(1), number: 'first' }, 500, undefined],
    [{ prompt: picture(1), number: null }, 500, undefined],
    [{ prompt: picture(1), extra_data: [] }, 500, undefined],
    [[], 500, undefined],
    [null, 500, undefined],
  ])('%j is answered with %i', async (sent, status, type) => {
    const answer = await post('/prompt', sent);
    expect(answer.status).toBe(status);
    expect((answer.body as { error?: { type: string } }).error?.type).toBe(type);
  });

  test('a body that is no JSON gets 500, an unknown job 404, an unknown route 404', async () => {
    expect((await fetch(at('/prompt'), { method: 'POST', body: '{' })).status).toBe(500);
    expect((await fetch(at('/api/jobs/x'))).status).toBe(404);
    expect((await fetch(at('/jobs'))).status).toBe(404);
    expect((await fetch(at('/nothing'))).status).toBe(404);
    expect((await fetch(at('/%ff'))).status).toBe(400);
    expect((await fetch(at('/history?max_items=abc'))).status).toBe(500);
    expect((await fetch(at('/models/checkpoints'))).status).toBe(404);
    const head = await fetch(at('/system_stats'), { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  test('what the server is', async () => {
    expect(await get('/api/system_stats')).toMatchObject({
      system: { comfyui_version: '0.33.0' },
      devices: [{ type: 'cpu' }],
    });
    const info = await get('/object_info/LoadImage');
    expect(info).toMatchObject({
      LoadImage: {
        input: { required: { image: [expect.any(Array), { image_upload: true }] } },
        output: ['IMAGE', 'MASK'],
      },
    });
    expect(await get('/object_info/KSampler')).toEqual({});
    expect(Object.keys(await get('/object_info'))).toContain('ImageBlur');
  });
});

describe('files', () => {
  const png = (grey: number) =>
    encodePng({ width: 4, height: 4, channels: 4, bytes: new Uint8Array(64).fill(grey) }, [], 1);
  async function send(bytes: Uint8Array, name: string, fields: Record<string, string> = {}): Promise<unknown> {
    const form = new FormData();
    for (const [key, value] of Object.entries(fields)) form.append(key, value);
    form.append('image', new Blob([new Uint8Array(bytes)]), name);
    const response = await fetch(at('/upload/image'), { method: 'POST', body: form });
    return response.ok ? response.json() : response.status;
  }

  test('keep their name for the same bytes, and get a number for others', async () => {
    expect(await send(png(1), 'x.png')).toEqual({ name: 'x.png', subfolder: '', type: 'input' });
    expect(await send(png(1), 'x.png')).toEqual({ name: 'x.png', subfolder: '', type: 'input' });
    expect(await send(png(2), 'x.png')).toEqual({ name: 'x (1).png', subfolder: '', type: 'input' });
    expect(await send(png(3), 'x.png', { overwrite: 'true' })).toEqual({ name: 'x.png', subfolder: '', type: 'input' });
    expect(await send(png(1), 'x.png', { subfolder: 'a/b' })).toEqual({
      name: 'x.png',
      subfolder: 'a/b',
      type: 'input',
    });
    expect(readFileSync(join(root, 'input/a/b/x.png'))).toEqual(png(1));
  });

  test.each([
    ['../x.png', {}],
    ['x.png', { subfolder: '../..' }],
    ['x.png', { subfolder: '/tmp' }],
    ['x.png', { type: 'evil' }],
  ])('%s with %j is not stored', async (name, fields) => {
    expect(await send(png(1), name, fields as Record<string, string>)).toBe(400);
  });

  test('are shown as they are, smaller, or by their channels', async () => {
    await send(png(9), 'seen.png');
    const seen = async (query: string) => {
      const response = await fetch(at(`/view?filename=seen.png&type=input${query}`));
      const bytes = Buffer.from(await response.arrayBuffer());
      return { type: response.headers.get('content-type'), magic: bytes.subarray(0, 4).toString('latin1'), bytes };
    };
    expect((await seen('')).bytes).toEqual(png(9));
    expect(await seen('&preview=webp;70')).toMatchObject({ type: 'image/webp', magic: 'RIFF' });
    expect(await seen('&channel=rgb')).toMatchObject({ type: 'image/png' });
    expect(await seen('&channel=a')).toMatchObject({ type: 'image/png' });
  });

  test('what a browser could run is handed out as a download', async () => {
    writeFileSync(join(root, 'output/x.svg'), '<svg onload="x"/>');
    const { headers } = await fetch(at('/view?filename=x.svg'));
    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toContain('attachment');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each([
    ['filename=no.png', 404],
    ['filename=../x.png', 400],
    ['filename=x.png&type=evil', 400],
    ['filename=x.png&type=input&subfolder=../..', 403],
    ['', 404],
  ])('/view?%s is %i', async (query, status) => {
    expect((await fetch(at(`/view?${query}`))).status).toBe(status);
  });
});

describe('who is let in', () => {
  const status = (headers: Record<string, string>) =>
    new Promise<number>((resolve, reject) => {
      const request = rawRequest(at('/prompt'), { headers }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      });
      request.once('error', reject).end();
    });

  test.each([
    ['another host', { host: 'evil.example' }, 403],
    ['a name that only begins like ours', { host: '127.0.0.1.evil.example' }, 403],
    ['a page of another origin', { origin: 'http://evil.example' }, 403],
    ['a page without an origin', { origin: 'null' }, 403],
    ['a request from another site', { 'sec-fetch-site': 'cross-site' }, 403],
    ['this machine', {}, 200],
  ])('%s', async (_, headers, expected) => {
    expect(await status(headers as Record<string, string>)).toBe(expected);
  });

  test('nor over the socket', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`, { origin: 'http://evil.example' });
    await expect(new Promise((_, reject) => socket.once('error', reject))).rejects.toThrow(/403/);
  });

  test('a port that is taken is told', async () => {
    const again = serveEngine({
      catalog: defaultCatalog(),
      folders: folders(),
      workerFile: '',
      port: server.port,
      validate,
    });
    await expect(again).rejects.toMatchObject({ code: 'ENGINE_PORT' });
  });
});

withCorpus('runs', (folder) => {
  test.each([
    ['4_primitives_switch_ws', true],
    ['4_primitives_switch_ws_noflags', false],
    ['2_load_mask_composite', true],
  ])('%s: all messages of the real server, with those of its queue', async (name, flags) => {
    const bytes = new Uint8Array(256 * 256 * 3);
    writeFileSync(
      join(root, 'input/engine_src.png'),
      encodePng({ width: 256, height: 256, channels: 3, bytes }, [], 1),
    );
    const { prompt, ws } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8'));
    await post('/free', { free_memory: true });
    const client = await listen(name, flags);
    const before = client.heard.length;
    await post('/prompt', { prompt, client_id: name });
    await client.done;
    client.close();
    const kind = (one: Heard | Buffer) => (Buffer.isBuffer(one) ? `binary ${one.readUInt32BE(0)}` : one.type);
    const recorded = ws.map((one: { binary?: boolean; event: number; type: string }) =>
      one.binary ? `binary ${one.event}` : one.type,
    );
    const said = client.heard.slice(before).map(kind);
    // Outputs are started in the order of the prompt here, in that of a set there: the same messages, others first.
    expect(said.toSorted()).toEqual(recorded.toSorted());
    for (const end of [said, recorded]) end.splice(4, end.length - 7);
    expect(said).toEqual(recorded);
  });
});
