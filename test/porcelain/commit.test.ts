import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/base/json-text.ts';
import { parseTrailers } from '../../src/io/repo/trailers.ts';
import { commit } from '../../src/porcelain/commit.ts';
import type { Context } from '../../src/porcelain/context.ts';
import { log } from '../../src/porcelain/log.ts';
import { show } from '../../src/porcelain/show.ts';
import { status } from '../../src/porcelain/status.ts';
import { apiGraph, apiWith, shuffled, text, uiGraph } from './samples.ts';
import { ENV, failure, tempDir, tempRepo, unprotect } from './temp.ts';

describe('commit', () => {
  it('records the first commit of an unborn branch and leaves the files byte for byte', async () => {
    const t = await tempRepo({ 'a.json': apiGraph(), 'deep/b.json': uiGraph(), 'other.json': { name: 'x' } });
    const before = t.read('a.json');
    const out = await commit.run(t.ctx, { message: 'as downloaded' });
    expect(out.files.map(({ file, kind }) => [file, kind])).toEqual([
      ['a.json', 'added'],
      ['deep/b.json', 'added'],
    ]);
    expect(t.read('a.json')).toBe(before);
    expect(t.git('ls-tree', '-r', '--name-only', 'HEAD').trim().split('\n').sort()).toEqual(['a.json', 'deep/b.json']);
    expect(t.git('fsck', '--strict', '--no-dangling')).toBe('');
    expect(t.git('log', '-1', '--format=%an <%ae> %s')).toBe('Ada <ada@example.org> as downloaded\n');
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
    await failure('NOTHING_TO_COMMIT', commit.run(t.ctx, {}));
  });

  it('[PT-5] writes the trailers of the contract, and the subject tells the edit', async () => {
    const t = await tempRepo({ 'a.json': apiGraph() });
    await commit.run(t.ctx, { message: 'start' });
    t.write('a.json', apiWith('3', 'steps', 30));
    await unprotect(t);
    const out = await commit.run(await t.open({ actor: 'agent:tuner' }), { reason: 'smoother skin' });
    expect(out.subject).toMatch(/KSampler.*steps.*20 -> 30/);
    const message = t.git('log', '-1', '--format=%B');
    const trailers = parseTrailers(message);
    expect(trailers.map(({ key }) => key)).toEqual(['Cwf-Op', 'Cwf-Actor', 'Cwf-Patch', 'Cwf-Graph', 'Cwf-Catalog']);
    expect(trailers.slice(0, 2).map(({ value }) => value)).toEqual(['commit', 'agent/tuner']);
    expect(JSON.parse(trailers[2]!.value)).toMatchObject({
      file: 'a.json',
      patch: expect.arrayContaining([{ op: 'replace', path: '/nodes/3/widgets/steps', value: 30 }]),
    });
    expect(trailers[3]!.value).toMatch(/^[0-9a-f]{64} a\.json$/);
    expect(message).toContain('\n\nsmoother skin\n\n');
    expect(t.git('show', '--stat', '--format=', 'HEAD')).toMatch(/1 insertion.*1 deletion/);
  });

  it('takes a removed and a renamed file', async () => {
    const t = await tempRepo({ 'a.json': apiGraph(), 'b.json': apiWith('6', 'text', 'a dog') });
    await commit.run(t.ctx, { message: 'start' });
    t.git('rm', '-q', '--cached', 'b.json');
    const { rmSync, renameSync } = await import('node:fs');
    renameSync(join(t.dir, 'a.json'), join(t.dir, 'c.json'));
    rmSync(join(t.dir, 'b.json'));
    expect((await status.run(t.ctx, {})).changes.map(({ file, kind, from }) => [file, kind, from])).toEqual([
      ['b.json', 'removed', undefined],
      ['c.json', 'renamed', 'a.json'],
    ]);
    const out = await commit.run(t.ctx, {});
    expect(out.subject).toBe('Rename c.json; remove b.json');
    expect(t.git('ls-tree', '-r', '--name-only', 'HEAD')).toBe('c.json\n');
    const patches = parseTrailers(t.git('log', '-1', '--format=%B')).filter(({ key }) => key === 'Cwf-Patch');
    expect(patches.map(({ value }) => JSON.parse(value))).toEqual([
      { file: 'b.json', removed: true },
      { file: 'a.json', removed: true },
      { added: true, file: 'c.json' },
    ]);
  });

  it('[CF-1] finds no change in shuffled keys, nodes, links and viewport', async () => {
    const t = await tempRepo({ 'a.json': apiGraph(), 'u.json': uiGraph() });
    await commit.run(t.ctx, { message: 'start' });
    const ui = shuffled(uiGraph()) as ReturnType<typeof uiGraph>;
    t.write('a.json', shuffled(apiGraph()));
    t.write('u.json', {
      ...ui,
      extra: { ds: { scale: 0.5, offset: [7, 9] } },
      revision: 9,
      last_node_id: 77,
      last_link_id: 78,
    });
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
    await failure('NOTHING_TO_COMMIT', commit.run(t.ctx, {}));
  });

  it('counts a moved node apart from the graph, and still records it', async () => {
    const t = await tempRepo({ 'u.json': uiGraph() });
    await commit.run(t.ctx, { message: 'start' });
    const moved = uiGraph();
    moved.nodes[0]!['pos'] = [10, 20];
    t.write('u.json', moved);
    const [change] = (await status.run(t.ctx, {})).changes;
    expect(change).toMatchObject({ file: 'u.json', graph: 0 });
    expect(change!.presentation).toBeGreaterThan(0);
    await commit.run(t.ctx, {});
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
  });

  it('commits only the named files', async () => {
    const t = await tempRepo({ 'a.json': apiGraph(), 'sub/b.json': apiGraph(), 'sub/c.json': apiGraph() });
    const out = await commit.run(await t.open({ cwd: join(t.dir, 'sub') }), { files: ['b.json'], message: 'b' });
    expect(out.files.map(({ file }) => file)).toEqual(['sub/b.json']);
    await commit.run(t.ctx, { files: ['sub'], message: 'rest of sub' });
    expect((await status.run(t.ctx, {})).changes.map(({ file }) => file)).toEqual(['a.json']);
    await failure('FILE_NOT_FOUND', commit.run(t.ctx, { files: ['none.json'] }));
    t.write('plain.json', { name: 'x' });
    await failure('NOT_A_WORKFLOW', commit.run(t.ctx, { files: ['plain.json'] }));
  });

  it('[C3-42] refuses names that lead out of the working tree', async () => {
    const t = await tempRepo({ 'a.json': apiGraph() });
    const outside = tempDir();
    writeFileSync(join(outside, 'x.json'), text(apiGraph()));
    symlinkSync(outside, join(t.dir, 'link'));
    for (const name of [
      '../x.json',
      '/etc/passwd',
      `${outside}/x.json`,
      'link/x.json',
      'file:///etc/passwd',
      '\\\\host\\x.json',
      '.git/config',
      '.GIT/config',
      'a\0b',
    ]) {
      await failure('PATH_OUTSIDE', commit.run(t.ctx, { files: [name] }));
    }
    await failure('PATH_INVALID', commit.run(t.ctx, { files: [''] }));
    for (const name of ['%2e%2e%2fx.json', '%252e%252e%252fx.json'])
      await failure('FILE_NOT_FOUND', commit.run(t.ctx, { files: [name] }));
    const out = await commit.run(t.ctx, { message: 'all' });
    expect(out.files.map(({ file }) => file)).toEqual(['a.json']);
  });

  it('commits 1,997 of 2,000 files and names the three that are broken; the second status is quick', async () => {
    const t = await tempRepo();
    for (let i = 0; i < 2000; i++) t.write(`w/${i % 20}/${i}.json`, apiWith('3', 'seed', i));
    t.write('w/3/3.json', '{"3": ');
    t.write('w/4/4.json', '{"3": {"class_type": "KSampler", "class_type": "x", "inputs": {}}}');
    t.write('w/5/5.json', Buffer.from([0x7b, 0xff, 0x7d]));
    const out = await commit.run(t.ctx, { message: 'all' });
    expect(out.files.length).toBe(1997);
    expect(out.broken.map(({ file, code }) => [file, code])).toEqual([
      ['w/3/3.json', 'JSON_SYNTAX'],
      ['w/4/4.json', 'JSON_DUPLICATE_KEY'],
      ['w/5/5.json', 'JSON_ENCODING'],
    ]);
    expect(t.git('ls-tree', '-r', '--name-only', 'HEAD').trim().split('\n').length).toBe(1997);
    const first = await status.run(t.ctx, {});
    const started = performance.now();
    const second = await status.run(await t.open(), {});
    expect(performance.now() - started).toBeLessThan(1500);
    expect(second).toEqual(first);
    expect([second.workflows, second.changes.length, second.broken.length]).toEqual([1997, 0, 3]);
    t.write('w/6/6.json', apiWith('3', 'seed', -6));
    expect((await status.run(t.ctx, {})).changes.map(({ file }) => file)).toEqual(['w/6/6.json']);
  });

  it('does without the cache of what it saw when it is damaged or stale', async () => {
    const t = await tempRepo({ 'a.json': apiGraph(), 'b.json': apiGraph() });
    await commit.run(t.ctx, { message: 'start' });
    const cache = join(t.ctx.repo.cwfDir, 'worktree.json');
    const oids = ['{', '{"version":1,"files":[["a.json"]]}', '{"version":0,"files":[]}', '[]'];
    for (const damage of oids) {
      writeFileSync(cache, damage);
      expect(await status.run(t.ctx, {})).toMatchObject({ changes: [], workflows: 2 });
    }
  });

  it('leaves a file that became broken at its last version, and says so when it is named', async () => {
    const t = await tempRepo({ 'a.json': apiGraph(), 'b.json': apiGraph() });
    await commit.run(t.ctx, { message: 'start' });
    const old = t.git('rev-parse', 'HEAD:a.json');
    t.write('a.json', '{');
    t.write('b.json', '{}');
    const error = await failure('NOTHING_TO_COMMIT', commit.run(t.ctx, {}));
    expect(error.message).toContain('a.json, b.json');
    await failure('JSON_SYNTAX', commit.run(t.ctx, { files: ['a.json'] }));
    t.write('c.json', apiGraph());
    const out = await commit.run(t.ctx, {});
    expect(out.files.map(({ file }) => file)).toEqual(['c.json']);
    expect(out.broken.map(({ file, code }) => [file, code])).toEqual([
      ['a.json', 'JSON_SYNTAX'],
      ['b.json', 'NOT_A_WORKFLOW'],
    ]);
    expect(t.git('rev-parse', 'HEAD:a.json')).toBe(old);
  });

  it('leaves ignored files, other repositories, links and large files alone', async () => {
    const t = await tempRepo({
      '.gitignore': 'tmp/\n*.draft.json\n!keep.draft.json\n',
      'a.json': apiGraph(),
      'x.draft.json': apiGraph(),
      'keep.draft.json': apiGraph(),
      'tmp/t.json': apiGraph(),
      'sub/.gitignore': '/only.json\n!x.draft.json\n',
      'sub/only.json': apiGraph(),
      'sub/x.draft.json': apiGraph(),
      'sub/deep/only.json': apiGraph(),
      'node_modules/m.json': apiGraph(),
      '.hidden/h.json': apiGraph(),
      'mine/m.json': apiGraph(),
      '.cwfrc': '{\n  // of no interest\n  "ignore": ["mine/",],\n}',
      'big.json': ' '.repeat(8 * 1024 * 1024 + 1),
    });
    mkdirSync(join(t.dir, 'nested/.git'), { recursive: true });
    t.write('nested/n.json', apiGraph());
    symlinkSync(join(t.dir, 'a.json'), join(t.dir, 'link.json'));
    const out = await commit.run(await t.open(), { message: 'all' });
    expect(out.files.map(({ file }) => file)).toEqual([
      'a.json',
      'keep.draft.json',
      'sub/deep/only.json',
      'sub/x.draft.json',
    ]);
    expect(out.broken.map(({ file, code }) => [file, code])).toEqual([['big.json', 'JSON_SIZE']]);
    // What is committed is followed even where it would be ignored now.
    t.write('.gitignore', '*\n');
    t.write('a.json', apiWith('3', 'steps', 1));
    expect((await status.run(t.ctx, {})).changes.map(({ file }) => file)).toEqual(['a.json']);
  });

  it('[C3-30] stores texts exactly, whatever they hold', async () => {
    const nasty = 'a\u001b[31mred\u0000\r\nline \u202eevil <img src=x onerror=alert(1)> $(rm -rf) `x` \u{1F600} é';
    const t = await tempRepo({ 'a.json': apiWith('6', 'text', nasty) });
    await commit.run(t.ctx, { message: 'start' });
    const { text: stored } = (await show.run(t.ctx, { what: 'HEAD:a.json' })) as { text: string };
    expect(JSON.parse(stored)['6'].inputs.text).toBe(nasty);
    t.write('a.json', apiWith('6', 'text', `${nasty}!`));
    const out = await commit.run(t.ctx, {});
    expect(out.subject).not.toMatch(/[\u0000-\u001f]/);
    expect(t.git('fsck', '--strict', '--no-dangling')).toBe('');
    t.write('a.json', apiGraph());
    await failure('MESSAGE_INVALID', commit.run(t.ctx, { message: 'a\0b' }));
  });

  it('[C3-21] keeps a seed of 2^64-1 to the last digit', async () => {
    const t = await tempRepo({
      'a.json': text(apiWith('3', 'seed', 1)).replace('"seed": 1', '"seed": 18446744073709551615'),
    });
    await commit.run(t.ctx, { message: 'start' });
    expect(t.git('show', 'HEAD:a.json')).toContain('18446744073709551615');
    t.write('a.json', t.read('a.json').replace('18446744073709551615', '18446744073709551614'));
    expect((await commit.run(t.ctx, {})).subject).toContain('18446744073709551615 -> 18446744073709551614');
  });

  it('stays dry when it is told to', async () => {
    const t = await tempRepo({ 'a.json': apiGraph() });
    const out = await commit.run(t.ctx, { dryRun: true });
    expect([out.oid, out.subject]).toEqual([undefined, 'Add a.json']);
    expect((await t.ctx.repo.head()).oid).toBeUndefined();
  });

  it('waits for a merge of plain git, whose parents it would lose', async () => {
    const t = await tempRepo({ 'a.json': apiGraph() });
    await commit.run(t.ctx, { message: 'start' });
    t.git('checkout', '-q', '-b', 'side');
    t.write('b.json', apiGraph());
    await commit.run(await t.open(), { message: 'side' });
    t.git('checkout', '-q', '-f', 'main');
    t.git('merge', '-q', '--no-ff', '--no-commit', 'side');
    expect((await status.run(await t.open(), {})).inProgress).toEqual(['merge']);
    await failure('MERGE_UNDER_WAY', commit.run(await t.open(), {}));
    t.git('commit', '-q', '-m', 'merged');
    expect((await status.run(await t.open(), {})).inProgress).toEqual([]);
    await failure('NOTHING_TO_COMMIT', commit.run(await t.open(), {}));
  });

  it('works on a detached HEAD', async () => {
    const t = await tempRepo({ 'a.json': apiGraph() });
    await commit.run(t.ctx, { message: 'start' });
    t.git('checkout', '-q', '--detach');
    t.write('a.json', apiWith('3', 'steps', 30));
    const { oid, branch } = await commit.run(await t.open(), {});
    expect(branch).toBeUndefined();
    expect(t.git('rev-parse', 'HEAD').trim()).toBe(oid);
    expect(t.git('rev-parse', 'HEAD~1')).toBe(t.git('rev-parse', 'main'));
  });
});

