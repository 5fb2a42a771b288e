import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkRefName, fullRefName, refNameProblem } from '../../../src/io/repo/ref-name.ts';

const invalid = expect.objectContaining({ name: 'CwfError', code: 'REF_INVALID' });

function gitAccepts(ref: string): boolean {
  return spawnSync('git', ['check-ref-format', ref]).status === 0;
}

describe('names of refs', () => {
  it.each([
    '../../x',
    'a..b',
    'x.lock',
    'x.lock/y',
    '@{1}',
    'a\0b',
    'a\nb',
    'a\\b',
    'a:b',
    'a/',
    '/a',
    'a//b',
    '.a',
    'a.',
    '',
  ])('[C3-34] [RP-5] %j is refused', (name) => expect(() => fullRefName(name, 'refs/heads/')).toThrow(invalid));

  it.each(['-x', 'HEAD', '@', 'refs/heads/x'])('[C3-35] [RP-5] %j is no short name', (name) => {
    expect(() => fullRefName(name, 'refs/heads/')).toThrow(invalid);
    expect(() => fullRefName(name, 'refs/tags/')).toThrow(invalid);
  });

  it.each(['CON', 'aux.json', 'a/nul', 'com1', 'x'.repeat(256), 'é'.repeat(128)])(
    '[C3-38] [RP-5] %j cannot be a file everywhere',
    (name) => expect(() => checkRefName(`refs/heads/${name}`)).toThrow(invalid),
  );

  it.each(['HEAD', 'refs/x', 'config', 'objects/aa', 'refs'])('[RP-5] %j is no full name', (ref) =>
    expect(() => checkRefName(ref)).toThrow(invalid),
  );

  it('[RP-5] git accepts what cwf accepts; cwf refuses more only for file systems', () => {
    const part = fc.string({ unit: fc.constantFrom(...'ab.@{}~^:?*[\\ -é\u007f\t', '.lock', '..', '/'), maxLength: 5 });
    fc.assert(
      fc.property(part, (name) => {
        const ref = `refs/heads/${name}`;
        const isAccepted = refNameProblem(ref) === undefined;
        expect(isAccepted, JSON.stringify(ref)).toBe(gitAccepts(ref));
      }),
      { numRuns: 150 },
    );
  });
});
