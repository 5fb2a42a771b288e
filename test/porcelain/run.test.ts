import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { readOutput } from '../../src/io/outputs/store.ts';
import type { RunEvent } from '../../src/io/runner/runner.ts';
import type { Context } from '../../src/porcelain/context.ts';
import { log } from '../../src/porcelain/log.ts';
import { noteShow } from '../../src/porcelain/note.ts';
import { opLog } from '../../src/porcelain/op.ts';
import { outputGc, outputLs } from '../../src/porcelain/output.ts';
import { namedOutputs, outputsOf } from '../../src/porcelain/output-names.ts';
import { run, runWorkflow } from '../../src/porcelain/run.ts';
import { runCommits } from '../../src/porcelain/run-all.ts';
import { runDocument } from '../../src/porcelain/run-document.ts';
import { readRuns } from '../../src/porcelain/run-note.ts';
import { runSource } from '../../src/porcelain/run-source.ts';
import { openRunners } from '../../src/porcelain/runners.ts';
import { set } from '../../src/porcelain/set.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { ensureBuilt } from '../cli/cwf.ts';
import { encoded, scene } from '../io/metrics/images.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

beforeAll(ensureBuilt);

/** A picture that is loaded, blurred and saved. */
const GRAPH = {
  '1': { class_type: 'LoadImage', inputs: { image: 'photo.png' } },
  '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: 2, sigma: 0.5 } },
  '9': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'x' } },
};
const flat = (color: number) => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 1, color } },
  '9': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
});

async function committed(files: Record<string, unknown> = { 'wf.json': GRAPH }): Promise<Temp> {
  const temp = await tempRepo(files);
  mkdirSync(join(temp.dir, 'input'));
  writeFileSync(join(temp.dir, 'input/photo.png'), await encoded(scene(3)));
  const { commit } = await import('../../src/porcelain/commit.ts');
  await commit.run(temp.ctx, {});
  return temp;
}

/** The JSON of a text chunk of a PNG. */
function textOf(png: Buffer, key: string): unknown {
  const at = png.indexOf(`tEXt${key}\0`, 0, 'latin1');
  const start = at + 4 + key.length + 1;
  return JSON.parse(png.toString('latin1', start, at + 4 + png.readUInt32BE(at - 4)));
}

const head = (ctx: Context) => ctx.repo.resolve('HEAD');

async function ran(ctx: Context, input: Parameters<typeof runWorkflow>[1] = {}) {
  const out = await runWorkflow(ctx, input);
  if (out.kind !== 'ran') throw new Error(`it is ${out.kind}`);
  return out;
}

