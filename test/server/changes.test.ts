import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { edit } from '../../src/porcelain/edit.ts';
import { KeptAnswers } from '../../src/porcelain/kept-answers.ts';
import { apiWith } from '../porcelain/samples.ts';
import { failure, tempRepo } from '../porcelain/temp.ts';
import { served, type TestServer } from './served.ts';

const steps = (value: number) => ({ file: 'ok.json', values: [{ address: '3.steps', value: String(value) }] });
const headOf = async (server: TestServer): Promise<string> => (await server.get('/api/session')).body.head;
const countOf = async (server: TestServer): Promise<number> => (await server.get('/api/log')).body.commits.length;

describe('an expected head [SV-20]', () => {
  it('lets a change happen on that commit alone, and else says which one is there', async () => {
    const server = await served();
    const first = await headOf(server);
    const done = await server.post('/api/set', { ...steps(21), expected_head: first });
    expect(done.status).toBe(200);
    const second = await headOf(server);
    expect([second, done.headers.get('cwf-head')]).toEqual([done.body.oid, first]);
    for (const given of [{ expected_head: first }, { expected_head: null }]) {
      const { status, body } = await server.post('/api/set', { ...steps(22), ...given });
      expect([status, body.code, body.details.head]).toEqual([409, 'HEAD_MOVED', second]);
    }
    const matched = await server.post('/api/set', steps(22), { 'if-match': `"${first}"` });
    expect([matched.status, matched.body.details.head]).toEqual([409, second]);
    expect((await server.post('/api/set', steps(22), { 'if-match': `"${second}"` })).status).toBe(200);
    for (const wrong of ['main', 'HEAD', 3, `${first}0`, {}])
      expect((await server.post('/api/set', { ...steps(23), expected_head: wrong })).status).toBe(400);
    expect(await countOf(server)).toBe(3);
  });

  it('of several who expect the same one lets through one', async () => {
    const server = await served();
    const head = await headOf(server);
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => server.post('/api/set', { ...steps(30 + at), expected_head: head })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)]);
    expect(await countOf(server)).toBe(2);
  });

  it('holds against another process that commits between the check and the transaction', async () => {
    const temp = await tempRepo({ 'ok.json': apiWith('3', 'steps', 20) });
    const { commit } = await import('../../src/porcelain/commit.ts');
    await commit.run(temp.ctx, {});
    const { oid } = await temp.ctx.repo.head();
    const { expectHead } = await import('../../src/porcelain/expected-head.ts');
    const world = await expectHead(temp.ctx, oid!);
    const call = (value: number) => ({ op: 'set', args: { input: '3.steps', value } });
    await edit.run(temp.ctx, { file: 'ok.json', calls: [call(21)] });
    await failure('HEAD_MOVED', edit.run(world, { file: 'ok.json', calls: [call(22)] }));
  });
});

describe('changes of many at once [SV-21]', () => {
  it('are done one after the other, and none is lost', async () => {
    const server = await served();
    const answers = await Promise.all(Array.from({ length: 25 }, (_, at) => server.post('/api/set', steps(100 + at))));
    expect(answers.map(({ status }) => status)).toEqual(Array(25).fill(200));
    expect(await countOf(server)).toBe(26);
    expect(new Set(answers.map(({ body }) => body.oid)).size).toBe(25);
    expect((await server.get('/api/fsck')).status).toBe(405);
    const { body } = await server.post('/api/fsck');
    expect(body.findings).toEqual([]);
  });
});

