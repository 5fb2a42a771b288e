import { appendFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { initRepo } from '../../../src/io/repo/init.ts';
import { openRepo } from '../../../src/io/repo/repo.ts';
import { commitOn, newRepo, place } from './place.ts';
import { git } from './worker.ts';

const { next } = place('open');

describe('opening a repository', () => {
  it.each([
    ['[extensions]\n\tobjectformat = sha256\n', 'objectformat'],
    ['[extensions]\n\trefStorage = reftable\n', 'refstorage'],
    ['[extensions]\n\tobjectFormat = "SHA256" ; new\n', 'objectformat'],
    ['[Extensions]\n\tsomethingNew\n', 'somethingnew'],
    ['[core]\n\tbare = yes\n', 'bare'],
    ['[core]\n\tworktree = /elsewhere\n', 'worktree'],
    ['[core]\n\trepositoryformatversion = 2\n', 'version'],
  ])('[RP-2] refuses %j', async (config, word) => {
    const dir = next();
    await initRepo(dir);
    appendFileSync(join(dir, '.git/config'), config);
    const error = await openRepo(dir).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'REPO_UNSUPPORTED' });
    expect((error as Error).message).toContain(word);
    await expect(initRepo(dir)).rejects.toMatchObject({ code: 'REPO_UNSUPPORTED' });
  });

  it.each([
    '[extensions]\n\tobjectformat = sha1\n\tworktreeConfig = true\n\tpartialClone = origin\n',
    '[core]\n\trepositoryformatversion = 1\n\tbare = false # no\n',
    '[remote "extensions"]\n\turl = x\n\tobjectformat = sha256\n',
  ])('[RP-2] takes %j', async (config) => {
    const dir = next();
    await initRepo(dir);
    appendFileSync(join(dir, '.git/config'), config);
    await commitOn(await openRepo(dir), 'refs/heads/main');
  });

  it('[RP-2] refuses bare repositories, the inside of .git and linked worktrees, and touches none of them', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    await commitOn(repo, 'refs/heads/main');
    git(dir, 'init', '-q', '--bare', 'bare.git');
    git(dir, 'worktree', 'add', '-q', 'linked', '-b', 'linked', 'main');
    for (const inside of ['bare.git', 'bare.git/objects', '.git', '.git/refs/heads', 'linked']) {
      await expect(openRepo(join(dir, inside)), inside).rejects.toMatchObject({ code: 'REPO_UNSUPPORTED' });
      await expect(initRepo(join(dir, inside)), inside).rejects.toMatchObject({ code: 'REPO_UNSUPPORTED' });
    }
    expect(existsSync(join(dir, 'bare.git/cwf'))).toBe(false);
  });
});

describe('making a repository', () => {
  it('[RP-1] a .git folder that lost its config, or never got its HEAD, is completed', async () => {
    const dir = next();
    await initRepo(dir);
    rmSync(join(dir, '.git/HEAD'));
    await expect(openRepo(dir)).rejects.toMatchObject({ code: 'REPO_NOT_FOUND' });
    const oid = await commitOn(await initRepo(dir), 'refs/heads/main');
    rmSync(join(dir, '.git/config'));
    expect(await (await openRepo(dir)).resolve('HEAD')).toBe(oid);
  });
});
