import { afterEach, beforeEach, expect, test } from 'vitest';
import { comfyuiRunner } from '../../src/io/runner/comfyui/runner.ts';
import { dispatchRuns, type RunReport } from '../../src/porcelain/dispatch-runs.ts';
import { FakeComfyui, type FakeJob, json } from '../io/runner/fake-comfyui.ts';
import { scaledClock } from '../io/runner/fast-clock.ts';

let fakes: FakeComfyui[];
/** Three minutes without an answer are a second, a lease of 30 minutes nine. */
const clock = scaledClock(200);
const INFO = { Loader: { input: { required: { name: [['a.safetensors'], {}] } } } };
const runs = Array.from({ length: 8 }, (_, seed) => {
  const prompt = { '1': { class_type: 'Loader', inputs: { name: 'a.safetensors', seed } } };
  return { id: `run-${seed}`, request: { prompt } };
});

beforeEach(async () => {
  fakes = await Promise.all([FakeComfyui.start(), FakeComfyui.start()]);
  for (const fake of fakes) {
    fake.routes.set('GET /object_info', (_, response) => json(response, 200, INFO));
    fake.routes.set('GET /prompt', (_, response) => {
      json(response, 200, { exec_info: { queue_remaining: fake.running.length + fake.pending.length } });
    });
  }
});
afterEach(async () => {
  for (const fake of fakes) await fake.close();
});

const hosts = () => fakes.map(({ url }, i) => ({ runner: comfyuiRunner({ name: `server-${i}`, url, clock }) }));

test('[RN-26] two servers over HTTP: each has at most two prompts of ours, and all are run once', async () => {
  let most = 0;
  for (const fake of fakes) {
    // One at a time, as a server does.
    const next = () => {
      const [job] = fake.pending;
      if (!job || fake.running.length > 0) return;
      fake.start(job);
      setTimeout(() => {
        fake.succeed(job);
        next();
      }, 10);
    };
    fake.script = () => {
      most = Math.max(most, fake.running.length + fake.pending.length);
      next();
    };
  }
  const results = await dispatchRuns(hosts(), runs, { clock });
  expect([...results.values()].map(({ kind }) => kind)).toEqual(runs.map(() => 'finished'));
  expect(most).toBe(2);
  const posts = fakes.map((fake) => fake.requests('POST /prompt').length);
  expect(posts[0]! + posts[1]!).toBe(runs.length);
  expect(Math.min(...posts)).toBeGreaterThan(0);
});

test('[RN-28, RN-29] a server that dies: what it had is run on the other, and counted once', async () => {
  const [dying, other] = fakes as [FakeComfyui, FakeComfyui];
  dying.script = (job: FakeJob) => {
    dying.start(job);
    setTimeout(() => void dying.die(), 5);
  };
  const reports: RunReport[] = [];
  const results = await dispatchRuns(hosts(), runs, { clock, onReport: (report) => reports.push(report) });
  expect([...results.values()].map(({ kind }) => kind)).toEqual(runs.map(() => 'finished'));
  expect(other.requests('POST /prompt')).toHaveLength(runs.length);
  const credited = reports.filter(({ credit }) => credit === 'credited');
  expect(credited.map(({ id }) => id).sort()).toEqual(runs.map(({ id }) => id));
  expect(reports.some(({ credit, result }) => credit === 'again' && result.kind === 'lost')).toBe(true);
  await dying.again();
});
