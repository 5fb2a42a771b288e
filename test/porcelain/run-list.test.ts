import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { commit } from '../../src/porcelain/commit.ts';
import { type RunStep, run } from '../../src/porcelain/run.ts';
import { runLs } from '../../src/porcelain/run-list.ts';
import { type ListedRunner, runnerLs } from '../../src/porcelain/runner-list.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { ensureBuilt } from '../cli/cwf.ts';
import { FakeComfyui, json } from '../io/runner/fake-comfyui.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

beforeAll(ensureBuilt);

const flat = (color: number) => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 2, color } },
  '9': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
});

describe('run ls', () => {
  test('[RU-24] tells the runs of all commits, the latest first, with means of their numbers', async () => {
    const temp: Temp = await tempRepo({ 'wf.json': flat(7), 'other.json': flat(9) });
    const { ctx } = temp;
    expect(await runLs.run(ctx, {})).toEqual({ runs: [], total: 0 });
    await commit.run(ctx, { message: 'two files' });
    await run.run(ctx, { file: 'wf.json' });
    await run.run(ctx, { file: 'other.json', metrics: 'none' });
    const { runs, total } = await runLs.run(ctx, {});
    expect(total).toBe(2);
    expect(runs.map(({ file, subject, kind }) => [file, subject, kind])).toEqual([
      ['other.json', 'two files', 'finished'],
      ['wf.json', 'two files', 'finished'],
    ]);
    expect(runs[0]!.numbers).toEqual({});
    expect(runs[1]!.numbers['sharpness']).toBe(0);
    expect(runs[1]!.outputs).toHaveLength(2);
    const names = async (input: Parameters<typeof runLs.run>[1]) =>
      (await runLs.run(ctx, input)).runs.map(({ file }) => file);
    expect(await names({ limit: 1 })).toEqual(['other.json']);
    expect(await names({ limit: 1, skip: 1 })).toEqual(['wf.json']);
    expect(await names({ file: 'wf.json' })).toEqual(['wf.json']);
    expect(await names({ on: 'desk' })).toEqual([]);
    expect(await names({ unfinished: true })).toEqual([]);
    await undo.run(ctx, {});
    expect(await names({})).toEqual(['wf.json']);
  });

  test('[SV-25] a run tells its steps to who asks for them', async () => {
    const { ctx } = await tempRepo({ 'wf.json': flat(7) });
    await commit.run(ctx, {});
    const steps: RunStep[] = [];
    await run.run(ctx, { report: (step) => void steps.push(step) });
    expect(steps[0]).toEqual({ kind: 'ready', runner: 'embedded', nodes: 2 });
    expect(steps.filter(({ kind }) => kind === 'node')).toMatchObject([{ node: '1' }, { node: '9' }]);
    expect(steps.at(-1)).toEqual({ kind: 'end', result: 'finished' });
  });
});

describe('runner ls', () => {
  let fake: FakeComfyui;
  beforeEach(async () => {
    fake = await FakeComfyui.start();
    fake.routes.set('GET /object_info', (_seen, response) => json(response, 200, {}));
    fake.routes.set('GET /prompt', (_seen, response) => json(response, 200, { exec_info: { queue_remaining: 3 } }));
  });
  afterEach(() => fake.close());

  test('[RN-34] asks each; one that is not there keeps nobody from the others', async () => {
    const gone = await FakeComfyui.start();
    const url = gone.url;
    await gone.close();
    const runners = [
      { name: 'desk', url: fake.url },
      { name: 'away', url },
      { name: 'farm', url: fake.url, token_env: 'NOT_SET' },
    ];
    const { ctx } = await tempRepo({ '.cwfrc': { runners } });
    const { runners: told } = await runnerLs.run(ctx, {});
    const byName = new Map<string, ListedRunner>(told.map((one) => [one.name, one]));
    expect([...byName.keys()]).toEqual(['desk', 'away', 'farm', 'embedded']);
    expect(byName.get('desk')).toMatchObject({
      queued: 3,
      engine: '0.33.0',
      isUsual: true,
      devices: [{ name: 'cpu' }],
    });
    expect(byName.get('away')).toMatchObject({ url, error: { code: 'RUNNER_UNREACHABLE' } });
    expect(byName.get('farm')!.error!.message).toContain('NOT_SET');
    expect(byName.get('embedded')).toMatchObject({ queued: 0, isUsual: false });
    expect(byName.get('embedded')!.classes).toBeGreaterThan(50);
    expect((await runnerLs.run(ctx, { on: 'away' })).runners).toHaveLength(1);
    await failure('RUNNER_NOT_FOUND', runnerLs.run(ctx, { on: 'nope' }));
  });
});
