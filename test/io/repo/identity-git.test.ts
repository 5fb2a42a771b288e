import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeCommit, encodeCommit, encodeIdentity } from '../../../src/io/repo/commit-object.ts';
import { fsck, scratch, WHO } from './scratch.ts';
import { git } from './worker.ts';

const make = scratch('identity');
const invalid = expect.objectContaining({ name: 'CwfError', code: 'MESSAGE_INVALID' });
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const parts = { tree: EMPTY_TREE, parents: [], author: WHO, committer: WHO, message: 'm\n' };

describe('who made a commit', () => {
  it('[C3-39] [RP-8] [hole-12] whatever the name, git finds one author and no damage', async () => {
    const { dir, repo } = await make();
    await repo.objects.write('tree', Buffer.alloc(0));
    const text = fc.oneof(
      fc.constantFrom(`A\nparent ${'0'.repeat(40)}`, '<x>', '', 'x'.repeat(10_000), 'a\0b', ' . ', '\u2028', '>\r\n<'),
      fc.string({ unit: 'grapheme', maxLength: 20 }),
    );
    const oids: string[] = [];
    for (const [name, email] of fc.sample(fc.tuple(text, text), 60)) {
      const who = { ...WHO, name: name!, email: email! };
      oids.push(await repo.objects.write('commit', encodeCommit({ ...parts, author: who, committer: who })));
    }
    expect(fsck(dir)).toBe('');
    for (const oid of new Set(oids)) {
      const head = (await repo.readObject(oid)).body.toString('utf8').split('\n\n')[0]!.split('\n');
      expect(head.map((line) => line.split(' ')[0])).toEqual(['tree', 'author', 'committer']);
    }
  });

  it.each(['a\0b', 'x'.repeat(10 << 20)])('[C3-40] a message git cannot keep is refused (%#)', (message) =>
    expect(() => encodeCommit({ ...parts, message })).toThrow(invalid),
  );

  it.each([Number.NaN, -1, 2 ** 40, 1.5, Number.POSITIVE_INFINITY])('[C3-41] %d is no date', (timestamp) =>
    expect(() => encodeIdentity({ ...WHO, timestamp })).toThrow(invalid),
  );

  it('zones are as git writes them, and come back as they were', () => {
    fc.assert(
      fc.property(fc.integer({ min: -720, max: 840 }), (offset) => {
        const body = encodeCommit({ ...parts, author: { ...WHO, offset } });
        expect(decodeCommit('0'.repeat(40), body).author).toEqual({ ...WHO, offset });
      }),
    );
  });

  it('signatures, merged tags and encodings in the header are no part of parents or message', async () => {
    const { dir, repo } = await make();
    await repo.objects.write('tree', Buffer.alloc(0));
    const a = await repo.objects.write('commit', encodeCommit(parts));
    const signed = encodeCommit({ ...parts, parents: [a], message: 'signed\n\nbody\n' }).toString();
    const extra = ` -----BEGIN\n parent ${'1'.repeat(40)}\n \n tree x\n -----END`;
    const body = signed.replace('\n\n', `\nencoding UTF-8\nmergetag object ${a}\n type commit\ngpgsig${extra}\n\n`);
    const oid = await repo.objects.write('commit', Buffer.from(body));
    const read = await repo.readCommit(oid);
    expect(read).toMatchObject({ parents: [a], tree: EMPTY_TREE, message: 'signed\n\nbody\n' });
    expect(git(dir, 'log', '-1', '--format=%P%n%B', oid)).toBe(`${a}\nsigned\n\nbody`);
  });
});
