import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { parseAddress } from '../../src/core/workflow/address.ts';
import { parseWorkflow } from '../../src/core/workflow/read.ts';
import { blame } from '../../src/porcelain/blame.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { set } from '../../src/porcelain/set.ts';
import { status } from '../../src/porcelain/status.ts';
import { apiGraph, apiWith, shownByInstance, text, uiGraph } from './samples.ts';
import { failure, tempRepo, unprotect } from './temp.ts';

async function committed(files: Record<string, unknown>) {
  const t = await tempRepo(files);
  await commit.run(t.ctx, { message: 'start' });
  return t;
}

describe('set', () => {
  it('changes the file and commits one event', async () => {
    const t = await committed({ 'a.json': apiGraph() });
    const values = [
      { address: '3.steps', value: '30' },
      { address: 'portrait.cfg', value: '7.5' },
      { address: 'EmptyLatentImage.width', value: '768' },
    ];
    await unprotect(t);
    const out = await set.run(await t.open({ actor: 'agent/tuner' }), { file: 'a.json', values, reason: 'better' });
    expect(out.file.graph).toBe(3);
    expect(out.file.lines.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/KSampler "portrait" \(3\).*steps.*20 -> 30/),
    );
    const saved = JSON.parse(t.read('a.json'));
    expect([saved['3'].inputs.steps, saved['3'].inputs.cfg, saved['5'].inputs.width]).toEqual([30, 7.5, 768]);
    expect(t.git('show', 'HEAD:a.json')).toBe(t.read('a.json'));
    expect(
      t.git('log', '-1', '--format=%(trailers:key=Cwf-Op,valueonly)%(trailers:key=Cwf-Actor,valueonly)').trim(),
    ).toBe('set\nagent/tuner');
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
    expect(t.git('status', '--porcelain')).toBe('');
  });

  it('takes a value as JSON, and as text where a text stands', async () => {
    const t = await committed({ 'a.json': apiGraph() });
    const one = async (address: string, value: string) => {
      await set.run(t.ctx, { file: 'a.json', values: [{ address, value }] });
      const [node, input] = address.split('.');
      return JSON.parse(t.read('a.json'))[node!].inputs[input!];
    };
    expect(await one('6.text', '30')).toBe('30');
    expect(await one('6.text', '"quoted"')).toBe('quoted');
    expect(await one('6.text', 'a dog, {not json')).toBe('a dog, {not json');
    expect(await one('3.steps', '"x"')).toBe('x');
    expect(await one('3.denoise', '0.50')).toBe(0.5);
    await set.run(t.ctx, { file: 'a.json', values: [{ address: '3.seed', value: '18446744073709551615' }] });
    expect(t.read('a.json')).toContain('"seed": 18446744073709551615');
    await failure('VALUE_INVALID', one('3.seed', 'NaN'));
    await failure('VALUE_INVALID', one('3.cfg', '1e999'));
  });

  it('reaches into subgraphs by name and by uuid', async () => {
    const t = await committed({ 'u.json': uiGraph() });
    const address = (input: string): string => `Shift/5.${input}`;
    const [input] = Object.keys(
      parseWorkflow(Buffer.from(text(uiGraph())), { catalog: t.ctx.catalog, source: 'u' }).subgraphs[
        '11111111-2222-4333-8444-555555555555'
      ]!.nodes['5']!.widgets,
    );
    await set.run(t.ctx, { file: 'u.json', values: [{ address: address(input!), value: '1.5' }] });
    expect(JSON.parse(t.read('u.json')).definitions.subgraphs[0].nodes[0].widgets_values).toEqual([1.5]);
    await set.run(t.ctx, {
      file: 'u.json',
      values: [{ address: `11111111-2222-4333-8444-555555555555/ModelSamplingAuraFlow.${input}`, value: '2' }],
    });
    expect(JSON.parse(t.read('u.json')).definitions.subgraphs[0].nodes[0].widgets_values).toEqual([2]);
  });

  it('[EV-2] [EV-3] sets a linked input where its value lives, and blame shows the link and that value', async () => {
    const graph = apiGraph();
    (graph['3']!['inputs'] as JsonObject).steps = ['22', 0];
    graph['20'] = { class_type: 'PrimitiveInt', inputs: { value: 4 } };
    graph['21'] = { class_type: 'PrimitiveInt', inputs: { value: 30 } };
    graph['22'] = { class_type: 'ComfySwitchNode', inputs: { switch: false, on_true: ['20', 0], on_false: ['21', 0] } };
    const t = await committed({ 'a.json': graph });
    const out = await set.run(t.ctx, { file: 'a.json', values: [{ address: '3.steps', value: '25' }] });
    expect(out.followed).toEqual([
      { address: '3.steps', scope: undefined, node: '21', input: 'value', text: 'PrimitiveInt (21): value' },
    ]);
    expect(out.subject).toBe('PrimitiveInt (21): value 30 -> 25');
    expect(out.file.lines).toMatchObject([{ note: 'read by KSampler "portrait" (3): steps' }]);
    const { lines } = await blame.run(t.ctx, { file: 'a.json', input: '3.steps' });
    expect(lines).toMatchObject([
      { part: 'link', input: 'steps' },
      { part: 'value', node: '21', text: '25', commit: out.oid },
    ]);
    await set.run(t.ctx, { file: 'a.json', values: [{ address: '22.switch', value: 'true' }] });
    await set.run(t.ctx, { file: 'a.json', values: [{ address: '3.steps', value: '8' }] });
    expect(JSON.parse(t.read('a.json'))['20'].inputs.value).toBe(8);
  });

  it('[EV-3] a value beside a link is told as not used', async () => {
    const graph = uiGraph();
    const encode = graph.nodes[1]!;
    encode.inputs = [...(encode.inputs as Json[]), { name: 'text', type: 'STRING', widget: { name: 'text' }, link: 3 }];
    graph.nodes.push({ id: 9, type: 'PrimitiveString', outputs: [{ name: 'STRING', type: 'STRING', links: [3] }] });
    graph.nodes[3]!.widgets_values = ['a cat'];
    graph.links.push([3, 9, 0, 2, 1, 'STRING']);
    const t = await committed({ 'u.json': graph });
    encode.widgets_values = ['a dog'];
    t.write('u.json', graph);
    const { files } = await commit.run(t.ctx, {});
    expect(files[0]!.lines).toMatchObject([{ note: 'a link feeds it: this value is not used' }]);
    const out = await set.run(t.ctx, { file: 'u.json', values: [{ address: '2.text', value: 'a bird' }] });
    expect(out.file.lines).toMatchObject([{ note: 'read by CLIPTextEncode "positive" (2): text' }]);
  });

  it('[EV-3] a value that an instance shows and does not hold itself is used', async () => {
    const t = await committed({ 'u.json': shownByInstance(3) });
    t.write('u.json', shownByInstance(2));
    const { files } = await commit.run(t.ctx, {});
    expect(files[0]!.lines).toMatchObject([{ text: expect.stringContaining('shift 3 -> 2') }]);
    expect(files[0]!.lines[0]).not.toHaveProperty('note');
    const out = await set.run(t.ctx, { file: 'u.json', values: [{ address: 'Shift/5.shift', value: '1000' }] });
    expect(out.followed).toEqual([]);
    expect(out.edits).toHaveLength(1);
    expect(out.brought).toMatchObject([{ code: 'VALUE_TOO_BIG', node: '5', input: 'shift' }]);
  });

  it('refuses what it cannot do, and says what is near', async () => {
    const t = await committed({ 'a.json': apiGraph() });
    const one = (address: string, value = '1') => set.run(t.ctx, { file: 'a.json', values: [{ address, value }] });
    expect((await failure('INPUT_NOT_FOUND', one('3.stepps'))).hint).toMatch(/^Its inputs are: steps,/);
    expect((await failure('NODE_NOT_FOUND', one('KSampel.steps'))).hint).toMatch(
      /^Its nodes are: 3 \(KSampler "portrait"\)/,
    );
    expect((await failure('INPUT_LINKED', one('3.model'))).message).toContain('node 4 (CheckpointLoaderSimple)');
    expect((await failure('ADDRESS_INVALID', one('CLIPTextEncode.text'))).message).toContain('6, 7');
    await failure('ADDRESS_INVALID', one('3'));
    await failure('NODE_NOT_FOUND', one('none/3.steps'));
    await failure('NOTHING_TO_COMMIT', one('3.steps', '20'));
    await failure('FILE_NOT_FOUND', set.run(t.ctx, { file: 'no.json', values: [{ address: '3.steps', value: '1' }] }));
    await failure('PATH_OUTSIDE', set.run(t.ctx, { file: '../a.json', values: [{ address: '3.steps', value: '1' }] }));
    await failure('SECRET_FOUND', one('6.text', 'sk-abcdefghijklmnopqrstuvwxyz123456'));
    t.write('a.json', apiWith('3', 'cfg', 1));
    await failure('UNCOMMITTED_CHANGES', one('3.steps'));
    t.write('new.json', apiGraph());
    await failure(
      'UNCOMMITTED_CHANGES',
      set.run(t.ctx, { file: 'new.json', values: [{ address: '3.steps', value: '1' }] }),
    );
    expect(t.git('log', '--format=%s')).toBe('start\n');
  });

  it('drops the positional copy of the value it sets', async () => {
    const graph = uiGraph();
    Object.assign(graph.nodes[1]!, { widgets_values: ['old'], widgets_values_named: { text: 'new' } });
    const t = await committed({ 'u.json': graph });
    await set.run(t.ctx, { file: 'u.json', values: [{ address: 'positive.text', value: 'newest' }] });
    const node = JSON.parse(t.read('u.json')).nodes[1];
    expect(node.widgets_values).toEqual(['newest']);
    expect(node.widgets_values_named).toEqual({ text: 'newest' });
  });

  it('warns when a value changes its kind, and refuses what looks like a slip', async () => {
    const t = await committed({ 'a.json': apiGraph() });
    const one = (value: string) => set.run(t.ctx, { file: 'a.json', values: [{ address: '3.steps', value }] });
    await failure('VALUE_INVALID', one('3O'));
    expect((await one('12')).warnings).toEqual([]);
    expect((await one('"many"')).warnings).toEqual(['3.steps: a number is expected, and it is a text now']);
  });
});

describe('parseAddress [ID]', () => {
  it('lets ids win over titles, and finds names with dots and slashes', async () => {
    const graph = apiGraph();
    graph['9']!['_meta'] = { title: '3' };
    graph['5']!['_meta'] = { title: 'size 1.5 / wide' };
    const t = await tempRepo();
    const workflow = parseWorkflow(Buffer.from(text(graph)), { catalog: t.ctx.catalog, source: 'a' });
    expect(parseAddress('3.steps', workflow)).toMatchObject({
      node: '3',
      input: 'steps',
      path: '/nodes/3/widgets/steps',
    });
    expect(parseAddress('size 1.5 / wide.width', workflow).path).toBe('/nodes/5/widgets/width');
    expect(parseAddress('3.model', workflow)).toMatchObject({
      path: '/nodes/3/links/model',
      link: { from: '4', slot: 0 },
    });
    for (const hostile of ['__proto__.x', 'constructor.name', '3.__proto__', '3.toString', '', '.', '..', '/', '3.']) {
      expect(() => parseAddress(hostile, workflow)).toThrow(/not an address|no node|no input/);
    }
  });
});
