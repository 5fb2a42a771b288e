import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { comfyuiRunner } from '../../../../src/io/runner/comfyui/runner.ts';
import type { RunEvent, Runner, RunRequest } from '../../../../src/io/runner/runner.ts';
import { FakeComfyui, type FakeJob, image, json, plain } from '../fake-comfyui.ts';
import { type FastClock, fastClock } from '../fast-clock.ts';

/** Each row of the table of edge cases of ComfyUI's protocol (B2) that docs/runners.md answers, in its order. */

let fake: FakeComfyui;
let clock: FastClock;
let runner: Runner;
const request: RunRequest = { prompt: { '9': { class_type: 'SaveImage', inputs: {} } }, expected: ['9'] };

beforeEach(async () => {
  fake = await FakeComfyui.start();
  clock = fastClock();
  runner = comfyuiRunner({ name: 'fake', url: fake.url, clock, random: () => 0.5 });
});
afterEach(async () => {
  await runner.close();
  await fake.close();
});

async function heard(asked = request): Promise<{ events: RunEvent[]; result: Awaited<ReturnType<Runner['run']>> }> {
  const events: RunEvent[] = [];
  const result = await runner.run(asked, { onEvent: (event) => events.push(event) });
  return { events, result };
}

const kinds = (events: readonly RunEvent[]) => events.map(({ kind }) => kind);
const later = (then: () => void, ms = 15) => setTimeout(then, ms);

describe('[B2-1] a cached prompt that finishes before the answer to its post', () => {
  test('[RN-5] is heard of: the socket is open, known to the server and listened to before', async () => {
    fake.script = (job) => {
      fake.start(job, ['1', '9']);
      fake.succeed(job);
    };
    const { events, result } = await heard();
    expect(kinds(events)).toEqual(['queued', 'started', 'cached', 'output', 'end']);
    expect(result).toMatchObject({ kind: 'finished', cached: ['1', '9'], warmth: 'warm' });
    const order = fake.seen.map(({ method, path }) => `${method} ${path}`);
    expect(order.indexOf('WS /ws')).toBeLessThan(order.indexOf('POST /prompt'));
    const { prompt_id: id } = JSON.parse(String(fake.requests('POST /prompt')[0]!.body));
    expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(events[0]).toMatchObject({ kind: 'queued', promptId: id });
  });
});

describe('[B2-2] the same client id while the old socket is half-open', () => {
  test('[RN-6] never comes: each connection has an id of its own', async () => {
    const ids: string[] = [];
    fake.script = (job) => {
      ids.push(job.client!);
      fake.succeed(job);
    };
    for (let i = 0; i < 5; i++) await heard();
    expect(new Set(ids).size).toBe(5);
  });
});

describe('[B2-3] one client that stops reading', () => {
  test('[RN-7] the socket is read while the listener of events is slow, and no message at all is needed', async () => {
    fake.script = (job) => {
      fake.start(job);
      for (let i = 0; i < 2_000; i++)
        fake.send(job.client, 'progress', { value: i, max: 2_000, prompt_id: job.id, node: '3' });
      const ends = () => (fake.sockets[0]!.socket.bufferedAmount > 0 ? later(ends) : fake.succeed(job));
      later(ends);
    };
    const { events, result } = await heard();
    expect(result.kind).toBe('finished');
    expect(events.filter(({ kind }) => kind === 'progress')).toHaveLength(2_000);
  });

  test('[RN-8] a server whose messages all hang tells its results when it is asked', async () => {
    fake.script = (job) => {
      const mute: FakeJob = { ...job, client: 'nobody' };
      fake.pending = [mute];
      later(() => fake.succeed(mute));
    };
    const { events, result } = await heard();
    expect(kinds(events)).toEqual(['queued', 'end']);
    expect(result).toMatchObject({ kind: 'finished', outputs: [{ node: '9', filename: 'a.png' }] });
  });
});