describe('a run on the embedded engine', () => {
  test('[RU-1, RU-8, RU-9, RU-11] keeps its outputs, measures them and is noted in one operation', async () => {
    const { ctx } = await committed();
    const before = (await opLog.run(ctx, {})).operations.length;
    const { note, measured, recorded, error } = await ran(ctx);
    expect([note.kind, recorded, error]).toEqual(['finished', true, undefined]);
    expect((await opLog.run(ctx, {})).operations.length).toBe(before + 1);
    const oid = await head(ctx);
    expect(await readRuns(ctx, oid)).toEqual([note]);
    const [output] = note.outputs;
    const bytes = readOutput(outputsOf(ctx), output!.id);
    const { data, info } = await sharp(bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    expect([info.width, info.height]).toEqual([output!.width, output!.height]);
    const { createHash } = await import('node:crypto');
    expect(createHash('sha256').update(data).digest('hex')).toBe(output!.pixels);
    expect(textOf(bytes, 'cwf')).toEqual({ commit: oid, file: 'wf.json' });
    expect(textOf(bytes, 'prompt')).toMatchObject({ '2': { inputs: { sigma: 0.5 } } });
    expect(note.environment).toMatchObject({ engine: ctx.catalog.engine, libraries: { sharp: expect.any(String) } });
    expect(note.inputs).toMatchObject([{ node: '1', input: 'image', file: 'photo.png' }]);
    const { facts } = await noteShow.run(ctx, {});
    const sharpness = facts.find(({ metric }) => metric === 'sharpness')!;
    expect(sharpness).toMatchObject({ of: note.run, output: `sha256:${output!.id}` });
    expect(measured.files[0]!.measurements.find(({ name }) => name === 'laplacian-variance')).toMatchObject({
      value: sharpness.value,
    });
    expect((await outputLs.run(ctx, { rev: 'HEAD' })).missing).toEqual([]);
  });

  test('[RU-9] is taken back by undo; its outputs stay, and gc keeps what a run names', async () => {
    const { ctx } = await committed();
    const { note } = await ran(ctx);
    const id = note.outputs[0]!.id;
    expect((await namedOutputs(ctx)).get(id)).toEqual([await head(ctx)]);
    const late = Object.create(ctx, { now: { value: () => Date.now() + 1e8 } }) as Context;
    expect((await outputGc.run(late, { keep: 'noted' })).dropped).toEqual([]);
    await undo.run(ctx, {});
    expect(await readRuns(ctx, await head(ctx))).toEqual([]);
    expect((await log.run(ctx, { metrics: ['sharpness'] })).commits[0]!.metrics).toEqual({});
    expect(readOutput(outputsOf(ctx), id).length).toBe(note.outputs[0]!.size);
    expect((await outputGc.run(late, { keep: 'noted' })).dropped.map((one) => one.id)).toContain(id);
  });

  test('[RU-1, RU-2] says which workflow it means, and what has no commit is noted nowhere', async () => {
    const temp = await committed({ 'wf.json': GRAPH, 'sub/b.json': flat(1) });
    await failure('RUN_AMBIGUOUS', ran(temp.ctx));
    expect((await ran(temp.ctx, { what: 'HEAD:sub/b.json' })).note.file).toBe('sub/b.json');
    expect((await ran(temp.ctx, { file: 'sub/b.json' })).note.file).toBe('sub/b.json');
    // In another order of members it is the same workflow.
    temp.write('wf.json', JSON.stringify(Object.fromEntries(Object.entries(GRAPH).reverse())));
    expect((await ran(temp.ctx, { what: 'wf.json' })).recorded).toBe(true);
    temp.write('wf.json', { ...GRAPH, '2': { ...GRAPH['2'], inputs: { ...GRAPH['2'].inputs, sigma: 1 } } });
    expect((await failure('RUN_UNCOMMITTED', ran(temp.ctx, { what: 'wf.json' }))).hint).toContain('--no-note');
    const { note, recorded } = await ran(temp.ctx, { what: 'wf.json', record: false });
    expect([note.kind, recorded, note.outputs.length]).toEqual(['finished', false, 1]);
    expect((await readRuns(temp.ctx, await head(temp.ctx))).map(({ file }) => file)).not.toContain(note.run);
    await failure('FILE_NOT_FOUND', ran(temp.ctx, { what: 'nope.json' }));
    await failure('REV_NOT_FOUND', ran(temp.ctx, { what: 'nope' }));
  });

  test('[RU-3] set values are for this run: the note has them, and digests of what was run', async () => {
    const { ctx } = await committed();
    const plain = (await ran(ctx)).note;
    const { note } = await ran(ctx, { set: [{ address: '2.sigma', value: '3' }] });
    expect(note.set).toEqual({ '2.sigma': 3 });
    expect(note.document).toBe(plain.document);
    for (const key of ['graph', 'prompt'] as const) expect(note[key]).not.toBe(plain[key]);
    expect(note.outputs[0]!.pixels).not.toBe(plain.outputs[0]!.pixels);
    await set.run(ctx, { file: 'wf.json', values: [{ address: '2.sigma', value: '3' }] });
    const later = (await ran(ctx)).note;
    expect([later.graph, later.prompt]).toEqual([note.graph, note.prompt]);
    expect(later.outputs[0]!.pixels).toBe(note.outputs[0]!.pixels);
    await failure('VALUE_INVALID', ran(ctx, { set: [{ address: '2.sigma', value: 'much' }] }));
    await failure('NODE_NOT_FOUND', ran(ctx, { set: [{ address: '7.sigma', value: '1' }] }));
    const secret = [{ address: '9.filename_prefix', value: `sk-ant-api03-${'aB3dE5fG7h'.repeat(4)}` }];
    await failure('SECRET_FOUND', ran(ctx, { set: secret }));
    expect((await ran(ctx, { set: secret, allowSecrets: true })).note.kind).toBe('finished');
  });

  test('[RU-6] what would be refused is told and not sent', async () => {
    const { ctx } = await committed();
    const out = await runWorkflow(ctx, { set: [{ address: '2.blur_radius', value: '99' }] });
    expect(out).toMatchObject({ kind: 'invalid', error: { code: 'RUN_INVALID' } });
    expect(out.kind === 'invalid' && out.findings.diagnostics.map(({ code }) => code)).toEqual(['VALUE_TOO_BIG']);
    expect(await readRuns(ctx, await head(ctx))).toEqual([]);
    const { runners, close } = await openRunners(ctx);
    const source = await runSource(ctx, undefined);
    const set = [{ address: '2.blur_radius', value: '99' }];
    await failure('RUN_INVALID', runDocument(ctx, source, runners[0]!, { set }));
    await close();
  });

  test('[RU-6, RU-15] a class that it does not run is refused with the list', async () => {
    const { ctx } = await committed({
      'wf.json': { '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors' } }, ...flat(1) },
    });
    const error = await failure('ENGINE_CLASSES', ran(ctx));
    expect(error.data.classes).toEqual(['CheckpointLoaderSimple']);
    await failure('RUNNER_NOT_FOUND', ran(ctx, { on: 'desk' }));
  });

  test('[RU-7] a file of an input is known by its content, and never read from elsewhere', async () => {
    const temp = await committed();
    const { ctx } = temp;
    const first = (await ran(ctx)).note;
    writeFileSync(join(temp.dir, 'input/photo.png'), await encoded(scene(4)));
    const second = (await ran(ctx)).note;
    expect(second.prompt).not.toBe(first.prompt);
    expect(second.graph).toBe(first.graph);
    writeFileSync(join(temp.dir, 'secret.png'), await encoded(scene(5)));
    writeFileSync(join(temp.dir, 'input/key.png'), '-----BEGIN OPENSSH PRIVATE KEY-----');
    for (const value of ['key.png', 'nope.png', '.', 'a/../photo']) {
      await failure('RUN_INPUT_MISSING', ran(ctx, { set: [{ address: '1.image', value }] }));
    }
    // What leads out of the folder the server refuses, too.
    for (const value of ['../secret.png', join(temp.dir, 'secret.png')]) {
      expect(await runWorkflow(ctx, { set: [{ address: '1.image', value }] })).toMatchObject({ kind: 'invalid' });
    }
    symlinkSync('../secret.png', join(temp.dir, 'input/link.png'));
    await failure('RUN_INPUT_MISSING', ran(ctx, { set: [{ address: '1.image', value: 'link.png' }] }));
    rmSync(join(temp.dir, 'input'), { recursive: true });
    await failure('RUN_INPUT_MISSING', ran(ctx));
    mkdirSync(join(temp.dir, 'elsewhere'));
    writeFileSync(join(temp.dir, 'elsewhere/photo.png'), await encoded(scene(3)));
    expect((await ran(ctx, { input: 'elsewhere' })).note.prompt).toBe(first.prompt);
  });

  test('[RU-10] a run that fails is noted with its node and cause, and has no numbers', async () => {
    const { ctx } = await committed({
      'wf.json': {
        '1': { class_type: 'PrimitiveInt', inputs: { value: -5 } },
        '2': { class_type: 'EmptyImage', inputs: { width: ['1', 0], height: 16, batch_size: 1, color: 1 } },
        '9': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'x' } },
      },
    });
    const { note, error, measured } = await ran(ctx);
    expect(note).toMatchObject({ kind: 'failed', error: { node: '2', classType: 'EmptyImage' }, outputs: [] });
    expect(error).toMatchObject({ code: 'RUN_FAILED', exit: 7 });
    expect(error!.message).toContain('EmptyImage (2)');
    expect(measured.files).toEqual([]);
    expect(await readRuns(ctx, await head(ctx))).toEqual([note]);
  });

  test('[RU-12] gates name what looks broken, and an output of another prompt that is the same', async () => {
    const { ctx } = await committed({ 'wf.json': flat(0) });
    const gates = async (color: string) => {
      const { measured } = await ran(ctx, { set: [{ address: '1.color', value: color }] });
      return measured.files.flatMap((file) => file.gates.map(({ gate }) => gate));
    };
    expect(await gates('0')).toEqual(['black']);
    // The same once more is no fault.
    expect(await gates('0')).toEqual(['black']);
    const { measured } = await ran(ctx, { set: [{ address: '9.filename_prefix', value: 'y' }] });
    expect(measured.files[0]!.gates.map(({ gate }) => gate)).toEqual(['black', 'duplicate']);
    expect(measured.files[0]!.gates[1]!.reason).toContain((await head(ctx)).slice(0, 8));
    const batch = (await ran(ctx, { set: [{ address: '1.batch_size', value: '3' }], metrics: 'none' })).measured;
    expect(batch.files.map(({ file, gates }) => [file, gates.at(-1)])).toEqual([
      ['x_00001_.png', { gate: 'duplicate', reason: 'the run left it again as x_00002_.png, and 1 more' }],
    ]);
  });

  test('[RU-11] of a run with several outputs a commit has the mean; metrics can be chosen, or left', async () => {
    const { ctx } = await committed({
      'wf.json': {
        ...flat(0x101010),
        '2': { class_type: 'EmptyImage', inputs: { width: 32, height: 32, batch_size: 1, color: 0x303030 } },
        '8': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'z' } },
      },
    });
    await ran(ctx, { metrics: 'none' });
    expect((await noteShow.run(ctx, {})).facts.filter(({ metric }) => metric !== undefined)).toEqual([]);
    await ran(ctx, { metrics: ['luma-mean'] });
    const { commits } = await log.run(ctx, { metrics: ['luma-mean'], sort: 'desc' });
    expect(commits.map(({ metrics }) => metrics!['luma-mean'])).toEqual([0x20]);
    await failure('METRIC_NOT_FOUND', ran(ctx, { metrics: ['sharpnes'] }));
  });

  test('[RU-13] a signal interrupts it, and what is known is noted', async () => {
    const blur = (from: string) => ({
      class_type: 'ImageBlur',
      inputs: { image: [from, 0], blur_radius: 15, sigma: 3 },
    });
    const chain = Object.fromEntries(
      Array.from({ length: 12 }, (_, i) => [`b${i}`, blur(i === 0 ? '1' : `b${i - 1}`)]),
    );
    const { ctx } = await committed({
      'wf.json': {
        '1': { class_type: 'EmptyImage', inputs: { width: 512, height: 512, batch_size: 1, color: 7 } },
        ...chain,
        '9': { class_type: 'SaveImage', inputs: { images: ['b11', 0], filename_prefix: 'x' } },
      },
    });
    const stop = new AbortController();
    const onEvent = ({ kind }: RunEvent) => (kind === 'node' ? stop.abort() : undefined);
    const out = await runWorkflow(ctx, {}, { signal: stop.signal, onEvent });
    expect(out).toMatchObject({ kind: 'ran', recorded: true, note: { kind: 'interrupted' }, error: { exit: 7 } });
    const gone = new AbortController();
    gone.abort();
    expect(await runWorkflow(ctx, {}, { signal: gone.signal })).toMatchObject({ note: { kind: 'interrupted' } });
  });

  test('[RU-17] a disk that takes nothing is told, and neither run nor number is noted', async () => {
    const temp = await committed();
    writeFileSync(join(temp.dir, '.git/cwf/outputs'), 'no folder');
    await failure('STORAGE_FAILED', ran(temp.ctx));
    expect(await readRuns(temp.ctx, await head(temp.ctx))).toEqual([]);
  });

  test('[RU-16] a dry run says what would be sent', async () => {
    const { ctx } = await committed();
    const out = await run.run(ctx, { dryRun: true });
    expect(out).toMatchObject({ kind: 'planned', runner: 'embedded' });
    expect(await readRuns(ctx, await head(ctx))).toEqual([]);
    const { prompt } = (await ran(ctx)).note;
    expect(out.kind === 'planned' && out.prepared.known.prompt).toBe(prompt);
  });
});

