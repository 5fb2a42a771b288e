import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { defaultCatalog } from '../../src/core/catalog/catalog.ts';
import { convertToUi } from '../../src/core/convert/to-ui.ts';
import type { TransformCall } from '../../src/core/transform/transform.ts';
import { readWorkflow } from '../../src/core/workflow/read.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { edit, editDocument } from '../../src/porcelain/edit.ts';
import { log } from '../../src/porcelain/log.ts';
import { status } from '../../src/porcelain/status.ts';
import { readTransforms } from '../../src/porcelain/transform-file.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { inSubgraph, SCOPE } from '../core/transform/graphs.ts';
import { apiGraph } from './samples.ts';
import { failure, type Temp, tempRepo } from './temp.ts';

const catalog = defaultCatalog();
const UI = convertToUi(readWorkflow(apiGraph(), { catalog, source: 'x.json' }), catalog).document;

const FORMS: [string, JsonObject, string][] = [
  ['a prompt', apiGraph(), ''],
  ['a file of the page', UI, ''],
  ['a subgraph', inSubgraph(UI), 'Inner/'],
];

async function committed(file: JsonObject): Promise<Temp> {
  const t = await tempRepo({ 'a.json': file });
  await commit.run(t.ctx, { message: 'start' });
  return t;
}

/** All that an edit could leave behind: the file, the commits, the operations' refs, the state of the work. */
async function stateOf(t: Temp): Promise<unknown> {
  return [t.read('a.json'), t.git('for-each-ref'), (await status.run(t.ctx, {})).changes];
}

const call = (op: string, args: JsonObject): TransformCall => ({ op, args });

describe.each(FORMS)('an edit of %s', (_name, document, at) => {
  it('is one commit and one operation, and undo takes it back [TE-40]', async () => {
    const t = await committed(document);
    const before = t.read('a.json');
    const input = { file: 'a.json', calls: [call('insert-lora', { file: 'x.safetensors', strength: 0.8 })] };
    const out = await edit.run(await t.open({ actor: 'agent/tuner' }), { ...input, reason: 'sharper' });
    expect(out.subject).toMatch(/^Add (Inner > )?LoraLoader \(\d+\) and 3 more edits$/);
    expect(out.notes[0]).toMatch(/^the LoRA is node \d+, between node 4 and node 3$/);
    expect(out.brought).toEqual([]);
    expect(t.git('show', 'HEAD:a.json')).toBe(t.read('a.json'));
    expect(t.git('log', '-1', '--format=%B')).toMatch(/sharper[\s\S]*Cwf-Op: edit\nCwf-Actor: agent\/tuner/);
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
    await undo.run(t.ctx, {});
    expect(t.read('a.json')).toBe(before);
    expect((await log.run(t.ctx, {})).commits).toHaveLength(1);
  });

  it('of several is all or none, told by number [TE-9] [TE-41]', async () => {
    const t = await committed(document);
    const was = await stateOf(t);
    const calls = [
      call('set', { input: `${at}3.steps`, value: 33 }),
      call('remove', { node: `${at}5` }),
      call('connect', { from: `${at}4.VAE`, to: `${at}3.model` }),
    ];
    const error = await failure('TRANSFORM_FAILED', edit.run(t.ctx, { file: 'a.json', calls }));
    expect(error.message).toMatch(/^transform 3 \(connect\): .*VAE, and MODEL is taken/);
    expect(error.hint).toMatch(/^Nothing was changed. What fits: 4.MODEL/);
    expect(await stateOf(t)).toEqual(was);
    const out = await edit.run(t.ctx, { file: 'a.json', calls: calls.slice(0, 2) });
    expect(out.file.graph).toBe(3);
  });

  it('dry leaves all as it was, and says the same [TE-43]', async () => {
    const t = await committed(document);
    const was = await stateOf(t);
    const input = { file: 'a.json', calls: [call('insert-upscale', { kind: 'hires', denoise: 0.4 })] };
    const dry = await edit.run(t.ctx, { ...input, dryRun: true });
    expect(await stateOf(t)).toEqual(was);
    expect(dry.oid).toBeUndefined();
    const { oid, ...done } = await edit.run(t.ctx, input);
    expect(oid).toBeDefined();
    expect(done).toEqual(dry);
  });

  it('tells the errors it brings, and is refused for them when strict [TE-42]', async () => {
    const t = await committed(document);
    const input = { file: 'a.json', calls: [call('disconnect', { input: `${at}3.model` })] };
    const was = await stateOf(t);
    const error = await failure('EDIT_REFUSED', edit.run(t.ctx, { ...input, strict: true }));
    expect(error.message).toMatch(/a\.json: the change brings an error: KSampler \(3\) model.*\[INPUT_MISSING\]$/);
    expect(await stateOf(t)).toEqual(was);
    const { brought } = await edit.run(t.ctx, input);
    expect(brought.map(({ code, node, input: name, scope }) => [code, node, name, scope])).toEqual([
      ['INPUT_MISSING', '3', 'model', at === '' ? undefined : SCOPE],
    ]);
    // What was wrong before is not told again.
    const more = await edit.run(t.ctx, { file: 'a.json', calls: [call('set', { input: `${at}3.steps`, value: 5 })] });
    expect(more.brought).toEqual([]);
  });
});

