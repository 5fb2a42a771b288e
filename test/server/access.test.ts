import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Access } from '../../server/access.ts';
import { serve } from '../../server/serve.ts';
import { callVerb } from '../../src/porcelain/call.ts';
import { tokenAdd, tokenLs, tokenRm } from '../../src/porcelain/token.ts';
import type { TokenScope } from '../../src/porcelain/token-scope.ts';
import { tokenHash } from '../../src/porcelain/tokens.ts';
import { ENV, failure, tempRepo } from '../porcelain/temp.ts';
import { served, serverOn, type TestServer } from './served.ts';

const without = { authorization: '' };

describe('the token of a start [SV-5]', () => {
  it('lies in a file that only its owner reads, and is another one next time', async () => {
    const server = await served();
    const path = join(server.dir, '.git/cwf/server.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(server.token).toMatch(/^cwf_[\w-]{43}$/);
    const next = await server.restart();
    expect(next.token).not.toBe(server.token);
    expect((await next.get('/api/log', { authorization: `Bearer ${server.token}` })).status).toBe(401);
    await next.served.close!();
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  it('is never said by the server: not in its answers, not in what it prints', async () => {
    const server = await served();
    const answers = [
      await server.get('/'),
      await server.get('/api/session'),
      await server.get(`/api/log?token=${server.token}`, without),
      await server.get('/api/openapi.json'),
    ];
    for (const { body, headers } of answers) expect(JSON.stringify([body, [...headers]])).not.toContain(server.token);
    expect(server.said.join('\n')).not.toContain(server.token);
    expect(server.served.link).not.toContain(server.token);
  });
});

describe('who comes without a valid token', () => {
  it('is refused, wherever the token stands but in its header [SV-7]', async () => {
    const server = await served();
    const { token } = server;
    const wrong: Record<string, string>[] = [
      without,
      { authorization: 'Bearer' },
      { authorization: `Bearer ${token}x` },
      { authorization: `Bearer ${token.slice(0, -1)}` },
      { authorization: `Basic ${Buffer.from(`:${token}`).toString('base64')}` },
      { authorization: token },
      { ...without, cookie: `cwf_${server.port}=${token}` },
      { ...without, 'x-token': token },
    ];
    for (const headers of wrong) {
      const { status, body, headers: told } = await server.get('/api/log', headers);
      expect([status, body.code], JSON.stringify(headers)).toEqual([401, 'TOKEN_NEEDED']);
      expect(told.get('www-authenticate')).toContain('Bearer');
    }
    expect((await server.get(`/api/log?token=${token}`, without)).status).toBe(401);
    expect((await server.get('/api/log', { authorization: `bearer ${token}` })).status).toBe(200);
  });

  it('is told to wait after twenty tries, while the right token still gets in [SV-8]', async () => {
    const server = await served();
    const tries = async (count: number): Promise<number[]> => {
      const statuses = await Promise.all(
        Array.from(
          { length: count },
          async () => (await server.get('/api/log', { authorization: 'Bearer nope' })).status,
        ),
      );
      return [401, 429].map((wanted) => statuses.filter((status) => status === wanted).length);
    };
    const [refused, slowed] = await tries(200);
    expect(refused! + slowed!).toBe(200);
    expect(slowed).toBeGreaterThan(150);
    const { status, headers, body } = await server.get('/api/log', { authorization: 'Bearer nope' });
    expect([status, body.code]).toEqual([429, 'TOO_MANY_FAILURES']);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await server.get('/api/log')).status).toBe(200);
  });

  it('gets tries back with time', () => {
    let now = 0;
    const access = new Access({ token: 'x', actor: 'person', tokens: () => [], now: () => now });
    const code = (): string => {
      try {
        access.caller({ address: 'a' }, 'c');
        return 'in';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    const codes = Array.from({ length: 25 }, code);
    expect(codes.filter((one) => one === 'TOKEN_NEEDED')).toHaveLength(20);
    now += 3000;
    expect([code(), code(), code(), code()].filter((one) => one === 'TOKEN_NEEDED')).toHaveLength(3);
  });
});

describe('a link [SV-6]', () => {
  const enter = async (server: TestServer, link: string) =>
    server.ask(new URL(link).pathname + new URL(link).search, { headers: without });

  it('opens one session, once, by a cookie that no script reads and no other site sends', async () => {
    const server = await served();
    const first = await enter(server, server.served.link);
    expect(first.status).toBe(200);
    const cookie = first.headers.get('set-cookie')!;
    expect(cookie).toMatch(
      new RegExp(`^cwf_${server.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/; Max-Age=\\d+$`),
    );
    expect(first.body).toContain('url=/');
    const again = await enter(server, server.served.link);
    expect([again.status, again.body.code]).toEqual([401, 'LINK_USED']);
    const headers: Record<string, string> = { cookie: cookie.split(';')[0]! };
    const get = async (path: string, more = {}) => {
      const response = await fetch(`${server.url}${path}`, { headers: { ...headers, ...more } });
      return response.status;
    };
    expect(await get('/api/log')).toBe(200);
    expect(await get('/')).toBe(200);
    // A wrong token is not made up for by a cookie.
    expect(await get('/api/log', { authorization: 'Bearer nope' })).toBe(401);
    const posted = await fetch(`${server.url}/api/tag`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json', origin: server.url },
      body: '{"name":"from-the-page"}',
    });
    expect(posted.status).toBe(200);
    const next = await server.restart();
    expect((await fetch(`${next.url}/api/log`, { headers })).status).toBe(401);
  });

  it('is for ten minutes, and a session for twelve hours', () => {
    let now = 1_000_000;
    const access = new Access({ token: 'x', actor: 'person', tokens: () => [], now: () => now });
    const [early, late] = [access.newLink(), access.newLink()];
    const secret = access.enter(early, 'a');
    now += 10 * 60_000;
    expect(() => access.enter(late, 'a')).toThrow('used already');
    const cookie = { cookie: `other=1; c=${secret}`, address: 'a' };
    expect(access.caller(cookie, 'c')).toMatchObject({ actor: 'person', scope: 'admin' });
    now += 12 * 3_600_000;
    expect(() => access.caller(cookie, 'c')).toThrow('no valid token');
  });

  it('is made anew by whoever may do all, and by nobody else', async () => {
    const server = await served();
    const { body } = await server.post('/api/session/link');
    expect((await server.get(body.path, without)).status).toBe(200);
    const { token } = await tokenAdd.run(server.ctx, { actor: 'tool/x', scope: 'write' });
    expect((await server.post('/api/session/link', {}, { authorization: `Bearer ${token}` })).status).toBe(403);
  });
});

describe('tokens of actors [SV-17, SV-18]', () => {
  const made = async (server: TestServer, actor: string, scope: TokenScope): Promise<Record<string, string>> => {
    const { token } = await tokenAdd.run(server.ctx, { actor, scope });
    return { authorization: `Bearer ${token}` };
  };

  it('let each do what it is for, and record it under its own name', async () => {
    const server = await served();
    const [reader, proposer, writer, admin] = [
      await made(server, 'tool/reader', 'read'),
      await made(server, 'agent/proposer', 'propose'),
      await made(server, 'tool/writer', 'write'),
      await made(server, 'person', 'admin'),
    ];
    const set = { file: 'ok.json', values: [{ address: '3.steps', value: '21' }] };
    const tried = async (headers: Record<string, string>): Promise<number[]> => [
      (await server.get('/api/log', headers)).status,
      (await server.get('/api/branch', headers)).status,
      (await server.post('/api/set', { ...set, dryRun: true }, headers)).status,
      (await server.post('/api/tag', { name: `t${Math.random()}`.replace('.', '') }, headers)).status,
      (await server.get('/api/token/ls', headers)).status,
    ];
    expect(await tried(reader)).toEqual([200, 200, 403, 403, 403]);
    expect(await tried(proposer)).toEqual([200, 200, 200, 403, 403]);
    expect(await tried(writer)).toEqual([200, 200, 200, 200, 403]);
    expect(await tried(admin)).toEqual([200, 200, 200, 200, 200]);
    expect((await server.post('/api/set', set, writer)).status).toBe(200);
    const { body } = await server.get('/api/log?limit=1');
    expect(body.commits[0]).toMatchObject({ actor: 'tool/writer', op: 'set' });
  });

  it('of agents are for reading and proposing alone', async () => {
    const { ctx } = await tempRepo();
    for (const scope of ['write', 'admin'] as const)
      await failure('TOKEN_AGENT', tokenAdd.run(ctx, { actor: 'agent/x', scope }));
    await failure('ACTOR_INVALID', tokenAdd.run(ctx, { actor: 'nobody', scope: 'read' }));
    await tokenAdd.run(ctx, { actor: 'agent/x', scope: 'propose' });
    await failure('TOKEN_EXISTS', tokenAdd.run(ctx, { actor: 'agent/x', scope: 'read' }));
    await failure('TOKEN_NOT_FOUND', tokenRm.run(ctx, { actor: 'agent/y' }));
  });

  it('are kept as hashes in a file that only its owner reads', async () => {
    const { ctx, dir } = await tempRepo();
    const { token } = await tokenAdd.run(ctx, { actor: 'agent/x', scope: 'read' });
    const path = join(dir, '.git/cwf/tokens.json');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).not.toContain(token);
    expect(readFileSync(path, 'utf8')).toContain(tokenHash(token));
    expect(JSON.stringify(await tokenLs.run(ctx, {}))).not.toContain(tokenHash(token));
  });

  it('made and taken away while the server runs count from then on', async () => {
    const server = await served();
    const headers = await made(server, 'agent/x', 'read');
    expect((await server.get('/api/log', headers)).status).toBe(200);
    await tokenRm.run(server.ctx, { actor: 'agent/x' });
    expect((await server.get('/api/log', headers)).status).toBe(401);
  });

  it('are made by many at once without one being lost', async () => {
    const { ctx } = await tempRepo();
    await Promise.all(
      Array.from({ length: 20 }, (_, at) => tokenAdd.run(ctx, { actor: `agent/a${at}`, scope: 'read' })),
    );
    expect((await tokenLs.run(ctx, {})).tokens).toHaveLength(20);
  });

  it('of a damaged file let nobody in, and say so', async () => {
    const server = await served();
    writeFileSync(join(server.dir, '.git/cwf/tokens.json'), '{"tokens": [{"actor": "person", "scope": "god"}]}');
    const { status, body } = await server.get('/api/log', { authorization: 'Bearer x' });
    expect([status, body.code]).toEqual([500, 'TOKENS_DAMAGED']);
  });

  it('that others can read are warned of', async () => {
    const temp = await tempRepo();
    await tokenAdd.run(temp.ctx, { actor: 'agent/x', scope: 'read' });
    const first = await serverOn(temp);
    expect(first.said).toEqual([]);
    await first.served.close!();
    chmodSync(join(temp.dir, '.git/cwf/tokens.json'), 0o644);
    const { said } = await serverOn(temp);
    expect(said.join()).toMatch(/warning: others can read .*tokens\.json: chmod 600/);
  });

  it('bound what is done through any door, as the context says [SV-19]', async () => {
    const { ctx } = await tempRepo({ 'ok.json': '{}' });
    const agent = Object.create(ctx, { scope: { value: 'propose' }, actor: { value: 'agent/x' } });
    await failure('SCOPE_TOO_SMALL', callVerb(agent, 'import', { source: 'ok.json' }));
    await failure('SCOPE_TOO_SMALL', callVerb(agent, 'commit', { dryRun: true, allowSecrets: true }));
    await failure('VERB_UNKNOWN', callVerb(ctx, 'bisect run', { command: ['true'] }));
    await failure('VERB_UNKNOWN', callVerb(ctx, 'toString', {}));
  });
});

describe('listening elsewhere [SV-9]', () => {
  const start = async (options: { host: string; allowHosts?: string[] }, tokens: boolean) => {
    const { dir, ctx } = await tempRepo();
    if (tokens) await tokenAdd.run(ctx, { actor: 'tool/x', scope: 'read' });
    const said: string[] = [];
    const log = (line: string): void => void said.push(line);
    const served = await serve({ cwd: dir, env: ENV, version: '0', port: 0, log, ...options });
    await served.close!();
    return said;
  };

  it('is refused without a token, and without a name to be called by', async () => {
    await failure('SERVER_OPEN', start({ host: '0.0.0.0', allowHosts: ['a.example'] }, false));
    await failure('SERVER_OPEN', start({ host: '0.0.0.0' }, true));
    await failure('SERVER_OPEN', start({ host: '::' }, true));
    await failure('SERVER_HOST', start({ host: '127.0.0.1', allowHosts: ['http://a.example'] }, true));
    await failure('SERVER_HOST', start({ host: '127.0.0.1', allowHosts: ['*'] }, true));
  });

  it('is warned of: nothing is encrypted', async () => {
    expect((await start({ host: '0.0.0.0', allowHosts: ['a.example'] }, true)).join('\n')).toMatch(
      /not.*encrypted|nothing is encrypted/,
    );
    expect(await start({ host: '127.0.0.1' }, false)).toEqual([]);
  });
});
