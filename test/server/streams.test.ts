import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { Broadcast, Clients } from '../../server/broadcast.ts';
import { EventClient } from '../../server/event-stream.ts';
import { listenTo, openLine, served } from './served.ts';

const set = (value: number) => ({ file: 'ok.json', values: [{ address: '3.steps', value: String(value) }] });

describe('GET /api/events [SV-24]', () => {
  it('tells where HEAD is, then each operation with what it moved, whoever did it', async () => {
    const server = await served();
    const heard = await listenTo(server, '/api/events');
    await heard.until(1);
    const { head } = (await server.get('/api/session')).body;
    expect(heard.events[0]).toMatchObject({ event: 'head', data: { branch: 'refs/heads/main', head } });
    const { body } = await server.post('/api/set', set(21));
    await heard.until(4);
    expect(heard.events.slice(1, 4)).toMatchObject([
      { event: 'operation', data: { operation: { command: 'set', actor: 'person' } } },
      { event: 'refs', data: { refs: [{ ref: 'refs/heads/main', old: head, new: body.oid }] } },
      { event: 'head', data: { head: body.oid } },
    ]);
    // Another process, and one that is not cwf.
    const { tag } = await import('../../src/porcelain/tag.ts');
    await tag.run(await server.open(), { name: 'v1' });
    server.git('branch', 'by-git');
    await expect
      .poll(() => JSON.stringify(heard.events), { timeout: 8000 })
      .toMatch(/"command":"tag".*refs\/heads\/by-git/s);
    heard.close();
  });

  it('repeats what was missed, to the letter, for whoever comes back', async () => {
    const server = await served();
    const heard = await listenTo(server, '/api/events');
    await heard.until(1);
    await server.post('/api/set', set(21));
    await heard.until(4);
    const last = heard.events[1]!.id!;
    await server.post('/api/set', set(22));
    await heard.until(7);
    heard.close();
    const again = await listenTo(server, '/api/events', { 'last-event-id': last });
    await again.until(5);
    expect(again.events).toEqual(heard.events.slice(2));
    again.close();
    const seenAll = await listenTo(server, '/api/events', { 'last-event-id': heard.events.at(-1)!.id! });
    await server.post('/api/set', set(23));
    await seenAll.until(4);
    expect(seenAll.events.map(({ event }) => event)).toEqual(['head', 'operation', 'refs', 'head']);
    seenAll.close();
  });

  it('after a restart tells the operations since, and where nobody knows them says so', async () => {
    const server = await served();
    const heard = await listenTo(server, '/api/events');
    await server.post('/api/set', set(21));
    await heard.until(4);
    const last = heard.events.at(-1)!.id!;
    heard.close();
    await server.post('/api/set', set(22));
    const next = await server.restart();
    const again = await listenTo(next, '/api/events', { 'last-event-id': last });
    await again.until(2);
    expect(again.events).toMatchObject([
      { event: 'operation', data: { operation: { command: 'set' } } },
      { event: 'head' },
    ]);
    again.close();
    for (const id of ['x', 'x.1.0000000000', '', '..', 'a'.repeat(500)]) {
      const lost = await listenTo(next, '/api/events', { 'last-event-id': id });
      await lost.until(1);
      expect(lost.events.map(({ event }) => event)).toContain(id === '' ? 'head' : 'resync');
      lost.close();
    }
  });

  it('ends with the server', async () => {
    const server = await served();
    const heard = await listenTo(server, '/api/events');
    await heard.until(1);
    await server.served.close!();
    await heard.ended;
  });

  it('is for those with a token alone', async () => {
    const server = await served();
    expect((await server.get('/api/events', { authorization: 'Bearer x' })).status).toBe(401);
    const head = await server.ask('/api/events', { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
  });
});

/** An answer whose other end reads only when it is told to. */
class StuckResponse extends EventEmitter {
  written: string[] = [];
  writableLength = 0;
  destroyed = false;
  writableEnded = false;
  socket = null;
  writeHead(): void {}
  flushHeaders(): void {}
  write(text: string): boolean {
    this.written.push(text);
    this.writableLength += text.length;
    return false;
  }
  read(): void {
    this.writableLength = 0;
    this.emit('drain');
  }
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
  end(): void {
    this.writableEnded = true;
  }
}

describe('a client that does not read [SV-23]', () => {
  it('has a bounded queue, and is told that it missed something when it reads again', () => {
    const response = new StuckResponse();
    const client = new EventClient(response as unknown as ServerResponse, () => 0);
    const event = `data: ${'x'.repeat(1000)}\n\n`;
    for (let at = 0; at < 10_000; at++) client.send(event);
    expect(response.writableLength).toBeLessThan(70_000);
    response.read();
    expect(response.written.at(-1)).toContain('resync');
    client.send('data: later\n\n');
    expect(response.written.at(-1)).toContain('later');
  });

  it('gets what waited, in order, where that was little', () => {
    const response = new StuckResponse();
    const client = new EventClient(response as unknown as ServerResponse, () => 0);
    client.send('x'.repeat(70_000));
    for (let at = 0; at < 100; at++) client.send(String(at));
    response.read();
    expect(response.written.slice(1)).toEqual(Array.from({ length: 100 }, (_, at) => String(at)));
  });

  it('is let go after a minute', () => {
    let now = 0;
    const response = new StuckResponse();
    const client = new EventClient(response as unknown as ServerResponse, () => now);
    client.send('x'.repeat(70_000));
    now = 59_000;
    expect(client.beat()).toBe(true);
    now = 61_000;
    expect(client.beat()).toBe(false);
    expect(response.destroyed).toBe(true);
  });

  it('keeps the past of a stream within bounds', () => {
    const stream = new Broadcast();
    for (let at = 0; at < 5000; at++) stream.send({ id: String(at), event: 'x', data: 'y'.repeat(10_000) });
    expect(stream.all().length).toBeLessThanOrEqual(1000);
    expect(stream.all().join('').length).toBeLessThanOrEqual(4 * 1024 * 1024);
    expect(stream.since('4998')).toHaveLength(1);
    expect(stream.since('0')).toBeUndefined();
    stream.send({ id: 'big', event: 'x', data: 'y'.repeat(5_000_000) });
    expect(stream.all()).toHaveLength(1);
  });

  it('is shown every fifteen seconds that the line is alive, and let go when its token is taken away', () => {
    vi.useFakeTimers();
    const clients = new Clients(() => 0);
    const response = new StuckResponse();
    let isAllowed = true;
    clients.add(
      response as unknown as ServerResponse,
      () => isAllowed,
      () => undefined,
    );
    vi.advanceTimersByTime(15_000);
    expect(response.written).toEqual([': alive\n\n']);
    isAllowed = false;
    vi.advanceTimersByTime(15_000);
    expect(response.writableEnded).toBe(true);
    clients.close();
    vi.useRealTimers();
  });

  it('of two thousand at once the next is asked to wait', () => {
    const clients = new Clients(() => 0);
    const add = () =>
      clients.add(
        new StuckResponse() as unknown as ServerResponse,
        () => true,
        () => undefined,
      );
    for (let at = 0; at < 2000; at++) add();
    expect(add).toThrow('2000 streams');
    clients.close();
  });
});

describe('clients that go away', () => {
  it('in the middle of an answer or of a stream leave nothing behind', async () => {
    const server = await served();
    const request = (path: string): string =>
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${server.token}\r\n\r\n`;
    const abortMany = async (count: number): Promise<void> => {
      for (let round = 0; round < count; round += 50)
        await Promise.all(
          Array.from({ length: 50 }, async (_, at) => {
            const socket = await openLine(server.port);
            socket.on('error', () => undefined);
            socket.write(request(at % 2 === 0 ? '/api/openapi.json' : '/api/events'));
            socket.once('data', () => socket.destroy());
            await new Promise((resolve) => socket.once('close', resolve));
          }),
        );
    };
    const handles = (): number => process.getActiveResourcesInfo().filter((name) => /TCP|Pipe/.test(name)).length;
    await abortMany(50);
    const before = handles();
    await abortMany(950);
    await expect.poll(handles, { timeout: 5000 }).toBeLessThanOrEqual(before + 5);
    expect((await server.get('/api/status')).status).toBe(200);
  });
});

describe('tasks [SV-25]', () => {
  const broken = () => {
    const prompt: Record<string, { class_type: string; inputs: Record<string, unknown> }> = {
      '3': {
        class_type: 'KSampler',
        inputs: {
          seed: 42,
          steps: 'abc',
          cfg: 8,
          sampler_name: 'euler',
          scheduler: 'normal',
          denoise: 1,
          model: ['4', 0],
          positive: ['6', 0],
          negative: ['6', 0],
          latent_image: ['5', 0],
        },
      },
      '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors' } },
      '5': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 512, batch_size: 1 } },
      '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a cat', clip: ['4', 1] } },
      '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
      '9': { class_type: 'SaveImage', inputs: { filename_prefix: 'out', images: ['8', 0] } },
    };
    return prompt;
  };
  const later = { prefer: 'respond-async' };

  it('answer at once, tell their steps, and keep them for whoever comes late', async () => {
    const server = await served();
    server.write('broken.json', broken());
    const { status, headers, body } = await server.post('/api/repair', { file: 'broken.json' }, later);
    expect([status, headers.get('preference-applied')]).toEqual([202, 'respond-async']);
    expect(headers.get('location')).toBe(`/api/tasks/${body.task}`);
    const heard = await listenTo(server, `/api/tasks/${body.task}/events`);
    await heard.ended;
    const kinds = heard.events.map(({ event }) => event);
    expect(kinds.slice(0, -1).every((kind) => kind === 'step')).toBe(true);
    expect(kinds.length).toBeGreaterThan(1);
    expect(heard.events.at(-1)).toMatchObject({
      event: 'done',
      data: { state: 'done', output: { branch: 'repair/broken' } },
    });
    expect((await server.get(`/api/tasks/${body.task}`)).body).toEqual(heard.events.at(-1)!.data);
    const late = await listenTo(server, `/api/tasks/${body.task}/events`, { 'last-event-id': heard.events[0]!.id! });
    await late.ended;
    expect(late.events).toEqual(heard.events.slice(1));
    const sync = await server.post('/api/repair', { file: 'broken.json', branch: 'other' });
    expect([sync.status, sync.body.branch]).toEqual([200, 'other']);
  });

  it('end with the error of the verb, and are of those who began them', async () => {
    const server = await served();
    const { body } = await server.post('/api/repair', { file: 'nope.json' }, later);
    const heard = await listenTo(server, `/api/tasks/${body.task}/events`);
    await heard.ended;
    expect(heard.events.at(-1)).toMatchObject({ event: 'failed', data: { error: { code: 'FILE_NOT_FOUND' } } });
    const { tokenAdd } = await import('../../src/porcelain/token.ts');
    const { token } = await tokenAdd.run(server.ctx, { actor: 'tool/x', scope: 'write' });
    const other = await server.get(`/api/tasks/${body.task}`, { authorization: `Bearer ${token}` });
    expect([other.status, other.body.code]).toEqual([404, 'TASK_NOT_FOUND']);
    expect((await server.get('/api/tasks/0123')).status).toBe(404);
  });
});
