import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apiGraph, apiWith } from '../porcelain/samples.ts';
import { cleanEnv, type Result, ROOT } from './cwf.ts';
import { type GitFolder, inGit } from './git-folder.ts';

const JOB = readFileSync(join(ROOT, 'templates/ci/github-actions.yml'), 'utf8');

/** The script of one step, as the runner hands it to bash. */
function scriptOf(step: string): string {
  const [, block = ''] =
    new RegExp(`- name: ${step}\\n[\\s\\S]*?\\n {8}run: \\|\\n((?: {10}.*\\n|\\n)+)`).exec(JOB) ?? [];
  expect(block, step).not.toBe('');
  return block.replace(/^ {10}/gm, '');
}

/** Runs the steps of the job after the installation, as GitHub's runner does, with a `gh` that only writes down. */
function runJob(
  folder: GitFolder,
  { comments = '', gh = 0, base = 'main', head = 'side' } = {},
): Result & {
  readonly body: string;
  readonly summary: string;
  readonly posted: string;
} {
  const temp = join(folder.dir, '../runner');
  const bin = join(temp, 'bin');
  mkdirSync(bin, { recursive: true });
  const program = (name: string, script: string): void =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  program('cwf', `exec '${process.execPath}' '${join(ROOT, 'bin/cwf.cjs')}' "$@"`);
  program('gh', `case "$*" in *--jq*) printf '%s' "$IDS";; *) printf '%s\\n' "$@" >>"$POSTED"; exit ${gh};; esac`);
  const file = (name: string): string => join(temp, name);
  for (const name of ['body', 'body.diff', 'summary', 'posted']) writeFileSync(file(name), '');
  const env = {
    ...cleanEnv(),
    PATH: `${bin}:${process.env['PATH']}`,
    BASE: folder.git('rev-parse', base).trim(),
    HEAD: folder.git('rev-parse', head).trim(),
    BODY: file('body'),
    GITHUB_STEP_SUMMARY: file('summary'),
    COMMENTS: 'repos/ada/art/issues',
    NUMBER: '7',
    IDS: comments,
    POSTED: file('posted'),
  };
  let last: Result = { code: 0, stdout: '', stderr: '' };
  for (const step of ['Compare', 'Post']) {
    if (last.code !== 0) break;
    const options = { cwd: folder.dir, env, encoding: 'utf8' as const };
    const { status, stdout, stderr } = spawnSync('bash', ['-eo', 'pipefail', '-c', scriptOf(step)], options);
    last = { code: status ?? -1, stdout, stderr };
  }
  const read = (name: string): string => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '');
  return { ...last, body: read('body'), summary: read('summary'), posted: read('posted') };
}

describe('the CI job', () => {
  it('[GD-10] posts the edits of the pull request as text, and not those of its base', async () => {
    await inGit(undefined, (folder) => {
      folder.commit('base', { 'w.json': apiGraph() });
      folder.git('switch', '-q', '-c', 'side');
      folder.commit('theirs', { 'w.json': apiWith('3', 'steps', 30), 'new.json': apiGraph() });
      folder.git('switch', '-q', 'main');
      folder.commit('meanwhile', { 'w.json': apiWith('3', 'seed', 7) });
      const { code, stderr, body, summary, posted } = runJob(folder);
      expect([code, stderr]).toEqual([0, '']);
      const short = (rev: string): string => folder.git('rev-parse', rev).slice(0, 8);
      expect(body.split('\n')).toEqual([
        '<!-- cwf semantic diff -->',
        `What changed in workflows from ${short('main')} to ${short('side')}:`,
        '',
        '```text',
        ...folder.cwf('diff', 'main...side').trimEnd().split('\n'),
        '```',
        '',
      ]);
      expect(body).toContain('KSampler "portrait" (3): steps 20 -> 30');
      expect(body).not.toContain('seed');
      expect(summary).toBe(body);
      const at = [
        '--method',
        'POST',
        'repos/ada/art/issues/7/comments',
        '--field',
        `body=@${join(folder.dir, '../runner/body')}`,
      ];
      expect(posted.trimEnd().split('\n')).toEqual(['api', '--silent', ...at]);
      // The next push writes over the same comment.
      expect(runJob(folder, { comments: '55\n66\n' }).posted).toContain('PATCH\nrepos/ada/art/issues/comments/55\n');
    });
  });

  it('[GD-10] a text of the author stays text, and a long diff is cut', async () => {
    await inGit(undefined, (folder) => {
      folder.commit('base', { 'w.json': apiGraph() });
      folder.git('switch', '-q', '-c', 'side');
      const many = Object.fromEntries(
        Array.from({ length: 3000 }, (_, n) => [
          String(n + 100),
          { class_type: 'CLIPTextEncode', inputs: { text: '````\n@everyone', clip: ['4', 1] } },
        ]),
      );
      const evil = apiWith('6', 'text', '```` @all <img src=x>');
      folder.commit('evil', { 'w.json': evil });
      expect(runJob(folder).body.split('\n').slice(3)).toEqual([
        '`````text',
        expect.stringContaining('w.json'),
        expect.stringContaining('"a cat" -> "```` @all <img src=x>"'),
        '`````',
        '',
      ]);
      folder.commit('many', { 'w.json': { ...evil, ...many } });
      const { body } = runJob(folder);
      const lines = body.trimEnd().split('\n');
      expect([lines[3], lines.at(-1)]).toEqual(['`````text', '`````']);
      expect(lines.slice(4, -1).join('\n')).not.toContain('`````');
      expect(lines.at(-2)).toMatch(/^\.\.\. and \d+ more lines: cwf diff shows them$/);
      expect(body.length).toBeLessThan(65_536);
    });
  });

  it('[GD-10] says nothing where no workflow changed, fails where cwf fails, and warns where it may not write', async () => {
    await inGit(undefined, (folder) => {
      folder.commit('base', { 'w.json': apiGraph() });
      folder.git('switch', '-q', '-c', 'side');
      folder.commit('other', { 'package.json': '{"a": 1}' });
      const same = runJob(folder);
      expect([same.code, same.posted, same.summary]).toEqual([
        0,
        '',
        '<!-- cwf semantic diff -->\nNo workflow changed.\n',
      ]);
      expect(runJob(folder, { comments: '55\n' }).posted).toContain('PATCH');
      folder.commit('changed', { 'w.json': apiWith('3', 'steps', 30) });
      const refused = runJob(folder, { gh: 1 });
      expect([refused.code, refused.stdout]).toEqual([0, expect.stringMatching(/^::warning::/)]);
      folder.git('checkout', '-q', '--orphan', 'alone');
      folder.commit('root', { 'w.json': apiGraph() });
      const failed = runJob(folder, { head: 'alone' });
      expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('no common ancestor')]);
    });
  });

  it('[GD-10] takes nothing of the pull request into a script but by the environment', () => {
    for (const step of ['Install cwf', 'Compare', 'Post']) expect(scriptOf(step)).not.toContain('${{');
    expect(JOB).toContain('\non:\n  pull_request:\n');
  });
});
