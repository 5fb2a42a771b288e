import { describe, expect, it } from 'vitest';
import { branch } from '../../src/porcelain/branch.ts';
import { commit } from '../../src/porcelain/commit.ts';
import { dryRun } from '../../src/porcelain/dry-run.ts';
import { set } from '../../src/porcelain/set.ts';
import { switchTo } from '../../src/porcelain/switch.ts';
import { tag } from '../../src/porcelain/tag.ts';
import { apiGraph, apiWith } from './samples.ts';
import { failure, tempRepo } from './temp.ts';

async function start() {
  const t = await tempRepo({ 'a.json': apiGraph(), 'b.json': apiGraph() });
  const first = (await commit.run(t.ctx, { message: 'start' })).oid!;
  const values = [{ address: '3.steps', value: '30' }];
  const second = (await set.run(t.ctx, { file: 'a.json', values })).oid!;
  return { t, first, second };
}

describe('switch', () => {
  it('goes to a branch, a new one, and a commit alone, with files and git index', async () => {
    const { t, first } = await start();
    await switchTo.run(t.ctx, { target: 'old', create: true, start: 'HEAD~1' });
    expect(JSON.parse(t.read('a.json'))[3].inputs.steps).toBe(20);
    expect(t.git('status', '--porcelain', 'a.json')).toBe('');
    expect((await switchTo.run(t.ctx, { target: 'main' })).files).toEqual(['a.json']);
    expect(await switchTo.run(t.ctx, { target: 'HEAD~1', detach: true })).toEqual({
      oid: first,
      created: false,
      files: ['a.json'],
    });
    expect((await t.ctx.repo.head()).branch).toBeUndefined();
  });

  it('carries uncommitted work where the file is the same on both sides, else refuses', async () => {
    const { t } = await start();
    await branch.run(t.ctx, { name: 'old', start: 'HEAD~1' });
    t.write('b.json', apiWith('3', 'cfg', 1));
    await switchTo.run(t.ctx, { target: 'old' });
    expect(JSON.parse(t.read('b.json'))[3].inputs.cfg).toBe(1);
    t.write('a.json', apiWith('3', 'cfg', 2));
    const error = await failure('UNCOMMITTED_CHANGES', switchTo.run(t.ctx, { target: 'main' }));
    expect(error.data['files']).toEqual(['a.json']);
    expect((await t.ctx.repo.head()).branch).toBe('refs/heads/old');
    expect(JSON.parse(t.read('a.json'))[3].inputs.cfg).toBe(2);
  });

  it('says what is wrong with a name', async () => {
    const { t } = await start();
    const error = await failure('REV_NOT_FOUND', switchTo.run(t.ctx, { target: 'nope' }));
    expect(error.hint).toContain('cwf switch -c nope');
    await failure('REF_EXISTS', switchTo.run(t.ctx, { target: 'main', create: true }));
    await failure('REF_INVALID', switchTo.run(t.ctx, { target: 'a..b', create: true }));
    t.write('.git/MERGE_HEAD', 'x');
    await failure('MERGE_UNDER_WAY', switchTo.run(t.ctx, { target: 'x', create: true }));
  });
});

describe('branch and tag', () => {
  it('make, list, rename and delete, as git sees them', async () => {
    const { t, first, second } = await start();
    await branch.run(t.ctx, { name: 'trial/a', start: 'HEAD~1' });
    expect((await branch.run(t.ctx, {})).branches).toEqual([
      { name: 'main', oid: second, current: true, subject: 'KSampler "portrait" (3): steps 20 -> 30' },
      { name: 'trial/a', oid: first, current: false, subject: 'start' },
    ]);
    await branch.run(t.ctx, { name: 'trial/a', rename: 'trial/b' });
    await branch.run(t.ctx, { name: 'main', rename: 'trunk' });
    expect(t.git('symbolic-ref', 'HEAD').trim()).toBe('refs/heads/trunk');
    await failure('BRANCH_IN_USE', branch.run(t.ctx, { name: 'trunk', remove: 'force' }));
    await branch.run(t.ctx, { name: 'trial/b', remove: 'merged' });
    expect(t.git('branch', '--format=%(refname:short)').trim()).toBe('trunk');
    await failure('REV_NOT_FOUND', branch.run(t.ctx, { name: 'none', remove: 'merged' }));
    await failure('REF_INVALID', branch.run(t.ctx, { name: '-x' }));
    await failure('REF_CONFLICT', branch.run(t.ctx, { name: 'trunk/x' }));
    await switchTo.run(t.ctx, { target: 'side', create: true });
    await set.run(t.ctx, { file: 'a.json', values: [{ address: '3.cfg', value: '1' }] });
    await switchTo.run(t.ctx, { target: 'trunk' });
    await failure('BRANCH_NOT_MERGED', branch.run(t.ctx, { name: 'side', remove: 'merged' }));
    await branch.run(t.ctx, { name: 'side', remove: 'force' });

    await tag.run(t.ctx, { name: 'light' });
    await tag.run(t.ctx, { name: 'heavy', rev: 'HEAD~1', message: 'sent to print' });
    expect((await tag.run(t.ctx, {})).tags).toEqual([
      { name: 'heavy', oid: first },
      { name: 'light', oid: second },
    ]);
    expect(t.git('cat-file', '-p', 'heavy')).toContain('\n\nsent to print\n');
    expect(t.git('fsck', '--strict')).toBe('');
    await failure('REF_EXISTS', tag.run(t.ctx, { name: 'light' }));
    await tag.run(t.ctx, { name: 'heavy', remove: true });
    expect(t.git('tag').trim()).toBe('light');
  });

  it('a dry run checks everything and changes nothing', async () => {
    const { t } = await start();
    const dry = dryRun(t.ctx);
    const before = t.git('for-each-ref');
    await branch.run(dry, { name: 'x' });
    await tag.run(dry, { name: 'x', message: 'm' });
    await switchTo.run(dry, { target: 'y', create: true, start: 'HEAD~1' });
    await failure('REF_EXISTS', branch.run(dry, { name: 'main' }));
    expect(t.git('for-each-ref')).toBe(before);
    expect((await t.ctx.repo.head()).branch).toBe('refs/heads/main');
    expect(JSON.parse(t.read('a.json'))[3].inputs.steps).toBe(30);
  });
});
