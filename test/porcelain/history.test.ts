import { describe, expect, it } from 'vitest';
import { commit } from '../../src/porcelain/commit.ts';
import { diff } from '../../src/porcelain/diff.ts';
import { log, readMessage } from '../../src/porcelain/log.ts';
import { noteAdd, noteList, noteShow } from '../../src/porcelain/note.ts';
import { set } from '../../src/porcelain/set.ts';
import { show } from '../../src/porcelain/show.ts';
import { apiGraph, apiWith, uiGraph } from './samples.ts';
import { failure, tempRepo } from './temp.ts';

async function history() {
  const t = await tempRepo({ 'a.json': apiGraph(), 'b.json': uiGraph() });
  await commit.run(t.ctx, { message: 'start' });
  await set.run(await t.open({ actor: 'agent/tuner' }), {
    file: 'a.json',
    values: [{ address: '3.steps', value: '30' }],
  });
  await set.run(t.ctx, { file: 'a.json', values: [{ address: '6.text', value: 'a dog' }], message: 'dog' });
  return t;
}

describe('log', () => {
  it('lists newest first, with filters and a range', async () => {
    const t = await history();
    const subjects = async (input: Parameters<typeof log.run>[1]) =>
      (await log.run(t.ctx, input)).commits.map(({ subject }) => subject);
    const all = await subjects({});
    expect([all.length, all[0], all[2]]).toEqual([3, 'dog', 'start']);
    expect(await subjects({ limit: 1 })).toEqual(['dog']);
    expect(await subjects({ limit: 0 })).toEqual([]);
    expect(await subjects({ range: 'HEAD~2..HEAD~1' })).toEqual([all[1]]);
    expect(await subjects({ range: 'HEAD~1..' })).toEqual(['dog']);
    expect(await subjects({ actor: 'agent' })).toEqual([all[1]]);
    expect(await subjects({ actor: 'agent:tuner' })).toEqual([all[1]]);
    expect(await subjects({ author: 'ADA@' })).toEqual(all);
    expect(await subjects({ author: 'bob' })).toEqual([]);
    expect(await subjects({ grep: 'DOG' })).toEqual(['dog']);
    expect(await subjects({ files: ['b.json'] })).toEqual(['start']);
    expect(await subjects({ files: ['a.json'] })).toEqual(all);
    await failure('REV_NOT_FOUND', log.run(t.ctx, { range: 'nope' }));
    await failure('PATH_OUTSIDE', log.run(t.ctx, { files: ['../x'] }));
  });

  it('lists every branch, and finds what changed a node or an input', async () => {
    const t = await history();
    t.git('checkout', '-q', '-b', 'side', 'HEAD~1');
    await set.run(await t.open(), { file: 'a.json', values: [{ address: '3.cfg', value: '7' }], message: 'side' });
    t.git('tag', '-a', '-m', 'tagged', 'old', 'HEAD~1');
    t.git('checkout', '-q', 'main');
    const subjects = async (input: Parameters<typeof log.run>[1]) =>
      (await log.run(t.ctx, input)).commits.map(({ subject }) => subject);
    const all = await subjects({ all: true });
    expect([all.length, new Set(all).has('side'), new Set(all).has('dog')]).toEqual([4, true, true]);
    expect(await subjects({ all: true, input: '3.cfg' })).toEqual(['side', 'start']);
    expect(await subjects({ input: '6' })).toEqual(['dog', 'start']);
    expect(await subjects({ input: 'portrait.steps', files: ['a.json'] })).toEqual([all.at(-2), 'start']);
    expect(await subjects({ input: '3.steps', files: ['b.json'] })).toEqual([]);
    expect(await subjects({ input: 'nothing.there' })).toEqual([]);
    await failure('USAGE', log.run(t.ctx, { all: true, range: 'main' }));
  });

  it('says of a place to go on from that it is no commit here', async () => {
    const t = await tempRepo({ 'a.json': apiWith('3', 'steps', 20) });
    await commit.run(t.ctx, { message: 'one' });
    await failure('REV_NOT_FOUND', log.run(t.ctx, { all: true, from: ['0'.repeat(40)] }));
  });

  it('goes on where a log ended, whatever is committed meanwhile', async () => {
    const t = await history();
    t.git('checkout', '-q', '-b', 'side', 'HEAD~1');
    await set.run(await t.open(), { file: 'a.json', values: [{ address: '3.cfg', value: '7' }], message: 'side' });
    t.git('checkout', '-q', 'main');
    t.git('merge', '-q', '-s', 'ours', '-m', 'joined', 'side');
    const whole = (await log.run(t.ctx, { all: true })).commits.map(({ oid }) => oid);
    for (let size = 1; size <= whole.length; size++) {
      const read: string[] = [];
      let page = await log.run(t.ctx, { all: true, limit: size });
      read.push(...page.commits.map(({ oid }) => oid));
      t.git('commit', '-q', '--allow-empty', '-m', `meanwhile ${size}`);
      while (page.next) {
        page = await log.run(t.ctx, { all: true, limit: size, from: page.next });
        read.push(...page.commits.map(({ oid }) => oid));
      }
      t.git('reset', '-q', '--hard', 'HEAD~1');
      expect(read, `pages of ${size}`).toEqual(whole);
    }
  });

  it('[C3-33] takes a filter literally', async () => {
    const t = await tempRepo({ 'a.json': apiGraph() });
    await commit.run(t.ctx, { message: `start ${'a'.repeat(50_000)}b` });
    const started = performance.now();
    expect((await log.run(t.ctx, { grep: '(a+)+$' })).commits).toEqual([]);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('is empty before the first commit', async () => {
    const t = await tempRepo();
    expect(await log.run(t.ctx, {})).toEqual({ commits: [] });
  });

  it('names branches and tags, and follows merges of plain git', async () => {
    const t = await history();
    t.git('tag', 'v1', 'HEAD~1');
    t.git('checkout', '-q', '-b', 'side', 'HEAD~2');
    t.write(
      'b.json',
      (() => {
        const graph = uiGraph();
        graph.nodes[1]!['widgets_values'] = ['a bird'];
        return graph;
      })(),
    );
    await commit.run(await t.open(), { message: 'bird' });
    t.git('checkout', '-q', '-f', 'main');
    t.git('merge', '-q', '--no-edit', 'side');
    const { commits } = await log.run(await t.open(), { stat: true });
    expect(commits.length).toBe(5);
    expect(commits[0]!.parents.length).toBe(2);
    expect(commits[0]!.stat!.map(({ file }) => file)).toEqual(['b.json']);
    expect(commits.flatMap(({ refs }) => refs)).toEqual(expect.arrayContaining(['HEAD -> main', 'side', 'tag: v1']));
    expect((await log.run(t.ctx, { files: ['b.json'] })).commits.map(({ subject }) => subject)).toEqual([
      'bird',
      'start',
    ]);
  });
});

describe('readMessage', () => {
  it('keeps the words of people and takes out what cwf wrote', () => {
    expect(readMessage('s\n\nbody\n\nmore\n\nSigned-off-by: A <a@b>\nCwf-Op: set\nCwf-Actor: tool/x\n')).toEqual({
      subject: 's',
      body: 'body\n\nmore\n\nSigned-off-by: A <a@b>',
      op: 'set',
      actor: 'tool/x',
    });
    expect(readMessage('only\n')).toEqual({ subject: 'only', body: '', op: undefined, actor: undefined });
    expect(readMessage('')).toMatchObject({ subject: '' });
  });
});

describe('diff', () => {
  it('compares HEAD, revisions and the working tree', async () => {
    const t = await history();
    const lines = async (words: string[]) =>
      (await diff.run(t.ctx, { words })).files.flatMap(({ lines }) => lines.map(({ text }) => text));
    expect(await lines([])).toEqual([]);
    expect(await lines(['HEAD~1..HEAD'])).toEqual([expect.stringContaining('a cat')]);
    expect(await lines(['HEAD..HEAD~1'])).toEqual([expect.stringContaining('a dog')]);
    expect((await lines(['HEAD~2'])).length).toBe(2);
    expect((await lines(['HEAD~2', 'HEAD~1'])).length).toBe(1);
    expect((await lines(['HEAD~2', 'a.json'])).length).toBe(2);
    expect(await lines(['HEAD~2', 'b.json'])).toEqual([]);
    expect((await lines(['HEAD~1...main'])).length).toBe(1);
    await failure('REV_NOT_FOUND', diff.run(t.ctx, { words: ['nope'] }));
    t.write('a.json', apiWith('3', 'model', ['10', 0]));
    const out = await diff.run(t.ctx, { words: ['a.json'], view: 'patch' });
    expect(out.graphChanged).toBe(true);
    expect(out.files[0]!.patch!.length).toBeGreaterThan(0);
  });

  it('tells presentation from graph', async () => {
    const t = await history();
    const graph = uiGraph();
    graph.nodes[0]!['pos'] = [1, 2];
    t.write('b.json', graph);
    const out = await diff.run(t.ctx, {});
    expect(out.graphChanged).toBe(false);
    expect(out.files[0]).toMatchObject({ file: 'b.json', graph: 0 });
    expect(out.files[0]!.lines.every(({ presentation }) => presentation)).toBe(true);
  });

  it('carries both versions of a long text', async () => {
    const long = 'masterpiece, a photo of a red cat on a table in the morning light, film grain';
    const t = await tempRepo({ 'a.json': apiWith('6', 'text', long) });
    await commit.run(t.ctx, {});
    t.write('a.json', apiWith('6', 'text', long.replace('red', 'blue')));
    const [line] = (await diff.run(t.ctx, {})).files[0]!.lines;
    expect(line).toMatchObject({ before: long, after: long.replace('red', 'blue') });
    expect(line!.label).toMatch(/: text$/);
  });
});

describe('show', () => {
  it('shows a commit with its body, notes and changes, and a file', async () => {
    const t = await history();
    await noteAdd.run(t.ctx, { metrics: { sharpness: 812.4 } });
    const out = await show.run(t.ctx, { what: 'HEAD' });
    expect(out).toMatchObject({ kind: 'commit', subject: 'dog', op: 'set', actor: 'person', body: '' });
    if (out.kind !== 'commit') return;
    expect(out.notes.map(({ metric, value }) => [metric, value])).toEqual([['sharpness', 812.4]]);
    expect(out.files.map(({ file, graph }) => [file, graph])).toEqual([['a.json', 1]]);
    expect(await show.run(t.ctx, { what: 'HEAD~2:a.json' })).toMatchObject({
      kind: 'file',
      text: t.git('show', 'HEAD~2:a.json'),
    });
    await failure('FILE_NOT_FOUND', show.run(t.ctx, { what: 'HEAD:no.json' }));
    await failure('PATH_OUTSIDE', show.run(t.ctx, { what: 'HEAD:../a.json' }));
    await failure('REV_NOT_FOUND', show.run(t.ctx, { what: 'nope:a.json' }));
  });
});

describe('[NT-1] note', () => {
  it('keeps metrics and texts beside the commit, the latest value wins', async () => {
    const t = await history();
    const head = t.git('rev-parse', 'HEAD');
    await noteAdd.run(t.ctx, { metrics: { sharpness: 1, score: 0.5 } });
    await noteAdd.run(t.ctx, { metrics: { sharpness: 2 }, text: 'looks good\nreally' });
    await noteAdd.run(t.ctx, { rev: 'HEAD~1', metrics: { sharpness: -3e-5 } });
    expect(t.git('rev-parse', 'HEAD')).toBe(head);
    const { commits } = await log.run(t.ctx, { metrics: ['sharpness', 'none'] });
    expect(commits.map(({ metrics }) => metrics)).toEqual([{ sharpness: 2 }, { sharpness: -3e-5 }, {}]);
    const best = await log.run(t.ctx, { metrics: ['sharpness'], sort: 'desc' });
    expect(best.commits.map(({ metrics }) => metrics!.sharpness)).toEqual([2, -3e-5]);
    const worst = await log.run(t.ctx, { metrics: ['sharpness'], sort: 'asc', limit: 1 });
    expect(worst.commits.map(({ metrics }) => metrics!.sharpness)).toEqual([-3e-5]);
    await failure('USAGE', log.run(t.ctx, { sort: 'asc' }));
    const { facts } = await noteShow.run(t.ctx, {});
    expect(facts.map(({ metric, value, text }) => [metric ?? text, value])).toEqual([
      ['score', 0.5],
      ['sharpness', 1],
      ['sharpness', 2],
      ['looks good\nreally', undefined],
    ]);
    expect((await noteList.run(t.ctx, {})).notes.map(({ facts }) => facts.length).sort()).toEqual([1, 4]);
    expect(t.git('fsck', '--strict', '--no-dangling')).toBe('');
  });

  it('leaves out a time that no calendar has, as plain git may have written it', async () => {
    const t = await history();
    t.git('notes', '--ref=cwf/metrics', 'add', '-m', '{"metric":"sharpness","value":1,"time":1e15}', 'HEAD');
    const { facts } = await noteShow.run(t.ctx, {});
    expect(facts).toEqual([{ metric: 'sharpness', value: 1 }]);
  });

  it('[C3-50] refuses what is no finite number, no text or no commit', async () => {
    const t = await history();
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY])
      await failure('NOTE_INVALID', noteAdd.run(t.ctx, { metrics: { x: value } }));
    for (const name of ['', 'a b', '__proto__', 'x\n', 'é'])
      await failure('NOTE_INVALID', noteAdd.run(t.ctx, { metrics: Object.fromEntries([[name, 1]]) }));
    await failure('NOTE_INVALID', noteAdd.run(t.ctx, {}));
    await failure('NOTE_INVALID', noteAdd.run(t.ctx, { text: ' ' }));
    await failure('REV_NOT_FOUND', noteAdd.run(t.ctx, { rev: '0123456789012345678901234567890123456789', text: 'x' }));
    const blob = t.git('rev-parse', 'HEAD:a.json').trim();
    await expect(noteAdd.run(t.ctx, { rev: blob, text: 'x' })).rejects.toMatchObject({ name: 'CwfError' });
  });
});
