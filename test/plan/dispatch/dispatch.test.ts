import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Action, decide, nextTime } from '../../../src/plan/dispatch/decide.ts';
import { type Has, lacking, modelsOf, needsOf } from '../../../src/plan/dispatch/needs.ts';
import { type Ended, ended, loaded, told, unreachable } from '../../../src/plan/dispatch/report.ts';
import { type Dispatch, emptyDispatch, submit, withdraw } from '../../../src/plan/dispatch/state.ts';

const loader = (file: string) => ({ '1': { class_type: 'Loader', inputs: { name: file } } });
const job = (id: string, file = 'a.safetensors') => ({ id, needs: needsOf(loader(file)) });
const has = (...files: string[]): Has => ({
  classes: new Set(['Loader']),
  files: new Map([['Loader.name', new Set(files)]]),
});
const both = has('a.safetensors', 'b.safetensors');

/** A state with servers that have been asked. */
function ready(servers: Record<string, Has>, settings = {}): Dispatch {
  const names = Object.keys(servers).map((name) => ({ name }));
  const asked = decide(emptyDispatch(names, settings), 0).state;
  return Object.entries(servers).reduce((state, [name, one]) => told(state, name, one), asked);
}

const jobs = (state: Dispatch, ...ids: string[]) => ids.reduce((one, id) => submit(one, job(id)), state);
const starts = (actions: readonly Action[]) =>
  actions.flatMap((action) => (action.kind === 'start' ? [`${action.lease.job.id}@${action.lease.server}`] : []));

describe('what a prompt needs', () => {
  const prompt = {
    '1': { class_type: 'Loader', inputs: { name: 'x/a.safetensors', other: 'euler', picture: 'b.png' } },
    '2': { class_type: 'Save', inputs: { images: ['1', 0] } },
    '3': null,
    '4': { class_type: 'Loader', inputs: [] },
  };
  test('[RN-25] classes, and model files by input', () => {
    const needs = needsOf(prompt);
    expect(needs).toEqual({ classes: ['Loader', 'Save'], files: [{ input: 'Loader.name', file: 'x/a.safetensors' }] });
    expect(modelsOf(needs)).toBe('x/a.safetensors');
    expect(lacking(needs, { classes: new Set(['Loader', 'Save']), files: new Map() })).toEqual([]);
    expect(lacking(needs, both)).toEqual(['Save', 'x/a.safetensors']);
  });
});

