import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apiGraph, apiWith } from '../porcelain/samples.ts';
import { gitIsContent, sharedVictim, type Victim, victim } from './victim.ts';

const objectFile = (it: Victim, oid: string): string => join(it.dir, '.git/objects', oid.slice(0, 2), oid.slice(2));

/** Writes over a file of the repository that git made read-only. */
function overwrite(file: string, bytes: Uint8Array | string): void {
  chmodSync(file, 0o644);
  writeFileSync(file, bytes);
}

/** A commit, on the branch `evil`, whose tree has one entry of this name and mode. */
function evilTree(it: Victim, name: string, mode: string, oid: string): void {
  const entry = Buffer.concat([Buffer.from(`${mode} ${name}\0`), Buffer.from(oid, 'hex')]);
  const tree = it.object('tree', entry);
  it.git('update-ref', 'refs/heads/evil', it.git('commit-tree', tree, '-p', 'main', '-m', 'evil'));
}

describe('who made a commit, and when', () => {
  const shared = sharedVictim();
  let steps = 40;
  const commit = (env: Record<string, string>): string => {
    shared.it.write('ok.json', apiWith('3', 'steps', steps++));
    const { code, stderr } = shared.it.run(['commit', '-m', 'x'], env);
    expect([code, stderr]).toEqual([0, '']);
    return shared.it.git('log', '-1', '--format=%an|%ae|%P');
  };

  it('[C3-39] a name cannot add headers, and none is too strange', () => {
    const forged = { GIT_AUTHOR_NAME: `A\nparent ${'0'.repeat(40)}`, GIT_AUTHOR_EMAIL: '<x>\n' };
    expect(commit(forged)).toMatch(/^A parent 0{40}\|x\|[0-9a-f]{40}$/);
    expect(commit({ GIT_AUTHOR_NAME: '<x>', GIT_AUTHOR_EMAIL: 'a b\r<c>' })).toMatch(/^x\|/);
    expect(commit({ GIT_AUTHOR_NAME: '', GIT_AUTHOR_EMAIL: '' })).toMatch(/^[^|]+\|[^|]+\|/);
    expect(commit({ GIT_AUTHOR_NAME: 'x'.repeat(10_240) })).toMatch(/^x+\|/);
    expect(gitIsContent(shared.it)).toBe(true);
    expect(shared.it.done('fsck')).toContain('sound');
  });

  it.each(['NaN', '-1', '@-5 +0000', '1099511627776 +0000', '99999999999999999999', '1700000000 +9999', 'garbage'])(
    '[C3-41] [BI-6] the date %s is refused, not replaced by another one',
    (date) => {
      shared.it.write('ok.json', apiWith('3', 'steps', 39));
      const pieces = ['GIT_AUTHOR_DATE', JSON.stringify(date), 'ISO 8601'];
      shared.it.refused(['commit', '-m', 'x'], 2, pieces, { GIT_AUTHOR_DATE: date });
    },
  );

  it.each([
    ['1700000000 +0100', '1700000000 +0100'],
    ['@1099511627775 +0000', '1099511627775 +0000'],
    ['2020-01-01T00:00:00Z', '1577836800 +0000'],
  ])('[C3-41] the date %s is taken', (date, stored) => {
    commit({ GIT_AUTHOR_DATE: date });
    expect(shared.it.git('cat-file', 'commit', 'HEAD')).toMatch(
      new RegExp(`^author .* ${stored.replace('+', '\\+')}$`, 'm'),
    );
  });

  it('[C3-33] what looks like a pattern is looked for as it is', () => {
    const it = shared.it;
    it.write('ok.json', apiWith('3', 'steps', 38));
    it.done('commit', '-m', `${'a'.repeat(50_000)}!`);
    for (const flag of ['--grep', '--author', '--actor']) expect(it.done('log', flag, '(a+)+$')).toBe('');
    expect(it.done('log', '--grep', 'a!', '--porcelain').trim().split('\n')).toHaveLength(1);
  });

  it('[C3-2] a metric named like a method of every object was not noted', () => {
    for (const name of ['__proto__', 'toString', 'constructor'])
      expect(shared.it.done('log', '-n', '1', '--metric', name)).toContain(`${name}  subject`);
    shared.it.refused(['note', 'add', '--metric', '__proto__=1'], 2, ['__proto__']);
  });
});

