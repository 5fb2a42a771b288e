import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJournal } from '../../../src/io/repo/journal.ts';
import { openRepo, type Repo } from '../../../src/io/repo/repo.ts';
import { commitFiles, fsck, log, META, put, scratch, stage } from './scratch.ts';
import { git } from './worker.ts';

const make = scratch('crash');

/** A process that dies at its n-th step: that step and all after it do not happen. */
function dyingAt(n: number): { faults: (step: string) => void; steps: string[] } {
  const steps: string[] = [];
  const faults = (step: string): void => {
    steps.push(step);
    if (steps.length >= n) throw new Error(`died at ${step}`);
  };
  return { faults, steps };
}

/** Refs, working files and notes: what a user sees of a repository. */
function seen(dir: string): unknown {
  const text = (path: string): string | null =>
    existsSync(join(dir, path)) ? readFileSync(join(dir, path), 'utf8') : null;
  return {
    refs: git(dir, 'for-each-ref', '--format=%(refname)', 'refs/heads', 'refs/notes'),
    subject: git(dir, 'log', '-1', '--format=%s'),
    moved: git(dir, 'log', '-1', '--format=%s', 'moved'),
    notes: git(dir, 'notes', '--ref=cwf/metrics', 'list').split('\n').filter(Boolean).length,
    files: ['a.json', 'sub/gone.json', 'sub/new.json', 'other.json'].map(text),
  };
}

/** One transaction that does everything: three refs and a note, files written, made and removed, index. */
async function change(repo: Repo): Promise<void> {
  const old = (await repo.head()).oid!;
  await repo.transaction(META, async (tx) => {
    const oid = await stage(repo, tx, { 'a.json': 'a2\n', 'sub/gone.json': null, 'sub/new.json': 'new\n' });
    tx.setRef('refs/heads/moved', oid, old);
    tx.setRef('refs/heads/old', null, old);
    tx.writeFile('a.json', Buffer.from('a2\n'), { expected: Buffer.from('a1\n') });
    tx.writeFile('sub/new.json', Buffer.from('new\n'), { expected: null });
    tx.deleteFile('sub/gone.json');
    tx.addNote('metrics', oid, '{"metric":"m","value":1}');
  });
}

async function prepared(): Promise<string> {
  const { dir, repo } = await make();
  for (const [path, text] of Object.entries({ 'a.json': 'a1\n', 'sub/gone.json': 'gone\n', 'other.json': 'o\n' }))
    put(dir, path, text);
  const oid = await commitFiles(repo, { 'a.json': 'a1\n', 'sub/gone.json': 'gone\n', 'other.json': 'o\n' });
  await repo.transaction(META, async (tx) => {
    tx.setRef('refs/heads/moved', oid, null);
    tx.setRef('refs/heads/old', oid, null);
  });
  return dir;
}

describe('a crash at any step', () => {
  it('[OP-2] leaves all of the operation or nothing, and a repository that goes on', async () => {
    const start = await prepared();
    const old = seen(start);
    const dir = `${start}-run`;
    const copy = (): void => {
      rmSync(dir, { recursive: true, force: true });
      cpSync(start, dir, { recursive: true, preserveTimestamps: true });
    };
    copy();
    await change(await openRepo(dir, { durability: 'normal' }));
    const whole = seen(dir);
    expect(whole).not.toEqual(old);
    const outcomes = new Set<string>();
    let n = 1;
    for (; ; n++) {
      copy();
      const { faults, steps } = dyingAt(n);
      const result = await change(await openRepo(dir, { durability: 'normal', faults })).catch((e: Error) => e);
      if (steps.length < n) break;
      const at = `step ${n}, ${steps[n - 1]}`;
      const repo = await openRepo(dir, { durability: 'normal' });
      const now = seen(dir);
      const isWhole = JSON.stringify(now) === JSON.stringify(whole);
      outcomes.add(isWhole ? 'whole' : 'old');
      expect(now, at).toEqual(isWhole ? whole : old);
      if (result === undefined) expect(isWhole, at).toBe(true);
      expect(fsck(dir), at).toBe('');
      expect(readJournal(repo).pending, at).toBeUndefined();
      await commitFiles(repo, { 'other.json': `o${n}\n` });
      expect(git(dir, 'show', 'HEAD:other.json'), at).toBe(`o${n}`);
      expect((await log(repo)).length, at).toBe(isWhole ? 4 : 3);
    }
    expect(n).toBeGreaterThan(12);
    expect([...outcomes].sort()).toEqual(['old', 'whole']);
  }, 120_000);

  it('[OP-2] of the recovery itself is recovered as well', async () => {
    const start = await prepared();
    const [work, half] = [`${start}-work`, `${start}-half`];
    cpSync(start, half, { recursive: true, preserveTimestamps: true });
    const old = seen(half);
    const first = dyingAt(Number.POSITIVE_INFINITY);
    cpSync(half, work, { recursive: true, preserveTimestamps: true });
    await change(await openRepo(work, { durability: 'normal', faults: first.faults }));
    const whole = seen(work);
    // Dies where the first of the refs has moved and the others have not.
    const second = first.steps.map((step) => step.startsWith('ref:')).indexOf(true) + 2;
    await change(await openRepo(half, { durability: 'normal', faults: dyingAt(second).faults })).catch(() => {});
    for (let m = 1; ; m++) {
      rmSync(work, { recursive: true });
      cpSync(half, work, { recursive: true, preserveTimestamps: true });
      const { faults, steps } = dyingAt(m);
      await openRepo(work, { durability: 'normal', faults }).catch(() => {});
      const repo = await openRepo(work, { durability: 'normal' });
      expect(seen(work), `step ${m}`).toEqual(whole);
      expect(whole).not.toEqual(old);
      expect(readJournal(repo).pending).toBeUndefined();
      if (steps.length < m) break;
    }
  }, 60_000);

  it('[OP-2] between refs and index: recovery brings git’s index along', async () => {
    const { dir } = await make();
    put(dir, 'a.json', 'a\n', 10);
    const faults = (step: string): void => {
      if (step === 'index' || step === 'index:lock' || step === 'settled' || step === 'journal:settle')
        throw new Error('died');
    };
    await commitFiles(await openRepo(dir, { faults }), { 'a.json': 'a\n' }).catch(() => {});
    await openRepo(dir);
    expect(git(dir, 'status', '--porcelain')).toBe('');
  });

  it('[OP-1] a step that fails in a process that lives: it says failed only if the operation never was', async () => {
    const start = await prepared();
    for (let n = 1; ; n++) {
      const dir = `${start}-${n}`;
      cpSync(start, dir, { recursive: true, preserveTimestamps: true });
      let count = 0;
      const faults = (): void => {
        if (++count === n) throw new Error('no space left');
      };
      const old = seen(dir);
      const failed = await change(await openRepo(dir, { durability: 'normal', faults })).catch((e: Error) => e);
      await openRepo(dir);
      expect(JSON.stringify(seen(dir)) === JSON.stringify(old), `step ${n}`).toBe(failed !== undefined);
      if (count < n) break;
    }
  }, 60_000);
});
