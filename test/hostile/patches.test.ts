import { describe, expect, it } from 'vitest';
import { sharedVictim, type Victim } from './victim.ts';

const test = (value: unknown) => ({ op: 'test', path: '/nodes/3/widgets/steps', value });
const replace = { op: 'replace', path: '/nodes/3/widgets/steps', value: 30 };
const copies = Array.from({ length: 30 }, (_, i) => ({ op: 'copy', from: '/nodes', path: `/nodes/n${i}` }));

/** Patches reach cwf in the messages of other people's commits: the last one again, with this patch in its message. */
function commitWith(it: Victim, patch: unknown): string {
  const text = typeof patch === 'string' ? patch : JSON.stringify(patch);
  const message = it.git('log', '-1', '--format=%B', 'main').replace(/(?<="patch":).*(?=\}$)/m, () => text);
  expect(message).toContain(`"patch":${text}`);
  it.write('.git/message', message);
  return it.git('commit-tree', 'main^{tree}', '-p', 'main~1', '-F', '.git/message');
}

/** What blame says of steps: the commit and the value. */
function setter(it: Victim, rev: string): { commit: string; value: unknown } {
  const { lines } = JSON.parse(it.done('blame', 'ok.json', rev, '--json', '-i', '3.steps'));
  return lines[0];
}

describe('a hostile patch in the message of a commit', () => {
  const shared = sharedVictim();

  it.each<[string, unknown, string]>([
    ['[C3-1] adds to __proto__', [{ op: 'add', path: '/__proto__/x', value: 1 }], 'cannot be read'],
    [
      '[C3-2] adds to the prototype of the constructor',
      [{ op: 'add', path: '/constructor/prototype/x', value: 1 }],
      'cannot be read',
    ],
    ['[C3-3] adds to a __proto__ inside', [{ op: 'add', path: '/nodes/__proto__/x', value: 1 }], 'cannot be read'],
    ['[C3-4] brings a key __proto__', '[{"op":"add","path":"/nodes/3/x","value":{"__proto__":1}}]', 'cannot be read'],
    ['[C3-6] is a copy bomb', copies, 'over the limit'],
    ['[C3-7] moves a value into itself', [{ op: 'move', from: '/nodes', path: '/nodes/3/x' }], 'cannot be read'],
    ['[C3-8] has a last test that fails', [test(20), replace, test(99)], 'holds 30, not 99'],
    ['[C3-9] has an index with a leading zero', [{ ...replace, path: '/nodes/3/ui/01' }], 'nothing at'],
    ['[C3-10] has a pointer without its slash', [{ ...replace, path: 'nodes/3' }], 'cannot be read'],
    ['[C3-10] has a pointer with ~2', [{ ...replace, path: '/nodes/~2' }], 'cannot be read'],
    ['[C3-11] has an unknown op', [{ op: '_get', path: '/nodes' }], 'cannot be read'],
    ['[C3-11] has no op', [{ path: '/nodes' }], 'cannot be read'],
    ['[C3-12] is null', null, 'cannot be read'],
    ['[C3-12] is a text', '"x"', 'cannot be read'],
    ['[C3-12] is a list of anything', [5, null], 'cannot be read'],
    ['[C3-12] is an object', {}, 'cannot be read'],
    ['[C3-13] removes what every object inherits', [{ op: 'remove', path: '/hasOwnProperty' }], 'nothing at'],
    ['[C3-14] replaces the root', [{ op: 'replace', path: '', value: {} }], 'cannot be read'],
    ['[C3-15] has 10,001 ops', Array.from({ length: 10_001 }, () => test(20)), 'cannot be read'],
    ['[C3-16] is nested without end', '['.repeat(100_000), 'cannot be read'],
    ['[C3-20] holds 1e400', '[{"op":"add","path":"/nodes/3/x","value":1e400}]', 'cannot be read'],
    ['[C3-22] holds a key twice', '[{"op":"add","op":"test","path":"/nodes/3/x","value":1}]', 'cannot be read'],
  ])('%s: fsck names the commit, and every command goes by the snapshot', (_, patch, complaint) => {
    const { it } = shared;
    const commit = commitWith(it, patch);
    it.git('update-ref', 'refs/heads/evil', commit);
    const fsck = it.run(['fsck']);
    expect([fsck.code, fsck.stderr]).toEqual([9, '']);
    expect(fsck.stdout).toContain(commit);
    expect(fsck.stdout).toContain(complaint);
    for (const args of [
      ['show', 'evil'],
      ['diff', 'main~1..evil'],
      ['log', 'evil', '--stat'],
    ])
      expect(it.done(...args), args.join(' ')).toMatch(/steps 20 -> 30/);
    expect(setter(it, 'evil').value).toBe(30);
    it.git('update-ref', '-d', 'refs/heads/evil');
  });

  it('[C3-12] [BI-3] one that cannot be meant does not mislead blame', () => {
    const { it } = shared;
    for (const patch of [
      [5, null],
      [{ op: 'replace', path: '', value: {} }],
      [{ op: '_get', path: '/nodes/3' }],
      [{ op: 'add', path: '/__proto__/x', value: 1 }],
      'null',
    ]) {
      const commit = commitWith(it, patch);
      expect(setter(it, commit).commit, JSON.stringify(patch)).toBe(commit);
    }
  });
});

describe('[BI-5] a hostile value given to set', () => {
  const shared = sharedVictim();

  it.each([
    ['[C3-4]', '{"__proto__": 1}', 'key __proto__ is not allowed'],
    ['[C3-16]', '['.repeat(5000), 'nested deeper than 64 levels'],
    ['[C3-20]', 'NaN', 'NaN is not finite'],
    ['[C3-20]', '1e400', '1e400 is not finite'],
    ['[C3-22]', '{"a": 1, "a": 2}', 'key a stands twice'],
    ['[C3-23]', '"\\ud800"', 'half of a surrogate pair'],
    ['[C3-28]', '["99", 0]', 'for a link'],
    ['a slip', '3O', '3O is not JSON, and the value is a number'],
  ])('%s %s is refused with the reason', (_, value, reason) =>
    shared.it.refused(['set', 'ok.json', '3.steps', value], 3, ['3.steps: ', reason]),
  );

  it('[C3-23] half a surrogate pair in quotes is refused as a text, too', () =>
    shared.it.refused(['set', 'ok.json', '6.text', '"\\ud800"'], 3, ['6.text: ', 'half of a surrogate pair']));

  it.each(['__proto__.steps', '3.__proto__', '3.constructor', 'toString.steps', '3.hasOwnProperty'])(
    '[C3-13] what every object inherits is no place: %s',
    (address) => shared.it.refused(['set', 'ok.json', address, '1'], 5, ['ok.json: ']),
  );
});
