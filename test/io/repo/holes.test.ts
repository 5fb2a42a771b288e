import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isCwfError } from '../../../src/base/errors.ts';
import { openRepo, type Repo } from '../../../src/io/repo/repo.ts';
import { filesUnder, read } from '../../architecture/sources.ts';
import { commitOn, moveRef, newRepo, place, who } from './place.ts';
import { bundleWriter, git } from './worker.ts';

const { root, next } = place('holes');
const MAIN = 'refs/heads/main';

/** `git fsck --strict`, notices of unborn branches left out; empty when all is well. */
function fsck(dir: string): string {
  return git(dir, 'fsck', '--strict', '--no-dangling').replace(/^notice:.*$/gm, '');
}

function looseFile(dir: string, oid: string): string {
  return join(dir, '.git/objects', oid.slice(0, 2), oid.slice(2));
}

/** Stores bytes as a blob without any ref moving. */
async function blob(repo: Repo, text: string): Promise<string> {
  const oid = await repo.objects.write('blob', Buffer.from(text));
  await repo.objects.sync();
  return oid;
}

describe('holes of isomorphic-git that cwf closes', () => {
  it('[hole-1] [RP-3] an object is never seen half written: what dies before its rename leaves nothing', async () => {
    const dir = next();
    await newRepo(dir);
    const faults = (step: string): void => {
      if (step === 'object:rename') throw new Error('died');
    };
    const oid = git(dir, 'hash-object', '-t', 'blob', '/dev/null');
    const dying = await openRepo(dir, { durability: 'normal', faults });
    await expect(blob(dying, '')).rejects.toThrow('died');
    expect(existsSync(looseFile(dir, oid))).toBe(false);
    expect(fsck(dir)).toBe('');
    expect(await blob(await openRepo(dir), '')).toBe(oid);
    expect(git(dir, 'cat-file', '-t', oid)).toBe('blob');
  });

  it('[hole-2] [C3-46] a torn or empty object is written anew, not skipped for ever', async () => {
    const dir = next();
    const oid = await blob(await newRepo(dir), 'x'.repeat(5000));
    const whole = readFileSync(looseFile(dir, oid));
    for (const size of [0, 10]) {
      rmSync(looseFile(dir, oid));
      writeFileSync(looseFile(dir, oid), whole.subarray(0, size));
      await expect((await openRepo(dir)).readObject(oid)).rejects.toSatisfy((e) => isCwfError(e, 'OBJECT_CORRUPT'));
      expect(await blob(await openRepo(dir), 'x'.repeat(5000))).toBe(oid);
      expect(git(dir, 'cat-file', '-s', oid)).toBe('5000');
    }
  });

  it('[hole-3] [RP-4] a reader beside a writer always finds the branch', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    await commitOn(repo, MAIN);
    const child = spawn(process.execPath, [await bundleWriter(root), dir, 'w', '60'], { stdio: 'ignore' });
    let isRunning = true;
    const closed = once(child, 'close').then(() => {
      isRunning = false;
    });
    let reads = 0;
    while (isRunning) {
      for (let i = 0; i < 200; i++, reads++) expect(await repo.readRef(MAIN)).toMatch(/^[0-9a-f]{40}$/);
      await new Promise(setImmediate);
    }
    await closed;
    expect(reads).toBeGreaterThan(1000);
    expect(git(dir, 'rev-list', '--count', MAIN)).toBe('61');
  });

  it('[hole-4] [C3-48] an empty ref is an error that names the last value, never the older packed one', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    await commitOn(repo, MAIN);
    git(dir, 'pack-refs', '--all');
    const tip = await commitOn(repo, MAIN);
    for (const content of ['', '\n', tip.slice(0, 20), `${tip}0\n`, '\0'.repeat(41)]) {
      writeFileSync(join(dir, '.git', MAIN), content);
      const error = await repo.readRef(MAIN).catch((e: unknown) => e);
      expect(isCwfError(error, 'REF_CORRUPT') && error.hint, JSON.stringify(content)).toContain(tip);
      await expect(repo.resolve('HEAD')).rejects.toMatchObject({ code: 'REF_CORRUPT' });
      await expect(moveRef(repo, MAIN, tip, null)).rejects.toMatchObject({ code: 'REF_CORRUPT' });
    }
  });

  it('[hole-5] [RP-4] 50 commits at once on one branch: those that come late are told so, none is lost', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const first = await commitOn(repo, MAIN);
    const tries = await Promise.allSettled(Array.from({ length: 50 }, () => commitOn(repo, MAIN)));
    const made = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const refused = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason.code as string] : []));
    expect(made.length).toBeGreaterThan(0);
    expect([...new Set(refused)]).toEqual(['REF_STALE']);
    expect(git(dir, 'rev-list', MAIN).split('\n').sort()).toEqual([first, ...made].sort());
    const retry = async (): Promise<string> =>
      commitOn(repo, MAIN).catch((e) => (e.code === 'REF_STALE' ? retry() : Promise.reject(e)));
    await Promise.all(Array.from({ length: 20 }, retry));
    expect(git(dir, 'rev-list', '--count', MAIN)).toBe(String(1 + made.length + 20));
  });

  it('[hole-6] [RP-6] git’s locks are waited for, and git is kept out by ours', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const first = await commitOn(repo, MAIN);
    const lock = join(dir, '.git', `${MAIN}.lock`);
    writeFileSync(lock, '');
    const waiting = commitOn(repo, MAIN);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(git(dir, 'rev-parse', MAIN)).toBe(first);
    rmSync(lock);
    const second = await waiting;
    expect(git(dir, 'rev-parse', MAIN)).toBe(second);
    let said = '';
    const faults = (step: string): void => {
      if (step !== `ref:${MAIN}`) return;
      try {
        git(dir, 'update-ref', MAIN, first);
      } catch (error) {
        said = String((error as { stderr: string }).stderr);
      }
    };
    const third = await commitOn(await openRepo(dir, { durability: 'normal', faults }), MAIN);
    expect(said).toContain('main.lock');
    expect(git(dir, 'rev-parse', MAIN)).toBe(third);
  });

  it('[hole-7] [RP-4] a deleted branch does not come back with its packed value when the process dies', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const ref = 'refs/heads/old';
    await moveRef(repo, ref, await commitOn(repo, MAIN), null);
    git(dir, 'pack-refs', '--all');
    const packed = (await repo.readRef(ref))!;
    const newer = await commitOn(repo, MAIN);
    await moveRef(repo, ref, newer, packed);
    const faults = (step: string): void => {
      if (step === `ref:${ref}`) throw new Error('died');
    };
    const dying = await openRepo(dir, { durability: 'normal', faults });
    await moveRef(dying, ref, null, newer).catch(() => {});
    expect(git(dir, 'for-each-ref', '--format=%(objectname)', ref)).not.toBe(packed);
    await moveRef(await openRepo(dir, { durability: 'normal' }), ref, null, newer);
    expect(git(dir, 'for-each-ref', ref)).toBe('');
    expect(readFileSync(join(dir, '.git/packed-refs'), 'utf8')).not.toContain(ref);
  });

  it('[hole-8] a lock in one repository does not hold up another', async () => {
    const [one, two] = [next(), next()];
    const [stuck, free] = [await newRepo(one), await newRepo(two)];
    mkdirSync(join(one, '.git/refs/heads'), { recursive: true });
    writeFileSync(join(one, '.git', `${MAIN}.lock`), '');
    const waiting = commitOn(stuck, MAIN);
    const started = performance.now();
    await commitOn(free, MAIN);
    expect(performance.now() - started).toBeLessThan(1000);
    rmSync(join(one, '.git', `${MAIN}.lock`));
    await waiting;
  });

  it('[hole-9] [RP-7] git reflog shows what cwf did, for the branch and for HEAD', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const oids = [await commitOn(repo, MAIN), await commitOn(repo, MAIN)];
    await commitOn(repo, 'refs/heads/other');
    for (const name of ['main', 'HEAD']) {
      expect(git(dir, 'reflog', 'show', '--format=%H', name).split('\n'), name).toEqual([...oids].reverse());
    }
    expect(git(dir, 'rev-parse', 'main@{1}')).toBe(oids[0]);
    expect(git(dir, 'reflog', 'show', '--format=%gs', 'main')).toContain('cwf commit');
  });

  it('[hole-10] [hole-11] functions of isomorphic-git that lose data are called nowhere', () => {
    const unsafe =
      /\bgit\.(fetch|push|pull|clone|commit|merge|writeRef|deleteRef|branch|deleteBranch|addNote|removeNote|readNote|listNotes|packObjects|writeObject|log)\b/;
    const users = filesUnder('src', '.ts').filter((file) => /isomorphic-git['"]/.test(read(file)));
    expect(users.filter((file) => unsafe.test(read(file)))).toEqual([]);
  });

  it('[hole-12] [C3-39] [RP-8] no name or address adds a header to a commit', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const forged = '1'.repeat(40);
    const names = [`A\nparent ${forged}`, 'A <x> B', '', '  ', 'n'.repeat(10_000), 'A\0B', '\u2028\r\n', '.,:;'];
    for (const name of names) {
      const tip = await repo.readRef(MAIN);
      const oid = await repo.transaction({ command: 'commit', actor: 'person' }, async (tx) => {
        const bad = { ...who(), name, email: name };
        const tree = await tx.writeTree(undefined, new Map());
        const made = await tx.writeCommit({
          tree,
          parents: tip ? [tip] : [],
          message: 'm',
          author: bad,
          committer: bad,
        });
        tx.setRef(MAIN, made, tip ?? null);
        return made;
      });
      const raw = git(dir, 'cat-file', 'commit', oid);
      expect(
        raw.split('\n').filter((line) => line.startsWith('parent ')),
        raw,
      ).toEqual(tip ? [`parent ${tip}`] : []);
      expect(raw.length).toBeLessThan(5000);
      expect(fsck(dir)).toBe('');
    }
  });

  it('[hole-13] notes that git wrote in folders are read, and git reads ours', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const oids: string[] = [];
    for (let n = 0; n < 3; n++) oids.push(await commitOn(repo, MAIN));
    git(dir, 'notes', '--ref=cwf/metrics', 'add', '-m', '{"metric":"a","value":1}', oids[0]!);
    await repo.transaction({ command: 'note', actor: 'person' }, async (tx) => {
      for (const oid of oids) tx.addNote('metrics', oid, '{"metric":"b","value":2}');
    });
    expect(git(dir, 'notes', '--ref=cwf/metrics', 'show', oids[0]!).split('\n')).toEqual([
      '{"metric":"a","value":1}',
      '{"metric":"b","value":2}',
    ]);
    expect(git(dir, 'notes', '--ref=cwf/metrics', 'list').split('\n')).toHaveLength(3);
    expect(readdirSync(join(dir, '.git/refs/notes/cwf'))).toEqual(['metrics']);
    expect(fsck(dir)).toBe('');
  });
});
