import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comfyuiRunner } from '../../../../src/io/runner/comfyui/runner.ts';
import { readServerJson } from '../../../../src/io/runner/comfyui/server-json.ts';
import { fetchOutputs } from '../../../../src/io/runner/outputs.ts';
import type { OutputFile, RunEvent, Runner } from '../../../../src/io/runner/runner.ts';
import { FakeComfyui, image, json, plain } from '../fake-comfyui.ts';
import { fastClock } from '../fast-clock.ts';

let fake: FakeComfyui;
let runner: Runner;
/** Waits for no answer as long as a server may take. */
let hasty: Runner;
const request = { prompt: { '9': { class_type: 'SaveImage', inputs: {} } } };
const PNG = Buffer.from('\x89PNG\r\n\x1a\nrest', 'latin1');

beforeEach(async () => {
  fake = await FakeComfyui.start();
  const options = { name: 'fake', url: fake.url, clock: fastClock(), random: () => 0 };
  runner = comfyuiRunner(options);
  hasty = comfyuiRunner({ ...options, timeouts: { answer: 800, file: 800, socket: 800 } });
});
afterEach(async () => {
  await runner.close();
  await hasty.close();
  await fake.close();
});

/** Sends one byte now and then, for ever. */
function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 20);
  response.on('close', () => clearInterval(timer));
}

/** Sends as much as is taken, for ever. */
function pour(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  const part = `"${'x'.repeat(1024 * 1024)}",`;
  const more = () => {
    while (!response.destroyed && response.write(part));
  };
  response.on('drain', more);
  response.write('[');
  more();
}

/** 100 MB of JSON in 100 KB. */
const BOMB = gzipSync(Buffer.concat([Buffer.from('{"a":"'), Buffer.alloc(100 << 20, 'x'), Buffer.from('"}')]));

function unpack(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(BOMB);
}

