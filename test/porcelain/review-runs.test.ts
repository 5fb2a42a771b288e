import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readOutput } from '../../src/io/outputs/store.ts';
import { compareNumbers, type Judges, runState } from '../../src/plan/review/run-verdict.ts';
import { commit } from '../../src/porcelain/commit.ts';
import type { Context } from '../../src/porcelain/context.ts';
import { edit } from '../../src/porcelain/edit.ts';
import { outputsOf } from '../../src/porcelain/output-names.ts';
import { protect } from '../../src/porcelain/protect.ts';
import { reviewShow } from '../../src/porcelain/review.ts';
import type { CheckResult } from '../../src/porcelain/review-checks.ts';
import { reviewChecks } from '../../src/porcelain/review-say.ts';
import type { SmokeStep } from '../../src/porcelain/review-smoke.ts';
import { run } from '../../src/porcelain/run.ts';
import { readRuns } from '../../src/porcelain/run-note.ts';
import { set } from '../../src/porcelain/set.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { ensureBuilt } from '../cli/cwf.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

beforeAll(ensureBuilt);

/** Noise that the blur takes away: the more, the less sharp. */
const graph = (blur: number) => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0x2040c0 } },
  '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: blur, sigma: 1 } },
  '9': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'x' } },
});

interface World extends Temp {
  readonly agent: Context;
}

async function world(files: Record<string, unknown> = { 'a.json': graph(1) }): Promise<World> {
  const temp = await tempRepo(files);
  await commit.run(temp.ctx, { message: 'one' });
  await protect.run(temp.ctx, { branch: '@default' });
  return { ...temp, agent: await temp.open({ actor: 'agent/tuner' }) };
}

async function colored({ agent }: World, color: number): Promise<string> {
  const values = [{ address: '1.color', value: String(color) }];
  return (await set.run(agent, { file: 'a.json', values, propose: true })).proposal!;
}

const runCheck = ({ results }: { readonly results: readonly CheckResult[] }) =>
  results.find(({ check }) => check === 'run');

