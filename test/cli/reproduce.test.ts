import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { victim } from '../hostile/victim.ts';
import { cwf, ensureBuilt } from './cwf.ts';

beforeAll(ensureBuilt);

const plain = (color: number) => ({
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color } },
  '9': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
});

describe('cwf reproduce', () => {
  test('[RE-1, RE-2, RE-12, RE-13] a commit and a picture: identical, noted, taken back by undo', () =>
    victim((it) => {
      it.write('wf.json', plain(0x808080));
      it.done('commit', '-m', 'plain', 'wf.json');
      const { id } = JSON.parse(it.done('run', 'wf.json', '--json', '--set', '1.color=77')).run.outputs[0];
      const { code, stdout, stderr } = cwf(it.dir, ['reproduce', 'wf.json']);
      expect([code, stdout]).toEqual([
        0,
        'identical  x_00001_.png (9)  to the byte\nnothing that the note tells of has changed\n',
      ]);
      expect(stderr).toMatch(/^making run [0-9a-f]{8} of [0-9a-f]{8} {2}plain {2}\(wf\.json, embedded, .*\) again\n/);
      expect(stderr).toMatch(/noted on [0-9a-f]{8}\n$/);
      expect(it.done('show')).toMatch(/made again: run [0-9a-f]{8}\n/);
      expect(it.done('op', 'log', '-n', '1')).toContain('reproduce by person');
      it.done('undo');
      expect(it.done('show')).not.toContain('made again');
      it.done('output', 'export', id, 'a.png');
      const found = cwf(it.dir, ['reproduce', 'a.png', '--porcelain']);
      expect(found.stdout).toBe('identical\t9\tx_00001_.png\t\t\n');
      expect(cwf(it.dir, ['reproduce', 'a.png']).stderr).toContain('found by the commit it names');
      const json = JSON.parse(it.done('reproduce', 'a.png', '--json', '--repeat', '2'));
      expect(json).toMatchObject({ schema: 'cwf.reproduce/1', by: 'claim', verdict: 'identical', alike: true });
      expect(json.attempts).toHaveLength(2);
      const lines = it.done('reproduce', '--file', 'wf.json', '--jsonl').trim().split('\n');
      expect(JSON.parse(lines.at(-1)!).schema).toBe('cwf.reproduce/1');
      expect(it.done('reproduce', '--file', 'wf.json', '--dry-run')).toContain('would run again on embedded');
    }));

  test('[RE-5, RE-6, RE-13] what differs is told with how much and why, with exit code 1', () =>
    victim(async (it) => {
      const noise = (seed: number) =>
        sharp(Buffer.from(Array.from({ length: 768 }, (_, i) => (i * seed) % 251)), {
          raw: { width: 16, height: 16, channels: 3 },
        });
      const photo = await noise(7).png().toBuffer();
      it.write('input/photo.png', '');
      writeFileSync(join(it.dir, 'input/photo.png'), photo);
      it.write('load.json', {
        '1': { class_type: 'LoadImage', inputs: { image: 'photo.png' } },
        '9': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'x' } },
      });
      it.done('commit', 'load.json');
      it.done('run', 'load.json', '--no-metrics');
      writeFileSync(join(it.dir, 'input/photo.png'), await noise(11).png().toBuffer());
      const { code, stdout } = cwf(it.dir, ['reproduce', 'load.json']);
      expect(code).toBe(1);
      expect(stdout).toMatch(
        /^differs {4}x_00001_\.png \(9\) {2}\d+(\.\d+)?% of the pixels, at most \d+ of 255, SSIM [\d.]+\ninput photo\.png: sha256:[0-9a-f]{12} is nowhere/,
      );
      expect(stdout).toMatch(/^ {2}input 1\.image {2}[0-9a-f]{12} → [0-9a-f]{12} {2}likely cause$/m);
      expect(stdout).toMatch(/^ {2}prompt .*by what stands above/m);
      expect(readFileSync(join(it.dir, 'input/photo.png')).equals(photo)).toBe(false);
    }));
});
