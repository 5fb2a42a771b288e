import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readJournal } from '../../../src/io/repo/journal.ts';
import { FOLD_AT, withId } from '../../../src/io/repo/operations.ts';
import { openRepo } from '../../../src/io/repo/repo.ts';
import { commitFiles, fsck, log, META, scratch, stage } from './scratch.ts';
import { git } from './worker.ts';

const make = scratch('operations');

describe('the operation log', () => {
  it('[OP-4] is one chain, newest first, across folding, reopening and gc --prune=now', async () => {
    const { dir, repo } = await make();
    const made: string[] = [];
    for (let n = 0; n < FOLD_AT + 6; n++) made.push(await commitFiles(repo, { 'a.json': `${n}\n` }));
    expect(readJournal(repo).done.length).toBeLessThan(FOLD_AT);
    const check = async (): Promise<void> => {
      const operations = await log(await openRepo(dir));
      expect(operations.map(({ refs }) => refs[0]!.new).reverse()).toEqual(made);
      for (const [i, operation] of operations.entries()) {
        expect(operation.parent).toBe(operations[i + 1]?.id ?? null);
        const { id, ...rest } = operation;
        expect(withId(rest).id).toBe(id);
      }
      expect(await log(repo, 3)).toEqual(operations.slice(0, 3));
      expect(await log(repo, FOLD_AT)).toEqual(operations.slice(0, FOLD_AT));
    };
    await check();
    git(dir, 'reflog', 'expire', '--expire=now', '--all');
    git(dir, 'gc', '-q', '--prune=now');
    await check();
    expect(fsck(dir)).toBe('');
  }, 60_000);

  it('[OP-3] has one ref per copy; a reader of a clone sees the union', async () => {
    const { dir, repo } = await make();
    await commitFiles(repo, { 'a.json': '1\n' });
    await repo.transaction({ command: 'branch -d', actor: 'agent/x' }, async (tx) => {
      tx.setRef('refs/heads/t', (await repo.head()).oid!, null);
    });
    const { fold } = await import('../../../src/io/repo/transaction.ts');
    await fold(repo);
    const replica = readFileSync(join(repo.cwfDir, 'replica'), 'utf8').trim();
    expect(replica).toMatch(/^[0-9a-f]{16}$/);
    expect((await repo.listRefs('refs/cwf/op/')).map(({ ref }) => ref)).toEqual([`refs/cwf/op/${replica}`]);
    const other = await make();
    await commitFiles(other.repo, { 'b.json': '2\n' });
    git(other.dir, 'fetch', '-q', dir, 'refs/cwf/op/*:refs/cwf/op/*');
    const union = await log(other.repo);
    expect(union.map(({ actor }) => actor)).toEqual(['person', 'agent/x', 'person']);
    expect(new Set(union.map((operation) => operation.replica)).size).toBe(2);
  });

  it('[OP-5] keeps the bytes of an overwritten file that no commit holds', async () => {
    const { dir, repo } = await make();
    writeFileSync(join(dir, 'a.json'), 'never committed\n');
    await repo.transaction(META, async (tx) => tx.writeFile('a.json', Buffer.from('new\n')));
    git(dir, 'gc', '-q', '--prune=now');
    const [operation] = await log(await openRepo(dir));
    expect(git(dir, 'cat-file', 'blob', operation!.files[0]!.before!)).toBe('never committed');
  });

  it('[OP-5] lets a change wait in the journal whose old bytes a commit holds, and no other', async () => {
    const { dir, repo } = await make();
    const change = async (text: string, working: string): Promise<number> => {
      writeFileSync(join(dir, 'd', 'a.json'), working);
      await repo.transaction(META, async (tx) => {
        await stage(repo, tx, { 'd/a.json': text });
        tx.writeFile('d/a.json', Buffer.from(text));
      });
      return readJournal(repo).done.length;
    };
    mkdirSync(join(dir, 'd'));
    await commitFiles(repo, { 'd/a.json': 'one\n' });
    const waiting = readJournal(repo).done.length;
    expect(await change('two\n', 'one\n')).toBe(waiting + 1);
    expect(await change('three\n', 'two\n')).toBe(waiting + 2);
    git(dir, 'reflog', 'expire', '--expire=now', '--all');
    git(dir, 'gc', '-q', '--prune=now');
    const [last] = await log(await openRepo(dir));
    expect(git(dir, 'cat-file', 'blob', last!.files[0]!.before!)).toBe('two');
    expect(await change('four\n', 'edited by hand\n')).toBe(0);
  });

  it('[OP-4] goes on from the commits when the journal was deleted', async () => {
    const { dir, repo } = await make();
    writeFileSync(join(dir, 'a.json'), 'x\n');
    await repo.transaction(META, async (tx) => tx.writeFile('a.json', Buffer.from('y\n')));
    expect(existsSync(join(repo.cwfDir, 'journal'))).toBe(true);
    rmSync(join(repo.cwfDir, 'journal'));
    const again = await openRepo(dir);
    await commitFiles(again, { 'b.json': 'b\n' });
    expect(await log(again)).toHaveLength(2);
  });

  it('[OP-4] stays one chain when the journal was deleted', async () => {
    const { dir, repo } = await make();
    writeFileSync(join(dir, 'a.json'), 'x\n');
    await repo.transaction(META, async (tx) => tx.writeFile('a.json', Buffer.from('y\n')));
    rmSync(join(repo.cwfDir, 'journal'));
    await commitFiles(await openRepo(dir), { 'b.json': 'b\n' });
    const [second, first] = await log(repo);
    expect(second!.parent).toBe(first!.id);
  });

  it('[OP-3] names a copy anew when a crash left the name empty', async () => {
    const { repo } = await make();
    await commitFiles(repo, { 'a.json': '1\n' });
    writeFileSync(join(repo.cwfDir, 'replica'), '');
    await commitFiles(repo, { 'a.json': '2\n' });
    expect((await log(repo, 1))[0]!.replica).toMatch(/^[0-9a-f]{16}$/);
  });
});