describe('a tree that no checkout may write', () => {
  const shared = sharedVictim();

  it.each([['.git'], ['..'], ['.GIT'], ['git~1'], ['a/b'], [''], ['a\\b'], ['\u200c.git']])(
    '[C3-45] with an entry %j is refused by every command that meets it',
    (name) => {
      const { it } = shared;
      evilTree(it, name, '40000', it.git('rev-parse', 'main^{tree}'));
      for (const args of [
        ['switch', 'evil'],
        ['switch', '--detach', 'evil'],
        ['merge', 'evil'],
        ['restore', '-s', 'evil', '.'],
        ['cherry-pick', 'evil'],
        ['show', 'evil'],
      ])
        it.refused(args, 9, ['is damaged', JSON.stringify(name).slice(1, 3)]);
      it.git('update-ref', '-d', 'refs/heads/evil');
    },
  );

  it.each([
    ['symbolic link', '120000'],
    ['submodule', '160000'],
  ])('[C3-45] a %s is left to git: switching there and back writes none', (_, mode) =>
    victim((it) => {
      evilTree(it, 'x.json', mode, mode === '120000' ? it.object('blob', '/etc/passwd') : it.git('rev-parse', 'main'));
      it.done('switch', 'evil');
      expect(it.git('ls-files', '--others')).toBe('');
      expect(() => readFileSync(join(it.dir, 'x.json'))).toThrow();
      it.done('switch', 'main');
      expect(JSON.parse(it.read('ok.json'))[3].inputs.steps).toBe(30);
      for (const args of [
        ['blame', 'x.json', 'evil'],
        ['restore', '-s', 'evil', 'x.json', '--input', '3.steps'],
      ])
        expect(it.run(args).code, args.join(' ')).toBeGreaterThan(0);
    }),
  );
});

describe('a damaged repository', () => {
  it('[C3-46] an object of no bytes is found, and taken away by the repair', () =>
    victim((it) => {
      const oid = it.object('blob', 'lost to a power cut');
      overwrite(objectFile(it, oid), '');
      const found = it.run(['fsck']);
      expect([found.code, found.stdout]).toEqual([9, expect.stringContaining(`object ${oid} is empty`)]);
      expect(it.run(['fsck', '--repair']).stdout).toContain('(deleted the empty file)');
      expect(it.done('fsck')).toContain('sound');
      expect(gitIsContent(it)).toBe(true);
    }));

  it('[C3-47] bytes of another object are never shown as those of the first', () =>
    victim((it) => {
      const [old, now] = [it.git('rev-parse', 'HEAD~1:ok.json'), it.git('rev-parse', 'HEAD:ok.json')];
      overwrite(objectFile(it, now), readFileSync(objectFile(it, old)));
      for (const args of [['show'], ['blame', 'ok.json'], ['set', 'ok.json', '3.steps', '7'], ['revert', 'HEAD']])
        it.refused(args, 9, [now, 'its hash is another', 'cwf fsck']);
      const { code, stdout } = it.run(['fsck']);
      expect([code, stdout]).toEqual([9, expect.stringContaining(`object ${now} has the hash ${old}`)]);
    }));

  it.each([
    ['refs/heads/main', 'garbage\n'],
    ['refs/heads/main', ''],
    ['refs/heads/main', 'ref: '],
    ['HEAD', ''],
    ['HEAD', '\0\0\0\0'],
  ])('[C3-48] %s holding %j stops every command, says the last value, and is repaired', (ref, content) =>
    victim((it) => {
      const tip = it.git('rev-parse', 'HEAD');
      writeFileSync(join(it.dir, '.git', ref), content);
      for (const args of [['status'], ['log'], ['commit', '-m', 'x'], ['branch', 'new'], ['undo']])
        it.refused(args, 9, [`${ref}: the ref file holds`, tip, 'cwf fsck --repair']);
      expect(it.done('fsck', '--repair')).toContain('sound');
      expect(it.git('rev-parse', 'refs/heads/main')).toBe(tip);
      expect(it.done('status')).toContain(`On main, ${tip.slice(0, 8)}`);
    }),
  );

  it('[C3-49] a lock that another program left is named with its age, and never broken', () =>
    victim((it) => {
      const lock = join(it.dir, '.git/refs/heads/main.lock');
      writeFileSync(lock, '');
      it.refused(['set', 'ok.json', '3.steps', '7'], 4, ['refs/heads/main is locked by git', lock, 's old', 'delete']);
      expect(it.done('fsck', '--repair')).toContain('made by another program');
      expect(readFileSync(lock, 'utf8')).toBe('');
    }));
});

