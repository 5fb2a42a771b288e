import { describe, expect, test } from 'vitest';
import { CwfError } from '../../src/base/errors.ts';
import type { JsonObject } from '../../src/base/json.ts';
import type { Runner } from '../../src/io/runner/runner.ts';
import { type Simulation, simulatedRunner } from '../../src/io/runner/simulated/runner.ts';
import { VirtualClock } from '../../src/io/runner/simulated/virtual-clock.ts';
import { dispatchRuns, type RunReport } from '../../src/porcelain/dispatch-runs.ts';

const prompt = (n: number, file = 'a.safetensors'): JsonObject => ({
  '1': { class_type: 'Loader', inputs: { name: file } },
  '2': { class_type: 'Sampler', inputs: { seed: n, model: ['1', 0] } },
});
const runs = (count: number, file?: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => ({ id: `run-${n}`, request: { prompt: prompt(n, file?.(n)) } }));
const capabilities = {
  classes: new Set(['Loader', 'Sampler']),
  files: new Map([['Loader.name', new Set(['a.safetensors', 'b.safetensors'])]]),
};
const seedOf = (asked: JsonObject) => Number(((asked['2'] as JsonObject).inputs as JsonObject).seed);

function host(
  name: string,
  clock: VirtualClock,
  simulate: (asked: JsonObject, number: number) => Simulation,
  workers = 1,
) {
  return { runner: simulatedRunner({ name, clock, workers, capabilities, simulate }), workers };
}

describe('runs on several runners, in virtual time', () => {
  test('[RN-26] two equal ones take half the time of one', async () => {
    const times: number[] = [];
    for (const names of [['A'], ['A', 'B']]) {
      const clock = new VirtualClock();
      const hosts = names.map((name) => host(name, clock, () => ({ duration: 1_000 })));
      const results = await dispatchRuns(hosts, runs(40), { clock });
      expect([...results.values()].every(({ kind }) => kind === 'finished')).toBe(true);
      times.push(clock.now());
    }
    expect(times).toEqual([40_000, 20_000]);
  });

  test('[RN-27] a fast one does more of them', async () => {
    const clock = new VirtualClock();
    const done: Record<string, number> = {};
    const hosts = [host('fast', clock, () => ({ duration: 100 })), host('slow', clock, () => ({ duration: 1_000 }))];
    await dispatchRuns(hosts, runs(110), {
      clock,
      onReport: ({ runner }) => {
        done[runner] = (done[runner] ?? 0) + 1;
      },
    });
    expect(done.fast! / done.slow!).toBeGreaterThan(7);
    expect(clock.now()).toBeLessThan(12_500);
  });

  test('[RN-27] models stay where they are loaded', async () => {
    const clock = new VirtualClock();
    const loads: string[] = [];
    const simulate = (name: string) => {
      let model = '';
      return (asked: JsonObject): Simulation => {
        const wanted = String(((asked['1'] as JsonObject).inputs as JsonObject).name);
        const isCold = wanted !== model;
        if (isCold) loads.push(`${name} ${wanted}`);
        model = wanted;
        return { duration: 1_000 + (isCold ? 6_000 : 0) };
      };
    };
    const hosts = ['A', 'B'].map((name) => host(name, clock, simulate(name)));
    await dispatchRuns(
      hosts,
      runs(40, (n) => (n % 2 === 0 ? 'a.safetensors' : 'b.safetensors')),
      { clock },
    );
    expect(loads.length).toBeLessThanOrEqual(6);
  });

  test('[RN-28] what is lost is run again, and each run is credited once', async () => {
    const clock = new VirtualClock();
    const tries = new Map<number, number>();
    const simulate = (asked: JsonObject): Simulation => {
      const seed = seedOf(asked);
      const times = (tries.get(seed) ?? 0) + 1;
      tries.set(seed, times);
      return { duration: 10, ...(times <= seed % 4 ? { failure: { kind: 'lost', reason: 'restarted' } } : {}) };
    };
    const reports: RunReport[] = [];
    const results = await dispatchRuns([host('A', clock, simulate)], runs(8), {
      clock,
      onReport: (one) => reports.push(one),
    });
    expect(
      [...results]
        .filter(([, { kind }]) => kind === 'lost')
        .map(([id]) => id)
        .sort(),
    ).toEqual(['run-3', 'run-7']);
    const credited = reports.filter(({ credit }) => credit === 'credited' || credit === 'given-up');
    expect(credited.map(({ id }) => id).sort()).toEqual(runs(8).map(({ id }) => id));
    expect(reports.filter(({ credit }) => credit === 'again')).toHaveLength(0 + 1 + 2 + 2 + 0 + 1 + 2 + 2);
  });

  test('[RN-29] a run that hangs is stopped at the end of its lease, and its late result counts nowhere', async () => {
    const clock = new VirtualClock();
    const hosts = [host('A', clock, () => ({ duration: 1e9 })), host('B', clock, () => ({ duration: 10 }))];
    const reports: RunReport[] = [];
    const settings = { lease: 5_000, load: 0 };
    const results = await dispatchRuns(hosts, runs(3), { clock, settings, onReport: (one) => reports.push(one) });
    expect([...results.values()].map(({ kind }) => kind)).toEqual(['finished', 'finished', 'finished']);
    expect(reports.filter(({ runner }) => runner === 'A').every(({ credit }) => credit === 'stale')).toBe(true);
  });

  test('[RN-25] what no runner has is refused, by name', async () => {
    const clock = new VirtualClock();
    const hosts = [host('A', clock, () => ({ duration: 1 }))];
    const results = await dispatchRuns(hosts, [{ id: 'x', request: { prompt: prompt(1, 'c.safetensors') } }], {
      clock,
    });
    expect(results.get('x')).toMatchObject({ kind: 'refused', error: { message: 'no runner has c.safetensors' } });
  });

  test('[RN-12] a signal ends what runs and what waits', async () => {
    const clock = new VirtualClock();
    const stop = new AbortController();
    const hosts = [host('A', clock, () => ({ duration: 1_000 }))];
    const onReport = () => stop.abort();
    const results = await dispatchRuns(hosts, runs(6), { clock, signal: stop.signal, onReport });
    const kinds = [...results.values()].map(({ kind }) => kind).sort();
    expect(kinds).toEqual(['finished', ...Array(5).fill('interrupted')]);
    const before = await dispatchRuns(hosts, runs(2), { clock, signal: AbortSignal.abort() });
    expect([...before.values()].map(({ kind }) => kind)).toEqual(['interrupted', 'interrupted']);
  });

  test('[RN-31] goes the same way each time', async () => {
    const stories: string[] = [];
    for (let i = 0; i < 3; i++) {
      const clock = new VirtualClock();
      const simulate = (asked: JsonObject) => ({ duration: 100 + ((seedOf(asked) * 7919) % 400) });
      const story: string[] = [];
      const hosts = [host('A', clock, simulate, 2), host('B', clock, simulate)];
      await dispatchRuns(hosts, runs(50), {
        clock,
        onReport: ({ id, runner }) => story.push(`${clock.now()} ${id} ${runner}`),
      });
      stories.push(story.join('\n'));
    }
    expect(new Set(stories).size).toBe(1);
  });
});

