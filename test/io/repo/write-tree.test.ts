import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRepo } from '../../../src/io/repo/repo.ts';
import { writeTree } from '../../../src/io/repo/write-tree.ts';
import { newRepo, place } from './place.ts';
import { git } from './worker.ts';

const { next } = place('trees');

/** A tree object with these entries, written by git without its checks. */
function rawTree(dir: string, entries: readonly [mode: string, name: string][], oid: string): string {
  const body = Buffer.concat(
    entries.map(([mode, name]) => Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')])),
  );
  const args = ['-C', dir, 'hash-object', '-w', '-t', 'tree', '--literally', '--stdin'];
  return execFileSync('git', args, { input: body, encoding: 'utf8' }).trim();
}

const EVIL = [
  '.git',
  '.GIT',
  '.Git',
  'git~1',
  'GIT~1',
  '.git.',
  '.git ',
  '.git::$INDEX_ALLOCATION',
  '.g\u200cit',
  '\ufeff.git',
  '..',
  '.',
  'a/b',
  '.git/hooks',
  '../x',
  'a\\b',
  '..\\x',
  'a\nb',
  'a\x7f',
];

describe('trees', () => {
  it.each(EVIL)('[C3-45] [RP-9] an entry %j is refused when the tree is read', async (name) => {
    const dir = next();
    const repo = await newRepo(dir);
    const blob = await repo.objects.write('blob', Buffer.from('x'));
    const tree = rawTree(dir, [['100644', name]], blob);
    await expect(repo.listTree(tree)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    const outer = rawTree(dir, [['40000', 'sub']], tree);
    await expect(repo.listTree(outer)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
  });

  it.each([...EVIL.filter((name) => name !== 'a/b'), '', 'a//b', '/a', 'a/', 'sub/.git/config', 'x'.repeat(256)])(
    '[C3-42] [C3-45] [RP-9] %j is refused as a path to write',
    async (path) => {
      const repo = await newRepo(next());
      const oid = await repo.objects.write('blob', Buffer.from('x'));
      const changes = new Map([[path, { mode: '100644', oid }]]);
      await expect(writeTree(repo.objects, undefined, changes)).rejects.toMatchObject({ code: 'PATH_INVALID' });
    },
  );

  it('[C3-45] [RP-9] names twice in a tree, trees in trees without end, and bodies cut off are refused', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const blob = await repo.objects.write('blob', Buffer.from('x'));
    const twice = rawTree(
      dir,
      [
        ['100644', 'a'],
        ['40000', 'a'],
      ],
      blob,
    );
    await expect(repo.listTree(twice)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    let deep = rawTree(dir, [['100644', 'a']], blob);
    for (let n = 0; n < 70; n++) deep = rawTree(dir, [['40000', 'd']], deep);
    await expect(repo.listTree(deep)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    const whole = (await repo.readObject(rawTree(dir, [['100644', 'a']], blob))).body;
    const cut = await repo.objects.write('tree', whole.subarray(0, -1));
    await expect(repo.listTree(cut)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
  });

  it('[C3-45] links and submodules are listed with their mode, and kept by what is written beside them', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const oid = await repo.objects.write('blob', Buffer.from('x'));
    const base = await writeTree(
      repo.objects,
      undefined,
      new Map([
        ['link', { mode: '120000', oid }],
        ['module', { mode: '160000', oid: '1'.repeat(40) }],
        ['run', { mode: '100755', oid }],
      ]),
    );
    const tree = await writeTree(repo.objects, base, new Map([['a.json', { mode: '100644', oid }]]));
    expect([...(await repo.listTree(tree))].map(([path, { mode }]) => `${mode} ${path}`)).toEqual([
      '100644 a.json',
      '120000 link',
      '160000 module',
      '100755 run',
    ]);
    expect(git(dir, 'ls-tree', '-r', tree).split('\n')).toHaveLength(4);
  });

  it('[RP-9] modes that git does not write, and a file where another file needs a folder, are refused', async () => {
    const repo = await newRepo(next());
    const oid = await repo.objects.write('blob', Buffer.from('x'));
    for (const mode of ['40000', '100664', '0', '', '100644 x']) {
      const bad = writeTree(repo.objects, undefined, new Map([['a', { mode, oid }]]));
      await expect(bad, mode).rejects.toMatchObject({ code: 'PATH_INVALID' });
    }
    const file = { mode: '100644', oid };
    for (const paths of [
      ['a', 'a/b'],
      ['a/b', 'a'],
      ['a/b/c', 'a/b'],
    ]) {
      const bad = writeTree(repo.objects, undefined, new Map(paths.map((path) => [path, file])));
      await expect(bad, paths.join()).rejects.toMatchObject({ code: 'PATH_INVALID' });
    }
    const base = await writeTree(repo.objects, undefined, new Map([['a', file]]));
    const moved = await writeTree(
      repo.objects,
      base,
      new Map([
        ['a', null],
        ['a/b', file],
      ]),
    );
    expect([...(await repo.listTree(moved)).keys()]).toEqual(['a/b']);
  });

  it('have the id that git gives the same files, change by change', async () => {
    const name = fc.constantFrom('a', 'a.json', 'a-b', 'a0', 'b', 'ü', '~', 'sub');
    const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
    const change = fc.tuple(path, fc.option(fc.integer({ min: 0, max: 3 })));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 12 }), async (changes) => {
        const dir = next();
        const repo = await newRepo(dir);
        const files = new Map<string, string>();
        let tree: string | undefined;
        for (const [file, content] of changes) {
          const isTaken = [...files.keys()].some(
            (f) => f !== file && (f.startsWith(`${file}/`) || file.startsWith(`${f}/`)),
          );
          if (isTaken) continue;
          const text = content === null ? null : `${content}\n`;
          if (text === null) files.delete(file);
          else files.set(file, text);
          const oid = text === null ? '' : await repo.objects.write('blob', Buffer.from(text));
          tree = await writeTree(repo.objects, tree, new Map([[file, text === null ? null : { mode: '100644', oid }]]));
        }
        for (const [file, text] of files) {
          mkdirSync(dirname(join(dir, file)), { recursive: true });
          writeFileSync(join(dir, file), text);
        }
        git(dir, 'add', '-A');
        expect(tree).toBe(git(dir, 'write-tree'));
        const listed = await (await openRepo(dir)).listTree(tree!);
        expect([...listed.keys()].sort()).toEqual([...files.keys()].sort());
      }),
      { numRuns: 15 },
    );
  });
});
