import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CwfError } from '../../src/base/errors.ts';
import { catalogFromObjectInfo } from '../../src/core/catalog/object-info.ts';
import type { Clock } from '../../src/io/runner/clock.ts';
import type { RunError } from '../../src/io/runner/run-error.ts';
import type { Definitions, Runner } from '../../src/io/runner/runner.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { confirmStudy } from '../../src/porcelain/exp-confirm.ts';
import { optimizeWorkflow, resumeStudy, type StudyWatch } from '../../src/porcelain/optimize.ts';
import { StudyRunners } from '../../src/porcelain/study-runners.ts';
import { findStudy } from '../../src/porcelain/study-store.ts';
import { BLURRED, type Simulating, simulatedWith } from './studies.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

const SILENT = { runner: 'sim0', url: 'http://127.0.0.1:1', reason: 'ECONNREFUSED' };
const unreachable = (): CwfError => new CwfError('RUNNER_UNREACHABLE', SILENT);
const LOST = { failure: { kind: 'lost', reason: 'unreachable' } } as const;

/** A server that does not answer any more from its run of this number on, until it was asked so often. */
function falling(at: number, { asked = Number.POSITIVE_INFINITY, onAsk = () => {} } = {}) {
  let silent = 0;
  return {
    up: (): void => {
      silent = 0;
    },
    says: (): undefined => {
      if (silent === 0) return;
      onAsk();
      silent--;
      if (silent > 0) throw unreachable();
    },
    simulate: (_: unknown, number: number) => {
      if (number !== at) return {};
      silent = asked;
      return LOST;
    },
  };
}

/** Time that goes on when somebody sleeps. */
function hasty(): Clock & { readonly slept: number[] } {
  let time = 0;
  const slept: number[] = [];
  return {
    slept,
    now: () => time,
    // Others come first.
    sleep: async (ms) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      time += ms;
      slept.push(ms);
    },
  };
}

/** What a server says it has, which takes a radius of so much at most. */
function definitions({ radius = 31, lacks = '' } = {}): Definitions {
  const picture = { image: ['IMAGE', {}] };
  const number = (type: string, max: number): object => [type, { min: 0, max }];
  const classes: Record<string, { readonly required: object; readonly output: string[]; readonly saves?: true }> = {
    EmptyImage: {
      required: {
        width: number('INT', 4096),
        height: number('INT', 4096),
        batch_size: number('INT', 64),
        color: number('INT', 16777215),
      },
      output: ['IMAGE'],
    },
    ImageBlur: {
      required: { ...picture, blur_radius: number('INT', radius), sigma: number('FLOAT', 10) },
      output: ['IMAGE'],
    },
    ImageSharpen: {
      required: {
        ...picture,
        sharpen_radius: number('INT', 31),
        sigma: number('FLOAT', 10),
        alpha: number('FLOAT', 5),
      },
      output: ['IMAGE'],
    },
    SaveImage: { required: { images: ['IMAGE', {}], filename_prefix: ['STRING', {}] }, output: [], saves: true },
  };
  const kept = Object.entries(classes).filter(([name]) => name !== lacks);
  const info = kept.map(([name, { required, output, saves }]) => [
    name,
    {
      input: { required },
      input_order: { required: Object.keys(required) },
      output,
      output_name: output,
      output_is_list: output.map(() => false),
      output_node: saves ?? false,
      python_module: 'nodes',
    },
  ]);
  const catalog = catalogFromObjectInfo(JSON.parse(JSON.stringify(Object.fromEntries(info))), '0.33.0');
  return { catalog, classes: new Set(catalog.classes()), modules: new Map(), packs: new Map() };
}

/** Runners of which some do not answer, or have other definitions. */
function hosts(
  says: Readonly<Record<string, () => Definitions | undefined>>,
  simulate: Readonly<Record<string, Simulating>> = {},
  gigabytes: Readonly<Record<string, number>> = {},
) {
  const names = Object.keys(says);
  const sims = names.map((name) => simulatedWith(simulate[name] ?? (() => ({}))));
  const open = async () => {
    const opened = await Promise.all(sims.map((sim) => sim.open()));
    const runners = opened.map(({ runners: [inner] }, i): Runner => {
      const name = names[i]!;
      return {
        name,
        capabilities: async () => {
          const { environment, ...rest } = await inner!.capabilities();
          const devices = name in gigabytes ? [{ name: 'gpu', type: 'cuda', vramTotal: gigabytes[name]! * 1e9 }] : [];
          return { ...rest, environment: { ...environment, devices } };
        },
        definitions: async () => says[name]!(),
        load: () => inner!.load(),
        run: (request, options) => inner!.run(request, options),
        fetch: (file) => inner!.fetch(file),
        close: () => inner!.close(),
      };
    });
    return { runners, close: async () => {} };
  };
  return { open, sent: Object.fromEntries(names.map((name, i) => [name, sims[i]!.sent])) };
}

