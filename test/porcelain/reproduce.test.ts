import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/base/hash.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { outputPath } from '../../src/io/outputs/place.ts';
import { putOutput, readOutput } from '../../src/io/outputs/store.ts';
import { commit } from '../../src/porcelain/commit.ts';
import type { Context } from '../../src/porcelain/context.ts';
import { opLog } from '../../src/porcelain/op.ts';
import { outputsOf } from '../../src/porcelain/output-names.ts';
import { type ReproduceInput, reproduce, reproduceRun } from '../../src/porcelain/reproduce.ts';
import { runWorkflow } from '../../src/porcelain/run.ts';
import { type RunNote, readRuns, runFact } from '../../src/porcelain/run-note.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { ensureBuilt } from '../cli/cwf.ts';
import { png, text as pngText } from '../io/media/images.ts';
import { encoded, scene } from '../io/metrics/images.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

beforeAll(ensureBuilt);

/** A picture that is loaded, blurred and saved, and a batch of plain ones; a seed that goes nowhere but counts. */
const GRAPH = {
  '1': { class_type: 'LoadImage', inputs: { image: 'photo.png' } },
  '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: 2, sigma: 0.5 } },
  '3': { class_type: 'EmptyImage', inputs: { width: 32, height: 16, batch_size: 2, color: 255 } },
  '8': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'y' } },
  '9': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'x' } },
};
const BLUR = [{ address: '2.sigma', value: '3' }];

async function committed(graph: unknown = GRAPH): Promise<Temp & { readonly head: string }> {
  const temp = await tempRepo({ 'wf.json': graph });
  mkdirSync(join(temp.dir, 'input'));
  writeFileSync(join(temp.dir, 'input/photo.png'), await encoded(scene(3)));
  await commit.run(temp.ctx, { files: ['wf.json'] });
  return { ...temp, head: await temp.ctx.repo.resolve('HEAD') };
}

async function ran(ctx: Context, input: Parameters<typeof runWorkflow>[1] = {}): Promise<RunNote> {
  const out = await runWorkflow(ctx, { metrics: 'none', ...input });
  if (out.kind !== 'ran') throw new Error(`it is ${out.kind}`);
  return out.note;
}

async function again(ctx: Context, input: ReproduceInput = {}) {
  const out = await reproduceRun(ctx, input);
  if (out.kind !== 'ran') throw new Error(`it is ${out.kind}`);
  return out;
}

/** Puts a note of a run beside those that are there. */
async function noted(ctx: Context, oid: string, changes: JsonObject, of: RunNote): Promise<void> {
  await ctx.repo.transaction({ command: 'test', actor: 'person' }, async (tx) => {
    ctx.repo.notes('runs').add(tx, oid, { ...runFact(of), run: 'tampered', ...changes });
  });
}

const pictureOf = (ctx: Context, { outputs }: RunNote, node = '9') =>
  readOutput(outputsOf(ctx), outputs.find((one) => one.node === node)!.id);

/** The picture with another text under `cwf`. */
function withClaim(bytes: Buffer, claim: unknown): Buffer {
  const at = bytes.indexOf('tEXtcwf\0', 0, 'latin1') - 4;
  const end = at + 12 + bytes.readUInt32BE(at);
  const told = pngText('cwf', typeof claim === 'string' ? claim : JSON.stringify(claim));
  return Buffer.concat([bytes.subarray(0, at), told, bytes.subarray(end)]);
}

