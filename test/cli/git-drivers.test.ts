import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { apiGraph, apiWith, shuffled, text, uiGraph } from '../porcelain/samples.ts';
import { cwf, ROOT } from './cwf.ts';
import { type GitFolder, inGit } from './git-folder.ts';

/** Bytes and modes of all that `install` may touch. */
function settings({ dir }: GitFolder): Record<string, string> {
  const out: Record<string, string> = {};
  const note = (name: string): void => {
    const path = join(dir, name);
    if (!existsSync(path)) return;
    const stat = statSync(path);
    if (stat.isDirectory()) for (const each of readdirSync(path)) note(`${name}/${each}`);
    out[name] = stat.isDirectory() ? 'folder' : `${stat.mode.toString(8)} ${readFileSync(path, 'latin1')}`;
  };
  for (const name of ['.git/config', '.git/info', '.git/hooks', '.gitattributes']) note(name);
  return out;
}

describe('install and uninstall', () => {
  it.each<[string, (folder: GitFolder) => void]>([
    ['as git makes them', () => {}],
    [
      'without the folders info and hooks',
      ({ dir }) => ['info', 'hooks'].map((name) => rmSync(join(dir, '.git', name), { recursive: true })),
    ],
    [
      'with settings of the user, without a line feed at the end',
      ({ dir, write }) => {
        writeFileSync(
          join(dir, '.git/config'),
          Buffer.concat([readFileSync(join(dir, '.git/config')), Buffer.from('[user]\r\n\tname = \xe9', 'latin1')]),
        );
        write('.git/info/attributes', '*.png binary');
        write('.gitattributes', '*.txt text\n\n');
        chmodSync(join(dir, '.git/config'), 0o600);
      },
    ],
    ['with empty files', ({ write }) => ['.git/info/attributes', '.gitattributes'].map((name) => write(name, ''))],
    [
      'with a hook',
      ({ dir, write }) => {
        write('.git/hooks/pre-commit', '#!/bin/sh\necho mine >&2');
        chmodSync(join(dir, '.git/hooks/pre-commit'), 0o755);
      },
    ],
  ])('[GD-1] leave no trace in files %s', async (_, prepare) => {
    await inGit(undefined, (folder) => {
      prepare(folder);
      const before = settings(folder);
      for (const flags of [[], ['--pre-commit'], ['--shared', '--pre-commit', '--semantic']]) {
        folder.cwf('git', 'install', ...flags);
        const installed = settings(folder);
        expect(installed).not.toEqual(before);
        // Twice is once.
        expect(folder.cwf('git', 'install', ...flags)).not.toContain('wrote');
        expect(settings(folder)).toEqual(installed);
        folder.cwf('git', 'uninstall');
        expect(settings(folder)).toEqual(before);
      }
      expect(folder.cwf('git', 'uninstall')).toBe('Nothing of cwf is installed here\n');
    });
  });

  it('[GD-1] keep what git and people write around the lines meanwhile', async () => {
    const config = async (install: boolean): Promise<string> => {
      let result = '';
      await inGit(install ? [] : undefined, (folder) => {
        folder.git('config', 'core.pager', 'cat');
        folder.git('config', 'remote.origin.url', 'x');
        folder.git('config', 'alias.st', 'status');
        folder.write(
          '.git/info/attributes',
          `*.png binary\n${install ? folder.read('.git/info/attributes') : ''}*.txt text\n`,
        );
        if (install) folder.cwf('git', 'install', '--semantic');
        if (install) folder.cwf('git', 'uninstall');
        expect(folder.read('.git/info/attributes')).toBe('*.png binary\n*.txt text\n');
        result = folder.read('.git/config');
      });
      return result;
    };
    expect(await config(true)).toBe(await config(false));
  });

  it('[GD-1] are found again after git has removed the section above them', async () => {
    await inGit(undefined, (folder) => {
      const before = folder.read('.git/config');
      folder.git('remote', 'add', 'origin', 'x');
      folder.cwf('git', 'install');
      folder.git('remote', 'remove', 'origin');
      folder.cwf('git', 'uninstall');
      expect(folder.read('.git/config')).toBe(before);
    });
  });

  it('[GD-1] [GD-7] what git reads of them: one driver each, a program by absolute paths', async () => {
    await inGit(['--semantic'], (folder) => {
      const told = (key: string): string => folder.git('config', '--get', key).trimEnd();
      for (const key of [
        'diff.cwf.textconv',
        'diff.cwf.command',
        'merge.cwf.driver',
        'merge.cwf-base.driver',
        'filter.cwf.clean',
        'filter.cwf.process',
      ]) {
        expect(told(key)).toContain(`'${process.execPath}' '${join(ROOT, 'bin/cwf.cjs')}' git `);
      }
      expect(told('merge.cwf.recursive')).toBe('cwf-base');
      expect(folder.tryGit(['config', '--get', 'filter.cwf.required']).code).toBe(1);
      expect(folder.git('check-attr', 'diff', 'merge', 'filter', '--', 'a/w.json').replaceAll('a/w.json: ', '')).toBe(
        'diff: cwf\nmerge: cwf\nfilter: cwf\n',
      );
      folder.cwf('git', 'install');
      expect(folder.tryGit(['config', '--get', 'diff.cwf.command']).code).toBe(1);
    });
  });

  it('[GD-1] --global writes the files git reads for the user, and takes them out again', async () => {
    await inGit(undefined, (folder) => {
      const home = join(folder.dir, '../home');
      writeFileSync(join(home, '.gitconfig'), '[user]\n\tname = Ada\n');
      folder.cwf('git', 'install', '--global');
      expect(folder.git('check-attr', 'merge', '--', 'w.json')).toBe('w.json: merge: cwf\n');
      expect(folder.git('config', '--get', 'merge.cwf.driver')).toContain('merge-driver');
      expect(existsSync(join(folder.dir, '.git/info/attributes'))).toBe(false);
      folder.cwf('git', 'uninstall', '--global');
      expect([readdirSync(home), readFileSync(join(home, '.gitconfig'), 'utf8')]).toEqual([
        ['.config', '.gitconfig'],
        '[user]\n\tname = Ada\n',
      ]);
      expect(readdirSync(join(home, '.config'))).toEqual([]);
      writeFileSync(join(home, '.gitconfig'), '[core]\n\tattributesFile = ~/my attributes\n');
      folder.cwf('git', 'install', '--global');
      expect(readFileSync(join(home, 'my attributes'), 'utf8')).toContain('*.json diff=cwf');
      expect(cwf(folder.dir, ['git', 'install', '--global', '--pre-commit']).code).toBe(2);
    });
  });

  it('[GD-7] a clone brings no driver along, and one that is named there alone does nothing', async () => {
    await inGit(['--shared', '--pre-commit'], (folder) => {
      folder.commit('one', { 'w.json': apiGraph() });
      const clone = join(folder.dir, '../clone');
      folder.git('clone', '-q', '.', clone);
      const config = readFileSync(join(clone, '.git/config'), 'utf8');
      expect(config).not.toContain('cwf.cjs');
      expect(existsSync(join(clone, '.git/hooks/pre-commit'))).toBe(false);
      writeFileSync(join(clone, 'w.json'), text(apiWith('3', 'cfg', 1)));
      expect(folder.git('-C', clone, 'diff')).toContain('"cfg": 1');
      folder.git('-C', clone, 'commit', '-qam', 'raw');
      expect(folder.git('-C', clone, 'show', 'HEAD:w.json')).toBe(text(apiWith('3', 'cfg', 1)));
    });
  });

  it('[GD-1] refuse before anything is written: filters and hooks of others, torn lines, no repository', async () => {
    const refused = (folder: GitFolder, flags: readonly string[], code: string): void => {
      const before = settings(folder);
      const { stdout } = cwf(folder.dir, ['git', 'install', ...flags, '--json']);
      expect(JSON.parse(stdout).error.code).toBe(code);
      expect(settings(folder)).toEqual(before);
    };
    await inGit(undefined, (folder) => {
      folder.write('.gitattributes', '# all\n*.json filter=lfs diff=lfs merge=lfs -text\n');
      refused(folder, [], 'DRIVERS_TAKEN');
      refused(folder, ['--shared'], 'DRIVERS_TAKEN');
      folder.write('.gitattributes', '*.safetensors filter=lfs\n#*.json filter=lfs\n');
      folder.git('config', 'core.hooksPath', '.husky');
      refused(folder, ['--pre-commit'], 'HOOKS_ELSEWHERE');
      folder.git('config', '--unset', 'core.hooksPath');
      for (const name of ['pre-commit', 'pre-commit.before-cwf']) folder.write(`.git/hooks/${name}`, '#!/bin/sh\n');
      refused(folder, ['--pre-commit'], 'FILE_EXISTS');
      folder.cwf('git', 'install');
      folder.write('.git/config', folder.read('.git/config').replace('# cwf git install: end\n', ''));
      refused(folder, [], 'CONFIG_INVALID');
      const before = settings(folder);
      expect(JSON.parse(cwf(folder.dir, ['git', 'uninstall', '--json']).stdout).error.code).toBe('CONFIG_INVALID');
      expect(settings(folder)).toEqual(before);
      writeFileSync(join(folder.dir, '.git/config.lock'), '');
      folder.write('.git/config', '');
      refused(folder, [], 'STORAGE_FAILED');
      expect(JSON.parse(cwf(join(folder.dir, '..'), ['git', 'install', '--json']).stdout).error.code).toBe(
        'REPO_NOT_FOUND',
      );
    });
  });
});

