import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sharedVictim } from './victim.ts';

const shared = sharedVictim();

describe('a name that can be no branch or tag is refused wherever one is given', () => {
  it.each([
    ['[C3-34]', '../../x', 'two dots'],
    ['[C3-34]', 'a..b', 'two dots'],
    ['[C3-34]', 'x.lock', 'ends in .lock'],
    ['[C3-34]', '@{1}', '@{'],
    ['[C3-34]', 'a\nb', 'control character'],
    ['[C3-34]', 'a\\b', '[\\'],
    ['[C3-34]', 'a:b', ':'],
    ['[C3-34]', 'a/', 'empty'],
    ['[C3-34]', '', 'empty'],
    ['[C3-35]', '-x', 'starts with -'],
    ['[C3-35]', 'HEAD', 'something else'],
    ['[C3-35]', '@', 'something else'],
    ['[C3-35]', 'refs/heads/x', 'starts with refs/'],
    ['[C3-38]', 'CON', 'reserved name on Windows'],
    ['[C3-38]', 'a/aux.json', 'reserved name on Windows'],
    ['[C3-38]', 'x'.repeat(256), 'bytes'],
  ])('%s %j', (_, name, reason) => {
    const pieces = ['is not a name for a branch or tag', reason];
    shared.it.refused(['branch', '--', name], 3, pieces);
    shared.it.refused(['switch', '-c', '--', name], 3, pieces);
    shared.it.refused(['tag', '--', name], 3, pieces);
    shared.it.refused(['branch', '-m', '--', 'main', name], 3, pieces);
  });

  it('[C3-34] nothing is written outside of the folder of refs', () => {
    for (const args of [
      ['switch', '--', '../../HEAD'],
      ['branch', '-D', '--', '../../HEAD'],
      ['tag', '-d', '--', '../config'],
    ])
      shared.it.refused(args, 3, ['two dots']);
    for (const rev of ['../../config', 'refs/../config', '/etc/passwd', 'config', '.'])
      shared.it.refused(['show', rev], 5, [`no revision ${rev}`]);
    expect(existsSync(join(shared.it.dir, '.git/config'))).toBe(true);
  });
});

describe('names that would be one file', () => {
  it.each([
    ['[C3-36]', 'Main', 'main'],
    ['[C3-37]', 'main/x', 'main'],
  ])('%s %s stands not beside %s', (_, name, other) => {
    for (const args of [
      ['branch', name],
      ['switch', '-c', name],
    ])
      shared.it.refused(args, 4, [`refs/heads/${name} cannot stand beside refs/heads/${other}`, 'one file']);
  });

  it('[C3-36] [C3-37] equal after composition, and above another', () => {
    shared.it.done('branch', 'caf\u00e9');
    shared.it.refused(['branch', 'cafe\u0301'], 4, ['cannot stand beside']);
    shared.it.done('branch', 'a/b');
    shared.it.refused(['branch', 'a'], 4, ['refs/heads/a cannot stand beside refs/heads/a/b']);
    shared.it.done('branch', '-d', 'a/b');
    shared.it.done('branch', 'a');
  });
});
