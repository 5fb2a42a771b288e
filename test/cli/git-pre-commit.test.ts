import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apiGraph, apiWith } from '../porcelain/samples.ts';
import { type GitFolder, inGit } from './git-folder.ts';

const KEY = `sk-${'a1B2'.repeat(8)}`;

/** What the hook says to a commit that it refuses; the commit must not be there. */
function refused(folder: GitFolder, ...args: string[]): string {
  const before = folder.git('rev-parse', 'HEAD');
  const { code, stdout, stderr } = folder.tryGit(['commit', '-q', '-m', 'x', ...args]);
  expect([code, stdout]).toEqual([1, '']);
  expect(folder.git('rev-parse', 'HEAD')).toBe(before);
  return stderr;
}

describe('the pre-commit hook', () => {
  it('[GD-9] refuses broken workflows, conflict markers and keys, naming file and place', async () => {
    await inGit(['--pre-commit'], (folder) => {
      folder.commit('good', { 'w.json': apiGraph(), 'v.json': apiGraph(), 'u.json': apiGraph() });
      const good = folder.read('w.json');
      folder.write('w.json', good.replace('"seed": 42,', '"seed": 42,,'));
      folder.write(
        'v.json',
        good.replace(/^ *"seed": 42,/m, '<<<<<<< ours\n"seed": 42,\n=======\n"seed": 43,\n>>>>>>> theirs'),
      );
      folder.write('u.json', apiWith('6', 'text', KEY));
      folder.write('shape.json', {
        nodes: [
          { id: 1, type: 'A' },
          { id: 1, type: 'B' },
        ],
        links: [],
      });
      folder.git('add', '-A');
      const said = refused(folder);
      expect(said).toMatch(/^error: w\.json:\d+:\d+: not valid JSON/m);
      expect(said).toMatch(/^error: v\.json:5: conflict marker <{7} ours$/m);
      expect(said).toContain('error: u.json: node 6 (CLIPTextEncode), input text: an API key (sk-...)\n');
      expect(said).toContain('error: shape.json: node id 1 stands twice');
      expect(said).toContain('git commit --no-verify');
      expect(said).not.toContain(KEY);
      folder.git('commit', '-q', '--no-verify', '-m', 'all the same');
    });
  });

  it('[GD-9] looks at what is staged, not at what lies about, and at the index git gives it', async () => {
    await inGit(['--pre-commit'], (folder) => {
      folder.commit('good', { 'w.json': apiGraph(), 'v.json': apiGraph() });
      folder.write('w.json', apiWith('3', 'steps', 30));
      folder.git('add', 'w.json');
      folder.write('w.json', '{"3": {"class_type": ');
      folder.git('commit', '-q', '-m', 'the staged one is whole');
      folder.write('v.json', apiWith('6', 'text', KEY));
      folder.git('add', 'v.json');
      folder.write('w.json', apiWith('3', 'steps', 40));
      folder.git('commit', '-q', '-m', 'of one file', 'w.json');
      expect(refused(folder, 'v.json')).toContain('v.json: node 6');
      folder.git('rm', '-q', '--cached', 'v.json');
      folder.git('commit', '-q', '-m', 'a removed file is asked nothing');
    });
  });

  it('[GD-9] a key that a commit has already is no news, and .cwfrc may allow them', async () => {
    await inGit(undefined, (folder) => {
      folder.commit('with a key', { 'w.json': apiWith('6', 'text', KEY) });
      folder.cwf('git', 'install', '--pre-commit');
      const graph = apiWith('6', 'text', KEY);
      folder.commit('another value', { 'w.json': { ...graph, '5': { class_type: 'EmptyLatentImage', inputs: {} } } });
      folder.write('v.json', apiWith('6', 'text', KEY));
      folder.git('add', '-A');
      refused(folder);
      folder.write('.cwfrc', '{"secrets": "allow"}');
      folder.git('commit', '-q', '-m', 'allowed');
    });
  });

  it('[GD-9] a workflow that is none any more is refused, other JSON never', async () => {
    await inGit(['--pre-commit'], (folder) => {
      folder.commit('all', {
        'w.json': apiGraph(),
        'tsconfig.json': '{ // no JSON\n}',
        'notes.json': '{"text": "<<<<<<< is a marker"}',
      });
      folder.write('w.json', '{}');
      folder.git('add', '-A');
      expect(refused(folder)).toContain('w.json: not a ComfyUI workflow (it was one in the last commit)');
    });
  });

  it('[GD-9] a hook that was there runs first, and may refuse', async () => {
    await inGit(undefined, (folder) => {
      folder.write('.git/hooks/pre-commit', '#!/bin/sh\necho "mine ran" >&2\ntest ! -e refuse\n');
      chmodSync(join(folder.dir, '.git/hooks/pre-commit'), 0o755);
      folder.cwf('git', 'install', '--pre-commit');
      folder.commit('good', { 'w.json': apiGraph() });
      folder.write('w.json', apiWith('6', 'text', KEY));
      folder.git('add', '-A');
      expect(refused(folder)).toMatch(/^mine ran\nerror: w\.json/);
      folder.write('w.json', apiWith('3', 'steps', 30));
      folder.write('refuse', '');
      folder.git('add', '-A');
      expect(refused(folder)).toBe('mine ran\n');
    });
  });

  it('[GD-7] [GD-9] a program that is gone lets the commit pass, and says so', async () => {
    await inGit(['--pre-commit'], (folder) => {
      folder.write('.git/hooks/pre-commit', folder.read('.git/hooks/pre-commit').replaceAll('cwf.cjs', 'gone.cjs'));
      folder.write('w.json', apiGraph());
      folder.git('add', '-A');
      const { code, stderr } = folder.tryGit(['commit', '-q', '-m', 'x']);
      expect([code, stderr]).toEqual([0, 'cwf did not run: this commit was not checked\n']);
    });
  });
});

describe('graphs in the pre-commit hook', () => {
  it('[GD-11] new errors are told and let pass, refused or left alone, as .cwfrc says', async () => {
    await inGit(['--pre-commit'], (folder) => {
      const said = (): string => folder.tryGit(['commit', '-q', '-m', 'x']).stderr;
      folder.commit('good', { 'w.json': apiGraph() });
      folder.write('w.json', apiWith('3', 'steps', 0));
      folder.git('add', '-A');
      expect(said()).toMatch(/^warning: w\.json: KSampler \(3\) steps: 0 is below 1 \[VALUE_TOO_SMALL\]\n$/);
      folder.write('w.json', {
        ...apiWith('3', 'steps', 0),
        '99': { class_type: 'PreviewAny', inputs: { source: 1 } },
      });
      folder.git('add', '-A');
      expect(said()).toBe('');
      folder.write('.cwfrc', '{"validate": "block"}');
      folder.write('w.json', apiWith('3', 'cfg', 'x'));
      folder.git('add', '-A');
      expect(refused(folder)).toContain('error: w.json: KSampler (3) cfg: "x" is not a number [VALUE_WRONG_TYPE]\n');
      folder.write('.cwfrc', '{"validate": "off"}');
      folder.git('add', '-A');
      expect(said()).toBe('');
    });
  });
});
