import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Victim, victim } from '../hostile/victim.ts';
import { encoded, scene } from '../io/metrics/images.ts';
import { cleanEnv, cwf, ensureBuilt, inTemp, ROOT } from './cwf.ts';

beforeAll(ensureBuilt);

const GRAPH = {
  '1': { class_type: 'LoadImage', inputs: { image: 'photo.png' } },
  '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: 3, sigma: 1 } },
  '3': { class_type: 'ImageSharpen', inputs: { image: ['2', 0], sharpen_radius: 1, sigma: 1, alpha: 1 } },
  '9': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'x' } },
};
const STUDY = ['optimize', 'wf.json', '--objective', 'sharpness:max', '--only', 'blur_radius,alpha', '--name', 's'];

/** A seed that tints the picture, which is not sharpened yet. */
const SEEDED = {
  '3': { class_type: 'ImageSharpen', inputs: { image: ['2', 0], sharpen_radius: 1, sigma: 1, alpha: 0 } },
  '5': { class_type: 'SeedNode', inputs: { seed: 7 } },
  '6': { class_type: 'EmptyImage', inputs: { width: 96, height: 64, batch_size: 1, color: ['5', 0] } },
  '7': {
    class_type: 'ImageBlend',
    inputs: { image1: ['3', 0], image2: ['6', 0], blend_factor: 0.5, blend_mode: 'overlay' },
  },
  '9': { class_type: 'SaveImage', inputs: { images: ['7', 0], filename_prefix: 'x' } },
};

/** A repository with a workflow that blurs and sharpens a picture. */
function world(use: (it: Victim) => void | Promise<void>): Promise<void> {
  return victim(async (it) => {
    it.write('wf.json', GRAPH);
    it.done('commit', '-m', 'blur', 'wf.json');
    it.write('input/photo.png', await encoded(scene(3)));
    await use(it);
  });
}

/** Runs cwf, gives it a signal as soon as it says something on stderr, and tells how it ended. */
function signalled(dir: string, words: readonly string[], heard: RegExp, signal: NodeJS.Signals) {
  return new Promise<{ code: number | null; stderr: string }>((resolve) => {
    const child = spawn(process.execPath, [join(ROOT, 'bin/cwf.cjs'), ...words], { cwd: dir, env: cleanEnv() });
    let stderr = '';
    let isSent = false;
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      if (isSent || !heard.test(stderr)) return;
      isSent = true;
      child.kill(signal);
    });
    child.on('close', (code) => resolve({ code, stderr }));
  });
}

interface Shown {
  status: string;
  trials: { number: number; state: string; params: object; values: number[]; commit: string; runs: string[] }[];
}

const shown = (dir: string): Shown => JSON.parse(cwf(dir, ['exp', 'show', 's', '--json']).stdout);
const core = ({ trials }: Shown) =>
  trials
    .map(({ number, state, params, values }) => ({ number, state, params, values }))
    .sort((a, b) => a.number - b.number);

