import { describe, expect, it } from 'vitest';
import { startInput } from '../../server/optimize-start.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { optimizeWorkflow } from '../../src/porcelain/optimize.ts';
import { listenTo, served, type TestServer } from './served.ts';

const GRAPH = {
  '1': { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 1, color: 5 } },
  '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: 3, sigma: 1 } },
  '3': { class_type: 'ImageSharpen', inputs: { image: ['2', 0], sharpen_radius: 1, sigma: 1, alpha: 1 } },
  '9': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'x' } },
};
const START = { file: 'wf.json', objective: ['file-size:min'], tunables: ['blur_radius', 'alpha'], budget: 5 };

async function world(): Promise<TestServer> {
  const server = await served();
  server.write('wf.json', GRAPH);
  await commit.run(server.ctx, { message: 'a workflow' });
  return server;
}

describe('POST /api/optimize/start [SV-30]', () => {
  it('takes the words of the mission for inputs of the verb, and no word twice', () => {
    expect(startInput({ objective: 'speed', tunables: ['a'], constraints: ['vram:8GB'], budget: 3 })).toEqual({
      goal: 'speed',
      only: ['a'],
      limits: ['vram:8GB'],
      budget: 3,
    });
    expect(startInput({ objective: 'sharpness:max' })).toEqual({ objectives: ['sharpness:max'] });
    const twice: readonly JsonObject[] = [
      { objective: 'speed', goal: 'speed' },
      { tunables: [], only: [] },
      { budget: 1, dryRun: true },
    ];
    for (const body of twice)
      expect(() => startInput(body)).toThrow(expect.objectContaining({ code: 'INPUT_INVALID' }));
  });

  it('answers when the study is written down, and it goes on by itself', async () => {
    const server = await world();
    const { status, body, headers } = await server.post('/api/optimize/start', START);
    expect(status, JSON.stringify(body)).toBe(202);
    expect(body).toMatchObject({ run_id: 'wf-1' });
    expect(headers.get('location')).toBe('/api/optimize/progress/wf-1');
    // Whoever changes something else meanwhile does not wait for it.
    expect(
      (await server.post('/api/set', { file: 'ok.json', values: [{ address: '3.steps', value: '21' }] })).status,
    ).toBe(200);
    const heard = await listenTo(server, '/api/optimize/progress/wf-1');
    await heard.ended;
    const { body: shown } = await server.get('/api/exp/show?study=wf-1');
    expect([shown.status, shown.trials.length]).toEqual(['finished', 5]);
    expect((await server.get(`/api/tasks/${body.task}`)).body.state).toBe('done');
  });

  it('begins one study for one key, also where the request is repeated while it runs', async () => {
    const server = await world();
    const key = { 'idempotency-key': 'one' };
    const answers = await Promise.all([1, 2].map(() => server.post('/api/optimize/start', START, key)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(answers[0]!.body).toEqual(answers[1]!.body);
    const other = await server.post('/api/optimize/start', { ...START, budget: 6 }, key);
    expect([other.status, other.body.code]).toEqual([422, 'KEY_REUSED']);
    expect((await server.get('/api/exp/ls')).body.studies).toHaveLength(1);
    // It ends before its folder goes.
    await (await listenTo(server, '/api/optimize/progress/wf-1')).ended;
  });

  it('refuses what the verb refuses, before anything is written', async () => {
    const server = await world();
    const wrong = [
      { ...START, objective: 'beauty:max' },
      { ...START, objective: undefined },
      { ...START, tunables: ['nothing'] },
      { ...START, budget: 0 },
      { ...START, name: 'A B' },
    ];
    for (const body of wrong) {
      const answer = await server.post('/api/optimize/start', body);
      expect(answer.status, JSON.stringify(body)).toBeGreaterThanOrEqual(400);
      expect(answer.status, JSON.stringify(body)).toBeLessThan(500);
      expect(answer.body.hint).not.toBe('');
    }
    expect((await server.get('/api/exp/ls')).body.studies).toEqual([]);
  });
});

describe('GET /api/optimize/progress/<run_id> [SV-31]', () => {
  it('tells each trial, how the study stands, and its end; after a break what was missed', async () => {
    const server = await world();
    await server.post('/api/optimize/start', START);
    const heard = await listenTo(server, '/api/optimize/progress/wf-1');
    await heard.ended;
    const trials = heard.events.filter(({ event }) => event === 'trial');
    expect(trials.map(({ id }) => Number(id!.split('.')[0]))).toEqual([0, 1, 2, 3, 4]);
    expect(trials[0]!.data.commit).toMatch(/^[0-9a-f]{40}$/);
    const last = heard.events.at(-1)!;
    expect(last).toMatchObject({ event: 'done', data: { study: 'wf-1', status: 'finished', trials: 5, budget: 5 } });
    const { leaderboard, front } = last.data as { leaderboard: { rank: number; trial: number }[]; front: number[] };
    expect(leaderboard[0]).toMatchObject({ rank: 1, isBest: true });
    expect(front).toContain(leaderboard[0]!.trial);

    const next = await server.restart();
    const again = await listenTo(next, '/api/optimize/progress/wf-1', { 'last-event-id': trials[2]!.id! });
    await again.ended;
    expect(again.events.filter(({ event }) => event === 'trial')).toEqual(trials.slice(3));
    expect(again.events.at(-1)).toEqual(last);
  });

  it('follows a study of any process, until it ends or stops', async () => {
    const server = await world();
    const ctx = await server.open();
    const { promise: asked, resolve: stop } = resolvers();
    const ended = optimizeWorkflow(
      ctx,
      { what: 'wf.json', objectives: ['file-size:min'], only: ['blur_radius', 'alpha'], budget: 40, name: 'elsewhere' },
      { onDone: ({ number }) => void (number === 2 && stop()) },
    );
    await asked;
    const heard = await listenTo(server, '/api/optimize/progress/elsewhere');
    await heard.until(3);
    expect((await server.post('/api/exp/stop', { study: 'elsewhere' })).status).toBe(200);
    await heard.ended;
    expect(heard.events.at(-1)).toMatchObject({ event: 'done', data: { status: 'stopped' } });
    expect((await ended).status).toBe('stopped');
  });

  it('knows no study that is not there', async () => {
    const server = await world();
    const { status, body } = await server.get('/api/optimize/progress/nothing');
    expect([status, body.code]).toEqual([404, 'STUDY_NOT_FOUND']);
  });
});

function resolvers(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