describe('which server', () => {
  test('[RN-25] servers are asked first, once', () => {
    const first = decide(jobs(emptyDispatch([{ name: 'A' }, { name: 'B' }]), 'j'), 0);
    expect(first.actions).toEqual([
      { kind: 'ask', server: 'A' },
      { kind: 'ask', server: 'B' },
    ]);
    expect(decide(first.state, 1).actions).toEqual([]);
  });

  test('[RN-25] one that has all; where none has, the job is over once all were heard', () => {
    const state = submit(ready({ A: has(), B: both }), job('j'));
    expect(starts(decide(state, 0).actions)).toEqual(['j@B']);
    const none = submit(ready({ A: has(), B: has('c.safetensors') }), job('j'));
    expect(decide(none, 0).actions).toEqual([{ kind: 'impossible', id: 'j', lacks: ['a.safetensors'] }]);
    const unheard = unreachable(none, 'B', 0);
    expect(decide(unheard, 0).actions).toEqual([]);
  });

  test('[RN-26] at most one runs and one waits on a server', () => {
    const { state, actions } = decide(jobs(ready({ A: both }), 'a', 'b', 'c', 'd'), 0);
    expect(starts(actions)).toEqual(['a@A', 'b@A']);
    expect(state.waiting.map((one) => one.job.id)).toEqual(['c', 'd']);
    const next = decide(ended(state, '0', { kind: 'finished', ms: 5 }, 5).state, 5);
    expect(starts(next.actions)).toEqual(['c@A']);
  });

  test('[RN-27] the one whose models are loaded, unless another is sooner done', () => {
    let state = ready({ A: both, B: both }, { load: 1_000 });
    for (const [name, file] of [
      ['A', 'a.safetensors'],
      ['B', 'b.safetensors'],
    ] as const) {
      const first = decide(submit(state, job(name, file)), 0);
      const token = first.state.leases[0]!.token;
      expect(first.state.leases[0]!.server).toBe(name);
      state = ended(first.state, token, { kind: 'finished', ms: 100 }, 0).state;
    }
    expect(starts(decide(submit(state, job('x', 'b.safetensors')), 0).actions)).toEqual(['x@B']);
    expect(starts(decide(submit(state, job('y', 'a.safetensors')), 0).actions)).toEqual(['y@A']);
    // With twelve prompts of others before it, loading is the shorter wait.
    const busy = loaded(state, 'B', { foreign: 12 });
    expect(starts(decide(submit(busy, job('x', 'b.safetensors')), 0).actions)).toEqual(['x@A']);
  });

  test('[RN-27] a slow server is left idle where a fast one is done sooner with all of it', () => {
    const state = ready({ fast: both, slow: both }, { load: 0 });
    const seen = {
      ...state,
      servers: state.servers.map((one) => ({ ...one, latency: one.name === 'fast' ? 1 : 100 })),
    };
    const { actions, state: next } = decide(jobs(seen, 'a', 'b', 'c'), 0);
    expect(starts(actions)).toEqual(['a@fast', 'b@fast']);
    expect(next.waiting).toHaveLength(1);
  });

  test('[RN-27] of equal ones that with more free memory', () => {
    const state = loaded(loaded(ready({ A: both, B: both }), 'A', { foreign: 0, vramFree: 1 }), 'B', {
      foreign: 0,
      vramFree: 2,
    });
    expect(starts(decide(jobs(state, 'a'), 0).actions)).toEqual(['a@B']);
  });
});

describe('what is lost', () => {
  test('[RN-28] is started again at the head of the queue, and at most three times', () => {
    let state = jobs(ready({ A: both }), 'a', 'b', 'c');
    for (let attempt = 1; attempt <= 3; attempt++) {
      state = told(decide(state, 0).state, 'A', both);
      state = decide(state, 0).state;
      const lease = state.leases.find((one) => one.job.id === 'a')!;
      expect(lease.attempts).toBe(attempt);
      const report = ended(state, lease.token, { kind: 'lost' }, 0);
      expect(report.credit).toBe(attempt < 3 ? 'again' : 'given-up');
      if (attempt < 3) expect(report.state.waiting[0]!.job.id).toBe('a');
      state = report.state;
    }
  });

  test('[RN-28] a server that cannot be reached costs no attempt, and is asked later each time', () => {
    let state = decide(jobs(ready({ A: both }), 'a'), 0).state;
    const report = ended(state, '0', { kind: 'unreachable' }, 0);
    expect(report.credit).toBe('again');
    expect(report.state.waiting).toMatchObject([{ attempts: 0 }]);
    state = report.state;
    const waits: number[] = [];
    for (let now = 0, i = 0; i < 8; i++) {
      const at = nextTime(state)!;
      expect(decide(state, at - 1).actions).toEqual([]);
      waits.push(at - now);
      now = at;
      const asked = decide(state, now);
      expect(asked.actions).toEqual([{ kind: 'ask', server: 'A' }]);
      state = unreachable(asked.state, 'A', now);
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000]);
  });

  test('[RN-29] a lease that has run out is fenced: what comes under its token is stale', () => {
    const state = decide(jobs(ready({ A: both, B: both }, { lease: 100 }), 'a'), 0).state;
    expect(nextTime(state)).toBe(100);
    const { state: next, actions } = decide(state, 100);
    expect(actions.map(({ kind }) => kind)).toEqual(['stop', 'start']);
    expect(ended(next, '0', { kind: 'finished' }, 101)).toEqual({ state: next, credit: 'stale' });
    expect(ended(next, '1', { kind: 'finished' }, 102).credit).toBe('credited');
    expect(ended(next, 'nobody', { kind: 'finished' }, 102).credit).toBe('stale');
  });

  test('[RN-29] so is what was withdrawn', () => {
    const state = decide(jobs(ready({ A: both }), 'a', 'b', 'c'), 0).state;
    expect(withdraw(state, 'c')).toMatchObject({ state: { waiting: [] } });
    const { state: next, lease } = withdraw(state, 'a');
    expect(lease!.token).toBe('0');
    expect(ended(next, '0', { kind: 'finished' }, 1).credit).toBe('stale');
  });

  test('[RN-30] out of memory: tried on another server that has the models, never on the same', () => {
    let state = decide(jobs(ready({ A: both, B: both, C: has() }), 'a'), 0).state;
    const first = state.leases[0]!.server;
    const report = ended(state, '0', { kind: 'out-of-memory' }, 0);
    expect(report.credit).toBe('again');
    state = decide(report.state, 0).state;
    expect(state.leases[0]!.server).not.toBe(first);
    expect(ended(state, '1', { kind: 'out-of-memory' }, 0).credit).toBe('credited');
  });

  test('[RN-28] what others interrupted runs again, what failed does not', () => {
    const state = decide(jobs(ready({ A: both }), 'a'), 0).state;
    const credit = (kind: Ended['kind']) => ended(state, '0', { kind }, 0).credit;
    expect(credit('interrupted-by-others')).toBe('again');
    for (const kind of ['failed', 'partial', 'refused', 'interrupted', 'finished'] as const) {
      expect(credit(kind)).toBe('credited');
    }
  });
});