describe('a key of a request [SV-22]', () => {
  const keyed = (key: string) => ({ 'idempotency-key': key });

  it('makes one commit of many requests with it, which all get the same answer', async () => {
    const server = await served();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => server.post('/api/set', steps(40), keyed('k1'))),
    );
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.oid}`)).size).toBe(1);
    expect(answers[0]!.status).toBe(200);
    expect(await countOf(server)).toBe(2);
    expect((await server.post('/api/set', steps(40), keyed('k2'))).status).toBe(422);
  });

  it('is remembered over a restart, with refusals', async () => {
    const server = await served();
    const first = { head: await headOf(server) };
    const done = await server.post('/api/set', { ...steps(40), expected_head: first.head }, keyed('k1'));
    const refused = await server.post('/api/set', { ...steps(41), expected_head: first.head }, keyed('k2'));
    expect([done.status, refused.status]).toEqual([200, 409]);
    const next = await server.restart();
    const again = await next.post('/api/set', { ...steps(40), expected_head: first.head }, keyed('k1'));
    const refusedAgain = await next.post('/api/set', { ...steps(41), expected_head: first.head }, keyed('k2'));
    expect([again.body, refusedAgain.body]).toEqual([done.body, refused.body]);
    expect(await countOf(next)).toBe(2);
  });

  it('that nothing was kept of is a new one', async () => {
    const server = await served();
    expect((await server.post('/api/set', steps(40), keyed('k1'))).status).toBe(200);
    rmSync(join(server.dir, '.git/cwf/answers'), { recursive: true });
    const again = await server.post('/api/set', steps(40), keyed('k1'));
    expect([again.status, again.body.code]).toEqual([422, 'NOTHING_TO_COMMIT']);
  });

  it('belongs to one request of one caller', async () => {
    const server = await served();
    expect((await server.post('/api/set', steps(40), keyed('k1'))).status).toBe(200);
    for (const other of [
      server.post('/api/set', steps(41), keyed('k1')),
      server.post('/api/edit', steps(40), keyed('k1')),
    ]) {
      const { status, body } = await other;
      expect([status, body.code]).toEqual([422, 'KEY_REUSED']);
    }
    for (const key of ['a b', 'é', 'a'.repeat(201)]) {
      const answer = await server.post('/api/set', steps(42), keyed(key));
      expect(answer.status, key).toBe(400);
    }
  });

  it('whose request was under way when the server was killed is done again only where it was surely not done', async () => {
    const { ctx } = await tempRepo({ 'ok.json': apiWith('3', 'steps', 20) });
    const call = { op: 'set', args: { input: '3.steps', value: 33 } };
    const { commit } = await import('../../src/porcelain/commit.ts');
    await commit.run(ctx, {});
    const never = new Promise<never>(() => undefined);
    const killed = new KeptAnswers(ctx);
    for (const key of ['not-done', 'perhaps-done']) void killed.once('person', key, 'request', () => never);
    await expect.poll(() => readdirSync(join(ctx.repo.cwfDir, 'answers')).length).toBe(2);
    const done = async () => ({ status: 200, body: '{}' });
    const next = new KeptAnswers(ctx);
    expect(await next.once('person', 'not-done', 'request', done)).toEqual(await done());
    await edit.run(ctx, { file: 'ok.json', calls: [call] });
    const error = await failure('KEY_UNCERTAIN', next.once('person', 'perhaps-done', 'request', done));
    expect(error.message).toContain('edit (');
    // What somebody else did says nothing about it.
    expect(await next.once('tool/x', 'perhaps-done', 'request', done)).toEqual(await done());
  });

  it('keeps no failure that passes', async () => {
    const { ctx } = await tempRepo();
    const answers = new KeptAnswers(ctx);
    const fail = async (): Promise<never> => {
      throw new Error('the disk is full');
    };
    await expect(answers.once('person', 'k', 'r', fail)).rejects.toThrow('the disk is full');
    expect(await answers.once('person', 'k', 'r', async () => ({ status: 200, body: 'x' }))).toEqual({
      status: 200,
      body: 'x',
    });
  });
});

describe('POST /api/workflows/transform [SV-3]', () => {
  const operations = [{ op: 'set', args: { input: '3.steps', value: 44 } }];

  it('previews without leaving anything, and commits in one operation', async () => {
    const server = await served();
    const file = server.read('ok.json');
    const preview = await server.post('/api/workflows/transform', { file: 'ok.json', operations });
    expect(preview.status).toBe(200);
    expect(preview.body).not.toHaveProperty('oid');
    expect(preview.body.edits).toHaveLength(1);
    expect([await countOf(server), server.read('ok.json')]).toEqual([1, file]);
    const done = await server.post('/api/workflows/transform', {
      file: 'ok.json',
      operations,
      mode: 'commit',
      message: 'more',
    });
    expect(done.body).toMatchObject({ subject: 'more', edits: preview.body.edits });
    expect(await countOf(server)).toBe(2);
    expect(server.read('ok.json')).toContain('"steps": 44');
    expect((await server.post('/api/undo')).status).toBe(200);
    expect([await countOf(server), server.read('ok.json')]).toEqual([1, file]);
  });

  it('keeps a seed that no double holds, digit by digit', async () => {
    const server = await served();
    const body = `{"file":"ok.json","mode":"commit","operations":[{"op":"set","args":{"input":"3.seed","value":18446744073709551615}}]}`;
    expect((await server.post('/api/workflows/transform', body)).status).toBe(200);
    expect(server.read('ok.json')).toContain('18446744073709551615');
    const response = await fetch(`${server.url}/api/diff?words=HEAD~1..HEAD&view=edits`, {
      headers: { authorization: `Bearer ${server.token}` },
    });
    expect(await response.text()).toContain('18446744073709551615');
  });

  it('refuses what it does not know', async () => {
    const server = await served();
    const refused = async (body: object): Promise<unknown> => {
      const answer = await server.post('/api/workflows/transform', body);
      return [answer.status, answer.body.code];
    };
    expect(await refused({ file: 'ok.json', operations, mode: 'force' })).toEqual([400, 'INPUT_INVALID']);
    expect(await refused({ file: 'ok.json', operations, dryRun: false })).toEqual([400, 'INPUT_INVALID']);
    expect(await refused({ file: 'ok.json', operations: [] })).toEqual([400, 'INPUT_INVALID']);
    expect(await refused({ file: 'ok.json' })).toEqual([400, 'INPUT_INVALID']);
    expect(await refused({ file: 'ok.json', operations: [{ op: '__proto__', args: {} }] })).toEqual([
      400,
      'TRANSFORM_UNKNOWN',
    ]);
    expect(
      await refused({ file: 'ok.json', operations: [{ op: 'set', args: { input: '33.steps', value: 1 } }] }),
    ).toEqual([404, 'NODE_NOT_FOUND']);
  });
});

describe('keys and passwords [SV-19]', () => {
  it('do not enter the history, and only who may write can say otherwise', async () => {
    const server = await served();
    const secret = { file: 'ok.json', values: [{ address: '6.text', value: `sk-${'a1B2'.repeat(8)}` }] };
    const refused = await server.post('/api/set', secret);
    expect([refused.status, refused.body.code]).toEqual([422, 'SECRET_FOUND']);
    expect(JSON.stringify(refused.body)).not.toContain('a1B2a1B2');
    expect((await server.post('/api/set', { ...secret, allowSecrets: true })).status).toBe(200);
  });
});