async function world(): Promise<Temp> {
  const temp = await tempRepo({ 'wf.json': BLURRED });
  await commit.run(temp.ctx, { message: 'first' });
  return temp;
}

async function study(
  temp: Temp,
  { open }: ReturnType<typeof hosts>,
  { clock = hasty(), budget = 8, signal }: { clock?: Clock; budget?: number; signal?: AbortSignal } = {},
) {
  const remarks: string[] = [];
  const watch: StudyWatch = { clock, onRemark: (text) => remarks.push(text), ...(signal ? { signal } : {}) };
  const input = { what: 'wf.json', objectives: ['file-size:min'], only: ['blur_radius', 'alpha'], budget, name: 's' };
  const out = await optimizeWorkflow(temp.ctx, input, watch, open).catch((error: unknown) => error as CwfError);
  const { state } = await findStudy(temp.ctx, 's');
  return { out, records: state.records, remarks, watch };
}

/** Trials without where and when they ran. */
const points = (records: Awaited<ReturnType<typeof study>>['records']) =>
  records.map(({ number, params, state, values, failure: why }) => [number, params, state, values, why]);

describe('the runners of a study', () => {
  test('[ST-29] a trial goes on elsewhere where its runner does not answer any more, and none is lost', async () => {
    const temp = await world();
    const sim0 = falling(1);
    const two = hosts({ sim0: sim0.says, sim1: () => undefined }, { sim0: sim0.simulate });
    const { out, records, remarks } = await study(temp, two);
    expect(out).toMatchObject({ status: 'finished' });
    expect(records.map(({ state }) => state)).toEqual(Array(8).fill('COMPLETE'));
    expect(records.filter(({ runner }) => runner === 'sim0')).toHaveLength(1);
    expect(two.sent['sim0']).toHaveLength(2);
    expect(remarks).toHaveLength(1);
    expect(remarks[0]).toMatch(/^trial \d: .*; it is begun again where a runner answers$/);
  });

  test('[ST-29] one that is started again is taken up again; the trials are those of a study that nothing happened to', async () => {
    const [temp, still] = [await world(), await world()];
    const sim0 = falling(3, { asked: 5 });
    const one = hosts({ sim0: sim0.says }, { sim0: sim0.simulate });
    const clock = hasty();
    const { out, records, remarks } = await study(temp, one, { clock });
    expect(out).toMatchObject({ status: 'finished' });
    expect(points(records)).toEqual(points((await study(still, hosts({ sim0: () => undefined }))).records));
    expect(clock.slept.slice(0, 5)).toEqual([1000, 2000, 4000, 8000, 16_000]);
    expect(remarks).toEqual([expect.stringContaining('begun again'), 'sim0 answers again']);
  });

  test('[ST-29] without any for ten minutes it ends, loses no trial to that, and goes on with the same one', async () => {
    const [temp, still] = [await world(), await world()];
    const sim0 = falling(3);
    const one = hosts({ sim0: sim0.says }, { sim0: sim0.simulate });
    const clock = hasty();
    const { out, records, watch } = await study(temp, one, { clock });
    expect(out).toMatchObject({ code: 'STUDY_RUNNERS' });
    expect(records.map(({ state }) => state)).toEqual(Array(3).fill('COMPLETE'));
    expect(clock.now()).toBeGreaterThan(600_000);
    expect(clock.now()).toBeLessThan(700_000);
    sim0.up();
    await resumeStudy(temp.ctx, { study: 's' }, watch, one.open);
    const after = (await findStudy(temp.ctx, 's')).state.records;
    expect(points(after)).toEqual(points((await study(still, hosts({ sim0: () => undefined }))).records));
  });

  test('[ST-29] a person who does not want to wait ends it', async () => {
    const temp = await world();
    const stop = new AbortController();
    const sim0 = falling(3, { onAsk: () => stop.abort() });
    const one = hosts({ sim0: sim0.says }, { sim0: sim0.simulate });
    const { out, records } = await study(temp, one, { signal: stop.signal });
    expect(out).toMatchObject({ status: 'stopped', reason: 'it was interrupted' });
    expect(records).toHaveLength(3);
  });

  test('[ST-29] one that does not answer at first joins later; where none answers nothing begins', async () => {
    const temp = await world();
    let asked = 0;
    const two = hosts({ late: () => (asked++ < 1 ? raise(unreachable()) : undefined), sim1: () => undefined });
    const { records, remarks } = await study(temp, two, { budget: 30 });
    expect(records.every(({ state }) => state === 'COMPLETE')).toBe(true);
    expect(new Set(records.map(({ runner }) => runner))).toEqual(new Set(['late', 'sim1']));
    expect(remarks).toEqual([expect.stringMatching(/ECONNREFUSED; it is asked again$/), 'late answers again']);

    const none = await world();
    const silent = hosts({ sim0: () => raise(unreachable()), sim1: () => raise(unreachable()) });
    const input = { what: 'wf.json', objectives: ['file-size:min'], budget: 2, name: 's' };
    await failure('RUNNER_UNREACHABLE', optimizeWorkflow(none.ctx, input, {}, silent.open));
    await failure('STUDY_NOT_FOUND', findStudy(none.ctx, 's'));
  });

  test('[ST-13] runners that answer and lose every run do not keep a study going', async () => {
    const temp = await world();
    const lose = () => LOST;
    const two = hosts({ sim0: () => undefined, sim1: () => undefined }, { sim0: lose, sim1: lose });
    const { out, records } = await study(temp, two);
    expect(out).toMatchObject({ code: 'STUDY_RUNNERS' });
    expect(records.map(({ state, failure: why }) => [state, why])).toEqual(Array(3).fill(['FAIL', 'error']));
    // Three attempts and one on the other runner, of three trials and the one beside them.
    expect(two.sent['sim0']!.length + two.sent['sim1']!.length).toBeLessThanOrEqual(16);
  });

  test('[ST-13] what runs out of memory is begun again where there is more, and else is learned', async () => {
    const error: RunError = { type: 'OutOfMemory', message: 'no room', node: '2', classType: 'ImageBlur', trace: [] };
    const full: Simulating = (prompt) =>
      prompt['2']!.inputs['blur_radius']! > 8 ? { failure: { kind: 'out-of-memory', error } } : {};
    const says = { small: () => undefined, large: () => undefined };
    const ends = async (gigabytes: Readonly<Record<string, number>>) => {
      const two = hosts(says, { small: full }, gigabytes);
      const { records, remarks } = await study(await world(), two, { budget: 16 });
      const kinds = new Set(records.map(({ state, failure: why }) => why ?? state));
      return { kinds, remarks, sent: two.sent };
    };
    const more = await ends({ small: 8, large: 24 });
    expect(more.kinds).toEqual(new Set(['COMPLETE']));
    const tried = more.sent['small']!.filter((prompt) => prompt['2']!.inputs['blur_radius']! > 8);
    expect(tried.length).toBeGreaterThan(0);
    expect(more.remarks).toHaveLength(tried.length);
    expect(more.remarks[0]).toMatch(/begun again on large, which has more memory$/);
    const others: Readonly<Record<string, number>>[] = [{ small: 8, large: 8 }, {}, { small: 24, large: 8 }];
    for (const gigabytes of others)
      expect((await ends(gigabytes)).kinds).toEqual(new Set(['COMPLETE', 'out-of-memory']));
  });

  test('[ST-14] one that would refuse the workflow is left out, and that is told', async () => {
    for (const lacking of [definitions({ lacks: 'ImageSharpen' }), definitions({ radius: 2 })]) {
      const temp = await world();
      const two = hosts({ lacking: () => lacking, whole: () => definitions() });
      const { records, remarks } = await study(temp, two);
      expect(records.map(({ state }) => state)).toEqual(Array(8).fill('COMPLETE'));
      expect(two.sent['lacking']).toEqual([]);
      expect(remarks).toEqual([expect.stringMatching(/^lacking is left out: /)]);
    }
  });

  test('[ST-14] times of several runners are told to be of the runners, too', async () => {
    const temp = await world();
    const remarks: string[] = [];
    const watch: StudyWatch = { onRemark: (text) => remarks.push(text) };
    const input = { what: 'wf.json', only: ['blur_radius'], budget: 2 };
    const two = hosts({ sim0: () => undefined, sim1: () => undefined });
    await optimizeWorkflow(temp.ctx, { ...input, objectives: ['file-size:min'] }, watch, two.open);
    expect(remarks).toEqual([]);
    await optimizeWorkflow(
      temp.ctx,
      { ...input, objectives: ['file-size:min'], limits: ['latency:9s'] },
      watch,
      two.open,
    );
    expect(remarks).toEqual([expect.stringMatching(/^latency on sim0, sim1: /)]);
  });

  test('[ST-14] where all would refuse it, it is told as before', async () => {
    const temp = await world();
    const both = hosts({ a: () => definitions({ radius: 2 }), b: () => definitions({ radius: 2 }) });
    const { out, remarks } = await study(temp, both);
    expect(out).toMatchObject({ code: 'STUDY_BASE_FAILS' });
    expect(remarks).toEqual([]);
  });

  test('[ST-14] a trial that its runner would refuse goes to one that takes it', async () => {
    const temp = await world();
    const two = hosts({ small: () => definitions({ radius: 8 }), large: () => definitions() });
    const { records } = await study(temp, two, { budget: 16 });
    expect(records.map(({ state }) => state)).toEqual(Array(16).fill('COMPLETE'));
    const radii = (name: string) => two.sent[name]!.map((prompt) => prompt['2']!.inputs['blur_radius']!);
    expect(Math.max(...radii('small'))).toBeLessThanOrEqual(8);
    expect(radii('small').length).toBeGreaterThan(1);
    expect(Math.max(...radii('large'))).toBeGreaterThan(8);
  });

  test('[ST-29] confirming goes on elsewhere, too', async () => {
    const temp = await world();
    const sim0 = falling(1);
    const says = { sim0: sim0.says, sim1: () => undefined };
    const input = { what: 'wf.json', objectives: ['latency:min'], only: ['blur_radius'], budget: 4, name: 's' };
    await optimizeWorkflow(temp.ctx, input, {}, hosts(says).open);
    const two = hosts(says, { sim0: sim0.simulate });
    const out = await confirmStudy(temp.ctx, { study: 's', top: 2, seeds: 3 }, { clock: hasty() }, two.open);
    expect(out.left).toBe(0);
    expect(two.sent['sim0']).toHaveLength(2);
  });

  test('[ST-14] each is in one pair of hands at a time, whatever happens, and everybody is answered', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.array(fc.record({ who: fc.nat(3), does: fc.constantFrom('give', 'leave', 'move'), to: fc.nat(2) }), {
          maxLength: 12,
        }),
        async (count, steps) => {
          const clock = hasty();
          const held = new Map<Runner, number>();
          const { open } = simulatedWith(() => ({}), count);
          const { runners } = await open();
          const pool = await StudyRunners.open(runners, { clock });
          const workers = [0, 1, 2, 3].map(async (who) => {
            const seat = pool.seat();
            const holds = (is: boolean): boolean => {
              if (!is) return false;
              const { runner } = seat.known;
              held.set(runner, (held.get(runner) ?? 0) + 1);
              expect(held.get(runner)).toBe(1);
              return true;
            };
            const drops = (): void => void held.set(seat.known.runner, held.get(seat.known.runner)! - 1);
            let has = holds(await seat.take());
            for (const step of steps.filter((one) => one.who === who)) {
              if (!has) break;
              await new Promise((resolve) => setTimeout(resolve, 0));
              drops();
              if (step.does === 'give') {
                seat.give();
                has = holds(await seat.take());
              } else if (step.does === 'leave') has = holds(await seat.leave('gone'));
              else has = holds(await seat.move(runners[step.to % count]!));
            }
            if (has) drops();
            seat.give();
          });
          await Promise.all(workers);
          expect([...held.values()].every((hands) => hands === 0)).toBe(true);
          expect(pool.outage).toBeUndefined();
          pool.close();
        },
      ),
      { numRuns: 40 },
    );
  });
});

function raise(error: Error): never {
  throw error;
}