describe('git add stores canonical text', () => {
  it('[GD-4] a save in another order, layout and view is no change', async () => {
    await inGit([], (folder) => {
      folder.commit('one', { 'w.json': apiGraph(), 'page.json': uiGraph() });
      expect(folder.git('show', 'HEAD:w.json')).toBe(folder.cwf('show', 'HEAD:w.json'));
      const page = shuffled(uiGraph() as Json) as JsonObject;
      page['extra'] = { ds: { scale: 3, offset: [7, 7] } };
      folder.write('w.json', JSON.stringify(shuffled(apiGraph() as Json)));
      folder.write('page.json', JSON.stringify(page));
      expect(folder.git('diff')).toBe('');
      folder.git('add', '-A');
      expect(folder.git('status', '--porcelain')).toBe('');
      folder.write('w.json', apiWith('3', 'steps', 30));
      folder.git('commit', '-qam', 'two');
      expect(folder.git('diff', '--no-textconv', '-U0', 'HEAD~1', 'HEAD').split('\n').slice(5, -1)).toEqual([
        '-   "steps": 20',
        '+   "steps": 30',
      ]);
    });
  });

  it('[GD-2] [GD-4] other files are stored byte for byte; damaged ones too, and named', async () => {
    await inGit([], (folder) => {
      const files: Record<string, Buffer> = {
        'package.json': Buffer.from('{ "name" : "x" }'),
        'tsconfig.json': Buffer.from('{\n  // a comment\n}\n'),
        'empty.json': Buffer.alloc(0),
        'latin.json': Buffer.from('{"a":"\xe9"}', 'latin1'),
        'zero.json': Buffer.from([0, 1, 2, 0]),
        '.hidden.json': Buffer.from('[1, 2]'),
        'large.json': Buffer.from(`[${'"0123456789",'.repeat(20_000)}1]`),
        'bad.json': Buffer.from('{"3": {"class_type": "KSampler",,}}'),
      };
      for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder.dir, name), bytes);
      const { code, stderr } = folder.tryGit(['add', '-A']);
      expect([code, stderr]).toEqual([
        0,
        expect.stringMatching(/^cwf: left to git: bad\.json:1:\d+: not valid JSON[^\n]*\n$/),
      ]);
      folder.git('commit', '-qm', 'all');
      for (const [name, bytes] of Object.entries(files)) {
        folder.git('show', `HEAD:${name}`);
        expect(folder.git('rev-parse', `HEAD:${name}`), name).toBe(folder.git('hash-object', '--no-filters', name));
        expect(bytes.length).toBe(statSync(join(folder.dir, name)).size);
      }
    });
  });

  it('[GD-4] what was committed in another layout is no change until it changes', async () => {
    await inGit(undefined, (folder) => {
      folder.commit('raw', { 'w.json': apiGraph(), 'v.json': apiWith('3', 'cfg', 1) });
      expect(JSON.parse(folder.cwf('git', 'install', '--json')).toNormalize).toBe(2);
      let time = 1;
      const touch = (): void => {
        for (const file of ['w.json', 'v.json']) utimesSync(join(folder.dir, file), 1, time++);
      };
      touch();
      expect(folder.git('status', '--porcelain')).toBe('');
      folder.git('worktree', 'add', '-q', '../linked');
      utimesSync(join(folder.dir, '../linked/w.json'), 2, 2);
      expect(folder.git('-C', '../linked', 'status', '--porcelain')).toBe('');
      folder.write('w.json', apiWith('3', 'steps', 30));
      folder.git('commit', '-qam', 'changed');
      expect(folder.git('show', 'HEAD:w.json')).toMatch(/^ "3": \{\n {2}"_meta"/m);
      expect(folder.git('show', 'HEAD:v.json')).toBe(folder.read('v.json'));
      touch();
      const { code } = folder.tryGit(['add', '--renormalize', '.'], { CWF_RENORMALIZE: '1' });
      expect([code, folder.git('status', '--porcelain')]).toEqual([0, 'M  v.json\n']);
    });
  });

  it('[GD-4] beside the commands of cwf: neither sees the files of the other as changed', async () => {
    await inGit([], (folder) => {
      folder.cwf('init');
      folder.write('w.json', JSON.stringify(apiGraph()));
      folder.cwf('commit', '-m', 'by cwf');
      const isClean = (): void => {
        expect(folder.git('status', '--porcelain')).toBe('');
        expect(JSON.parse(folder.cwf('status', '--json')).changes).toEqual([]);
      };
      isClean();
      // Git has to read the file: its time is not the one of the index.
      utimesSync(join(folder.dir, 'w.json'), 5, 5);
      isClean();
      expect(folder.read('w.json')).toBe(JSON.stringify(apiGraph()));
      folder.write('w.json', apiWith('3', 'steps', 31));
      folder.git('commit', '-qam', 'by git');
      isClean();
      folder.cwf('set', 'w.json', '3.cfg', '5');
      isClean();
      folder.git('switch', '-q', '-c', 'side', 'HEAD~1');
      folder.cwf('set', 'w.json', '3.seed', '1');
      folder.git('switch', '-q', 'main');
      isClean();
      folder.cwf('merge', 'side');
      isClean();
      folder.cwf('undo');
      isClean();
      folder.git('merge', '-q', 'side', '-m', 'by git');
      isClean();
      expect(folder.cwf('fsck')).not.toMatch(/error/i);
    });
  });

  it('[GD-7] a program that is gone stores files as they are, and git says so', async () => {
    await inGit([], (folder) => {
      folder.write('.git/config', folder.read('.git/config').replaceAll(ROOT, `${ROOT}-gone`));
      folder.write('w.json', apiGraph());
      const { code, stderr } = folder.tryGit(['add', 'w.json']);
      expect([code, stderr]).toEqual([0, expect.stringContaining('cwf did not run: files are stored as they are')]);
      folder.git('commit', '-qm', 'raw');
      expect(folder.git('show', '--no-textconv', 'HEAD:w.json')).toBe(folder.read('w.json'));
      const log = folder.tryGit(['log', '-p']);
      expect([log.code, log.stderr]).toEqual([
        0,
        expect.stringContaining('cwf did not run: this is the file as it is'),
      ]);
      expect(log.stdout).toContain('+  "class_type": "KSampler",');
    });
  });
});
