import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { restore } from '../../src/porcelain/restore.ts';
import { set } from '../../src/porcelain/set.ts';
import { status } from '../../src/porcelain/status.ts';
import { undo } from '../../src/porcelain/undo.ts';
import { apiGraph, apiWith } from './samples.ts';
import { failure, tempRepo } from './temp.ts';

const inputs = (text: string, node: string): JsonObject => JSON.parse(text)[node].inputs;

async function start() {
  const t = await tempRepo({ 'a.json': apiGraph(), 'sub/b.json': apiGraph(), 'sub/readme.md': 'hello\n' });
  await commit.run(t.ctx, { message: 'start' });
  await set.run(t.ctx, { file: 'a.json', values: [{ address: '3.steps', value: '30' }] });
  return t;
}

describe('restore', () => {
  it('puts files and folders back, and undo brings the uncommitted change again', async () => {
    const t = await start();
    const mine = JSON.stringify(apiWith('3', 'cfg', 1), null, 5);
    t.write('a.json', mine);
    t.write('sub/b.json', '{ broken');
    expect((await restore.run(t.ctx, { files: ['a.json', 'sub'] })).files).toEqual(['a.json', 'sub/b.json']);
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
    expect(inputs(t.read('a.json'), '3').steps).toBe(30);
    await undo.run(t.ctx, {});
    expect([t.read('a.json'), t.read('sub/b.json')]).toEqual([mine, '{ broken']);
  });

  it('takes a file from another revision, also one that is gone, and says what is not there', async () => {
    const t = await start();
    expect((await restore.run(t.ctx, { files: ['a.json'], source: 'HEAD~1' })).files).toEqual(['a.json']);
    expect(inputs(t.read('a.json'), '3').steps).toBe(20);
    expect((await restore.run(t.ctx, { files: ['a.json'], source: 'HEAD~1' })).files).toEqual([]);
    expect((await restore.run(t.ctx, { files: ['a.json'], dryRun: true })).files).toEqual(['a.json']);
    expect(inputs(t.read('a.json'), '3').steps).toBe(20);
    await failure('FILE_NOT_FOUND', restore.run(t.ctx, { files: ['none.json'] }));
    await failure('REV_NOT_FOUND', restore.run(t.ctx, { files: ['a.json'], source: 'nope' }));
    await failure('PATH_OUTSIDE', restore.run(t.ctx, { files: ['../a.json'] }));
  });

  it('takes one value or one link back and leaves the rest of the file as the user has it', async () => {
    const t = await start();
    const graph = apiWith('3', 'cfg', 1);
    (graph['3']!['inputs'] as JsonObject).steps = 99;
    (graph['3']!['inputs'] as JsonObject).positive = ['7', 0];
    t.write('a.json', graph);
    const out = await restore.run(t.ctx, { files: ['a.json'], inputs: ['portrait.steps', '3.positive'] });
    expect(out.report!.lines.map(({ text }) => text)).toEqual([
      'KSampler "portrait" (3): positive: CLIPTextEncode (7).0 -> CLIPTextEncode (6).0',
      'KSampler "portrait" (3): steps 99 -> 30',
    ]);
    expect(inputs(t.read('a.json'), '3')).toMatchObject({ steps: 30, cfg: 1, positive: ['6', 0] });
    const old = await restore.run(t.ctx, { files: ['a.json'], source: 'HEAD~1', inputs: ['3.steps'] });
    expect(old.files).toEqual(['a.json']);
    expect(inputs(t.read('a.json'), '3')).toMatchObject({ steps: 20, cfg: 1 });
    await undo.run(t.ctx, {});
    expect(inputs(t.read('a.json'), '3').steps).toBe(30);
  });

  it('refuses a link to a node that is gone, and a node that is gone itself', async () => {
    const t = await start();
    const graph = apiGraph();
    delete graph['6'];
    (graph['3']!['inputs'] as JsonObject).positive = ['7', 0];
    t.write('a.json', graph);
    const before = t.read('a.json');
    const error = await failure('VALUE_INVALID', restore.run(t.ctx, { files: ['a.json'], inputs: ['3.positive'] }));
    expect(error.message).toContain('node 6');
    await failure('NODE_NOT_FOUND', restore.run(t.ctx, { files: ['a.json'], inputs: ['6.text'] }));
    await failure('USAGE', restore.run(t.ctx, { files: ['a.json', 'sub/b.json'], inputs: ['3.steps'] }));
    expect(t.read('a.json')).toBe(before);
  });
});
