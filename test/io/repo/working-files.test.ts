import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWorking } from '../../../src/io/repo/working-files.ts';
import { log, META, put, refuses, scratch } from './scratch.ts';

const make = scratch('working');

describe('working files', () => {
  it('[RP-10] are written whole, keep their mode, and leave no empty folders when they go', async () => {
    const { dir, repo } = await make();
    put(dir, 'run.json', 'old\n');
    chmodSync(join(dir, 'run.json'), 0o755);
    await repo.transaction(META, async (tx) => {
      tx.writeFile('run.json', Buffer.from('new\n'));
      tx.writeFile('deep/er/x.json', Buffer.from('x\n'), { expected: null });
    });
    expect(readFileSync(join(dir, 'run.json'), 'utf8')).toBe('new\n');
    expect(statSync(join(dir, 'run.json')).mode & 0o777).toBe(0o755);
    expect(readWorking(dir, 'deep/er/x.json')?.toString()).toBe('x\n');
    await repo.transaction(META, async (tx) => tx.deleteFile('deep/er/x.json'));
    expect(existsSync(join(dir, 'deep'))).toBe(false);
    const [removed, written] = await log(repo);
    expect(removed!.files).toEqual([{ path: 'deep/er/x.json', before: written!.files[1]!.after, after: null }]);
    expect((await repo.readObject(written!.files[0]!.before!)).body.toString()).toBe('old\n');
  });

  it('[RP-10] are never reached through a symbolic link, nor outside of the working tree', async () => {
    const { dir, repo } = await make();
    const outside = mkdtempSync(join(tmpdir(), 'cwf-outside-'));
    put(outside, 'x.json', 'safe\n');
    symlinkSync(outside, join(dir, 'link'));
    symlinkSync(join(outside, 'x.json'), join(dir, 'x.json'));
    symlinkSync(join(outside, 'none.json'), join(dir, 'dangling.json'));
    for (const path of ['link/x.json', 'link/new/y.json', 'x.json', 'dangling.json']) {
      await refuses(
        repo.transaction(META, async (tx) => tx.writeFile(path, Buffer.from('!'))),
        'PATH_OUTSIDE',
      );
      await refuses(
        repo.transaction(META, async (tx) => tx.deleteFile(path)),
        'PATH_OUTSIDE',
      );
    }
    expect(readFileSync(join(outside, 'x.json'), 'utf8')).toBe('safe\n');
    expect(existsSync(join(outside, 'none.json'))).toBe(false);
    // A link that appears between staging and the end is found as well.
    mkdirSync(join(dir, 'folder'));
    const swapped = repo.transaction(META, async (tx) => {
      tx.writeFile('later/x.json', Buffer.from('!'));
      symlinkSync(outside, join(dir, 'later'));
    });
    await refuses(swapped, 'PATH_OUTSIDE');
    expect(readFileSync(join(outside, 'x.json'), 'utf8')).toBe('safe\n');
  });

  it('[RP-10] are written only over the bytes that were expected', async () => {
    const { dir, repo } = await make();
    put(dir, 'a.json', 'user\n');
    for (const expected of [Buffer.from('other\n'), null]) {
      const run = repo.transaction(META, async (tx) => tx.writeFile('a.json', Buffer.from('cwf\n'), { expected }));
      await refuses(run, 'WORKTREE_CHANGED');
    }
    const gone = repo.transaction(META, async (tx) => tx.deleteFile('b.json', { expected: Buffer.from('b') }));
    await refuses(gone, 'WORKTREE_CHANGED');
    expect(readFileSync(join(dir, 'a.json'), 'utf8')).toBe('user\n');
    expect(await log(repo)).toEqual([]);
  });

  it('[RP-10] a path below a file is refused with a CwfError', async () => {
    const { dir, repo } = await make();
    put(dir, 'a', 'file\n');
    const run = repo.transaction(META, async (tx) => tx.writeFile('a/b/c.json', Buffer.from('x')));
    await expect(run).rejects.toMatchObject({ name: 'CwfError' });
  });
});
