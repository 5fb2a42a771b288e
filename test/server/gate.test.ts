import { describe, expect, it } from 'vitest';
import { openLine, served } from './served.ts';

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

describe('hosts [SV-10]', () => {
  it('answers to its own names with its port, and to nothing that only looks like them', async () => {
    const server = await served();
    const { port, token } = server;
    const ask = async (...hosts: string[]): Promise<number> => {
      const lines = hosts.map((host) => `Host: ${host}\r\n`).join('');
      return statusOf(
        await server.raw(
          `GET /api/status HTTP/1.1\r\n${lines}Authorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
        ),
      );
    };
    for (const host of ['127.0.0.1', 'localhost', '[::1]', 'LOCALHOST'])
      expect(await ask(`${host}:${port}`), host).toBe(200);
    const foreign = [
      'evil.example',
      `evil.example:${port}`,
      `127.0.0.1.nip.io:${port}`,
      `localhost.:${port}`,
      '127.0.0.1',
      `127.0.0.1:${port + 1}`,
      `127.0.0.1:${port}@evil.example`,
      `0x7f000001:${port}`,
      '',
    ];
    for (const host of foreign) expect(await ask(host), host).toBe(421);
    expect(await ask(), 'no Host').toBe(421);
    expect(await ask(`127.0.0.1:${port}`, 'evil.example'), 'two Hosts').toBe(421);
    expect(await ask(`127.0.0.1:${port}`, `127.0.0.1:${port}`), 'the same twice').toBe(421);
  });

  it('takes no absolute URL in place of a path, whatever host it names', async () => {
    const server = await served();
    for (const host of ['evil.example', `127.0.0.1:${server.port}`]) {
      const answer = await server.raw(
        `GET http://${host}/api/status HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n\r\n`,
      );
      expect(statusOf(answer)).toBe(400);
    }
  });

  it('answers to a name that it was told, with and without a port', async () => {
    const server = await served({ allowHosts: ['wf.example.org'] });
    const ask = async (host: string): Promise<number> =>
      statusOf(await server.raw(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`));
    expect(await ask('wf.example.org')).toBe(401);
    expect(await ask(`wf.example.org:${server.port}`)).toBe(401);
    expect(await ask('sub.wf.example.org')).toBe(421);
  });
});

describe('pages of others [SV-11]', () => {
  it('changes nothing and tells nothing for a page of another origin, even with the right token', async () => {
    const server = await served();
    const before = await server.get('/api/op/log');
    const origins = [
      'https://evil.example',
      'null',
      `http://localhost:${server.port + 1}`,
      'http://127.0.0.1',
      'file://',
    ];
    for (const origin of origins) {
      expect((await server.post('/api/tag', { name: 'x' }, { origin })).status, origin).toBe(403);
      expect((await server.get('/api/events', { origin })).status, origin).toBe(403);
      expect((await server.get('/api/log', { origin })).status, origin).toBe(403);
    }
    for (const site of ['cross-site', 'same-site']) {
      const headers = { 'sec-fetch-site': site };
      expect((await server.post('/api/tag', { name: 'x' }, headers)).status, site).toBe(403);
      expect((await server.get('/api/log', headers)).status, site).toBe(403);
      // A link on another page is followed, as far as a cookie goes along: not at all.
      expect((await server.post('/api/tag', { name: 'x' }, { ...headers, 'sec-fetch-mode': 'navigate' })).status).toBe(
        403,
      );
      const followed = await server.raw(
        `GET /api/status HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${server.token}\r\nSec-Fetch-Site: ${site}\r\nSec-Fetch-Mode: navigate\r\nConnection: close\r\n\r\n`,
      );
      expect(statusOf(followed)).toBe(200);
    }
    expect((await server.get('/api/op/log')).body).toEqual(before.body);
    const own = { origin: server.url, 'sec-fetch-site': 'same-origin' };
    expect((await server.post('/api/tag', { name: 'mine' }, own)).status).toBe(200);
  });

  it('sends no CORS header, and answers no preflight', async () => {
    const server = await served();
    const asked = await server.ask('/api/log', {
      method: 'OPTIONS',
      headers: { 'access-control-request-method': 'GET' },
    });
    expect(asked.status).toBe(405);
    for (const { headers } of [asked, await server.get('/api/log')])
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('methods and paths [SV-12]', () => {
  it('knows GET, HEAD and POST, each where it belongs, and none by a header', async () => {
    const server = await served();
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const { status } = await server.ask('/api/log', { method });
      expect(status, method).toBe(405);
    }
    for (const method of ['TRACE', 'CONNECT', 'PROPFIND']) {
      const answer = await server.raw(
        `${method} /api/log HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nConnection: close\r\n\r\n`,
      );
      // Of CONNECT nobody takes any notice: the line is closed.
      expect(answer, method).toMatch(/^(HTTP\/1.1 40[05] |$)/);
    }
    const posted = await server.post('/api/log');
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const got = await server.get('/api/commit');
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    for (const header of ['x-http-method-override', 'x-http-method', 'x-method-override'])
      expect((await server.get('/api/commit', { [header]: 'POST' })).status, header).toBe(405);
    const head = await server.ask('/api/log', { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
    expect((await server.get('/api/nope')).status).toBe(404);
  });

  it('refuses every path that is not plain before it is decoded, and every query that is no text', async () => {
    const server = await served();
    const paths = [
      '/api/outputs/..%2f..%2fconfig',
      '/blob/..%2f..%2fconfig',
      '/api/tasks/%00',
      '/api/tasks/%ff',
      '/api/%2e%2e/config',
      '/api/../.git/config',
      '/api//log',
      '/.git/config',
      '/api\\log',
      '/api/log?grep=%ff',
      '/api/log?grep=%00',
      '/api/log?grep=%',
      `/api/log?grep=${'a'.repeat(17_000)}`,
    ];
    for (const path of paths) {
      const answer = await server.raw(
        `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${server.token}\r\nConnection: close\r\n\r\n`,
      );
      expect([400, 431], path).toContain(statusOf(answer));
      expect(answer).not.toContain('[core]');
    }
  });
});

describe('every answer [SV-13]', () => {
  it('forbids frames, foreign sources, sniffing and keeping, also where it is an error', async () => {
    const server = await served();
    const answers = [
      await server.get('/'),
      await server.get('/api/log'),
      await server.get('/api/nope'),
      await server.get('/', { authorization: 'Bearer nope' }),
      await server.get('/', { origin: 'null' }),
      await server.post('/api/commit', '{'),
    ];
    for (const { headers, status } of answers) {
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy, String(status)).toContain("default-src 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });
});

describe('clients that are slow or too loud [SV-15]', () => {
  it('cuts off whoever sends too many or too large headers', async () => {
    const server = await served();
    const head = `GET /api/log HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n`;
    expect(statusOf(await server.raw(`${head}X: ${'a'.repeat(65_536)}\r\n\r\n`))).toBe(431);
    const many = Array.from({ length: 10_000 }, (_, at) => `X-${at}: 1\r\n`).join('');
    expect(statusOf(await server.raw(`${head}${many}\r\n`))).toBe(431);
    expect((await server.get('/api/status')).status).toBe(200);
  });

  it('waits at most ten seconds for the head of a request', async () => {
    const server = await served();
    const socket = await openLine(server.port);
    const started = Date.now();
    const closed = new Promise<number>((resolve) => socket.on('close', () => resolve(Date.now() - started)));
    socket.on('error', () => undefined);
    socket.resume();
    socket.write('GET / HTTP/1.1\r\n');
    const drip = setInterval(() => socket.write('X'), 500);
    expect(await closed).toBeLessThanOrEqual(10_000);
    clearInterval(drip);
  }, 20_000);

  it('answers 400 to two lengths of one body', async () => {
    const server = await served();
    const answer = await server.raw(
      `POST /api/commit HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    );
    expect(statusOf(answer)).toBe(400);
  });
});