describe('an edit', () => {
  it('reads words by what the input takes, JSON of a file as it stands [TE-10]', async () => {
    const t = await committed(apiGraph());
    const typed = (input: string, value: string) =>
      edit.run(t.ctx, { file: 'a.json', calls: [call('set', { input, value })], isTyped: true });
    await typed('3.steps', '31');
    await typed('6.text', '30');
    const saved = JSON.parse(t.read('a.json'));
    expect([saved['3'].inputs.steps, saved['6'].inputs.text]).toEqual([31, '30']);
    await failure(
      'VALUE_REFUSED',
      edit.run(t.ctx, { file: 'a.json', calls: [call('set', { input: '3.steps', value: '31' })] }),
    );
  });

  it('refuses keys, what nobody committed, and what changes nothing [TE-40] [TE-45]', async () => {
    const t = await committed(apiGraph());
    const key = call('set', { input: '6.text', value: `sk-${'a1'.repeat(20)}` });
    await failure('SECRET_FOUND', edit.run(t.ctx, { file: 'a.json', calls: [key] }));
    await failure(
      'NOTHING_TO_COMMIT',
      edit.run(t.ctx, { file: 'a.json', calls: [call('set', { input: '3.steps', value: 20 })] }),
    );
    await edit.run(t.ctx, { file: 'a.json', calls: [key], allowSecrets: true });
    t.write('a.json', apiGraph());
    await failure('UNCOMMITTED_CHANGES', edit.run(t.ctx, { file: 'a.json', calls: [key] }));
  });

  it('needs no repository to write a file [TE-44]', async () => {
    const t = await tempRepo({ 'a.json': apiGraph() });
    const world = {
      cwd: t.dir,
      now: () => 0,
      stdin: () => Readable.from([Buffer.from(t.read('a.json'))]),
      open: () => Promise.reject(new Error('there is none')),
    };
    const calls = [call('set', { input: '3.steps', value: 33 })];
    const was = t.read('a.json');
    const out = await editDocument({ file: 'a.json', calls, out: 'b.json' }, world);
    expect(t.read('b.json')).toBe(out.bytes.toString());
    expect(JSON.parse(t.read('b.json'))['3'].inputs.steps).toBe(33);
    expect(t.read('a.json')).toBe(was);
    expect((await editDocument({ file: '-', calls }, world)).bytes).toEqual(out.bytes);
    await editDocument({ file: 'a.json', calls, out: 'c.json', dryRun: true }, world);
    expect(t.exists('c.json')).toBe(false);
    await failure('OUT_INVALID', editDocument({ file: 'a.json', calls, out: 'c.txt' }, world));
  });
});

describe('a file of transforms [TE-41]', () => {
  const read = (text: string) => readTransforms(Buffer.from(text), 'ops.json');
  const one = { op: 'set', args: { input: '3.steps', value: 5 } };

  it.each([
    ['a list', JSON.stringify([one, one]), 2],
    ['a list over lines', JSON.stringify([one], null, 2), 1],
    ['one object', JSON.stringify(one, null, 2), 1],
    ['one a line', `${JSON.stringify(one)}\n\n${JSON.stringify(one)}\r\n`, 2],
  ])('%s', (_name, text, count) => {
    expect(read(text)).toEqual(Array.from({ length: count }, () => one));
  });

  it('without arguments', () => {
    expect(read('{"op": "replace-deprecated"}')).toEqual([{ op: 'replace-deprecated', args: {} }]);
  });

  it.each([
    ['[]', 'TRANSFORMS_INVALID', 'there is no transform in it'],
    ['', 'JSON_SYNTAX', 'ops.json:1:1'],
    ['[3]', 'TRANSFORMS_INVALID', 'transform 1: it is no object'],
    ['[{"op": "set"}, {"op": 3}]', 'TRANSFORMS_INVALID', 'transform 2: "op" does not name a transform'],
    ['{"op": "set", "args": []}', 'TRANSFORMS_INVALID', 'transform 1: "args" of set is no object'],
    ['{"op": "set", "arg": {}}', 'TRANSFORMS_INVALID', 'transform 1: there is no "arg" beside'],
    ['{"op": "set"}\n{"op": \n', 'JSON_SYNTAX', 'ops.json (line 2)'],
    ['[{"op": "set"},\n', 'JSON_SYNTAX', 'ops.json:2:1'],
  ])('%j is refused', (text, code, piece) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code, message: expect.stringContaining(piece) }));
  });
});