describe('commits of plain git', () => {
  it('are diffed, logged and built upon', async () => {
    const t = await tempRepo({ 'a.json': apiGraph(), 'readme.txt': 'hello' });
    await commit.run(t.ctx, { message: 'start' });
    t.write('a.json', apiWith('3', 'cfg', 7.5));
    t.git('add', 'a.json', 'readme.txt');
    t.git('commit', '-q', '-m', 'by hand');
    // Plain git stored the file as the page saved it; that is the same document.
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
    t.write('a.json', apiWith('3', 'cfg', 6));
    const out = await commit.run(t.ctx, {});
    expect(out.subject).toMatch(/cfg 7\.5 -> 6/);
    expect(t.git('ls-tree', '--name-only', 'HEAD')).toBe('a.json\nreadme.txt\n');
    const { commits } = await log.run(t.ctx, { stat: true });
    expect(
      commits.map(({ subject, op, stat }) => [subject, op, stat!.map(({ file, graph }) => [file, graph])]),
    ).toEqual([
      [out.subject, 'commit', [['a.json', 1]]],
      ['by hand', undefined, [['a.json', 1]]],
      ['start', 'commit', [['a.json', 0]]],
    ]);
    expect(t.git('status', '--porcelain')).toBe('');
  });
});

/** A context whose next transaction finds that somebody else was faster. */
function overtaken(ctx: Context, by: () => Promise<unknown>): Context {
  let first = true;
  const repo = new Proxy(ctx.repo, {
    get(target, key) {
      const value = Reflect.get(target, key, target);
      if (key !== 'transaction') return typeof value === 'function' ? value.bind(target) : value;
      return async (...args: Parameters<typeof target.transaction>) => {
        if (first) {
          first = false;
          await by();
        }
        return target.transaction(...args);
      };
    },
  });
  return Object.create(ctx, { repo: { value: repo } }) as Context;
}