describe('runners that cannot be used', () => {
  const clock = new VirtualClock();
  const broken = (name: string, error: Error, times = Number.POSITIVE_INFINITY): Runner => {
    const inner = host(name, clock, () => ({ duration: 10 })).runner;
    let left = times;
    return {
      name,
      capabilities: async () => {
        if (left-- > 0) throw error;
        return inner.capabilities();
      },
      definitions: () => inner.definitions(),
      load: () => inner.load(),
      run: (request, options) => inner.run(request, options),
      fetch: (file) => inner.fetch(file),
      close: () => inner.close(),
    };
  };
  const gone = new CwfError('RUNNER_UNREACHABLE', { runner: 'A', url: 'http://x', reason: 'ECONNREFUSED' });

  test('[RN-10] none in reach is an error at once', async () => {
    await expect(dispatchRuns([{ runner: broken('A', gone) }], runs(2), { clock })).rejects.toBe(gone);
  });

  test('[RN-10] one in reach is enough, and the other is taken when it comes', async () => {
    const reports: RunReport[] = [];
    const hosts = [{ runner: broken('A', gone, 2) }, host('B', clock, () => ({ duration: 2_000 }))];
    const results = await dispatchRuns(hosts, runs(12), {
      clock,
      settings: { load: 0 },
      onReport: (one) => reports.push(one),
    });
    expect([...results.values()].every(({ kind }) => kind === 'finished')).toBe(true);
    expect(new Set(reports.map(({ runner }) => runner))).toEqual(new Set(['A', 'B']));
  });

  test('[RN-16] a wrong token ends all', async () => {
    const auth = new CwfError('RUNNER_AUTH', { runner: 'A', path: '/object_info', status: 401 });
    const hosts = [{ runner: broken('A', auth) }, host('B', clock, () => ({ duration: 10 }))];
    await expect(dispatchRuns(hosts, runs(5), { clock })).rejects.toBe(auth);
  });
});
