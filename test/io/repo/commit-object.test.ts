import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { encodeCommit } from '../../../src/io/repo/commit-object.ts';
import { newRepo, place, who } from './place.ts';

const { next } = place('commits');
const TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const parts = (more: object = {}) => ({
  tree: TREE,
  parents: [],
  author: who(),
  committer: who(),
  message: 'm\n',
  ...more,
});

/** Stores raw bytes as a commit without git's checks. */
function store(dir: string, body: Buffer): string {
  const args = ['-C', dir, 'hash-object', '-w', '-t', 'commit', '--literally', '--stdin'];
  return execFileSync('git', args, { input: body, encoding: 'utf8' }).trim();
}

describe('commit objects', () => {
  it('[C3-40] a message with NUL, or over a megabyte, is refused', () => {
    for (const message of ['a\0b', '\0', 'x'.repeat((1 << 20) + 1), 'ü'.repeat(600_000), 'x'.repeat(10 << 20)]) {
      expect(() => encodeCommit(parts({ message }))).toThrow(expect.objectContaining({ code: 'MESSAGE_INVALID' }));
    }
    expect(encodeCommit(parts({ message: 'x'.repeat((1 << 20) - 1) })).length).toBeGreaterThan(1 << 20);
  });

  it.each([Number.NaN, 1440, -1440, Number.POSITIVE_INFINITY])('[C3-41] the time zone %d is refused', (offset) => {
    expect(() => encodeCommit(parts({ committer: { ...who(), offset } }))).toThrow(
      expect.objectContaining({ code: 'MESSAGE_INVALID' }),
    );
  });

  it('[RP-8] a tree or parent that is no object id is a bug, never a header', () => {
    for (const bad of [`${TREE}\nparent ${TREE}`, 'HEAD', '']) {
      expect(() => encodeCommit(parts({ tree: bad }))).toThrow(expect.objectContaining({ code: 'BUG' }));
      expect(() => encodeCommit(parts({ parents: [bad] }))).toThrow(expect.objectContaining({ code: 'BUG' }));
    }
  });

  it('with signatures, unknown headers, another encoding or a broken author line are read', async () => {
    const dir = next();
    const repo = await newRepo(dir);
    const head = `tree ${TREE}\nauthor A <a@b> 1700000000 +0100\ncommitter C <c@d> 1700000001 -0030\n`;
    const signed = `${head}gpgsig -----BEGIN PGP SIGNATURE-----\n \n author X <x@y> 1 +0000\n tree ${'0'.repeat(40)}\n -----END PGP SIGNATURE-----\nmergetag object ${TREE}\n parent ${TREE}\n\nsigned\n`;
    const read = await repo.readCommit(store(dir, Buffer.from(signed)));
    expect([read.tree, read.parents, read.author.name, read.committer.offset, read.message]).toEqual([
      TREE,
      [],
      'A',
      -30,
      'signed\n',
    ]);
    const latin = Buffer.from(
      `${head.replace('A <', 'J\u00fcrgen <')}encoding ISO-8859-1\n\nGr\u00fc\u00dfe\n`,
      'latin1',
    );
    const old = await repo.readCommit(store(dir, latin));
    expect([old.author.name, old.message]).toEqual(['Jürgen', 'Grüße\n']);
    const unknown = await repo.readCommit(store(dir, Buffer.from(`${head}encoding x-none\n\nplain\n`)));
    expect(unknown.message).toBe('plain\n');
    const broken = await repo.readCommit(
      store(dir, Buffer.from(`tree ${TREE}\nauthor nobody\ncommitter C <c@d> 5 +0000\n\nm\n`)),
    );
    expect([broken.author.name, broken.author.timestamp, broken.committer.timestamp]).toEqual(['nobody', 0, 5]);
    for (const bad of ['', 'tree x\n\nm', `tree ${TREE}\n\nm`]) {
      await expect(repo.readCommit(store(dir, Buffer.from(bad)))).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    }
  });
});