describe('what is meant', () => {
  test('[RE-1] the last finished run of a commit that is no reproduction; one that is named', async () => {
    const { ctx, head } = await committed();
    const none = await failure('RUN_NOT_NOTED', reproduceRun(ctx, {}));
    expect(none.hint).toContain('cwf run HEAD');
    const first = await ran(ctx);
    const last = await ran(ctx, { set: BLUR });
    await ran(ctx, { set: [{ address: '3.width', value: '8' }], record: false });
    expect((await again(ctx)).target.run).toEqual(last);
    expect((await again(ctx, { what: head.slice(0, 10) })).target.run).toEqual(last);
    expect((await again(ctx, { what: 'wf.json' })).target.run).toEqual(last);
    expect((await again(ctx, { run: first.run.slice(0, 8) })).target.run).toEqual(first);
    await failure('RUN_NOT_FOUND', reproduceRun(ctx, { run: 'zzzz' }));
    await failure('REV_NOT_FOUND', reproduceRun(ctx, { what: 'nope' }));
    await failure('FILE_NOT_FOUND', reproduceRun(ctx, { what: 'nope.png' }));
    await failure('RUN_NOT_NOTED', reproduceRun(ctx, { file: 'other.json' }));
  });

  test('[RE-2] a picture by the commit it names, its bytes, its pixels; an output by its digest', async () => {
    const temp = await committed();
    const { ctx, head } = temp;
    const note = await ran(ctx, { set: BLUR });
    const bytes = pictureOf(ctx, note);
    temp.write('a.png', bytes);
    expect((await again(ctx, { what: 'a.png' })).target).toMatchObject({ by: 'claim', run: { run: note.run } });
    const plain = await sharp(bytes).png({ compressionLevel: 1 }).toBuffer();
    expect(plain.includes('cwf')).toBe(false);
    temp.write('b.png', plain);
    temp.write('c.webp', await sharp(bytes).webp({ lossless: true }).toBuffer());
    for (const what of ['b.png', 'c.webp']) {
      const out = await again(ctx, { what });
      expect([out.target.by, out.target.run!.run, out.verdict]).toEqual(['pixels', note.run, 'identical']);
    }
    const { id } = note.outputs.find(({ node }) => node === '9')!;
    for (const what of [`sha256:${id.slice(0, 10)}`, id])
      expect((await again(ctx, { what })).target.run!.run).toBe(note.run);
    // Only the note knows it.
    rmSync(outputPath(outputsOf(ctx), id));
    const out = await again(ctx, { what: id });
    expect([out.target.by, out.target.source.commit]).toEqual(['bytes', head]);
    await failure('OUTPUT_FILE_NOT_FOUND', reproduceRun(ctx, { what: `sha256:${'0'.repeat(64)}` }));
  });

  test('[RE-2] by the workflow it carries, where nobody noted its run: its values are those of the picture', async () => {
    const temp = await committed();
    const { ctx, head } = temp;
    const note = await ran(ctx, { record: false });
    const bytes = pictureOf(ctx, note);
    temp.write('wf.json', { ...GRAPH, '3': { ...GRAPH['3'], inputs: { ...GRAPH['3'].inputs, color: 1 } } });
    await commit.run(ctx, { files: ['wf.json'] });
    temp.write('a.png', withClaim(bytes, {}));
    const out = await again(ctx, { what: 'a.png' });
    expect(out).toMatchObject({ verdict: 'identical', drifts: [], target: { by: 'graph', source: { commit: head } } });
    expect(out.target.remarks.join()).toContain('not known');
    expect(out.attempts[0]!.note.reproduces).toBe(`sha256:${sha256(readFileSync(join(temp.dir, 'a.png')))}`);
    // What it says was set is taken where the workflow with it is the one that it carries.
    const set = pictureOf(ctx, await ran(ctx, { what: head, set: BLUR, record: false }));
    temp.write('b.png', set);
    expect(await again(ctx, { what: 'b.png' })).toMatchObject({ verdict: 'identical', target: { by: 'claim' } });
  });

  test('[RE-3] what a picture says of its commit is proven, or said to be wrong', async () => {
    const temp = await committed();
    const { ctx, head } = temp;
    await ran(ctx);
    const bytes = pictureOf(ctx, await ran(ctx, { set: BLUR, record: false }));
    const other = await committed({ ...GRAPH, '8': undefined });
    const lies: readonly (readonly [unknown, string])[] = [
      [{ commit: other.head, file: 'wf.json' }, 'commit'],
      [{ commit: head, file: '../../etc/passwd' }, 'no such file'],
      [{ commit: head, file: 'wf.json' }, 'its workflow there is another one'],
      [{ commit: head, file: 'wf.json', set: { '99.x': 1 } }, 'its workflow there is another one'],
      [{ commit: 'HEAD', file: 'wf.json' }, 'cannot be read'],
      [{ commit: head, file: 7 }, 'cannot be read'],
      ['{"commit":', 'cannot be read'],
      [`"${'x'.repeat(300_000)}"`, 'cannot be read'],
      [{ commit: head, file: 'x'.repeat(5000) }, 'cannot be read'],
      [{ commit: '0'.repeat(40), file: 'wf.json' }, '00000000'],
    ];
    for (const [claim, reason] of lies) {
      temp.write('a.png', withClaim(bytes, claim));
      const error = await failure('PICTURE_UNKNOWN', reproduceRun(ctx, { what: 'a.png' }));
      expect(error.message).toContain(reason);
    }
    // Over what is read at all the image is as good without it.
    temp.write('a.png', withClaim(bytes, 'x'.repeat(9_000_000)));
    await failure('PICTURE_UNKNOWN', reproduceRun(ctx, { what: 'a.png' }));
    // A true one beside a wrong commit is found all the same, and the lie is said.
    const note = await ran(ctx, { set: BLUR });
    temp.write('a.png', withClaim(bytes, { commit: other.head, file: 'wf.json' }));
    const out = await again(ctx, { what: 'a.png' });
    expect([out.target.by, out.target.run!.run]).toEqual(['pixels', note.run]);
    expect(out.remarks.join()).toContain(other.head.slice(0, 8));
  });

  test('[RE-4] what nothing here made is told, with what looks like it or the way to a commit', async () => {
    const temp = await committed();
    const { ctx } = temp;
    const note = await ran(ctx);
    temp.write('a.jpg', await sharp(pictureOf(ctx, note)).jpeg({ quality: 80 }).toBuffer());
    const alike = await failure('PICTURE_UNKNOWN', reproduceRun(ctx, { what: 'a.jpg' }));
    expect(alike.hint).toContain(`--run ${note.run.slice(0, 8)}`);
    temp.write(
      'b.jpg',
      await sharp({ create: { width: 40, height: 30, channels: 3, background: 'red' } })
        .jpeg()
        .toBuffer(),
    );
    const strange = await failure('PICTURE_UNKNOWN', reproduceRun(ctx, { what: 'b.jpg' }));
    expect([strange.message.includes('carries no workflow'), strange.hint.includes('--run')]).toEqual([true, false]);
    const graph = { ...GRAPH, '2': { ...GRAPH['2'], inputs: { ...GRAPH['2'].inputs, sigma: 9 } } };
    const other = await committed(graph);
    const theirs = await ran(other.ctx);
    temp.write('c.png', pictureOf(other.ctx, theirs));
    expect((await failure('PICTURE_UNKNOWN', reproduceRun(ctx, { what: 'c.png' }))).hint).toContain('cwf import c.png');
    // A plain picture of another repository has the pixels of one of ours.
    temp.write('plain.png', pictureOf(other.ctx, theirs, '8'));
    const plain = await again(ctx, { what: 'plain.png' });
    expect([plain.target.by, plain.remarks.join()]).toEqual(['pixels', expect.stringContaining('another workflow')]);
    temp.write('d.png', 'no picture');
    await failure('IMAGE_INVALID', reproduceRun(ctx, { what: 'd.png' }));
    temp.write('e.png', png(pngText('prompt', '{"1":')));
    await failure('PICTURE_UNKNOWN', reproduceRun(ctx, { what: 'e.png' }));
    mkdirSync(join(temp.dir, 'f.png'));
    await failure('FILE_IS_FOLDER', reproduceRun(ctx, { what: 'f.png' }));
  });
});