describe('cwf optimize', () => {
  test('[ST-10] runs a study on the embedded engine, tells each trial, and leaves the branch as it is', () =>
    world((it) => {
      const head = it.git('rev-parse', 'HEAD');
      const { code, stdout, stderr } = cwf(it.dir, [...STUDY, '--budget', '5']);
      expect(code).toBe(0);
      expect(stderr).toMatch(
        /^study s: wf\.json of [0-9a-f]{8}, up to 5 trials on embedded\nfor sharpness \(maximize\)\n/,
      );
      expect(stderr).toMatch(/\ntrial 0 +1\/5 {2}[0-9a-f]{8} {2}sharpness \S+ \* {2}blur_radius=3 alpha=1\n/);
      expect(stderr).toContain('cwf exp apply s/');
      expect(stdout).toMatch(/^s {2}finished: all 5 trials were made {2}\(5 trials\)\nrank {2}trial {2}sharpness/);
      expect(it.git('rev-parse', 'HEAD')).toBe(head);
      expect(it.done('show', 'trial/s/3')).toContain('Trial 3 of s');
      expect(it.done('show', 'trial/s/3')).toContain('finished on embedded');
      expect(it.done('exp', 'ls')).toMatch(/^s {2}5\/5 {2}wf\.json {2}finished/);
      expect(it.done('exp', 'show', 's')).toBe(stdout);
      expect(it.done('exp', 'compare', 's/0', '2')).toMatch(
        /^s +trial 0 +trial 2\nstate +complete +complete\nsharpness/,
      );
      expect(it.done('exp', 'explain', 's')).toMatch(/^sharpness: trial \d of s\n/);
      expect(it.done('exp', 'plot', 's', '--out', 'page.html')).toBe('page.html\n');
      expect(it.read('page.html')).toContain('data:image/webp;base64,');
      expect(it.done('exp', 'promote', 's/1')).toMatch(/^trial\/s\/1 [0-9a-f]{8}\n/);
      it.done('exp', 'apply', 's/1');
      expect(it.git('diff', '--stat', 'HEAD~1', 'HEAD')).toContain('wf.json');
      expect(it.done('exp', 'stop', 's')).toBe('s was not running\n');
      expect(it.done('fsck')).not.toContain('error');
    }));

  test('[ST-27] exp confirm tells each run and who is the best then; what is there is not run again', () =>
    world((it) => {
      it.write('wf.json', { ...GRAPH, ...SEEDED });
      it.done('commit', '-m', 'a seed', 'wf.json');
      expect(cwf(it.dir, [...STUDY, '--budget', '4']).stderr).toMatch(
        /\nwas it the seed\? cwf exp confirm s\ntake one: /,
      );
      const refs = it.git('for-each-ref');
      expect(cwf(it.dir, ['exp', 'confirm', 's', '--dry-run']).stderr).toMatch(/: \d+ runs to make on embedded\n$/);
      expect(it.git('for-each-ref')).toBe(refs);
      const { code, stdout, stderr } = cwf(it.dir, ['exp', 'confirm', 's', '--top', '2', '--seeds', '2']);
      expect(code, stderr).toBe(0);
      expect(stderr).toMatch(
        /^trial \d, trial \d, the workflow as it is: 6 runs to make on embedded\n1\/6 {2}trial \d/,
      );
      expect(stderr).toMatch(/\ntrial \d (stays the best|is the best now; .*)\ntake it: cwf exp apply s\/\d\n$/);
      expect(stdout).toMatch(/^trial {2}seeds +sharpness {2}as found {2}against trial \d\n +\d +2 +\S+/);
      expect(it.done('exp', 'show', 's')).toContain(`under seeds that it did not have\n${stdout}`);
      const again = cwf(it.dir, ['exp', 'confirm', 's', '--top', '2', '--seeds', '2', '--jsonl']);
      expect(
        again.stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line).kind ?? JSON.parse(line).schema),
      ).toEqual(['ready', 'cwf.exp.confirm/1']);
      expect(it.done('fsck')).not.toContain('error');
    }));

  test('--jsonl is a line an event, --json one document, --dry-run writes nothing', () =>
    world((it) => {
      const lines = cwf(it.dir, [...STUDY, '--budget', '2', '--jsonl'])
        .stdout.trim()
        .split('\n');
      const events = lines.map((line) => JSON.parse(line));
      expect(events.map(({ schema, kind }) => kind ?? schema)).toEqual([
        'ready',
        'trial',
        'done',
        'trial',
        'done',
        'cwf.optimize/1',
      ]);
      const refs = it.git('for-each-ref');
      const planned = JSON.parse(
        cwf(it.dir, [
          'optimize',
          'wf.json',
          '--for',
          'speed',
          '--budget',
          '3',
          '--with',
          '2.sigma',
          '--dry-run',
          '--json',
        ]).stdout,
      );
      expect(planned).toMatchObject({
        status: 'planned',
        study: 'wf-1',
        trials: [],
        objectives: [{ name: 'latency' }],
      });
      expect(it.git('for-each-ref')).toBe(refs);
    }));

  test(
    '[ST-2] killed three times by -9 it goes on under the same numbers, with the trials of one that was not',
    () =>
      world((it) =>
        inTemp(async (dir) => {
          cpSync(it.dir, dir, { recursive: true });
          const whole = cwf(dir, [...STUDY, '--budget', '7']);
          expect(whole.code).toBe(0);
          await signalled(it.dir, [...STUDY, '--budget', '7'], /trial 1 /, 'SIGKILL');
          expect(cwf(it.dir, ['exp', 'ls']).stdout).toContain('interrupted');
          await signalled(it.dir, ['exp', 'resume', 's'], /trial 3 /, 'SIGKILL');
          await signalled(it.dir, ['exp', 'resume', 's'], /trial 4 /, 'SIGKILL');
          it.done('exp', 'resume', 's');
          expect(core(shown(it.dir))).toEqual(core(shown(dir)));
          const refs = it.git('for-each-ref', '--format=%(refname)', 'refs/cwf/trial').trim().split('\n');
          expect(refs).toHaveLength(7);
          for (const { commit, runs } of shown(it.dir).trials) {
            const noted = it.git('notes', '--ref=cwf/runs', 'show', commit).trim().split('\n');
            expect(noted.map((line) => JSON.parse(line).run)).toEqual(runs);
          }
        }),
      ),
    120_000,
  );

  test('[ST-12] Ctrl-C ends it after the trial that runs', () =>
    world(async (it) => {
      const { code, stderr } = await signalled(it.dir, [...STUDY, '--budget', '30'], /trial 1 /, 'SIGINT');
      expect(code).toBe(130);
      expect(stderr).toContain('go on: cwf exp resume s');
      const { status, trials } = shown(it.dir);
      expect(status).toBe('stopped');
      expect(trials.length).toBeGreaterThanOrEqual(2);
      expect(trials.length).toBeLessThan(30);
    }));
});