describe('many commits', () => {
  test('[RU-14] each has its note; what is broken or done stops no other', async () => {
    const { ctx, git } = await committed();
    for (const sigma of ['1', '2']) {
      git('branch', `trial/${sigma}`);
      git('checkout', '-q', `trial/${sigma}`);
      await set.run(ctx, { file: 'wf.json', values: [{ address: '2.sigma', value: sigma }] });
    }
    const first = await runCommits(ctx, { what: ['trial/*'] });
    expect(first.entries.map(({ name, kind, note }) => [name, kind, note?.kind])).toEqual([
      ['trial/1', 'ran', 'finished'],
      ['trial/2', 'ran', 'finished'],
    ]);
    const bad = [{ address: '2.blur_radius', value: '99' }];
    const { entries } = await runCommits(ctx, { what: ['trial/1', 'main..trial/2', 'main'] });
    expect(entries.map(({ kind }) => kind)).toEqual(['done', 'done', 'ran']);
    expect(entries[0]!.metrics).toEqual(first.entries[0]!.metrics);
    expect((await runCommits(ctx, { what: ['trial/1'], again: true })).entries[0]!.kind).toBe('ran');
    const broken = await runCommits(ctx, { what: ['trial/?'], set: bad });
    expect(broken.entries.map(({ kind, error }) => [kind, error?.code])).toEqual([
      ['invalid', 'RUN_INVALID'],
      ['invalid', 'RUN_INVALID'],
    ]);
    expect((await runCommits(ctx, { what: ['trial/**'], dryRun: true, again: true })).entries[0]!.kind).toBe('planned');
    await failure('RUN_NOTHING', runCommits(ctx, { what: ['study/*'] }));
    await failure('REV_NOT_FOUND', runCommits(ctx, { what: ['study'] }));
    const { commits } = await log.run(ctx, { metrics: ['sharpness'], sort: 'asc' });
    expect(commits).toHaveLength(3);
  });
});
