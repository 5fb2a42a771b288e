import { describe, expect, it } from 'vitest';
import { apiGraph, apiWith } from '../porcelain/samples.ts';
import { inGit } from './git-folder.ts';

describe('what git shows of a workflow', () => {
  it('[GD-3] git diff, log -p, show and blame: one fact per line; --stat and patches: the text', async () => {
    await inGit([], (folder) => {
      folder.commit('one', { 'w.json': apiGraph(), 'package.json': '{\n  "a": 1\n}\n' });
      folder.commit('two', { 'w.json': apiWith('3', 'steps', 30), 'package.json': '{\n  "a": 2\n}\n' });
      folder.write('w.json', apiWith('3', 'steps', 40));
      const changed = (patch: string): string[] => patch.split('\n').filter((line) => /^[-+][^-+]/.test(line));
      const [before, after] = ['-KSampler (3): steps = 20', '+KSampler (3): steps = 30'];
      expect(changed(folder.git('diff'))).toEqual(['-KSampler (3): steps = 30', '+KSampler (3): steps = 40']);
      expect(changed(folder.git('log', '-p', '-1'))).toEqual(['-  "a": 1', '+  "a": 2', before, after]);
      expect(changed(folder.git('show', 'HEAD', '--', 'w.json'))).toEqual([before, after]);
      expect(folder.git('diff', '-U0', 'HEAD~1', 'HEAD', '--', 'w.json')).toMatch(/^@@ .* @@ KSampler \(3\)$/m);
      expect(folder.git('log', '-G', 'steps = 30', '--format=%s').trim()).toBe('two');
      const blamed = folder.git('blame', 'HEAD', '--', 'w.json').split('\n');
      const two = folder.git('rev-parse', '--short=8', 'HEAD').trim();
      expect(blamed.filter((line) => line.startsWith(two)).map((line) => line.replace(/^.*?\) /, ''))).toEqual([
        after.slice(1),
      ]);
      expect(folder.git('diff', '--stat', 'HEAD~1', '--', 'w.json')).toMatch(/w\.json \| 2 \+-\n/);
      const patch = folder.git('diff', '--no-textconv', 'HEAD~1', 'HEAD', '--', 'w.json');
      expect(changed(patch)).toEqual(['-   "steps": 20', '+   "steps": 30']);
      expect(folder.git('format-patch', '--stdout', '-1')).toContain(patch.slice(patch.indexOf('@@')).trimEnd());
    });
  });

  it('[GD-2] [GD-3] a damaged version is shown as it is, and named', async () => {
    await inGit([], (folder) => {
      folder.commit('one', { 'w.json': apiGraph() });
      folder.write('w.json', folder.read('w.json').replace('"seed": 42,', '<<<<<<< ours'));
      const { code, stdout, stderr } = folder.tryGit(['diff']);
      expect([code, stderr]).toEqual([0, expect.stringMatching(/^cwf: left to git: w\.json:\d+:\d+: not valid JSON/)]);
      expect(stdout).toMatch(/^\+ *<{7} ours$/m);
    });
  });

  it('[GD-3] nothing a terminal would obey, whatever a file says', async () => {
    await inGit([], (folder) => {
      folder.commit('evil', { 'w.json': apiWith('6', 'text', '\u001b[2J\u202e\u0007 \u009b') });
      const shown = folder.git('log', '-p');
      expect(shown).toContain('\\u001b[2J');
      expect(shown.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    });
  });

  it('[GD-8] --semantic: git diff lists edits as cwf diff does, and other files as git does', async () => {
    await inGit(['--semantic'], (folder) => {
      folder.commit('one', { 'w.json': apiGraph(), 'gone.json': apiGraph(), 'package.json': '{\n  "a": 1\n}\n' });
      folder.write('w.json', apiWith('3', 'steps', 40));
      expect(folder.git('diff')).toBe(folder.cwf('diff'));
      folder.write('package.json', '{\n  "a": 2\n}\n');
      folder.write('new.json', apiGraph());
      folder.git('rm', '-q', 'gone.json');
      folder.git('add', '-A');
      const shown = folder.git('diff', '--cached', '--no-renames');
      expect(shown).toContain('  - gone.json  removed\n    - format: api\n');
      expect(shown).toContain('  + new.json  new\n    + format: api\n    + KSampler (3)\n');
      expect(shown).toContain('KSampler "portrait" (3): steps 20 -> 40');
      const own = folder.git('diff', '--cached', '--no-ext-diff', '--', 'package.json');
      expect(shown).toContain(own);
      expect(folder.git('diff', '--cached', '-M')).toContain('  > gone.json -> new.json  renamed\n');
      expect(folder.git('diff', '--cached', '--no-ext-diff', '--', 'w.json')).toContain('+KSampler (3): steps = 40');
    });
  });

  it('[GD-7] [GD-8] --semantic with a program that is gone shows lines', async () => {
    await inGit(['--semantic'], (folder) => {
      folder.commit('one', { 'w.json': apiGraph() });
      folder.write('w.json', apiWith('3', 'steps', 40));
      const [, script] = /'([^']+cwf\.cjs)'/.exec(folder.read('.git/config'))!;
      folder.write('.git/config', folder.read('.git/config').replaceAll(script!, `${script}.gone`));
      const { code, stdout, stderr } = folder.tryGit(['diff']);
      expect([code, stderr]).toEqual([0, expect.stringContaining('cwf did not run: these are lines')]);
      expect(stdout).toMatch(/^\+ .*"steps": 40,?$/m);
    });
  });
});