describe('made again', () => {
  test('[RE-5, RE-12] right after the run it is identical, whatever was set', async () => {
    const temp = await committed();
    const random = await committed({
      '1': { class_type: 'PrimitiveInt', inputs: { value: 3 } },
      '3': { class_type: 'EmptyImage', inputs: { width: ['1', 0], height: 16, batch_size: 1, color: 255 } },
      '9': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'x%date:yyyy%' } },
    });
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.record({
          '3.color': fc.integer({ min: 0, max: 0xffffff }),
          '3.batch_size': fc.integer({ min: 1, max: 3 }),
          '3.height': fc.integer({ min: 1, max: 40 }),
        }),
        async (which, values) => {
          const { ctx } = which ? temp : random;
          const set = Object.entries(values).map(([address, value]) => ({ address, value: String(value) }));
          const note = await ran(ctx, { set });
          const out = await again(ctx);
          expect(out).toMatchObject({ verdict: 'identical', drifts: [], unknown: [], recorded: true });
          const [{ note: made, kept }] = out.attempts as [(typeof out.attempts)[0]];
          expect([made.prompt, made.reproduces, kept]).toEqual([note.prompt, note.run, 0]);
          expect(made.outputs.map(({ pixels }) => pixels)).toEqual(note.outputs.map(({ pixels }) => pixels));
        },
      ),
      { numRuns: 8 },
    );
  });

  test('[RE-12] one operation notes it, as often as it is repeated; undo takes it back', async () => {
    const { ctx, head } = await committed();
    const note = await ran(ctx);
    const before = (await opLog.run(ctx, {})).operations.length;
    const out = await again(ctx, { repeat: 3 });
    expect([out.attempts.length, out.alike, out.verdict]).toEqual([3, true, 'identical']);
    expect((await opLog.run(ctx, {})).operations.length).toBe(before + 1);
    expect((await readRuns(ctx, head)).map(({ reproduces }) => reproduces)).toEqual([
      undefined,
      note.run,
      note.run,
      note.run,
    ]);
    await undo.run(ctx, {});
    expect(await readRuns(ctx, head)).toEqual([note]);
    expect((await again(ctx, { record: false })).recorded).toBe(false);
    expect(await readRuns(ctx, head)).toEqual([note]);
  });

  test('[RE-5, RE-13] other pixels are told with how far they are apart, and may be within a tolerance', async () => {
    const { ctx, head } = await committed();
    const note = await ran(ctx);
    const place = outputsOf(ctx);
    const at = note.outputs.findIndex(({ node }) => node === '9');
    const { data, info } = await sharp(readOutput(place, note.outputs[at]!.id))
      .raw()
      .toBuffer({ resolveWithObject: true });
    data[0] = data[0]! ^ 8;
    const raw = { width: info.width, height: info.height, channels: info.channels };
    const { id } = await putOutput(place, [await sharp(data, { raw }).png().toBuffer()]);
    const outputs = note.outputs.map((one, place) => (place === at ? { ...one, id, pixels: 'a'.repeat(64) } : one));
    await noted(ctx, head, { outputs: outputs as never, time: note.time + 1 }, note);
    const out = await again(ctx);
    expect(out).toMatchObject({ verdict: 'differs', drifts: [], unknown: [] });
    const told = out.attempts[0]!.outputs.find(({ node }) => node === '9')!;
    expect(told).toMatchObject({ kind: 'differs', distance: { differs: 1 / (96 * 64), most: 8 } });
    expect(told.distance!.ssim).toBeLessThan(1);
    expect((await again(ctx, { tolerance: 0.001 })).verdict).toBe('within');
    // Without the old bytes there is the hash of the note.
    rmSync(outputPath(place, id));
    expect((await again(ctx)).attempts[0]!.outputs.find(({ node }) => node === '9')).toMatchObject({
      kind: 'differs',
      reason: expect.stringContaining('0 of 64 bits'),
    });
    const torn = note.outputs[at]!.id;
    rmSync(outputPath(place, torn), { force: true });
    writeFileSync(outputPath(place, torn), 'torn');
    const damaged = note.outputs.map((one, place) => (place === at ? { ...one, pixels: 'b'.repeat(64) } : one));
    await noted(ctx, head, { run: 'torn', outputs: damaged as never, time: note.time + 2 }, note);
    const kinds = (await again(ctx, { run: 'torn' })).attempts[0]!.outputs.map(({ kind }) => kind);
    expect(kinds).not.toContain('differs');
    await noted(ctx, head, { run: 'fewer', outputs: outputs.slice(1) as never, time: note.time + 3 }, note);
    await noted(
      ctx,
      head,
      { run: 'more', outputs: [...note.outputs, { ...note.outputs[at]!, node: '77' }] as never, time: note.time + 4 },
      note,
    );
    const kindsOf = async (run: string) => (await again(ctx, { run })).attempts[0]!.outputs.map(({ kind }) => kind);
    expect(await kindsOf('fewer')).toContain('added');
    expect(await kindsOf('more')).toContain('missing');
  });

  test('[RE-6] files of inputs are found by their content; what is another one now is named', async () => {
    const temp = await committed();
    const { ctx } = temp;
    const note = await ran(ctx);
    const folder = join(temp.dir, 'input');
    const photo = readFileSync(join(folder, 'photo.png'));
    renameSync(join(folder, 'photo.png'), join(folder, 'holiday.png'));
    const moved = await again(ctx);
    expect(moved).toMatchObject({
      verdict: 'identical',
      drifts: [],
      inputs: [{ kind: 'moved', found: 'holiday.png' }],
    });
    writeFileSync(join(folder, 'photo.png'), await encoded(scene(4)));
    expect((await again(ctx)).inputs).toMatchObject([{ kind: 'moved' }]);
    rmSync(join(folder, 'holiday.png'));
    const changed = await again(ctx);
    expect(changed).toMatchObject({ verdict: 'differs', inputs: [{ kind: 'changed', file: 'photo.png' }] });
    expect(changed.drifts.map(({ kind, name, cause, why }) => [kind, name, cause, why])).toEqual([
      ['input', '1.image', 'likely', undefined],
      ['prompt', undefined, 'likely', 'follows'],
    ]);
    const { id } = await putOutput(outputsOf(ctx), [photo]);
    expect(id).toBe(note.inputs![0]!.sha256);
    expect(await again(ctx)).toMatchObject({ verdict: 'identical', inputs: [{ kind: 'stored' }] });
    rmSync(outputPath(outputsOf(ctx), id));
    rmSync(folder, { recursive: true });
    expect(await reproduceRun(ctx, {})).toMatchObject({
      kind: 'blocked',
      error: { code: 'RUN_INPUT_MISSING', exit: 5 },
      inputs: [{ kind: 'missing', file: 'photo.png' }],
      drifts: [{ kind: 'input', name: '1.image' }],
    });
    mkdirSync(join(temp.dir, 'elsewhere'));
    writeFileSync(join(temp.dir, 'elsewhere/photo.png'), photo);
    expect((await again(ctx, { input: 'elsewhere' })).verdict).toBe('identical');
  });

  test('[RE-7, RE-9, RE-13] a note of an environment that is gone: each drift, and why it cannot be run', async () => {
    const { ctx, head } = await committed();
    const note = await ran(ctx);
    const environment = {
      ...note.environment,
      engine: '0.1.0',
      cwf: '0.0.1',
      os: 'plan9',
      libraries: { ...note.environment!.libraries, sharp: '0.1.0' },
      devices: [{ name: 'abacus', type: 'cpu' }],
    };
    await noted(
      ctx,
      head,
      { environment: environment as never, catalog: 'c', runner: 'old', time: note.time + 1 },
      note,
    );
    const out = await again(ctx);
    expect(out.verdict).toBe('identical');
    expect(out.remarks.join()).toContain('old');
    const kinds = ['runner', 'device', 'engine', 'os', 'library', 'cwf', 'catalog'];
    expect(out.drifts.map(({ kind }) => kind)).toEqual(kinds);
    // The same without a run, but for what the engine tells only when it runs.
    const planned = await reproduce.run(ctx, { dryRun: true });
    expect([planned.kind, planned.drifts.map(({ kind }) => kind)]).toEqual([
      'planned',
      kinds.filter((kind) => kind !== 'library'),
    ]);
    await failure('RUNNER_NOT_FOUND', reproduceRun(ctx, { on: 'desk' }));
    const nowhere = await reproduceRun(ctx, { on: 'http://127.0.0.1:9' });
    expect(nowhere).toMatchObject({ kind: 'blocked', error: { code: 'RUNNER_UNREACHABLE', exit: 6 } });
  });

  test('[RE-7, RE-13] a note that somebody else wrote, or an older cwf, is data', async () => {
    const { ctx, head } = await committed();
    const note = await ran(ctx);
    const { environment: _none, inputs: _neither, ...older } = runFact(note);
    const add = async (fact: JsonObject) =>
      ctx.repo.transaction({ command: 'test', actor: 'person' }, async (tx) =>
        ctx.repo.notes('runs').add(tx, head, fact),
      );
    await add({ ...older, run: 'older' });
    const out = await again(ctx, { run: 'older' });
    expect(out.verdict).toBe('identical');
    expect(out.unknown).toEqual(['device', 'engine', 'os', 'argv', 'library', 'cwf']);
    const foreign: JsonObject = {
      set: [7],
      inputs: 'x',
      models: 7,
      packs: { a: 1 },
      environment: [],
      seeds: 7,
      time: 1e300,
    };
    await add({ ...runFact(note), run: 'foreign', ...foreign });
    expect((await again(ctx, { run: 'foreign' })).verdict).toBe('identical');
    const blocked = async (changes: JsonObject) => {
      await add({ ...runFact(note), run: `tampered-${JSON.stringify(changes)}`, ...changes });
      return reproduceRun(ctx, { run: `tampered-${JSON.stringify(changes)}` });
    };
    expect(await blocked({ set: { '77.x': 1 } })).toMatchObject({ kind: 'blocked', error: { code: 'NODE_NOT_FOUND' } });
    expect(await blocked({ set: { '2.sigma': 'much' } })).toMatchObject({ kind: 'blocked' });
    expect(await blocked({ seeds: [{ node: '2', input: 'sigma', value: 99 }] })).toMatchObject({
      kind: 'blocked',
      error: { code: 'RUN_INVALID' },
    });
    const file = { node: '1', input: 'image', file: '../../../etc/passwd', sha256: 'a'.repeat(64) };
    expect(await blocked({ inputs: [file] as never })).toMatchObject({ inputs: [{ kind: 'missing' }] });
    await failure('FILE_NOT_FOUND', blocked({ file: '../wf.json' }));
    expect(await blocked({ document: 'd'.repeat(64) })).toMatchObject({ drifts: [{ kind: 'document' }] });
    expect(await blocked({ outputs: [] })).toMatchObject({ kind: 'ran' });
  });

  test('[RE-2] a note on what is no commit leads nowhere', async () => {
    const temp = await committed();
    const { ctx, head } = temp;
    const note = await ran(ctx, { record: false });
    const { tree } = await ctx.repo.readCommit(head);

    await noted(ctx, tree, { run: 'tree' }, note);
    temp.write('a.png', await sharp(pictureOf(ctx, note)).png().toBuffer());
    const error = await failure('PICTURE_UNKNOWN', reproduceRun(ctx, { what: 'a.png' }));
    expect(error.message).toContain('the run tree left it, and');
  });
});
