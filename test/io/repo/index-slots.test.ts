import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { openSlot, SLOTS, type Slot, SlotDamaged } from '../../../src/io/repo/index-slots.ts';
import { withIndex } from '../../../src/io/repo/projection.ts';
import { bundleProgram } from './bundle.ts';
import { FakeRepo } from './fake-repo.ts';

const roots: string[] = [];
const folder = (): string => {
  const root = mkdtempSync(join(tmpdir(), 'cwf-slots-'));
  roots.push(root);
  return root;
};
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

async function repository(): Promise<FakeRepo> {
  const repo = new FakeRepo(folder());
  let tip: string[] = [];
  for (let n = 0; n < 200; n++)
    tip = [await repo.commit(tip, { 'p.json': String(n) }, `commit ${n}\n\n${'text '.repeat(40)}\n`)];
  repo.refs.set('refs/heads/main', tip[0]!);
  return repo;
}

const count = (repo: FakeRepo): Promise<number> =>
  withIndex(repo, async (index) => (await index.changesOf('p.json')).length);
const slot0 = (repo: FakeRepo): string => join(repo.cwfDir, 'level/0');

describe('slots', () => {
  it('[IX-1] are taken from the lowest, given back, and refused when all are busy', async () => {
    const dir = folder();
    const open: Slot[] = [];
    for (let n = 0; n < SLOTS; n++) open.push((await openSlot(dir))!);
    expect(open.map((slot) => slot.n)).toEqual([0, 1, 2, 3]);
    expect(await openSlot(dir)).toBeUndefined();
    await open[1]!.close();
    const again = (await openSlot(dir))!;
    expect(again.n).toBe(1);
    for (const slot of [open[0]!, again, open[2]!, open[3]!]) await slot.close();
  });

  it('[IX-1] when all are busy or none can be written, the answers are the same', async () => {
    const repo = await repository();
    expect(await count(repo)).toBe(200);
    const held = await Promise.all([0, 1, 2, 3].map(() => openSlot(repo.cwfDir)));
    expect(await count(repo)).toBe(200);
    for (const slot of held) await slot?.close();
    const blocked = new FakeRepo(join(folder(), 'file'));
    writeFileSync(blocked.cwfDir, 'not a folder');
    for (const [oid, object] of repo.objects) blocked.objects.set(oid, object);
    blocked.refs.set('refs/heads/main', repo.refs.get('refs/heads/main')!);
    expect(await count(blocked)).toBe(200);
  });

  it('[IX-1] many at once in one process do not disturb each other', async () => {
    const repo = await repository();
    expect(await Promise.all(Array.from({ length: 8 }, () => count(repo)))).toEqual(Array(8).fill(200));
  });
});

describe('[IX-2] damage', () => {
  let repo: FakeRepo;
  beforeEach(async () => {
    repo = await repository();
    expect(await count(repo)).toBe(200);
  });
  const files = (pattern: RegExp): string[] =>
    readdirSync(slot0(repo))
      .filter((f) => pattern.test(f))
      .map((f) => join(slot0(repo), f));

  it.each([
    ['CURRENT says nonsense', () => writeFileSync(join(slot0(repo), 'CURRENT'), 'nonsense')],
    ['the manifest is empty', () => files(/^MANIFEST/).forEach((f) => void truncateSync(f, 0))],
    ['data files are gone', () => files(/\.(ldb|log)$/).forEach((f) => void rmSync(f))],
    ['data files are cut', () => files(/\.(ldb|log)$/).forEach((f) => void truncateSync(f, 777))],
    ['the slot is a file', () => [rmSync(slot0(repo), { recursive: true }), writeFileSync(slot0(repo), 'x')]],
    ['the folder is gone', () => rmSync(join(repo.cwfDir, 'level'), { recursive: true })],
  ])('when %s the answers stay', async (_, harm) => {
    harm();
    expect(await count(repo)).toBe(200);
    expect(await count(repo)).toBe(200);
  });

  it('[IX-3] flipped bytes anywhere in the data never change an answer', async () => {
    for (let at = 100; ; at += 4001) {
      const path = files(/\.(ldb|log)$/).find((f) => readFileSync(f).length > at);
      if (path === undefined) break;
      const bytes = readFileSync(path);
      bytes[at]! ^= 0xff;
      writeFileSync(path, bytes);
      expect(await count(repo), `byte ${at}`).toBe(200);
    }
  });

  it('rows of another schema or an unfinished fold are not believed [IX-5]', async () => {
    for (const change of [
      { key: 'w/state', value: '{"schema":0,"tips":[]}' },
      { key: 'w/dirty', value: '1' },
    ]) {
      const slot = (await openSlot(repo.cwfDir))!;
      await slot.rows.batch([change, { key: `b/p.json\0/x\0${'0'.repeat(8)}/${'a'.repeat(40)}`, value: '' }]);
      await slot.close();
      expect(await count(repo)).toBe(200);
    }
  });

  it('[IX-3] a row that was exchanged is noticed', async () => {
    const { Level } = await import('level');
    const db = new Level<string, string>(slot0(repo));
    await db.put('c/x', '00000000{}');
    await db.close();
    const slot = (await openSlot(repo.cwfDir))!;
    await expect(slot.rows.get('c/x')).rejects.toBeInstanceOf(SlotDamaged);
    await slot.close();
  });
});

describe('processes', () => {
  it('[IX-1] [IX-2] killed at any point while writing, beside each other: the next one answers right', async () => {
    const repo = await repository();
    const work = folder();
    const program = await bundleProgram(
      work,
      'writer',
      `import { openSlot } from './src/io/repo/index-slots.ts';
       for (;;) {
         const slot = await openSlot(process.argv[2]);
         if (slot === undefined) { await new Promise((r) => setTimeout(r, 5)); continue; }
         for (let i = 0; i < 20; i++) {
           const rows = Array.from({ length: 200 }, (_, n) => ({ key: 'z/' + slot.n + '/' + (n * 7919 + i) % 5000, value: 'v'.repeat(300) }));
           await slot.rows.batch(rows);
           process.stdout.write('.');
         }
         await slot.close();
       }`,
    );
    for (let round = 0; round < 6; round++) {
      const children: ChildProcess[] = [0, 1].map(() =>
        spawn(process.execPath, [program, repo.cwfDir], { stdio: ['ignore', 'pipe', 'inherit'] }),
      );
      await Promise.all(children.map((child) => once(child.stdout!, 'data')));
      expect(await count(repo)).toBe(200);
      await new Promise((resolve) => setTimeout(resolve, 17 * round));
      await Promise.all(children.map((child) => [child.kill('SIGKILL'), once(child, 'exit')].at(-1)));
      expect(await count(repo)).toBe(200);
    }
    mkdirSync(join(repo.cwfDir, 'level'), { recursive: true });
    expect(existsSync(slot0(repo))).toBe(true);
  });
});
