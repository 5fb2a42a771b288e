import { expect, test } from 'vitest';
import { comfyuiRunner } from '../../../src/io/runner/comfyui/runner.ts';
import type { Runner } from '../../../src/io/runner/runner.ts';
import { simulatedRunner } from '../../../src/io/runner/simulated/runner.ts';
import { VirtualClock } from '../../../src/io/runner/simulated/virtual-clock.ts';
import { FakeComfyui } from './fake-comfyui.ts';
import { fastClock } from './fast-clock.ts';

test('[RN-12] one signal ends many runs at once, without a warning of many listeners', async () => {
  const warnings: string[] = [];
  const warned = (warning: Error) => warnings.push(warning.name);
  process.on('warning', warned);
  const fake = await FakeComfyui.start();
  fake.script = () => {};
  const runners: Runner[] = [
    simulatedRunner({ name: 's', clock: new VirtualClock(), workers: 5, simulate: () => ({ duration: 1e15 }) }),
    comfyuiRunner({ name: 'c', url: fake.url, clock: fastClock() }),
  ];
  for (const runner of runners) {
    const stop = new AbortController();
    let queued = 0;
    const onEvent = ({ kind }: { kind: string }) => {
      if (kind === 'queued' && ++queued === 30) stop.abort();
    };
    const all = Array.from({ length: 30 }, () => runner.run({ prompt: {} }, { signal: stop.signal, onEvent }));
    for (const result of await Promise.all(all)) expect(result).toMatchObject({ kind: 'interrupted', by: 'signal' });
    await runner.close();
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', warned);
  await fake.close();
  expect(warnings).toEqual([]);
});