describe('[B2-4] no client_id', () => {
  test('[C3-81] [RN-6] is never sent, and what is meant for others is passed over', async () => {
    fake.script = (job) => {
      fake.start(job);
      for (const id of ['foreign', undefined]) {
        fake.send(undefined, 'progress', { value: 1, max: 2, node: '3', ...(id ? { prompt_id: id } : {}) });
        fake.send(undefined, 'execution_success', { prompt_id: id });
        fake.send(undefined, 'executing', { node: '7', ...(id ? { prompt_id: id } : {}) });
      }
      fake.send(undefined, 'executed', { node: '1', output: { images: [image('x.png')] }, prompt_id: 'foreign' });
      fake.sendBytes(undefined, metadataFrame({ node_id: '3', prompt_id: 'foreign', image_type: 'image/png' }));
      later(() => fake.succeed(job));
    };
    const { events, result } = await heard();
    expect(JSON.parse(String(fake.requests('POST /prompt')[0]!.body)).client_id).toMatch(/^[\da-f]{32}$/);
    expect(kinds(events)).toEqual(['queued', 'started', 'cached', 'output', 'end']);
    expect(result).toMatchObject({ kind: 'finished', outputs: [{ filename: 'a.png' }] });
  });

  test('[RN-6] a picture without metadata counts only while our prompt runs', async () => {
    const bare = Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 2]), Buffer.from('png')]);
    fake.script = (job) => {
      fake.sendBytes(undefined, bare);
      fake.start(job);
      fake.executing(job, '3');
      fake.sendBytes(undefined, bare);
      later(() => {
        fake.succeed(job);
        fake.sendBytes(undefined, bare);
      });
    };
    const { events } = await heard();
    expect(events.filter(({ kind }) => kind === 'preview')).toMatchObject([{ node: '3', type: 'image/png' }]);
  });
});

describe('[B2-5] a socket that drops while a prompt runs', () => {
  test.each([true, false])(
    '[RN-8] the run goes on by asking (jobs API: %s), and no socket is opened again',
    async (hasJobs) => {
      fake.hasJobs = hasJobs;
      fake.script = (job) => {
        fake.start(job);
        fake.executing(job, '3');
        later(() => fake.dropSockets());
        later(() => fake.succeed(job), 60);
      };
      const { result } = await heard();
      expect(result).toMatchObject({ kind: 'finished', outputs: [{ node: '9' }] });
      expect(fake.socketTries).toBe(1);
    },
  );
});

describe('[B2-6] a job that others delete', () => {
  test.each([true, false])(
    '[RN-9] is lost after two answers in a row that know nothing of it (jobs API: %s)',
    async (hasJobs) => {
      fake.hasJobs = hasJobs;
      let asked = 0;
      const route = hasJobs ? 'GET /api/jobs/' : 'GET /queue';
      fake.routes.set(route, () => {
        asked++;
        // Between queue and history a job may be in neither: one answer means nothing.
        return false;
      });
      fake.history.set('another', { ...blank, id: 'another' });
      fake.script = (job) => later(() => (fake.pending = fake.pending.filter((one) => one !== job)), 10);
      const { result } = await heard();
      expect(result).toMatchObject({ kind: 'lost', reason: 'gone' });
      expect(asked).toBeGreaterThanOrEqual(2);
    },
  );

  test('[RN-9] one such answer is not enough', async () => {
    let asked = 0;
    fake.routes.set('GET /api/jobs/', (_, response) => {
      if (++asked % 2 === 0 || asked > 7) return false;
      return json(response, 404, { error: 'Job not found' });
    });
    fake.script = (job) => later(() => fake.succeed({ ...job, client: undefined }), 80);
    expect((await heard()).result.kind).toBe('finished');
  });
});

