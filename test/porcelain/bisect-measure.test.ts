import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { bisectReset, bisectStart } from '../../src/porcelain/bisect.ts';
import { bisectBy, bisectRun } from '../../src/porcelain/bisect-run.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { readRuns } from '../../src/porcelain/run-note.ts';
import { ensureBuilt } from '../cli/cwf.ts';
import { encoded, scene } from '../io/metrics/images.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

beforeAll(ensureBuilt);

/** A photo that is sharpened, blurred and saved, with a note beside it. */
function graph(values: { readonly sigma?: number; readonly alpha?: number; readonly prefix?: string }, image = '2') {
  const { sigma = 0.3, alpha = 1, prefix = 'x' } = values;
  return {
    '1': { class_type: 'LoadImage', inputs: { image: 'photo.png' } },
    '2': { class_type: 'ImageBlur', inputs: { image: ['3', 0], blur_radius: 3, sigma } },
    '3': { class_type: 'ImageSharpen', inputs: { image: ['1', 0], sharpen_radius: 1, sigma: 1, alpha } },
    '9': { class_type: 'SaveImage', inputs: { images: [image, 0], filename_prefix: prefix } },
  };
}

/** Commits of one workflow; the folder of inputs lies beside it. */
async function history(graphs: readonly object[]): Promise<{ t: Temp; oids: string[] }> {
  const t = await tempRepo();
  mkdirSync(join(t.dir, 'input'));
  writeFileSync(join(t.dir, 'input/photo.png'), await encoded(scene(3)));
  const oids: string[] = [];
  for (const [n, one] of graphs.entries()) {
    t.write('wf.json', one);
    oids.push((await commit.run(t.ctx, { message: `c${n}` })).oid!);
  }
  return { t, oids };
}

const PLANTED = [
  graph({}),
  graph({ prefix: 'a' }),
  graph({ alpha: 0.9 }),
  graph({ alpha: 0.9, sigma: 5, prefix: 'b' }),
  graph({ alpha: 1.1, sigma: 5 }),
  graph({ alpha: 1.1, sigma: 5, prefix: 'c' }),
];