describe('another writer', () => {
  it('who changed other files does not stop a commit', async () => {
    const t = await tempRepo({ 'a.json': apiGraph(), 'b.json': apiGraph() });
    await commit.run(t.ctx, { message: 'start' });
    t.write('a.json', apiWith('3', 'steps', 30));
    const other = async () => {
      t.write('b.json', apiWith('3', 'cfg', 1));
      await commit.run(await t.open(), { files: ['b.json'], message: 'theirs' });
    };
    const out = await commit.run(overtaken(t.ctx, other), { files: ['a.json'], message: 'ours' });
    expect(out.merged).toEqual([]);
    expect(t.git('log', '--format=%s')).toBe('ours\ntheirs\nstart\n');
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
  });

  it('who changed another value of the same file is merged with', async () => {
    const t = await tempRepo({ 'a.json': apiGraph() });
    await commit.run(t.ctx, { message: 'start' });
    t.write('a.json', apiWith('3', 'steps', 30));
    const out = await commit.run(
      overtaken(t.ctx, () => plainCommit(t, apiWith('3', 'cfg', 1))),
      { message: 'ours' },
    );
    expect(out.merged).toEqual(['a.json']);
    expect(JSON.parse(t.git('show', 'HEAD:a.json'))['3'].inputs).toMatchObject({ steps: 30, cfg: 1 });
    expect((await status.run(t.ctx, {})).changes).toEqual([]);
  });

  it('who changed the same value makes it a conflict', async () => {
    const t = await tempRepo({ 'a.json': apiGraph() });
    await commit.run(t.ctx, { message: 'start' });
    t.write('a.json', apiWith('3', 'steps', 30));
    const error = await failure(
      'STALE_HEAD',
      commit.run(
        overtaken(t.ctx, () => plainCommit(t, apiWith('3', 'steps', 25))),
        { message: 'ours' },
      ),
    );
    expect(error.exit).toBe(4);
    expect(t.git('log', '--format=%s')).toBe('theirs\nstart\n');
    expect(JSON.parse(t.read('a.json'))['3'].inputs.steps).toBe(30);
  });
});