describe('[B2-7] a server that dies', () => {
  test('[RN-10] and comes back empty: restarted', async () => {
    fake.script = (job) => {
      fake.start(job);
      later(() => void fake.die().then(() => later(() => void fake.again(), 2)));
    };
    const { result } = await heard();
    expect(result).toMatchObject({ kind: 'lost', reason: 'restarted', attempts: 1 });
    expect(fake.requests('POST /prompt')).toHaveLength(1);
  });

  test('[RN-10] and does not come back: unreachable', async () => {
    fake.script = (job) => {
      fake.start(job);
      later(() => void fake.die());
    };
    expect((await heard()).result).toMatchObject({ kind: 'lost', reason: 'unreachable' });
    await fake.again();
  });

  test('[RN-10] before the post: nothing was sent, and the error says so', async () => {
    await fake.die();
    await expect(runner.run(request)).rejects.toMatchObject({
      code: 'RUNNER_UNREACHABLE',
      data: { reason: 'ECONNREFUSED' },
    });
    await fake.again();
  });

  test('[RN-10] while it takes the post: asked for by its id', async () => {
    fake.routes.set('POST /prompt', (seen, _, raw) => {
      const body = JSON.parse(String(seen.body));
      fake.succeed({ ...blank, id: body.prompt_id, client: undefined, messages: [], outputs: {} });
      raw.socket.destroy();
    });
    expect((await heard()).result.kind).toBe('finished');
  });
});

describe('[B2-8] out of memory', () => {
  const huge = 'x'.repeat(100_000);
  const oom = {
    exception_type: 'torch.OutOfMemoryError',
    exception_message: `Allocation on device ${huge}`,
    traceback: Array.from({ length: 100 }, () => huge),
    current_inputs: { samples: [huge] },
  };

  test('[RN-11] is told by its type, cut, and tried once more after /free', async () => {
    let tries = 0;
    fake.script = (job) => (++tries === 1 ? fake.fail(job, oom) : fake.succeed(job));
    const { events, result } = await heard();
    expect(result).toMatchObject({ kind: 'finished', attempts: 2 });
    expect(JSON.parse(String(fake.requests('POST /free')[0]!.body))).toEqual({
      unload_models: true,
      free_memory: true,
    });
    const queued = events.filter((event) => event.kind === 'queued');
    expect(queued.map(({ attempt }) => attempt)).toEqual([1, 2]);
    expect(queued[0]!.promptId).not.toBe(queued[1]!.promptId);
    const clients = fake.requests('POST /prompt').map(({ body }) => JSON.parse(String(body)).client_id);
    expect(new Set(clients).size).toBe(2);
    expect(fake.requests('WS /ws').map(({ query }) => query.get('clientId'))).toEqual(clients);
  });

  test('[RN-11] twice is the result, small enough to be kept', async () => {
    fake.script = (job) => fake.fail(job, oom);
    const { result } = await heard();
    expect(result).toMatchObject({
      kind: 'out-of-memory',
      attempts: 2,
      error: { node: '3', classType: 'KSampler', type: 'torch.OutOfMemoryError' },
    });
    expect(fake.requests('POST /prompt')).toHaveLength(2);
    expect(JSON.stringify(result).length).toBeLessThan(20_000);
  });

  test.each([
    ['torch.cuda.OutOfMemoryError', 'Allocation on device 0 would exceed allowed memory'],
    ['RuntimeError', 'CUDA error: out of memory'],
    ['RuntimeError', 'MPS backend out of memory (MPS allocated: 9 GB)'],
    ['RuntimeError', "[enforce fail] DefaultCPUAllocator: can't allocate memory"],
    ['MemoryError', ''],
  ])('[RN-11] %s: %s', async (exception_type, exception_message) => {
    fake.script = (job) => fake.fail(job, { exception_type, exception_message });
    expect((await heard()).result.kind).toBe('out-of-memory');
  });

  test('[RN-11] a server that goes down over it: the first try is the result', async () => {
    fake.script = (job) => fake.fail(job, oom);
    fake.routes.set('POST /free', (_, response) => {
      plain(response, 200, '');
      void fake.die();
    });
    expect((await heard()).result).toMatchObject({ kind: 'out-of-memory', attempts: 1 });
    await fake.again();
  });

  test('[RN-11] another error is not tried again', async () => {
    fake.script = (job) => fake.fail(job, { exception_type: 'ValueError', exception_message: 'memory of a goldfish' });
    expect((await heard()).result).toMatchObject({ kind: 'failed', error: { type: 'ValueError' }, attempts: 1 });
  });
});