describe('bisect run by a metric', () => {
  it('[RU-19, RU-21] finds the commit and the edit that made the picture worse, and notes each run once', async () => {
    const { t, oids } = await history(PLANTED);
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    const { result, tests, within } = await bisectRun.run(t.ctx, { metric: 'sharpness', below: 100, within: true });
    expect(result).toMatchObject({ kind: 'found', commit: { oid: oids[3] } });
    for (const { mark, value } of tests) expect(mark).toBe(value! < 100 ? 'bad' : 'good');
    expect(within!.edits.map(({ text }) => text)).toEqual(['ImageBlur (2): sigma 0.3 -> 5']);
    // The edits that were tried alone are no version of anything: they leave no note.
    for (const { oid } of tests) expect(await readRuns(t.ctx, oid)).toHaveLength(1);
    await bisectReset.run(t.ctx, {});
    expect(t.git('status', '--porcelain', '--', 'wf.json')).toBe('');

    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    const again = await bisectRun.run(t.ctx, { metric: 'laplacian-variance', below: 100 });
    expect(again.tests.map(({ oid, mark }) => [oid, mark])).toEqual(tests.map(({ oid, mark }) => [oid, mark]));
    for (const { oid } of tests) expect(await readRuns(t.ctx, oid)).toHaveLength(1);
  });

  it('takes --above for the other side', async () => {
    const { t, oids } = await history(PLANTED.map((_, n) => PLANTED[PLANTED.length - 1 - n]!));
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    const { result } = await bisectRun.run(t.ctx, { metric: 'sharpness', above: 100 });
    expect(result).toMatchObject({ kind: 'found', commit: { oid: oids[3] } });
  });

  it('[RU-22] skips what cannot run, with the reason', async () => {
    const broken = { ...graph({}), '2': { class_type: 'ImageBlur', inputs: { image: ['3', 0], sigma: 0.3 } } };
    const foreign = { ...graph({}), '2': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['3', 0] } } };
    const { t, oids } = await history([PLANTED[0]!, broken, foreign, PLANTED[4]!]);
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    const { result, tests } = await bisectRun.run(t.ctx, { metric: 'sharpness', below: 100 });
    expect(result.kind).toBe('only-skipped');
    expect(result.candidates!.map(({ oid }) => oid).sort()).toEqual(oids.slice(1).sort());
    expect(tests.map(({ mark }) => mark)).toEqual(['skip', 'skip']);
    for (const { reason } of tests) expect(reason).toMatch(/blur_radius|VAEDecode/);
  });

  it('needs one limit, of a metric that a picture alone has', async () => {
    const { t, oids } = await history(PLANTED.slice(0, 3));
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    for (const input of [
      { metric: 'sharpness' },
      { metric: 'sharpness', below: 1, above: 2 },
      { below: 1 },
      { metric: 'psnr', below: 20 },
      { metric: 'sharpness', imageDiffers: 0.1 },
      { imageDiffers: 1 },
      { metric: 'sharpness', below: 1, command: ['true'] },
    ])
      await failure('USAGE', bisectRun.run(t.ctx, input));
    await failure('METRIC_NOT_FOUND', bisectRun.run(t.ctx, { metric: 'sharpnes', below: 1 }));
    await failure('RUNNER_NOT_FOUND', bisectRun.run(t.ctx, { metric: 'sharpness', below: 1, on: 'desk' }));
  });

  it('[RU-20] says so when the limit does not lie between the ends', async () => {
    const { t, oids } = await history(PLANTED);
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    expect((await failure('BISECT_LIMIT', bisectRun.run(t.ctx, { metric: 'sharpness', below: 1 }))).message).toMatch(
      /called bad .*below 1/,
    );
    expect((await failure('BISECT_LIMIT', bisectRun.run(t.ctx, { metric: 'sharpness', below: 1e6 }))).message).toMatch(
      /called good .*below/,
    );
    expect((await failure('BISECT_LIMIT', bisectRun.run(t.ctx, { imageDiffers: 0.9999 }))).message).toMatch(
      /called bad/,
    );
  });

  it('stops at a signal, and goes on where it was', async () => {
    const { t, oids } = await history(PLANTED);
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    const stopped = bisectBy(t.ctx, { metric: 'sharpness', below: 100 }, AbortSignal.abort());
    await failure('RUN_STOPPED', stopped);
    const { result } = await bisectRun.run(t.ctx, { metric: 'sharpness', below: 100 });
    expect(result).toMatchObject({ kind: 'found', commit: { oid: oids[3] } });
  });
});

describe('bisect run by the picture of the good commit', () => {
  it('[RU-23] finds the first commit with other pixels; a name of a file is none', async () => {
    const { t, oids } = await history([graph({}), graph({ prefix: 'a' }), graph({ alpha: 1.05 }), graph({ sigma: 1 })]);
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    const { result, tests } = await bisectRun.run(t.ctx, { imageDiffers: 0 });
    expect(result).toMatchObject({ kind: 'found', commit: { oid: oids[2] } });
    expect(tests.find(({ oid }) => oid === oids[1])).toMatchObject({ value: 0, mark: 'good' });
  });

  it('calls it another picture where the size or the number of them is another', async () => {
    const batch = {
      '1': { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 2, color: 7 } },
      '9': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
    };
    const larger = { ...batch, '1': { ...batch['1'], inputs: { ...batch['1'].inputs, width: 48 } } };
    const fewer = { ...batch, '1': { ...batch['1'], inputs: { ...batch['1'].inputs, batch_size: 1 } } };
    for (const other of [larger, fewer]) {
      const { t, oids } = await history([batch, other, { ...other, '7': batch['1'] }]);
      await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
      const { result, tests } = await bisectRun.run(t.ctx, { imageDiffers: 0.5 });
      expect(result).toMatchObject({ kind: 'found', commit: { oid: oids[1] } });
      expect(tests).toMatchObject([{ value: 1 }]);
    }
  });

  it('says so when the good commit gives no picture', async () => {
    const foreign = { ...graph({}), '2': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['3', 0] } } };
    const { t, oids } = await history([foreign, graph({}), graph({ sigma: 5 })]);
    await bisectStart.run(t.ctx, { bad: 'HEAD', good: [oids[0]!] });
    await failure('BISECT_REFERENCE', bisectRun.run(t.ctx, { imageDiffers: 0.1 }));
  });
});