describe('[C3-81] answers that are none', () => {
  const bad: [string, (response: ServerResponse) => unknown][] = [
    ['a page', (response) => plain(response, 200, '<html>sign in</html>', 'text/html')],
    ['a failure', (response) => plain(response, 500, 'Server got itself in trouble')],
    ['JSON that is no object', (response) => json(response, 200, [1])],
    ['JSON that is cut off', (response) => plain(response, 200, '{"a": [', 'application/json')],
    ['JSON without an end', pour],
    ['JSON that unpacks to 100 MB', unpack],
    ['JSON nested 10,000 deep', (response) => plain(response, 200, '['.repeat(10_000), 'application/json')],
    ['a length of 10 GB', (response) => response.writeHead(200, { 'content-length': 1e10 }).write('x')],
    ['nothing', () => {}],
    ['a byte now and then', drip],
    ['a redirect', (response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end()],
    ['a connection that ends', (response) => response.destroy()],
  ];

  test.each(bad)('[RN-18] %s: capabilities fail with an error that says so', async (_, answer) => {
    fake.routes.set('GET /object_info', (_seen, response) => answer(response));
    const failed = await hasty.capabilities().catch((error) => error);
    expect(['RUNNER_ANSWER', 'RUNNER_UNREACHABLE']).toContain(failed.code);
    expect(failed.data.path).toBe('/object_info');
  });

  test.each(bad)('[RN-18] %s: a run is asked for again, and finishes', async (_, answer) => {
    let times = 0;
    fake.routes.set('GET /api/jobs/', (_seen, response) => (++times > 1 ? false : answer(response)));
    expect((await hasty.run(request)).kind).toBe('finished');
  });

  test.each(bad.filter(([what]) => what !== 'a failure'))(
    '[RN-18] %s to a post: the prompt is looked for by its id',
    async (_, answer) => {
      fake.routes.set('POST /prompt', (seen, response) => {
        const { prompt_id: id, client_id: client } = JSON.parse(String(seen.body));
        fake.succeed({ id, client, number: 0, prompt: {}, extra: {}, messages: [], outputs: {}, statusStr: 'success' });
        return answer(response);
      });
      expect((await hasty.run(request)).kind).toBe('finished');
    },
  );

  test.each(bad.filter(([what]) => what !== 'a failure'))(
    '[RN-10] %s from the start: nothing is sent',
    async (_, answer) => {
      fake.routes.set('GET ', (_seen, response) => answer(response));
      const failed = await hasty.run(request).catch((error) => error);
      expect(['RUNNER_ANSWER', 'RUNNER_UNREACHABLE']).toContain(failed.code);
      expect(fake.requests('POST ')).toEqual([]);
    },
  );

  test.each(bad)('[RN-21] %s in place of a file: an error that says so', async (_, answer) => {
    fake.routes.set('GET /view', (_seen, response) => answer(response));
    const file = { node: '9', media: 'images', filename: 'a.png', subfolder: '', type: 'output' } as const;
    const failed = await hasty.fetch(file).catch((error) => error);
    expect(['RUNNER_OUTPUT', 'RUNNER_ANSWER', 'RUNNER_UNREACHABLE']).toContain(failed.code);
  });

  test.each(bad)('[RN-22] %s to an upload: the prompt that needs it is not posted', async (_, answer) => {
    fake.routes.set('POST /upload/image', (_seen, response) => answer(response));
    const inputs = [{ node: '9', input: 'image', bytes: PNG, extension: '.png' }];
    const failed = await hasty.run({ ...request, inputs }).catch((error) => error);
    expect(['RUNNER_ANSWER', 'RUNNER_UNREACHABLE']).toContain(failed.code);
    expect(fake.requests('POST /prompt')).toEqual([]);
  });

  test('[RN-10] a server without /system_stats is taken all the same', async () => {
    fake.routes.set('GET /system_stats', (_, response) => plain(response, 404, 'no'));
    expect((await runner.run(request)).kind).toBe('finished');
  });

  test('[RN-18] a redirect is not followed', async () => {
    const other = await FakeComfyui.start();
    fake.routes.set('GET /object_info', (_, response) => response.writeHead(307, { location: other.url }).end());
    await expect(runner.capabilities()).rejects.toMatchObject({ code: 'RUNNER_ANSWER' });
    expect(other.seen).toEqual([]);
    await other.close();
  });
});

describe('a prompt that is not taken on', () => {
  test.each([
    [
      400,
      { error: { type: 'prompt_no_outputs', message: 'Prompt has no outputs', details: '' }, node_errors: {} },
      'prompt_no_outputs',
    ],
    [400, { error: 'no', node_errors: [] }, 'refused'],
    [413, {}, 'too_large'],
    [500, {}, 'server_error'],
  ])('[RN-4] %i %j', async (status, answer, type) => {
    fake.routes.set('POST /prompt', (_, response) => json(response, status, answer));
    expect(await runner.run(request)).toMatchObject({ kind: 'refused', status, error: { type } });
    expect(fake.requests('POST /prompt')).toHaveLength(1);
  });

  test('[RN-5] an old server that gives its own id is followed by that', async () => {
    fake.ownIds = true;
    fake.hasJobs = false;
    expect(await runner.run(request)).toMatchObject({ kind: 'finished', promptId: 'own-0' });
  });
});

describe('[C3-81] a server that hangs or lies in the middle of a run', () => {
  test('[RN-5] a socket whose handshake hangs is not waited for, and the run finishes', async () => {
    fake.hangSocket = true;
    expect((await hasty.run(request)).kind).toBe('finished');
    expect(fake.socketTries).toBe(1);
  });

  test('[RN-19] a message of more than 64 MB ends the socket and not the run', async () => {
    fake.script = (job) => {
      fake.start(job);
      fake.sendBytes(job.client, Buffer.alloc((64 << 20) + 1));
      setTimeout(() => fake.succeed(job), 30);
    };
    expect(await runner.run(request)).toMatchObject({ kind: 'finished', outputs: [{ filename: 'a.png' }] });
  });

  test('[RN-12] one that answers nothing any more is not waited for when the run is stopped', async () => {
    const impatient = comfyuiRunner({
      name: 'fake',
      url: fake.url,
      clock: fastClock(),
      random: () => 0,
      timeouts: { answer: 100, file: 100, socket: 800 },
    });
    fake.script = (job) => {
      fake.start(job);
      for (const route of ['GET ', 'POST ']) fake.routes.set(route, () => {});
    };
    const result = await impatient.run(request, { deadline: 2_000 });
    expect(result).toMatchObject({ kind: 'interrupted', by: 'deadline', stopped: false });
    await impatient.close();
  });

  test.each([
    ['GET /api/jobs/', { id: 'theirs', status: 'completed', outputs: { '9': { images: [image('theirs.png')] } } }],
    ['GET /history/', { theirs: { outputs: { '9': { images: [image('theirs.png')] } }, status: { completed: true } } }],
  ])('[RN-8] %s answered with the prompt of somebody else is no end of ours', async (route, answer) => {
    fake.hasJobs = route !== 'GET /history/';
    let times = 0;
    fake.routes.set(route, (_, response) => (++times > 2 ? false : json(response, 200, answer)));
    fake.script = (job) => setTimeout(() => fake.succeed({ ...job, client: undefined }), 40);
    const result = await runner.run(request);
    expect(result).toMatchObject({ kind: 'finished', outputs: [{ filename: 'a.png' }] });
    expect(times).toBeGreaterThan(2);
  });
});

test.each([true, false])(
  '[RN-5] [C3-81] the id of a prompt of somebody else is not taken for ours (jobs API: %s)',
  async (hasJobs) => {
    fake.hasJobs = hasJobs;
    const messages: [string, Record<string, unknown>][] = [['execution_success', { timestamp: 1 }]];
    const rest = {
      number: 0,
      prompt: {},
      messages,
      outputs: { '9': { images: [image('theirs.png')] } },
      statusStr: 'success',
    };
    fake.history.set('theirs', { id: 'theirs', client: 'x', extra: { client_id: 'x' }, ...rest });
    fake.routes.set('POST /prompt', (_, response) =>
      json(response, 200, { prompt_id: 'theirs', number: 1, node_errors: {} }),
    );
    expect(await runner.run(request)).toMatchObject({ kind: 'lost', outputs: [] });
  },
);

describe('[C3-81] messages that are none', () => {
  const u32 = (...numbers: number[]) => Buffer.from(numbers.flatMap((n) => [0, 0, n >> 8, n & 255]));
  test.each([
    ['three bytes', Buffer.from([0, 0, 1])],
    ['nothing', Buffer.of()],
    ['metadata longer than the frame', Buffer.concat([u32(4, 5000), Buffer.from('{}')])],
    ['metadata that is no JSON', Buffer.concat([u32(4, 2), Buffer.from('{{png')])],
    ['metadata of no picture', Buffer.concat([u32(4, 2), Buffer.from('{}png')])],
    ['an unknown format', Buffer.concat([u32(1, 9), Buffer.from('png')])],
    ['an unknown event', u32(77, 1)],
  ])('[RN-19] %s', async (_, bytes) => {
    fake.script = (job) => {
      fake.start(job);
      fake.sendBytes(job.client, bytes);
      setTimeout(() => fake.succeed(job), 10);
    };
    const events: RunEvent[] = [];
    expect((await runner.run(request, { onEvent: (event) => events.push(event) })).kind).toBe('finished');
    expect(events.some(({ kind }) => kind === 'preview')).toBe(false);
  });

  test.each([
    '{',
    '[]',
    'null',
    '{"type":1}',
    '{"type":"executing"}',
    '{"type":"executed","data":null}',
    '{"__proto__":{"a":1}}',
  ])('[RN-19] %s', async (text) => {
    fake.script = (job) => {
      for (const { socket } of fake.sockets) socket.send(text);
      setTimeout(() => fake.succeed(job), 10);
    };
    expect((await runner.run(request)).kind).toBe('finished');
  });

  test('[RN-19] members of the wrong type', async () => {
    fake.script = (job) => {
      for (const type of ['progress', 'executed', 'execution_cached', 'executing', 'execution_start']) {
        for (const node of [1, null, {}, []]) {
          fake.send(job.client, type, { prompt_id: job.id, node, nodes: node, value: node, max: 'x', output: node });
        }
      }
      setTimeout(() => fake.succeed(job), 10);
    };
    expect((await runner.run(request)).kind).toBe('finished');
  });

  test('[RN-3] a listener that throws stops no run; its error comes after the end', async () => {
    const run = runner.run(request, {
      onEvent: () => {
        throw new Error('mine');
      },
    });
    await expect(run).rejects.toThrow('mine');
    expect(fake.history.size).toBe(1);
  });
});

describe('what every request carries', () => {
  test('[RN-20] no Origin, and the token of the runner to its own server', async () => {
    const own = comfyuiRunner({ name: 'own', url: `${fake.url}/`, token: 'secret', clock: fastClock() });
    await own.run({ ...request, inputs: [] });
    expect(fake.seen.length).toBeGreaterThan(3);
    for (const { headers } of fake.seen) {
      expect(headers.origin).toBeUndefined();
      expect(headers.referer).toBeUndefined();
      expect(headers.authorization).toBe('Bearer secret');
    }
    await own.close();
  });

  test('[RN-20] feature_flags is the first message of a socket', async () => {
    const said: string[][] = [];
    fake.script = (job) => {
      said.push(...fake.sockets.map((socket) => socket.said));
      setTimeout(() => fake.succeed(job), 10);
    };
    await runner.run(request);
    expect(said.map(([first]) => JSON.parse(first!))).toEqual([
      { type: 'feature_flags', data: { supports_preview_metadata: true } },
    ]);
  });

  test('[RN-20] an address below a path of a proxy', async () => {
    const below = comfyuiRunner({ name: 'below', url: `${fake.url}/comfy/a`, clock: fastClock() });
    await below.capabilities().catch(() => {});
    expect(fake.seen.map(({ path }) => path)).toContain('/comfy/a/system_stats');
  });

  test.each([
    'ftp://x',
    'file:///etc/passwd',
    'http://me:secret@host:8188',
    'http://host/?a=1',
    'http://host/#a',
    '127.0.0.1:8188',
    '',
  ])('[RN-20] the address %j is refused, without the password in it', (url) => {
    expect(() => comfyuiRunner({ name: 'x', url })).toThrow(expect.objectContaining({ code: 'RUNNER_URL' }));
    try {
      comfyuiRunner({ name: 'x', url });
    } catch (error) {
      expect(String(error)).not.toContain('secret');
    }
  });
});

describe('files', () => {
  const file = (filename: string): OutputFile => ({
    node: '9',
    media: 'images',
    filename,
    subfolder: '',
    type: 'output',
  });

  test.each([
    ['../../x', '', 'output'],
    ['a/b.png', '', 'output'],
    ['a\\b.png', '', 'output'],
    ['C:x.png', '', 'output'],
    ['..', '', 'output'],
    ['', '', 'output'],
    ['x'.repeat(300), '', 'output'],
    ['con.png', '', 'output'],
    ['a\u202egnp.exe', '', 'output'],
    ['x.png', '../..', 'output'],
    ['x.png', 'a\\..\\..', 'output'],
    ['x.png', '/etc', 'output'],
    ['x.png', 'C:\\', 'output'],
    ['x.png', '', 'evil'],
  ])('[C3-82] [RN-21] %j in %j of %j is told as unsafe and never asked for', async (filename, subfolder, type) => {
    fake.script = (job) =>
      fake.succeed(job, { '9': { images: [image(filename, subfolder, type), image('good.png', 'a/b')] } });
    const result = await runner.run(request);
    expect(result).toMatchObject({ kind: 'finished', unsafe: [{ node: '9' }], outputs: [{ filename: 'good.png' }] });
  });

  test('[RN-21] are fetched one by one, and known by their content', async () => {
    fake.routes.set('GET /view', ({ query }, response) => {
      expect([...query]).toEqual([
        ['filename', 'a b.png'],
        ['subfolder', ''],
        ['type', 'output'],
      ]);
      plain(response, 200, '', 'image/png');
    });
    await expect(runner.fetch(file('a b.png'))).rejects.toMatchObject({ code: 'RUNNER_OUTPUT' });
    fake.routes.set('GET /view', (_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end(PNG));
    const saved: string[] = [];
    const fetched = await fetchOutputs(
      runner,
      [file('a.png'), file('b.png')],
      async ({ filename }) => void saved.push(filename),
    );
    expect(saved).toEqual(['a.png', 'b.png']);
    expect(fetched[0]!.sha256).toMatch(/^[\da-f]{64}$/);
  });

  test.each([
    ['x.png', 200, '<html>', 'text/html'],
    ['x.png', 200, 'RIFF', 'image/png'],
    ['x.webp', 200, 'RIFFxxxxWAVE', 'image/webp'],
    ['x.jpg', 200, 'GIF89a', 'image/jpeg'],
    ['x.mp4', 200, 'moov', 'video/mp4'],
    ['x.obj', 200, '<html>', 'text/html'],
    ['x.png', 404, '', 'text/plain'],
    ['x.png', 500, 'no', 'text/plain'],
  ])('[RN-21] %s answered with %i %j is not taken', async (name, status, body, type) => {
    fake.routes.set('GET /view', (_, response) => plain(response, status, body, type));
    await expect(runner.fetch(file(name))).rejects.toMatchObject({ code: 'RUNNER_OUTPUT', data: { file: name } });
  });

  test('[RN-22] that a run needs are sent under a name of their content, and the name of the server goes into the prompt', async () => {
    fake.routes.set('POST /upload/image', ({ body }, response) => {
      const [, name] = /filename="([^"]+)"/.exec(String(body))!;
      json(response, 200, { name: name!.replace('.png', ' (1).png'), subfolder: '', type: 'input' });
    });
    const prompt = { '1': { class_type: 'LoadImage', inputs: { image: 'mine.png', other: 2n ** 64n - 1n } } };
    await runner.run({ prompt, inputs: [{ node: '1', input: 'image', bytes: PNG, extension: '.png' }] });
    const sent = String(fake.requests('POST /prompt')[0]!.body);
    expect(sent).toMatch(/"image":"cwf-[\da-f]{32} \(1\)\.png"/);
    expect(sent).toContain('"other":18446744073709551615');
    expect(prompt['1'].inputs.image).toBe('mine.png');
  });

  test.each([[{}], [{ name: 3 }], [[]]])('[RN-22] an upload answered with %j is an error', async (answer) => {
    fake.routes.set('POST /upload/image', (_, response) => json(response, 200, answer));
    const inputs = [{ node: '9', input: 'image', bytes: PNG, extension: '.png' }];
    await expect(runner.run({ ...request, inputs })).rejects.toMatchObject({ code: 'RUNNER_ANSWER' });
  });
});