describe('[B2-9] interrupted', () => {
  test.each([true, false])('[RN-12] by others: no failure of the prompt (jobs API: %s)', async (hasJobs) => {
    fake.hasJobs = hasJobs;
    fake.script = (job) => {
      fake.start(job);
      fake.tell(job, 'execution_interrupted', { node_id: '3', node_type: 'KSampler', executed: [] });
      fake.finish(job, 'error');
    };
    expect((await heard()).result).toMatchObject({ kind: 'interrupted', by: 'others', stopped: true });
  });

  test.each([true, false])(
    '[RN-12] by us while it runs, and the server is asked once (jobs API: %s)',
    async (hasJobs) => {
      fake.hasJobs = hasJobs;
      const stop = new AbortController();
      fake.script = (job) => {
        fake.start(job);
        later(() => stop.abort());
      };
      expect(await runner.run(request, { signal: stop.signal })).toMatchObject({
        kind: 'interrupted',
        by: 'signal',
        stopped: true,
      });
      expect([...fake.requests('POST /interrupt'), ...fake.requests('POST /api/jobs/')]).toHaveLength(1);
    },
  );

  test.each([true, false])(
    '[RN-12] by us while it waits: taken out of the queue, which leaves nothing (jobs API: %s)',
    async (hasJobs) => {
      fake.hasJobs = hasJobs;
      fake.script = () => {};
      expect(await runner.run(request, { deadline: 5_000 })).toMatchObject({
        kind: 'interrupted',
        by: 'deadline',
        stopped: true,
      });
      expect(fake.pending).toEqual([]);
      expect(fake.requests('POST /interrupt')).toEqual([]);
    },
  );

  test('[RN-12] by us before it was posted: nothing is sent', async () => {
    const result = await runner.run(request, { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ kind: 'interrupted', by: 'signal', stopped: true, attempts: 0 });
    expect(fake.requests('POST ')).toEqual([]);
  });

  test('[RN-12] by us while an old server just starts it: taken out of the queue, then interrupted', async () => {
    fake.hasJobs = false;
    fake.script = () => {};
    fake.routes.set('POST /queue', (_, response) => {
      fake.start(fake.pending[0]!);
      plain(response, 200, '');
    });
    const result = await runner.run(request, { deadline: 5_000 });
    expect(result).toMatchObject({ kind: 'interrupted', by: 'deadline', stopped: true });
    expect(fake.requests('POST /interrupt')).toHaveLength(1);
  });

  test('[RN-12] a server that does not stop is not waited for without end', async () => {
    fake.routes.set('POST /api/jobs/', (_, response) => json(response, 200, { cancelled: true }));
    fake.script = (job) => fake.start(job);
    const result = await runner.run(request, { deadline: 5_000 });
    expect(result).toMatchObject({ kind: 'interrupted', by: 'deadline', stopped: false });
  });

  test('[RN-12] a prompt that was faster than the interrupt is finished', async () => {
    const stop = new AbortController();
    fake.script = (job) => {
      stop.abort();
      fake.succeed(job);
    };
    expect((await runner.run(request, { signal: stop.signal })).kind).toBe('finished');
  });
});

describe('[B2-10] an error while nodes are staged', () => {
  test('[RN-13] counts, whatever the status says', async () => {
    fake.script = (job) =>
      fake.fail(job, { exception_type: 'graph.DependencyCycleError', exception_message: 'cycle' }, 'success');
    expect((await heard()).result).toMatchObject({ kind: 'failed', error: { type: 'graph.DependencyCycleError' } });
  });
});

describe('[B2-11] an output node that is wholly cached', () => {
  test('[RN-14] its files come from the history, also where no message tells of them', async () => {
    fake.script = (job) => {
      fake.start(job, ['1', '9']);
      job.outputs['9'] = { images: [image('old.png')] };
      fake.tell(job, 'execution_success');
      fake.finish(job, 'success');
    };
    const { events, result } = await heard();
    expect(kinds(events)).not.toContain('output');
    expect(result).toMatchObject({ kind: 'finished', outputs: [{ node: '9', media: 'images', filename: 'old.png' }] });
  });
});

