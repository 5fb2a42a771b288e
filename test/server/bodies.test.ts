import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { tempDir } from '../porcelain/temp.ts';
import { openLine, served, type TestServer } from './served.ts';

const steps = { file: 'ok.json', values: [{ address: '3.steps', value: '21' }], dryRun: true };

describe('bodies [SV-14]', () => {
  it('are JSON, as they stand', async () => {
    const server = await served();
    const text = JSON.stringify(steps);
    const status = async (headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer> = text) =>
      (await server.ask('/api/set', { method: 'POST', body, headers })).status;
    expect(await status({ 'content-type': 'application/json; charset=utf-8' })).toBe(200);
    expect(await status({ 'content-type': 'text/plain' })).toBe(415);
    expect(await status({ 'content-type': 'application/x-www-form-urlencoded' })).toBe(415);
    expect(await status({ 'content-type': 'application/jsonx' })).toBe(415);
    expect(await status({ 'content-type': 'multipart/form-data; boundary=application/json' })).toBe(415);
    const bomb = new Uint8Array(gzipSync(Buffer.alloc(100_000_000)));
    for (const encoding of ['gzip', 'deflate', 'br', 'gzip, identity'])
      expect(await status({ 'content-type': 'application/json', 'content-encoding': encoding }, bomb), encoding).toBe(
        415,
      );
  });

  it('are read as strictly as files', async () => {
    const server = await served();
    const hostile: readonly (readonly [text: string | Buffer, status: number])[] = [
      ['', 422],
      ['{', 422],
      ['[]', 400],
      ['null', 400],
      ['{"file":"a.json","file":"b.json"}', 422],
      ['{"__proto__":{"x":1}}', 422],
      ['{"constructor":{"prototype":{"x":1}}}', 422],
      ['{"file":NaN}', 422],
      ['{"file":1e400}', 422],
      ['{"file":"\\ud800"}', 422],
      [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 422],
      ['['.repeat(100_000), 413],
      [`{"file":"${'a'.repeat(2_000_000)}"}`, 413],
    ];
    for (const [text, status] of hostile) {
      const answer = await server.ask('/api/set', {
        method: 'POST',
        body: text as string,
        headers: { 'content-type': 'application/json' },
      });
      expect(answer.status, String(text).slice(0, 40)).toBe(status);
      expect(answer.body.type).toMatch(/^urn:cwf:/);
    }
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });

  it('are cut at the limit, whether they say their length or never end', async () => {
    const server = await served();
    const long = await server.post('/api/set', `{"file":"${'a'.repeat(9 * 1024 * 1024)}"}`);
    expect([long.status, long.body.code]).toEqual([413, 'BODY_TOO_LARGE']);
    const socket = await openLine(server.port);
    let heard = '';
    let sent = 0;
    const closed = new Promise<void>((resolve) => {
      socket.on('data', (data) => {
        heard += data.toString('latin1');
      });
      socket.on('close', () => resolve());
      socket.on('error', () => resolve());
    });
    socket.write(
      `POST /api/set HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`;
    const pump = (): void => {
      while (!socket.destroyed && socket.writable) {
        sent += chunk.length;
        if (sent > 64 * 1024 * 1024) return void socket.destroy();
        if (!socket.write(chunk)) return void socket.once('drain', pump);
      }
    };
    pump();
    await closed;
    expect(heard).toContain('413');
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    expect((await server.get('/api/status')).status).toBe(200);
  });
});

describe('errors [SV-26]', () => {
  it('are problem details with the code of the table, and never a stack', async () => {
    const server = await served();
    const answers = [
      await server.get('/api/show?what=nope'),
      await server.get('/api/log?limit=-1'),
      await server.get('/api/log?limit=1&limit=2'),
      await server.get('/api/log?nope=1'),
      await server.get('/api/blame'),
      await server.get('/api/branch?name=x'),
      await server.post('/api/commit'),
      await server.post('/api/merge', { rev: 'main', isStrict: 'yes' }),
    ];
    expect(answers.map(({ status, body }) => [status, body.code])).toEqual([
      [404, 'REV_NOT_FOUND'],
      [400, 'INPUT_INVALID'],
      [400, 'INPUT_INVALID'],
      [400, 'INPUT_INVALID'],
      [400, 'INPUT_INVALID'],
      [400, 'INPUT_INVALID'],
      [422, 'NOTHING_TO_COMMIT'],
      [400, 'INPUT_INVALID'],
    ]);
    for (const { status, headers, body } of answers) {
      expect(headers.get('content-type')).toBe('application/problem+json');
      expect(body).toMatchObject({
        type: `urn:cwf:${body.code}`,
        status,
        detail: expect.any(String),
        hint: expect.any(String),
      });
      expect(JSON.stringify(body)).not.toMatch(/\bat .*\.(ts|js|cjs):\d+|node_modules/);
    }
  });
});

describe('paths of requests [SV-16]', () => {
  /** A secret beside the repository, and ways to it. */
  async function besides(): Promise<TestServer & { readonly secret: string }> {
    const server = await served();
    const outside = tempDir();
    const secret = join(outside, 'secret.json');
    writeFileSync(secret, '{"the secret":"of the house"}');
    symlinkSync(secret, join(server.dir, 'link.json'));
    symlinkSync(outside, join(server.dir, 'folder'));
    symlinkSync(join(outside, 'not-yet.json'), join(server.dir, 'dangling.json'));
    mkdirSync(join(server.dir, 'sub'));
    return { ...server, secret };
  }

  it('stay inside the working tree, by whatever name', async () => {
    const server = await besides();
    const names = [
      server.secret,
      `../${server.secret}`,
      '../../../../../../../../etc/passwd',
      'sub/../../x.json',
      '/etc/passwd',
      'link.json',
      'folder/secret.json',
      `file://${server.secret}`,
      '\\\\host\\share\\x.json',
      '..\\..\\x.json',
      '%2e%2e%2f%2e%2e%2fetc/passwd',
      '%252e%252e%252fetc/passwd',
      '..%2f..%2fetc%2fpasswd',
      '.git/config',
      '.GIT/config',
      'sub/../.git/cwf/server.json',
      'a\0b.json',
      `${'a'.repeat(300)}.json`,
      'ab/'.repeat(1360),
    ];
    const routes: readonly ((path: string) => Promise<{ status: number; body: unknown }>)[] = [
      (path) => server.post('/api/set', { ...steps, file: path }),
      (path) => server.post('/api/import', { source: path, as: 'taken.json', dryRun: true }),
      (path) => server.post('/api/output/add', { file: path, dryRun: true }),
      (path) => server.post('/api/metric/run', { files: [path], dryRun: true }),
      (path) => server.post('/api/output/export', { output: 'abcd', to: path }),
      (path) => server.post('/api/repair', { file: 'ok.json', lists: path, dryRun: true }),
      (path) => server.get(`/api/validate?files=${encodeURIComponent(path)}`),
      (path) => server.get(`/api/validate?files=ok.json&objectInfo=${encodeURIComponent(path)}`),
      (path) => server.get(`/api/blame?file=${encodeURIComponent(path)}`),
      (path) => server.get(`/api/log?files=${encodeURIComponent(path)}`),
    ];
    for (const path of names) {
      for (const [at, route] of routes.entries()) {
        const { status, body } = await route(path);
        expect([400, 422], `${at} ${JSON.stringify(path)} ${JSON.stringify(body)}`).toContain(status);
        expect(JSON.stringify(body)).not.toMatch(/of the house|root:|\[core\]|cwf_[\w-]{20}/);
      }
    }
  });

  it('name a runner, and not the address of one: which hosts are spoken to is said by .cwfrc', async () => {
    const server = await served();
    for (const on of ['http://169.254.169.254', 'https://evil.example', '127.0.0.1:8188', '//evil.example'])
      expect((await server.post('/api/run', { on })).body.code, on).toBe('INPUT_INVALID');
    expect((await server.post('/api/run', { on: 'nobody', dryRun: true })).body.code).toBe('RUNNER_NOT_FOUND');
  });

  it('are not written to through a link that leads nowhere yet', async () => {
    const server = await besides();
    const { status } = await server.post('/api/output/export', { output: 'abcd', to: 'dangling.json' });
    expect(status).toBe(422);
  });

  it('are those of the repository, wherever the server was started', async () => {
    const server = await served();
    mkdirSync(join(server.dir, 'deep'));
    await server.served.close!();
    const { serve } = await import('../../server/serve.ts');
    const { ENV } = await import('../porcelain/temp.ts');
    const { readServer } = await import('../../src/porcelain/server-file.ts');
    const below = await serve({ cwd: join(server.dir, 'deep'), env: ENV, version: '0', port: 0, log: () => undefined });
    const { token } = readServer(server.ctx.repo)!;
    const response = await fetch(`${below.url}/api/validate?files=ok.json`, {
      headers: { authorization: `Bearer ${token}` },
    });
    await below.close!();
    expect(response.status).toBe(200);
    expect(readFileSync(join(server.dir, 'ok.json'), 'utf8')).toContain('KSampler');
  });
});
