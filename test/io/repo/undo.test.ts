import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openRepo, type Repo } from '../../../src/io/repo/repo.ts';
import { applyInverse } from '../../../src/io/repo/undo.ts';
import { commitFiles, fsck, log, META, put, refuses, scratch, stage } from './scratch.ts';
import { git } from './worker.ts';

const make = scratch('undo');

async function undo(repo: Repo): Promise<void> {
  const [operation] = await log(repo, 1);
  await applyInverse(repo, operation!, { command: 'undo', actor: 'person', undoes: operation!.id });
}

function seen(dir: string): unknown {
  const read = (path: string): string | null =>
    existsSync(join(dir, path)) ? readFileSync(join(dir, path), 'utf8') : null;
  const files = ['a.json', 'b.json', 'sub/c.json'].map(read);
  return { refs: git(dir, 'for-each-ref', 'refs/heads'), head: readFileSync(join(dir, '.git/HEAD'), 'utf8'), files };
}

/** A commit that writes its files to the working tree as well, as `cwf set` does. */
function writeAndCommit(repo: Repo, files: Record<string, string | null>): Promise<string> {
  return repo.transaction(META, async (tx) => {
    for (const [path, text] of Object.entries(files)) {
      if (text === null) tx.deleteFile(path);
      else tx.writeFile(path, Buffer.from(text));
    }
    return stage(repo, tx, files);
  });
}

describe('undo', () => {
  it('[OP-6] brings back refs and files; undone itself, it is redo; both survive a reopen and gc --prune=now', async () => {
    const { dir, repo } = await make();
    await writeAndCommit(repo, { 'a.json': 'a1\n', 'sub/c.json': 'c1\n' });
    put(dir, 'b.json', 'the user’s own\n');
    const before = seen(dir);
    await writeAndCommit(repo, { 'a.json': 'a2\n', 'b.json': 'b2\n', 'sub/c.json': null });
    const after = seen(dir);
    git(dir, 'gc', '-q', '--prune=now');
    await undo(await openRepo(dir));
    expect(seen(dir)).toEqual(before);
    git(dir, 'reflog', 'expire', '--expire=now', '--all');
    git(dir, 'gc', '-q', '--prune=now');
    await undo(await openRepo(dir));
    expect(seen(dir)).toEqual(after);
    expect(fsck(dir)).toBe('');
    expect((await log(repo)).map(({ undoes }) => undoes !== undefined)).toEqual([true, true, false, false]);
  });

  it('[OP-6] of anything, then of the undo: nothing is changed', async () => {
    const path = fc.constantFrom('a.json', 'b.json', 'sub/c.json');
    const change = fc.dictionary(path, fc.option(fc.constantFrom('1\n', '2\n', '3\n')), { minKeys: 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const { dir, repo } = await make();
        await writeAndCommit(repo, { 'a.json': '0\n' });
        const states = [seen(dir)];
        for (const files of changes) {
          await writeAndCommit(repo, files);
          states.push(seen(dir));
        }
        for (let n = changes.length; n > 0; n--) {
          const [operation] = (await log(repo)).slice(4 * (changes.length - n));
          await applyInverse(repo, operation!, { command: 'undo', actor: 'person', undoes: operation!.id });
          expect(seen(dir)).toEqual(states[n - 1]);
          await undo(repo);
          expect(seen(dir)).toEqual(states[n]);
          await undo(repo);
          expect(seen(dir)).toEqual(states[n - 1]);
          expect(git(dir, 'status', '--porcelain')).toBe('');
        }
        expect(fsck(dir)).toBe('');
      }),
      { numRuns: 8 },
    );
  }, 60_000);

  it('[OP-6] of a deleted branch brings its commits back even after gc --prune=now', async () => {
    const { dir, repo } = await make();
    await commitFiles(repo, { 'a.json': 'a1\n' });
    const base = (await repo.head()).oid!;
    const lost = await repo.transaction(META, async (tx) => {
      const blob = await tx.writeBlob(Buffer.from('only here\n'));
      const tree = await tx.writeTree(undefined, new Map([['x.json', { mode: '100644', oid: blob }]]));
      const { author, committer } = await repo.readCommit(base);
      const oid = await tx.writeCommit({ tree, parents: [base], message: 'x\n', author, committer });
      tx.setRef('refs/heads/topic', oid, null);
      return oid;
    });
    await repo.transaction({ command: 'branch -d', actor: 'person' }, async (tx) =>
      tx.setRef('refs/heads/topic', null, lost),
    );
    git(dir, 'gc', '-q', '--prune=now');
    await undo(await openRepo(dir));
    expect(git(dir, 'show', 'topic:x.json')).toBe('only here');
    expect(fsck(dir)).toBe('');
  });

  it('[OP-6] is refused, nothing changed, when a ref was moved or a file changed since', async () => {
    const { dir, repo } = await make();
    await writeAndCommit(repo, { 'a.json': 'a1\n' });
    await writeAndCommit(repo, { 'a.json': 'a2\n', 'b.json': 'b2\n' });
    const [operation] = await log(repo, 1);
    put(dir, 'a.json', 'edited since\n');
    const edited = seen(dir);
    const meta = { command: 'undo', actor: 'person', undoes: operation!.id };
    await refuses(applyInverse(repo, operation!, meta), 'WORKTREE_CHANGED');
    expect(seen(dir)).toEqual(edited);
    put(dir, 'a.json', 'a2\n');
    git(dir, 'commit', '-q', '--allow-empty', '-m', 'by git');
    const moved = seen(dir);
    await refuses(applyInverse(repo, operation!, meta), 'REF_STALE');
    expect(seen(dir)).toEqual(moved);
  });

  it('[OP-6] of the first commit leaves an unborn branch and the working file', async () => {
    const { dir, repo } = await make();
    put(dir, 'a.json', 'a\n');
    await commitFiles(repo, { 'a.json': 'a\n' });
    await undo(repo);
    expect((await repo.head()).oid).toBeUndefined();
    expect(git(dir, 'status', '--porcelain')).toBe('?? a.json');
  });

  it('[OP-6] of a commit leaves the working file, and git status says that it differs', async () => {
    const { dir, repo } = await make();
    put(dir, 'a.json', 'a1\n', 100);
    await commitFiles(repo, { 'a.json': 'a1\n' });
    put(dir, 'a.json', 'a2\n', 50);
    await commitFiles(repo, { 'a.json': 'a2\n' });
    await undo(repo);
    expect(readFileSync(join(dir, 'a.json'), 'utf8')).toBe('a2\n');
    expect(git(dir, 'status', '--porcelain')).toBe('M a.json');
  });

  it('[OP-6] leaves what the user staged since', async () => {
    const { dir, repo } = await make();
    put(dir, 'a.json', 'a1\n', 100);
    await commitFiles(repo, { 'a.json': 'a1\n' });
    await commitFiles(repo, { 'a.json': 'a2\n' });
    put(dir, 'a.json', 'a3\n', 50);
    git(dir, 'add', 'a.json');
    await undo(repo);
    expect(git(dir, 'show', ':a.json')).toBe('a3');
  });
});
