import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { victim } from '../hostile/victim.ts';
import { encoded, scene } from '../io/metrics/images.ts';
import { ensureBuilt, ROOT } from './cwf.ts';
import { hasPty, onPty } from './pty.ts';

beforeAll(ensureBuilt);

const GRAPH = {
  '1': { class_type: 'LoadImage', inputs: { image: 'photo.png' } },
  '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: 3, sigma: 1 } },
  '3': { class_type: 'ImageSharpen', inputs: { image: ['2', 0], sharpen_radius: 1, sigma: 1, alpha: 1 } },
  '9': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'x' } },
};
const OBJECTIVES = ['--objective', 'tenengrad:max,noise-sigma:min', '--only', 'blur_radius,alpha'];

const onTerminal = (dir: string, words: readonly string[], heard = '', env: Record<string, string> = {}) =>
  onPty([process.execPath, join(ROOT, 'bin/cwf.cjs'), ...words], {
    columns: 90,
    cwd: dir,
    heard,
    env: { TERM: 'xterm', ...env },
  });

describe.skipIf(!hasPty)('cwf optimize on a terminal (needs Python for a pseudo terminal)', () => {
  test(
    '[ST-26] [PL-12] draws a board in place, then leaves the study there; Ctrl-C is told',
    () =>
      victim(async (it) => {
        it.write('wf.json', GRAPH);
        it.done('commit', '-m', 'blur', 'wf.json');
        it.write('input/photo.png', await encoded(scene(3)));
        const study = ['optimize', 'wf.json', ...OBJECTIVES, '--name'];
        const { status, text } = onTerminal(it.dir, [...study, 's', '--budget', '5']);
        expect(status).toBe(0);
        const frames = text.split('\x1b[?2026h').slice(1);
        expect(frames.length).toBeGreaterThan(5);
        for (const frame of frames) expect(frame).toMatch(/^\x1b\[\?25l[\s\S]*\x1b\[\?25h\x1b\[\?2026l/);
        expect(frames.some((frame) => /of 5 trials.*\n.*embedded {2}trial \d/.test(frame))).toBe(true);
        expect(text).toContain('hypervolume');
        const after = text.split('\x1b[?2026l').at(-1)!;
        expect(after).toMatch(/^.*s.* {2}finished: all 5 trials were made {2}\(5 trials\)\n/);
        const plain = onTerminal(it.dir, [...study, 't', '--budget', '9'], '1 of 9 trials', { NO_COLOR: '1' });
        expect(plain.status).toBe(130);
        expect(plain.text).not.toMatch(/\x1b\[\d+m/);
        expect(plain.text).toContain('it ends after what runs now; Ctrl-C again ends it at once');
        expect(plain.text).toContain('t  stopped: it was interrupted');
        expect(plain.text).toContain('go on: cwf exp resume t');
        const dumb = onTerminal(it.dir, ['exp', 'resume', 't', '--budget', '3'], '', { TERM: 'dumb' });
        expect(dumb.text).not.toContain('\x1b[?25l');
      }),
    60_000,
  );

  test(
    '[RK-11] cwf rank asks about a study until it is ended',
    () =>
      victim(async (it) => {
        it.write('wf.json', GRAPH);
        it.done('commit', '-m', 'blur', 'wf.json');
        it.write('input/photo.png', await encoded(scene(3)));
        it.done('optimize', 'wf.json', '--objective', 'preference', '--only', 'alpha', '--name', 's', '--budget', '3');
        expect(it.done('rank', 's')).toMatch(/^a {2}[0-9a-f]{8} {2}Trial \d of s/);
        const asked = onTerminal(it.dir, ['rank', 's'], 'q ends');
        expect([asked.status, asked.text]).toEqual([0, expect.stringContaining('3 not seen yet')]);
        expect(asked.text).toContain('rank.html');
        expect(it.git('for-each-ref', 'refs/notes/cwf/rank')).toBe('');
        it.done('rank', 'trial/s/0', 'trial/s/1', '--winner', 'b');
        expect(it.done('exp', 'show', 's')).toMatch(/preference.*\n +1 +1 /);
        expect(it.run(['optimize', 'wf.json', '--objective', 'preference:min', '--budget', '2']).stderr).toContain(
          'preference:min',
        );
      }),
    60_000,
  );
});
