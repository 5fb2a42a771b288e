import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { expPromote } from '../../src/porcelain/exp-change.ts';
import { rankNext } from '../../src/porcelain/rank.ts';
import type { ReportedTrial, StudyReport } from '../../src/porcelain/study-report.ts';
import { tokenAdd } from '../../src/porcelain/token.ts';
import { studied } from '../page/studied.ts';

const STUDY = {
  file: 'photo.json',
  objectives: ['sharpness:max'],
  only: ['blur_radius', 'alpha'],
  limits: ['noise-sigma:<=20'],
  sampler: 'sobol',
  repeats: 2,
  budget: 5,
  name: 's',
};

it('tells a study whole: best first, with the best so far, differences, times and pictures by seed [ST-22]', async () => {
  const server = await studied();
  const planned = (await server.post('/api/optimize', { ...STUDY, dryRun: true })).body;
  expect(planned).toMatchObject({ study: 's', status: 'planned', runners: ['embedded'], trials: [] });
  expect(planned.point).toEqual({ blur_radius: 3, alpha: 1 });
  const made = (await server.post('/api/optimize', STUDY)).body as StudyReport;
  const report = (await server.get('/api/exp/show?study=s')).body as StudyReport;
  expect({ ...made, objectiveReason: undefined, runners: undefined }).toEqual({
    ...report,
    objectiveReason: undefined,
    runners: undefined,
  });
  expect(report).toMatchObject({
    status: 'finished',
    objectives: [{ name: 'sharpness', direction: 'maximize' }],
    ranked: [{ name: 'sharpness', direction: 'maximize' }],
    limits: [{ name: 'noise-sigma', most: 20 }],
    open: [],
  });
  const values = report.trials.flatMap(({ scores, violation }) => (scores && violation === 0 ? scores : []));
  expect(values.length).toBeGreaterThan(0);
  expect(values).toEqual([...values].sort((a, b) => b - a));
  expect(report.progress[0]!.at(-1)!.value).toBe(Math.max(...values));
  const best = report.progress[0]!.map(({ value }) => value);
  expect(best).toEqual([...best].sort((a, b) => a - b));
  const first = report.trials.find(({ number }) => number === 0)!;
  expect(first).toMatchObject({ differences: [], state: 'COMPLETE', runner: 'embedded' });
  expect(first.end).toBeGreaterThan(first.start);
  const seeds = ({ pictures }: ReportedTrial) => pictures.map(({ run, seed }) => [run, seed]);
  expect(seeds(first)[0]).toEqual([0, '7']);
  for (const trial of report.trials.filter(({ copies }) => copies === undefined)) {
    expect(seeds(trial)).toEqual(seeds(first));
    for (const { id, width, height } of trial.pictures) {
      expect([width, height]).toEqual([192, 128]);
      expect((await server.ask(`/api/outputs/${id}`, { method: 'HEAD' })).status).toBe(200);
    }
  }
  const { body: explained } = await server.get('/api/exp/explain?study=s');
  expect(explained.parts[0].objective).toBe('sharpness');
  const names = explained.importance[0].list.map(({ name }: { name: string }) => name);
  expect(names.sort()).toEqual(['alpha', 'blur_radius']);
  // What a commit is ranked by is what its trial left last.
  await expPromote.run(server.ctx, { trial: 's/0' });
  const { a, b } = await rankNext.run(server.ctx, { among: ['trial/s/0', 'trial/s/1'] });
  const left = report.trials.filter(({ number }) => number < 2).map(({ pictures }) => pictures.at(-1)!.id);
  expect([...a.pictures, ...b.pictures].sort()).toEqual(left.sort());
}, 60_000);

it('writes the page of a study for who may write, and for nobody else', async () => {
  const server = await studied();
  await server.post('/api/optimize', { ...STUDY, budget: 2, repeats: 1 });
  expect((await server.get('/api/exp/plot?study=s&out=page.html')).status).toBe(405);
  for (const [scope, status] of [
    ['read', 403],
    ['propose', 403],
    ['write', 200],
  ] as const) {
    expect(existsSync(join(server.dir, 'page.html')), scope).toBe(false);
    const { token } = await tokenAdd.run(server.ctx, { actor: `tool/${scope}`, scope });
    const headers = { authorization: `Bearer ${token}` };
    const answer = await server.post('/api/exp/plot', { study: 's', out: 'page.html' }, headers);
    expect([scope, answer.status]).toEqual([scope, status]);
  }
  expect(server.read('page.html')).toContain('<svg');
  expect((await server.post('/api/exp/plot', { study: 's', out: '../page.html' })).status).toBe(422);
});
