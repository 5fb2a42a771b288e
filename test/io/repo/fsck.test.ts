import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fsckRepo } from '../../../src/io/repo/fsck.ts';
import type { Finding } from '../../../src/io/repo/fsck-finding.ts';
import { openSlot } from '../../../src/io/repo/index-slots.ts';
import { takeLock } from '../../../src/io/repo/locks.ts';
import { notesRef } from '../../../src/io/repo/notes.ts';
import { withIndex } from '../../../src/io/repo/projection.ts';
import { encodeTree } from '../../../src/io/repo/tree-object.ts';
import { GitStore } from './git-store.ts';

let store: GitStore;
let oids: string[];

beforeEach(() => {
  store = new GitStore();
  for (let i = 0; i < 3; i++) {
    writeFileSync(join(store.dir, 'a.json'), `{"i":${i}}\n`);
    store.git('add', 'a.json');
    store.git('commit', '-q', '-m', `c${i}`);
  }
  oids = store.git('log', '--format=%H').split('\n');
});
afterEach(() => store.remove());

const inGit = (...parts: string[]): string => join(store.gitDir, ...parts);
const loose = (oid: string): string => inGit('objects', oid.slice(0, 2), oid.slice(2));

async function fsck(options: { repair?: boolean; now?: number } = {}): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of fsckRepo(store, options)) found.push(finding);
  return found;
}
const codes = async (options?: { repair?: boolean; now?: number }): Promise<string[]> =>
  (await fsck(options)).map((f) => f.code);
const overwrite = (path: string, text: string): void => {
  if (existsSync(path)) chmodSync(path, 0o644);
  writeFileSync(path, text);
};

it('finds nothing in a sound repository, loose or packed', async () => {
  store.git('tag', '-a', 'v1', '-m', 'x');
  store.git('notes', '--ref=cwf/metrics', 'add', '-m', '{"metric":"a","value":1}', 'HEAD');
  await withIndex(store, async () => undefined);
  expect(await fsck()).toEqual([]);
  store.git('gc', '-q');
  expect(await fsck()).toEqual([]);
});

describe('objects', () => {
  it('[C3-46] a zero-byte object is found, deleted by repair, and can be written again', async () => {
    const blob = store.git('rev-parse', 'HEAD:a.json');
    overwrite(loose(blob), '');
    expect((await codes()).sort()).toEqual(['OBJECT_EMPTY']);
    expect(await fsck({ repair: true })).toContainEqual(
      expect.objectContaining({ code: 'OBJECT_EMPTY', oid: blob, repaired: expect.any(String) }),
    );
    expect(await codes()).toEqual(['OBJECT_MISSING']);
    await store.writeObject('blob', Buffer.from('{"i":2}\n'));
    expect(await codes()).toEqual([]);
    expect(store.git('fsck', '--strict')).toBe('');
  });

  it('[C3-47] a wrong hash, a torn file and a false header are found and set aside, never deleted', async () => {
    const blob = store.git('rev-parse', 'HEAD:a.json');
    const other = store.git('rev-parse', 'HEAD~1:a.json');
    const tree = store.git('rev-parse', 'HEAD~1^{tree}');
    chmodSync(loose(blob), 0o644);
    writeFileSync(loose(blob), readFileSync(loose(other)));
    chmodSync(loose(tree), 0o644);
    writeFileSync(loose(tree), readFileSync(loose(tree)).subarray(0, 12));
    const found = await fsck({ repair: true });
    expect(
      found
        .filter((f) => f.code === 'OBJECT_DAMAGED')
        .map((f) => f.oid)
        .sort(),
    ).toEqual([blob, tree].sort());
    expect(readdirSync(inGit('cwf/damaged')).sort()).toEqual([blob, tree].sort());
    expect((await fsck()).map((f) => [f.code, f.oid]).sort()).toEqual(
      [blob, tree].map((oid) => ['OBJECT_MISSING', oid]).sort(),
    );
  });

  it('a damaged copy of a packed object is set aside and nothing is missing', async () => {
    const blob = store.git('rev-parse', 'HEAD:a.json');
    store.git('repack', '-q', '-a');
    overwrite(loose(blob), 'garbage');
    expect(await codes({ repair: true })).toEqual(['OBJECT_DAMAGED']);
    expect(await codes()).toEqual([]);
  });

  it('[C3-45] names trees no checkout may write', async () => {
    const blob = store.git('rev-parse', 'HEAD:a.json');
    const entry = (name: string): { mode: string; name: string; oid: string } => ({ mode: '100644', name, oid: blob });
    const tree = await store.writeObject('tree', encodeTree([entry('..'), entry('.GIT'), entry('fine.json')]));
    store.git('update-ref', 'refs/heads/evil', await store.writeCommit({ tree, parents: [], message: 'x\n' }));
    expect(await codes()).toEqual(['TREE_ENTRY', 'TREE_ENTRY']);
  });
});

