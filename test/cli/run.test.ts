import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { victim } from '../hostile/victim.ts';
import { cleanEnv, cwf, ensureBuilt, ROOT } from './cwf.ts';

beforeAll(ensureBuilt);

const blurred = (color: number, more: object = {}) => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color } },
  '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: 1, sigma: 0.5 } },
  '9': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'x' } },
  ...more,
});

/** Node after node, some seconds in all. */
function slow() {
  const blur = (from: string) => ({ class_type: 'ImageBlur', inputs: { image: [from, 0], blur_radius: 31, sigma: 9 } });
  const chain = Array.from({ length: 40 }, (_, i) => [`b${i}`, blur(i === 0 ? '1' : `b${i - 1}`)]);
  return {
    '1': { class_type: 'EmptyImage', inputs: { width: 1024, height: 1024, batch_size: 1, color: 5 } },
    ...Object.fromEntries(chain),
    '9': { class_type: 'SaveImage', inputs: { images: ['b39', 0], filename_prefix: 'x' } },
  };
}

describe('cwf run', () => {
  test('[RU-1, RU-16, RU-18] runs a commit, tells its progress, and show has it', () =>
    victim((it) => {
      it.write('wf.json', blurred(0x808080));
      it.done('commit', '-m', 'blur', 'wf.json');
      const { code, stdout, stderr } = cwf(it.dir, ['run', 'wf.json']);
      expect(code).toBe(0);
      expect(stderr).toMatch(
        /^running wf\.json on embedded\n {2}1\/3 {2}EmptyImage \(1\)\n.*\n {2}3\/3 {2}SaveImage \(9\)\n/,
      );
      expect(stderr).toMatch(/noted on [0-9a-f]{8} {2}blur\n$/);
      expect(stdout).toMatch(/^finished on embedded in .* {2}wf\.json\n {2}sha256:[0-9a-f]{12} {2}image\/png {2}64x64/);
      expect(stdout).toMatch(/^laplacian-variance +\S+ {2}levels², maximize$/m);
      expect(stdout).toContain('gate: x_00001_.png: single-color');
      const shown = it.done('show');
      expect(shown).toMatch(/^ {4}finished on embedded in .*person/m);
      expect(shown).toMatch(/laplacian-variance \d/);
      expect(it.done('note', 'show')).toContain('finished on embedded');
      expect(it.done('op', 'log', '-n', '1')).toContain('run by person');
      it.done('undo');
      expect(it.done('show')).not.toContain('embedded');
    }));

  test('[RU-16] --json is one document, --jsonl a line an event, --porcelain a line an output', () =>
    victim((it) => {
      it.write('wf.json', blurred(0x808080));
      it.done('commit', 'wf.json');
      const one = JSON.parse(it.done('run', 'wf.json', '--json'));
      expect(one).toMatchObject({ schema: 'cwf.run/1', kind: 'ran', recorded: true, run: { kind: 'finished' } });
      const lines = it
        .done('run', 'wf.json', '--jsonl')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.map(({ schema }) => schema)).toEqual([...lines.slice(1).map(() => 'cwf.run.event/1'), 'cwf.run/1']);
      expect(lines.map(({ kind }) => kind)).toEqual(
        expect.arrayContaining(['ready', 'queued', 'started', 'node', 'end']),
      );
      expect(it.done('run', 'wf.json', '--porcelain')).toMatch(/^finished\t9\t[0-9a-f]{64}\tx_\d+_\.png\n$/);
      expect(it.done('run', 'wf.json', '--dry-run')).toContain('would run on embedded: 3 nodes');
    }));

  test('[RU-6] faults are told as validate tells them', () =>
    victim((it) => {
      it.write('wf.json', blurred(1));
      it.done('commit', 'wf.json');
      const { code, stdout, stderr } = cwf(it.dir, ['run', 'wf.json', '--set', '2.sigma=99']);
      expect(code).toBe(3);
      expect(stdout).toMatch(/ImageBlur \(2\)\n {4}error sigma: .*\[VALUE_TOO_BIG\]/);
      expect(stderr).toMatch(/^error: wf\.json would be refused: ImageBlur \(2\): .*\nhint: See `cwf validate`/);
    }));

  test('[RU-10] a failed run has exit code 7, and its cause in words', () =>
    victim((it) => {
      const broken = { '1': { class_type: 'PrimitiveInt', inputs: { value: -5 } } };
      const made = { class_type: 'EmptyImage', inputs: { width: ['1', 0], height: 16, batch_size: 1, color: 1 } };
      it.write('wf.json', {
        ...broken,
        '2': made,
        '9': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'x' } },
      });
      it.done('commit', 'wf.json');
      const { code, stdout, stderr } = cwf(it.dir, ['run', 'wf.json']);
      expect([code, stdout.split(' ')[0]]).toEqual([7, 'failed']);
      expect(stderr).toMatch(
        /error: wf\.json failed on embedded in EmptyImage \(2\): .*\nhint: `cwf show [0-9a-f]{8}`/,
      );
      const json = cwf(it.dir, ['run', 'wf.json', '--json']);
      expect([json.code, JSON.parse(json.stdout).error.code]).toEqual([7, 'RUN_FAILED']);
    }));

  test('[RU-14] --all ends with a table', () =>
    victim((it) => {
      it.write('wf.json', blurred(0x404040));
      it.done('commit', 'wf.json');
      for (const color of ['1', '2']) {
        it.done('switch', '-c', `trial/${color}`);
        it.done('set', 'wf.json', '1.color', color);
      }
      const all = ['run', '--all', 'trial/*', '--file', 'wf.json', '--metric', 'luma-mean'];
      const { code, stdout, stderr } = cwf(it.dir, all);
      expect(code).toBe(0);
      expect(stdout).toMatch(
        /^commit +name +run +runner +time +luma-mean\n[0-9a-f]{8} {2}trial\/1 +finished +embedded/,
      );
      expect(stderr).toContain('2 runs on embedded');
      expect(stderr).toContain('2 commits: 2 finished');
      expect(cwf(it.dir, all).stderr).toContain('2 commits: 2 done');
      expect(it.done(...all, '--porcelain')).toMatch(/^[0-9a-f]{40}\ttrial\/1\tdone\t[\d.]+\n/);
      expect(it.done('log', '--metric', 'luma-mean', '--sort', 'desc', '--oneline')).toContain('trial/2');
    }));

  test('[RU-13] Ctrl-C interrupts it, notes it, and ends with 130', () =>
    victim(async (it) => {
      it.write('wf.json', slow());
      it.done('commit', 'wf.json');
      const program = spawn(process.execPath, [join(ROOT, 'bin/cwf.cjs'), 'run', 'wf.json'], {
        cwd: it.dir,
        env: cleanEnv(),
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      let err = '';
      program.stderr.on('data', (part) => {
        if (err.includes('ImageBlur')) return;
        err += part;
        if (err.includes('ImageBlur')) program.kill('SIGINT');
      });
      const code = await new Promise((resolve) => program.once('close', (exit, signal) => resolve(signal ?? exit)));
      expect(code).toBe(130);
      expect(it.done('show')).toContain('interrupted on embedded');
    }));
});
