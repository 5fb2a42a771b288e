import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { apiGraph, text } from '../porcelain/samples.ts';
import { sharedVictim, victim } from './victim.ts';

const shared = sharedVictim();

beforeAll(() => {
  const { dir, write } = shared.it;
  write('sub/y.json', apiGraph());
  symlinkSync(join(dir, '..'), join(dir, 'up'));
  symlinkSync('/etc/passwd', join(dir, 'passwd.json'));
  symlinkSync('nowhere.json', join(dir, 'dangling.json'));
  symlinkSync('circle.json', join(dir, 'circle.json'));
  symlinkSync('ok.json', join(dir, 'alias.json'));
});

/** Every command that takes the name of a file. */
const takers = (file: string): string[][] => [
  ['commit', '-m', 'x', file],
  ['diff', '--', file],
  ['log', '--', file],
  ['restore', file],
  ['blame', file],
  ['set', file, '3.steps', '5'],
  ['show', `HEAD:./${file}`],
  ['import', 'ok.json', '--as', file],
];

describe('a name that leads out of the repository is refused by every command that takes one', () => {
  it.each(['../../etc/passwd', 'up/x.json', 'passwd.json', '.git/config', 'sub/../.GIT/config', 'sub/../../x.json'])(
    '[C3-42] %s',
    (file) => {
      for (const args of takers(file)) shared.it.refused(args, 3, ['outside of the repository']);
    },
  );

  it.each(['/etc/passwd', 'file:///etc/passwd', '\\\\host\\share\\x.json'])('[C3-42] %s', (file) => {
    for (const args of takers(file).filter(([verb]) => verb !== 'show'))
      shared.it.refused(args, 3, [`${file}: outside of the repository`]);
  });

  it.each(['%2e%2e%2fetc%2fpasswd.json', '%252e%252e%252fx.json'])(
    '[C3-42] %s is a name like others: there is no such file',
    (file) => {
      const needed = takers(file).filter(([verb]) => verb !== 'log' && verb !== 'import');
      for (const args of needed) shared.it.refused(args, 5, [`${file}: no such file`]);
    },
  );

  it('[C3-42] an empty name, a folder, a circle of links, a name too long', () => {
    for (const args of takers('').filter(([verb]) => verb !== 'show')) shared.it.refused(args, 3, ['it is empty']);
    shared.it.refused(['import', ''], 5, ['""']);
    shared.it.refused(['import', 'sub'], 3, ['sub: is a folder']);
    shared.it.refused(['set', 'sub', '3.steps', '1'], 3, ['sub: is a folder']);
    shared.it.refused(['set', 'circle.json', '3.steps', '1'], 1, ['lead in a circle']);
    shared.it.refused(['set', `${'x'.repeat(300)}.json`, '3.steps', '1'], 3, ['it is too long']);
    shared.it.refused(['import', '/dev/zero'], 1, ['no plain file']);
  });

  it('[C3-42] a folder to work in that is none', () => {
    shared.it.refused(['-C', 'nope', 'status'], 5, ['nope: no such folder']);
    shared.it.refused(['-C', 'ok.json', 'status'], 5, ['ok.json: no such folder']);
    shared.it.refused(['-C', 'ok.json', 'init'], 5, ['ok.json: no such folder']);
    shared.it.refused(['init', 'nope/deeper'], 5, ['nope/deeper: no such folder']);
  });

  it('[C3-42] a symbolic link is not followed by a commit of everything', () => {
    writeFileSync(join(shared.it.dir, 'sub/z.json'), text(apiGraph()));
    const listed = shared.it.done('commit', '-m', 'all', '--dry-run');
    expect(listed).toContain('sub/z.json');
    expect(listed).not.toMatch(/passwd|dangling|alias|up\//);
  });
});

it('[C3-44] [BI-4] a file is never written through a symbolic link', () => {
  for (const link of ['alias.json', 'dangling.json', 'circle.json'])
    shared.it.refused(['import', 'sub/y.json', '--as', link], 4, [`${link}: exists already`, 'symbolic link']);
});

it('[C3-42] [BI-2] files under names that no tree may hold are named, and the rest is committed', () =>
  victim((it) => {
    const names = ['a\nb.json', 'c\\d.json', 'git~1/x.json', 'e\u001b[2J.json'];
    for (const name of [...names, 'good.json']) it.write(name, apiGraph());
    it.refused(['commit', 'a\nb.json'], 3, ['"a\\nb.json" cannot be a path', 'Rename']);
    const raw = Buffer.concat([Buffer.from(`${it.dir}/`), Buffer.from('f\xff.json', 'latin1')]);
    writeFileSync(raw, text(apiGraph()));
    it.write('g\n.json', '{"no": "workflow"}');
    const { code, stdout, stderr } = it.run(['commit', '-m', 'all']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^[0-9a-f]{8} on main {2}all\n {2}\+ good\.json {2}new\n$/),
    ]);
    expect(stderr.trimEnd().split('\n')).toEqual([
      'left out: "a\\nb.json" cannot be a path in a repository: a part of it has a slash, a backslash or a control character',
      'left out: "c\\\\d.json" cannot be a path in a repository: a part of it has a slash, a backslash or a control character',
      'left out: "e\\u001b[2J.json" cannot be a path in a repository: a part of it has a slash, a backslash or a control character',
      'left out: "f\ufffd.json" cannot be a path in a repository: it is not UTF-8',
      'left out: "git~1/x.json" cannot be a path in a repository: a part of it is .git',
    ]);
  }));