describe('what a server can do', () => {
  test('[C3-83] [RN-2] classes, files, and what it is; none that could change prototypes', async () => {
    fake.routes.set('GET /object_info', (_, response) =>
      plain(
        response,
        200,
        `{"CheckpointLoaderSimple": {"input": {"required": {"ckpt_name": [["a.safetensors"], {}]}}},
          "New": {"input": {"required": {"lora": ["COMBO", {"options": ["x/b.safetensors"]}], "of": ["COMBO", {"options": []}]}}},
          "KSampler": {"input": {"required": {"sampler_name": [["euler", "ddim"]], "cfg": ["FLOAT", {"max": Infinity}]}}},
          "LoadImage": {"input": {"required": {"image": [["c.png"], {"image_upload": true}]}}},
          "__proto__": {"input": {"required": {"a": [["x.pt"]]}}}, "Bad": null, "Worse": {"input": {"required": [1]}}}`,
        'application/json',
      ),
    );
    fake.stats = {
      system: { comfyui_version: '0.33.0', argv: ['main.py', '--lowvram', '--comfy-api-key', 'abc', '--token=abc'] },
      devices: [{ name: 'cuda:0 H100', type: 'cuda', vram_total: 80 }],
    };
    const { classes, files, environment, mostUpload } = await runner.capabilities();
    expect([...classes].sort()).toEqual(['Bad', 'CheckpointLoaderSimple', 'KSampler', 'LoadImage', 'New', 'Worse']);
    expect(Object.fromEntries([...files].map(([key, names]) => [key, [...names]]))).toEqual({
      'CheckpointLoaderSimple.ckpt_name': ['a.safetensors'],
      'New.lora': ['x/b.safetensors'],
      'New.of': [],
    });
    expect(environment).toEqual({
      engine: '0.33.0',
      argv: ['main.py', '--lowvram', '--comfy-api-key', '…', '--token=…'],
      devices: [{ name: 'cuda:0 H100', type: 'cuda', vramTotal: 80 }],
    });
    expect(mostUpload).toBe(104857600);
  });

  test('[C3-83] [RN-18] 100,000 classes are too many', async () => {
    const many = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`C${i}`, 1]));
    fake.routes.set('GET /object_info', (_, response) => json(response, 200, many));
    await expect(runner.capabilities()).rejects.toMatchObject({ code: 'RUNNER_ANSWER' });
  });

  test('[RN-23] memory is the greatest that was seen, and called sampled', async () => {
    const device = { name: 'cuda:0', type: 'cuda', vram_total: 100, torch_vram_total: 50 };
    const free = [90, 40, 60];
    let asked = 0;
    fake.routes.set('GET /system_stats', (_, response) => {
      const left = free[Math.min(asked++, 2)]!;
      json(response, 200, { system: {}, devices: [{ ...device, vram_free: left, torch_vram_free: left / 2 }] });
      if (asked === 3) fake.succeed(fake.running[0]!);
    });
    fake.script = (job) => fake.start(job);
    const result = await runner.run(request);
    // The first of the three came before the run.
    expect(result).toMatchObject({ memory: { kind: 'sampled', device: 'cuda:0', samples: 2, used: 60, torch: 30 } });
  });
});

describe('JSON of Python', () => {
  const read = (text: string) => readServerJson(Buffer.from(text), 'x', 1e6);
  test('[RN-18] what JSON has not is read as nothing, texts are left alone', () => {
    expect(read('{"a": NaN, "b": -Infinity, "c": "NaN \\" NaN", "d": [Infinity]}')).toEqual({
      a: null,
      b: null,
      c: 'NaN " NaN',
      d: [null],
    });
    expect(read('{"a": "\\ud800x", "b": 18446744073709551615}')).toEqual({ a: '\ufffdx', b: 18446744073709552000 });
    expect(read('{"b": 18446744073709551615}')).toEqual({ b: 18446744073709551615n });
    expect(Object.keys(read('{"__proto__": {"x": 1}, "a": 1}') as object)).toEqual(['a']);
    expect(({} as { x?: number }).x).toBeUndefined();
    expect(() => read(`${'[NaN,'.repeat(100)}1${']'.repeat(100)}`)).toThrow();
  });
});