describe('a proposal that is run', () => {
  it('[RV-12] tells numbers and pictures before and after, and whoever looks later is told the same', async () => {
    const w = await world();
    const proposal = await colored(w, 0xe0e0e0);
    expect(runCheck((await reviewShow.run(w.ctx, { proposal })).checks)).toBeUndefined();
    const steps: SmokeStep[] = [];
    const checked = await reviewChecks.run(w.agent, { proposal, run: true, report: (step) => steps.push(step) });
    expect(steps.map(({ kind, side }) => `${side} ${kind}`)).toEqual([
      'base begun',
      'base ended',
      'proposal begun',
      'proposal ended',
    ]);
    const told = runCheck(checked)!;
    const [file] = told.runs!;
    expect(file).toMatchObject({
      file: 'a.json',
      before: { kind: 'finished' },
      after: { kind: 'finished', runner: 'embedded' },
    });
    const luma = file!.numbers.find(({ metric }) => metric === 'luma-mean')!;
    expect(luma.after!).toBeGreaterThan(luma.before!);
    expect(luma.verdict).toBe('changed');
    const [pair] = file!.outputs;
    expect(pair).toMatchObject({ node: '9', at: 0, isSame: false });
    const bytes = [pair!.before!, pair!.after!].map(({ id }) =>
      readOutput(outputsOf(w.ctx), id).subarray(1, 4).toString(),
    );
    expect(bytes).toEqual(['PNG', 'PNG']);
    // One operation: runs on both commits, numbers, and the word of what was judged.
    const shown = await reviewShow.run(w.ctx, { proposal });
    expect(runCheck(shown.checks)).toEqual(told);
    expect(shown.needs).toEqual([]);
    await undo.run(w.agent, {});
    expect(await readRuns(w.ctx, shown.head)).toEqual([]);
    expect(await readRuns(w.ctx, shown.base!)).toEqual([]);
  });

  it('[RV-12] makes no run again that is noted, and none in a dry run', async () => {
    const w = await world();
    const proposal = await colored(w, 0xe0e0e0);
    const dry = runCheck(await reviewChecks.run(w.ctx, { proposal, run: true, dryRun: true }))!;
    expect(dry.runs![0]!.after).toMatchObject({ kind: 'planned' });
    await run.run(w.ctx, { what: 'HEAD' });
    const steps: SmokeStep[] = [];
    await reviewChecks.run(w.ctx, { proposal, run: true, report: (step) => steps.push(step) });
    expect(steps.map(({ kind }) => kind)).toEqual(['noted', 'begun', 'ended']);
    await reviewChecks.run(w.ctx, { proposal, run: true, report: (step) => steps.push(step) });
    expect(steps.slice(3).map(({ kind }) => kind)).toEqual(['noted', 'noted']);
    expect(await readRuns(w.ctx, (await reviewShow.run(w.ctx, { proposal })).head)).toHaveLength(1);
    // A run with other values says nothing of the proposal.
    await run.run(w.ctx, { what: `proposal/${proposal}`, set: [{ address: '1.color', value: '7' }] });
    expect(runCheck((await reviewShow.run(w.ctx, { proposal })).checks)!.runs![0]!.after.kind).toBe('finished');
    expect(runCheck((await reviewShow.run(w.ctx, { proposal })).checks)!.text).toContain('1 of 1 outputs changed');
  });

  it('[RV-12] looks at what newly looks broken, and says what it could not run', async () => {
    const w = await world();
    const black = runCheck(await reviewChecks.run(w.agent, { proposal: await colored(w, 0), run: true }))!;
    expect(black).toMatchObject({ state: 'warn', runs: [{ after: { gates: ['black'] } }] });
    const sampler = { op: 'add-node', args: { class: 'KSampler' } };
    const { proposal } = await edit.run(w.agent, { file: 'a.json', calls: [sampler], propose: true });
    const told = runCheck(await reviewChecks.run(w.agent, { proposal: proposal!, run: true }))!;
    expect(told).toMatchObject({ state: 'warn', runs: [{ before: { kind: 'finished' }, after: { kind: 'not-run' } }] });
    expect(told.text).toMatch(/^not run: /);
  });

  it('[RV-12] pays for no hosted node unless somebody says what it may cost', async () => {
    const w = await world();
    const calls = [{ op: 'add-node', args: { class: 'BriaEraser' } }];
    const { proposal } = await edit.run(w.agent, { file: 'a.json', calls, propose: true });
    const input = { proposal: proposal!, run: true };
    await failure('SPACE_HOSTED', reviewChecks.run(w.ctx, input));
    await failure('SPACE_HOSTED', reviewChecks.run(w.ctx, { ...input, money: 1 }));
    await failure('SPACE_HOSTED', reviewChecks.run(w.ctx, { ...input, money: 0.5, costPerRun: 0.6 }));
    // Nothing was noted by any of them, and without --run nothing is asked for.
    const told = runCheck(await reviewChecks.run(w.ctx, { ...input, money: 1, costPerRun: 0.6 }))!;
    expect(told).toMatchObject({ state: 'warn', runs: [{ after: { kind: 'not-run' } }] });
    expect(runCheck(await reviewChecks.run(w.ctx, { proposal: proposal! }))).toBeUndefined();
  });

  it('[RV-12] fails where the change broke what the base runs', () => {
    const [ok, bad] = [{ kind: 'finished' }, { kind: 'failed', reason: 'x' }];
    expect(runState(ok, bad)).toBe('fail');
    expect(runState(undefined, bad)).toBe('fail');
    expect(runState(bad, bad)).toBe('warn');
    expect(runState(bad, ok)).toBe('pass');
    expect(runState({ ...ok, gates: ['black'] }, { ...ok, gates: ['black'] })).toBe('pass');
    expect(runState(ok, { ...ok, gates: ['black'] })).toBe('warn');
  });

  it('[RV-12] judges numbers by the direction of their metric, the other way round when sides are swapped', () => {
    const number = fc.double({ noNaN: true, min: -1e6, max: 1e6 });
    const judges = fc.constantFrom<Judges>('maximize', 'minimize', 'none');
    const swapped = { better: 'worse', worse: 'better', same: 'same', changed: 'changed' } as const;
    fc.assert(
      fc.property(number, number, judges, (a, b, direction) => {
        const verdict = (x: number, y: number) =>
          compareNumbers(new Map([['m', x]]), new Map([['m', y]]), () => direction)[0]!.verdict!;
        expect(verdict(b, a)).toBe(swapped[verdict(a, b)]);
        expect(verdict(a, a)).toBe('same');
      }),
    );
  });
});
