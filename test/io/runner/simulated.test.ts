import fc from 'fast-check';
import { expect, test } from 'vitest';
import { simulatedRunner } from '../../../src/io/runner/simulated/runner.ts';
import { VirtualClock } from '../../../src/io/runner/simulated/virtual-clock.ts';

test('[RN-31] sleepers wake in the order of their times, equal ones as they lay down', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 30 }), async (times) => {
      const clock = new VirtualClock(100);
      const woken: [number, number][] = [];
      await Promise.all(
        times.map(async (ms, i) => {
          await clock.sleep(ms);
          expect(clock.now()).toBe(100 + ms);
          woken.push([ms, i]);
        }),
      );
      expect(woken).toEqual(times.map((ms, i): [number, number] => [ms, i]).sort((a, b) => a[0] - b[0] || a[1] - b[1]));
    }),
  );
});

test('[RN-31] time stands while real work is done, and a sleep that was given up moves nothing', async () => {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const long = clock.sleep(1_000_000, stop.signal);
  const short = clock.sleep(10);
  await clock.during(async () => {
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(clock.now()).toBe(0);
  });
  await short;
  stop.abort();
  await long;
  expect(clock.now()).toBe(10);
});

test('[RN-31] workers run side by side, the rest waits in order', async () => {
  const clock = new VirtualClock();
  const runner = simulatedRunner({
    name: 's',
    clock,
    workers: 3,
    simulate: (_, number) => ({ duration: 100 + number }),
  });
  const results = await Promise.all(Array.from({ length: 7 }, () => runner.run({ prompt: {} })));
  expect(results.map((one) => (one.kind === 'finished' ? [one.timings.queue, one.timings.run] : one.kind))).toEqual([
    [0, 100],
    [0, 101],
    [0, 102],
    [100, 103],
    [101, 104],
    [102, 105],
    [203, 106],
  ]);
});