describe('[B2-12] a history that is written after the message of success', () => {
  test.each([true, false])('[RN-15] is waited for, up to 2 s (jobs API: %s)', async (hasJobs) => {
    fake.hasJobs = hasJobs;
    fake.script = (job) => {
      fake.start(job);
      fake.pending = [];
      fake.running = [];
      fake.tell(job, 'execution_success');
      later(() => {
        job.outputs['9'] = { images: [image('late.png')] };
        fake.finish(job, 'success');
      }, 30);
    };
    expect((await heard()).result).toMatchObject({ kind: 'finished', outputs: [{ filename: 'late.png' }] });
  });

  test('[RN-15] and not longer', async () => {
    fake.script = (job) => {
      fake.start(job);
      fake.running = [];
      fake.tell(job, 'execution_success');
    };
    expect((await heard()).result).toMatchObject({ kind: 'lost', reason: 'gone' });
  });
});

describe('[B2-13] a tight loop of reconnects on 403', () => {
  test.each([401, 403])('[RN-16] the socket is tried once when it is answered %i', async (status) => {
    fake.refuseSocket = status;
    fake.script = (job) => later(() => fake.succeed(job), 40);
    expect((await heard()).result.kind).toBe('finished');
    expect(fake.socketTries).toBe(1);
  });

  test.each([401, 403])('[RN-16] a request that is answered %i is not sent again', async (status) => {
    fake.routes.set('POST /prompt', (_, response) => plain(response, status, 'no'));
    await expect(runner.run(request)).rejects.toMatchObject({ code: 'RUNNER_AUTH', exit: 10 });
    expect(fake.requests('POST /prompt')).toHaveLength(1);
    fake.routes.clear();
    fake.routes.set('GET /api/jobs/', (_, response) => plain(response, status, 'no'));
    fake.script = (job) => fake.start(job);
    await expect(runner.run(request)).rejects.toMatchObject({ code: 'RUNNER_AUTH' });
    expect(fake.requests('GET /api/jobs/')).toHaveLength(1);
  });

  test('[RN-16] other failures are asked again after 0.5 to 30 s, later each time', async () => {
    let failures = 0;
    fake.routes.set('GET /api/jobs/', (_, response) => (++failures > 9 ? false : plain(response, 500, 'no')));
    fake.script = (job) => fake.start({ ...job, client: undefined });
    later(() => fake.succeed(fake.running[0]!), 90);
    await heard();
    const waits = clock.slept.slice(1, 8);
    expect(waits).toEqual([750, 1500, 3000, 6000, 12000, 22500, 22500]);
  });
});

describe('[B2-14] 200 with errors of nodes', () => {
  test('[RN-17] is a partial run, with what is missing', async () => {
    const error = { errors: [{ type: 'required_input_missing' }], dependent_outputs: ['3'], class_type: 'SaveImage' };
    fake.nodeErrors = { '3': error };
    const { result } = await heard();
    expect(result).toMatchObject({
      kind: 'partial',
      missing: ['3'],
      nodeErrors: { '3': error },
      outputs: [{ node: '9' }],
    });
  });

  test('[RN-17] so is a success without an output that was expected', async () => {
    const { result } = await heard({ ...request, expected: ['9', '12'] });
    expect(result).toMatchObject({ kind: 'partial', missing: ['12'], nodeErrors: {} });
  });
});

const blank: FakeJob = {
  id: '',
  number: 0,
  client: undefined,
  prompt: {},
  extra: {},
  messages: [],
  outputs: {},
  statusStr: 'success',
};

function metadataFrame(metadata: object): Buffer {
  const text = Buffer.from(JSON.stringify(metadata));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(4, 0);
  head.writeUInt32BE(text.length, 4);
  return Buffer.concat([head, text, Buffer.from('png')]);
}