describe('refs', () => {
  it.each(['', 'garbage', '1234'])(
    '[C3-48] a branch file holding %j is set back to the last complete reflog value',
    async (text) => {
      writeFileSync(inGit('refs/heads/main'), text);
      expect(await codes()).toEqual(['REF_DAMAGED']);
      expect(await fsck({ repair: true })).toEqual([
        expect.objectContaining({ code: 'REF_DAMAGED', repaired: expect.stringContaining(oids[0]!) }),
      ]);
      expect(store.git('rev-parse', 'HEAD')).toBe(oids[0]);
      expect(store.git('fsck', '--strict')).toBe('');
      expect(await codes()).toEqual([]);
    },
  );

  it('[C3-48] values of the reflog whose objects are gone are passed over', async () => {
    writeFileSync(inGit('refs/heads/main'), '');
    unlinkSync(loose(store.git('rev-parse', `${oids[0]}:a.json`)));
    await fsck({ repair: true });
    expect(store.git('rev-parse', 'HEAD')).toBe(oids[1]);
  });

  it('[C3-48] without a reflog nothing is guessed', async () => {
    writeFileSync(inGit('refs/heads/main'), '');
    rmSync(inGit('logs'), { recursive: true });
    expect((await fsck({ repair: true }))[0]).toMatchObject({ code: 'REF_DAMAGED', repaired: undefined });
    expect(readFileSync(inGit('refs/heads/main'), 'utf8')).toBe('');
  });

  it('[C3-48] [C3-49] the lock of a dead process does not stop the repair, that of another program does', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(inGit('refs/heads/main'), '');
    writeFileSync(inGit('refs/heads/main.lock'), '');
    expect((await fsck({ repair: true }))[0]).toMatchObject({ code: 'REF_DAMAGED', repaired: undefined });
    writeFileSync(inGit('refs/heads/main.lock'), JSON.stringify({ cwf: 1, pid: dead, host: hostname(), start: '1' }));
    expect((await fsck({ repair: true }))[0]).toMatchObject({ code: 'REF_DAMAGED', repaired: expect.any(String) });
    expect(store.git('rev-parse', 'HEAD')).toBe(oids[0]);
  });

  it('a damaged HEAD goes to the only branch, or stays when there is a choice', async () => {
    writeFileSync(inGit('HEAD'), '\0\0');
    expect((await fsck({ repair: true }))[0]).toMatchObject({ path: 'HEAD', repaired: 'set to refs/heads/main' });
    store.git('branch', '-q', '-m', 'main', 'one');
    store.git('branch', '-q', 'two');
    writeFileSync(inGit('HEAD'), '');
    expect((await fsck({ repair: true }))[0]).toMatchObject({ path: 'HEAD', repaired: undefined });
  });

  it('[C3-50] a branch on a blob and a ref to nothing are found', async () => {
    writeFileSync(inGit('refs/heads/blob'), `${store.git('rev-parse', 'HEAD:a.json')}\n`);
    writeFileSync(inGit('refs/heads/gone'), `${'1'.repeat(40)}\n`);
    expect((await codes()).sort()).toEqual(['OBJECT_MISSING', 'REF_TARGET']);
  });

  it('a reflog that ends elsewhere and broken packed refs are found', async () => {
    writeFileSync(inGit('refs/heads/main'), `${oids[1]}\n`);
    writeFileSync(inGit('packed-refs'), `# pack-refs with: peeled\n${oids[0]} refs/tags/t\nnot a line\n`);
    expect((await codes()).sort()).toEqual(['REFLOG_DIFFERS', 'REF_DAMAGED']);
  });
});

describe('left-overs, notes, index', () => {
  it('[C3-49] locks of dead processes are removed by repair, those of living and of others are not', async () => {
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    const owner = (pid: number): string => JSON.stringify({ cwf: 1, pid, host: hostname(), start: '1' });
    mkdirSync(store.cwfDir, { recursive: true });
    for (const lock of ['refs/heads/main.lock', 'cwf/transaction.lock']) writeFileSync(inGit(lock), owner(dead));
    writeFileSync(inGit('index.lock'), '');
    const held = await takeLock(store.cwfDir, inGit('HEAD.lock'), 'HEAD');
    expect((await codes({ repair: true })).sort()).toEqual(['LOCK_DEAD', 'LOCK_DEAD', 'LOCK_FOREIGN']);
    expect(
      ['refs/heads/main.lock', 'cwf/transaction.lock', 'index.lock', 'HEAD.lock'].filter((p) => existsSync(inGit(p))),
    ).toEqual(['index.lock', 'HEAD.lock']);
    expect(await codes({ now: Date.now() + 1e9 })).toEqual(['LOCK_FOREIGN']);
    held.release();
  });

  it('a torn line of the journal is named', async () => {
    mkdirSync(store.cwfDir, { recursive: true });
    writeFileSync(join(store.cwfDir, 'journal'), '\n12345678 {"prepared":');
    expect(await codes()).toEqual(['JOURNAL_LINE']);
  });

  it('temporary files count when they are older than an hour', async () => {
    const paths = ['objects/tmp_obj_x', 'objects/pack/tmp_pack_x', 'cwf/tmp/y'].map((p) => inGit(p));
    mkdirSync(inGit('cwf/tmp'), { recursive: true });
    for (const path of paths) writeFileSync(path, 'x');
    expect(await codes({ repair: true })).toEqual([]);
    for (const path of paths) utimesSync(path, 1, 1);
    expect(await codes({ repair: true })).toEqual(['LEFT_OVER', 'LEFT_OVER', 'LEFT_OVER']);
    expect(paths.filter(existsSync)).toEqual([]);
  });

  it('notes on objects that are not here are named', async () => {
    store.git('notes', '--ref=cwf/metrics', 'add', '-m', '{}', 'HEAD');
    const blob = store.git('hash-object', '-w', '--stdin');
    store.git('notes', '--ref=cwf/metrics', 'add', '-m', '{}', blob);
    unlinkSync(loose(blob));
    expect(await fsck()).toEqual([
      expect.objectContaining({ code: 'NOTE_TARGET', oid: blob, path: notesRef('metrics') }),
    ]);
  });

  it('an index that says something else than git is found and deleted', async () => {
    await withIndex(store, async () => undefined);
    const slot = (await openSlot(store.cwfDir))!;
    await slot.rows.batch([{ key: `c/${oids[0]}`, value: undefined }]);
    await slot.close();
    expect(await codes()).toEqual(['INDEX_DIFFERS']);
    expect(await codes({ repair: true })).toEqual(['INDEX_DIFFERS']);
    expect(await codes()).toEqual([]);
  });
});