describe('what is no commit', () => {
  const shared = sharedVictim();

  it('[C3-50] is refused by name, and hides no other branch', () => {
    const { it } = shared;
    const blob = it.git('rev-parse', 'HEAD:ok.json');
    writeFileSync(join(it.dir, '.git/refs/heads/blob'), `${blob}\n`);
    for (const args of [
      ['switch', '--detach', 'blob'],
      ['switch', '-c', 'new', 'blob'],
      ['merge', 'blob'],
      ['log', 'blob'],
      ['diff', 'blob'],
      ['show', 'blob'],
      ['branch', 'new', 'blob'],
      ['tag', 'new', 'blob'],
      ['cherry-pick', 'blob'],
      ['revert', 'blob'],
      ['bisect', 'start', 'HEAD', 'blob'],
      ['note', 'add', 'blob', '--text', 'x'],
    ])
      it.refused(args, 3, ['blob is a blob, not a commit']);
    const listed = it.done('branch');
    expect(listed).toMatch(/blob .*\(no commit; see `cwf fsck`\)/);
    expect(listed).toContain('* main');
    const { code, stdout } = it.run(['fsck']);
    expect([code, stdout]).toEqual([9, expect.stringContaining('refs/heads/blob names a blob')]);
    it.done('branch', '-D', 'blob');
  });

  it('[C3-50] no branch is made on it, nor from it', () =>
    victim((it) => {
      writeFileSync(join(it.dir, '.git/refs/heads/main'), `${it.git('rev-parse', 'HEAD:ok.json')}\n`);
      for (const args of [
        ['switch', '-c', 'new'],
        ['branch', 'new'],
        ['commit', '-m', 'x'],
      ])
        it.refused(args, 3, ['is a blob, not a commit']);
    }));

  it('[C3-50] notes on nothing, revisions that are none, histories without a common commit', () => {
    const { it } = shared;
    const none = '0'.repeat(40);
    for (const args of [
      ['note', 'add', none, '--text', 'x'],
      ['note', 'show', none],
      ['show', none],
      ['merge', none],
      ['log', 'HEAD~99999'],
      ['show', 'HEAD^2'],
      ['show', 'HEAD~99999999999999999999'],
    ])
      it.refused(args, 5, ['no revision']);
    const orphan = it.git('commit-tree', 'HEAD^{tree}', '-m', 'orphan');
    it.git('update-ref', 'refs/heads/orphan', orphan);
    for (const args of [
      ['merge', 'orphan'],
      ['diff', 'main...orphan'],
    ])
      it.refused(args, 1, ['have no common ancestor']);
  });

  it('[C3-50] merges of many parents are shown, compared, and reverted by number', () => {
    const { it } = shared;
    const parents = Array.from({ length: 40 }, (_, i) =>
      it.git('commit-tree', 'HEAD^{tree}', '-p', 'HEAD', '-m', `${i}`),
    );
    it.write('ok.json', apiGraph());
    it.git('add', 'ok.json');
    const octopus = it.git(
      'commit-tree',
      it.git('write-tree'),
      ...parents.flatMap((oid) => ['-p', oid]),
      '-m',
      'octopus',
    );
    it.git('reset', '-q', '--hard', octopus);
    for (const args of [['show'], ['log', '--stat'], ['blame', 'ok.json'], ['diff', 'HEAD^40..HEAD'], ['fsck']])
      it.done(...args);
    it.refused(['revert', 'HEAD'], 2, [octopus, 'more than one parent']);
    it.refused(['revert', 'HEAD', '-m', '41'], 5, [`${octopus}^41`, '40 parents']);
    it.done('revert', 'HEAD', '-m', '40');
    expect(JSON.parse(it.read('ok.json'))[3].inputs.steps).toBe(30);
  });
});