/** A commit made by plain git without touching the working tree. */
async function plainCommit(t: Awaited<ReturnType<typeof tempRepo>>, graph: unknown): Promise<void> {
  const { execFileSync } = await import('node:child_process');
  const run = (args: string[], input?: string): string =>
    execFileSync('git', args, {
      cwd: t.dir,
      env: { ...ENV, GIT_INDEX_FILE: join(t.dir, '.git/other-index') },
      input,
      encoding: 'utf8',
    }).trim();
  const blob = run(['hash-object', '-w', '--stdin'], text(graph));
  run(['read-tree', 'HEAD']);
  run(['update-index', '--add', '--cacheinfo', `100644,${blob},a.json`]);
  const oid = run(['commit-tree', run(['write-tree']), '-p', 'HEAD', '-m', 'theirs']);
  run(['update-ref', 'refs/heads/main', oid]);
}

describe('[C3-84] secrets', () => {
  const places: [string, string, string][] = [
    ['6', 'text', 'use sk-abcdefghijklmnopqrstuvwxyz123456'],
    ['6', 'text', 'hf_abcdefghijklmnopqrstuvwxyz12345678'],
    ['6', 'text', 'AKIAIOSFODNN7EXAMPLE'],
    ['6', 'text', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N'],
    ['9', 'filename_prefix', 'https://ada:hunter2@example.org/x'],
    ['9', 'api_key', 'anything'],
    ['9', 'token', 'abc'],
  ];
  it.each(places)('stop a commit: node %s, input %s', async (node, input, value) => {
    const t = await tempRepo({ 'a.json': apiWith(node, input, value) });
    const error = await failure('SECRET_FOUND', commit.run(t.ctx, {}));
    expect(error.message).toContain(`a.json: node ${node} `);
    expect(error.message).toContain(`input ${input}`);
    expect(JSON.stringify(error.toJSON())).not.toContain(value);
    expect((await t.ctx.repo.head()).oid).toBeUndefined();
    await commit.run(t.ctx, { allowSecrets: true });
    // What is in the history already is no news.
    const next = apiWith(node, input, value);
    next['3'] = apiWith('3', 'steps', 9)['3']!;
    t.write('a.json', next);
    await commit.run(t.ctx, {});
  });

  it('are not seen where there are none', async () => {
    const graph = apiWith('9', 'api_key', '');
    (graph['6']!['inputs'] as Record<string, string>)['text'] =
      'a desk-lamp, risk-taking sk-8er, token ring, http://a.b/c?d=e:f@g';
    (graph['8']!['inputs'] as Record<string, unknown>)['token'] = '$COMFY_TOKEN';
    const t = await tempRepo({ 'a.json': graph });
    await commit.run(t.ctx, {});
    expect(canonicalJson(JSON.parse(t.git('show', 'HEAD:a.json')))).toBe(canonicalJson(JSON.parse(text(graph))));
  });
});