test('[RN-26, RN-29] whatever is reported, in whatever order: no job is lost, doubled or run on a full server', () => {
  const KINDS: Ended['kind'][] = [
    'finished',
    'failed',
    'lost',
    'unreachable',
    'out-of-memory',
    'interrupted-by-others',
    'refused',
  ];
  const step = fc.record({ kind: fc.constantFrom(...KINDS), which: fc.nat(), wait: fc.nat(400), asks: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 12 }),
      (steps, servers, count) => {
        const names = Array.from({ length: servers }, (_, i) => ({ name: `S${i}`, workers: 1 + (i % 2) }));
        const ids = Array.from({ length: count }, (_, i) => `j${i}`);
        let state = jobs(emptyDispatch(names, { lease: 300 }), ...ids);
        const over: string[] = [];
        const tokens: string[] = [];
        let now = 0;
        const act = () => {
          const { state: next, actions } = decide(state, now);
          state = next;
          for (const action of actions) {
            if (action.kind === 'ask') state = told(state, action.server, both);
            if (action.kind === 'start') tokens.push(action.lease.token);
            if (action.kind === 'give-up' || action.kind === 'impossible') over.push(action.id);
          }
          const alive = [...state.waiting, ...state.leases].map((one) => one.job.id);
          expect([...alive, ...over].sort()).toEqual([...ids].sort());
          for (const { name, workers } of names) {
            expect(state.leases.filter(({ server }) => server === name).length).toBeLessThanOrEqual(workers + 1);
          }
          expect(new Set(tokens).size).toBe(tokens.length);
        };
        const report = (kind: Ended['kind'], token: string) => {
          const lease = state.leases.find((one) => one.token === token);
          const { state: next, credit } = ended(state, token, { kind, ms: 5 }, now);
          state = next;
          expect(credit === 'stale').toBe(lease === undefined);
          if (lease && (credit === 'credited' || credit === 'given-up')) over.push(lease.job.id);
        };
        for (const { kind, which, wait, asks } of steps) {
          act();
          if (asks) act();
          now += wait;
          if (tokens.length > 0) report(kind, tokens[which % tokens.length]!);
        }
        for (let i = 0; over.length < count && i < 200; i++) {
          now = Math.max(now, nextTime(state) ?? now);
          act();
          act();
          for (const { token } of state.leases) report('finished', token);
        }
        expect(over.sort()).toEqual(ids.sort());
      },
    ),
    { numRuns: 300 },
  );
});
