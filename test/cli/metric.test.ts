import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METRICS } from '../../src/io/metrics/index.ts';
import { measureImage } from '../../src/io/metrics/measure.ts';
import { openShelf } from '../../src/io/metrics/models/shelf.ts';
import { animated, encoded, noisy, paint, scene } from '../io/metrics/images.ts';
import { manifestJson, tinyFiles } from '../io/metrics/model-folder.ts';
import { apiGraph, text } from '../porcelain/samples.ts';
import { cwf, ensureBuilt, inTemp, type Result } from './cwf.ts';

let images: string;
let models: string;
beforeAll(async () => {
  ensureBuilt();
  images = mkdtempSync(join(tmpdir(), 'cwf-metric-'));
  models = join(images, 'models');
  const black = paint(40, 30, () => [0, 0, 0]);
  const files = {
    'a.png': await encoded(scene(1)),
    'same.webp': await encoded(scene(1), 'webp'),
    'b.png': await encoded(noisy(scene(2), 9)),
    'black.png': await encoded(black),
    'moving.webp': await animated([scene(1), scene(2), scene(3)]),
    'broken.png': (await encoded(scene(4))).subarray(0, 900),
    'clip.mp4': Buffer.from('\0\0\0\x18ftypisom\0\0\0\0isommp42', 'latin1'),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(images, name), bytes);
});
afterAll(() => rmSync(images, { recursive: true, force: true }));

const run = (...args: string[]): Result => cwf(images, ['metric', ...args]);
const withModels = (folder: string, ...args: string[]): Result =>
  cwf(images, ['metric', ...args], { CWF_MODELS: folder });
const image = (name: string): string => join(images, name);

/** What a test reads of a measured file. */
interface File {
  readonly file: string;
  readonly measurements: readonly { readonly name: string; readonly kind: string; readonly value?: number }[];
  readonly gates: readonly { readonly gate: string }[];
  readonly error?: { readonly code: string };
}
const filesOf = ({ stdout }: Result): readonly File[] => JSON.parse(stdout).files;
const namesOf = (file: File | undefined): readonly string[] => file!.measurements.map(({ name }) => name);
const lines = (out: string): readonly string[] => out.replace(/\n$/, '').split('\n');

/** A folder of models with a tiny CLIP and its manifest; `spoil` changes what lies there. */
function folderOfModels(name: string, manifests?: string): string {
  const folder = join(models, name);
  const files = tinyFiles();
  mkdirSync(join(folder, 'tiny'), { recursive: true });
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, 'tiny', file), bytes);
  writeFileSync(join(folder, 'models.json'), manifests ?? JSON.stringify([manifestJson('tiny', 'clip', files)]));
  return folder;
}

/** A repository with one commit. */
function inRepo(use: (dir: string) => void): Promise<void> {
  return inTemp((dir) => {
    cwf(dir, ['init']);
    writeFileSync(join(dir, 'w.json'), text(apiGraph()));
    expect(cwf(dir, ['commit', '-m', 'one']).code).toBe(0);
    use(dir);
  });
}

describe('cwf metric ls', () => {
  it('has every metric with what it means, and why one cannot be measured here', () => {
    const { metrics, videos } = JSON.parse(run('ls', '--json').stdout);
    expect(metrics.map(({ id }: { id: string }) => id)).toEqual(METRICS.map(({ id }) => id));
    for (const { id, summary, unavailable } of metrics) {
      const { needs, summary: meant } = METRICS.find((each) => each.id === id)!;
      expect(summary).toBe(meant);
      const needsModel = needs.some((need) => /^(clip|aesthetic|pick|hps)/.test(need));
      expect(unavailable !== undefined, id).toBe(needsModel);
      if (needsModel) expect(unavailable).toMatchObject({ reason: /no model of the kind/, hint: /manifest/ });
    }
    expect(videos).toMatchObject({ reason: 'no ffmpeg is set' });
  });

  it('takes names, for people and for scripts', () => {
    const { code, stdout } = run('ls', 'sharpness', 'clip-score');
    expect(code).toBe(0);
    expect(stdout).toContain('laplacian-variance (sharpness)  maximize, 0 to 1040400 levels²; needs image');
    expect(stdout).toMatch(/clip-score .*needs image, prompt, clip\n.*\n +unavailable: there is no model/);
    expect(run('ls', 'sharpness', '--porcelain').stdout).toBe(
      'laplacian-variance\tsharpness\tmaximize\t0\t1040400\tlevels²\timage\tavailable\n',
    );
    expect(lines(run('ls', '--jsonl').stdout).map((line) => JSON.parse(line).id)).toEqual(METRICS.map(({ id }) => id));
  });

  it('knows the models of models.json and whether their files are there [MT-15]', () => {
    const lack = (folder: string, id: string) => {
      const { stdout } = withModels(folder, 'ls', id, '--json');
      return JSON.parse(stdout).metrics[0].unavailable;
    };
    const whole = folderOfModels('whole');
    expect(lack(whole, 'clip-score')).toBeUndefined();
    expect(lack(whole, 'pick-score').reason).toMatch(/no model of the kind pick-score/);
    const without = folderOfModels('without');
    rmSync(join(without, 'tiny/text_model.onnx'));
    expect(lack(without, 'clip-score').reason).toMatch(/tiny\/text_model\.onnx is in none of/);
    writeFileSync(join(without, 'tiny/text_model.onnx'), 'short');
    expect(lack(without, 'clip-score').reason).toMatch(/it has 5 bytes, not \d+/);
    const broken = folderOfModels('broken', '{"id": "tiny"}');
    expect(lack(broken, 'clip-score').reason).toMatch(/models\.json: manifest: kind/);
    expect(lack(broken, 'sharpness')).toBeUndefined();
  });
});

describe('cwf metric run', () => {
  it('measures what a measurement in this process measures [MT-14]', async () => {
    const result = run('run', 'a.png', 'b.png', '--json');
    expect(result.code).toBe(0);
    const shelf = openShelf();
    for (const { file, measurements } of filesOf(result)) {
      const expected = await measureImage({ image: { path: image(file) } }, {}, shelf);
      expect(measurements).toEqual(expected.measurements);
      expect(measurements.length).toBeGreaterThan(15);
    }
    await shelf.clear();
  });

  it('prints one row a metric and one column a file, in as many blocks as the width needs', () => {
    const { stdout } = run(
      'run',
      'a.png',
      'b.png',
      '--metric',
      'sharpness,luma-mean',
      '--metric',
      'psnr',
      '--compare',
      'a.png',
    );
    const rows = lines(stdout).map((line) => line.trim().split(/ {2,}/));
    expect(rows[0]).toEqual(['a.png', 'b.png']);
    expect(rows[1]).toEqual(['size', '96x64 PNG', '96x64 PNG', 'pixels']);
    expect(rows[2]).toMatchObject(['sharpness', /^[\d.]+$/, /^[\d.]+$/, 'levels², maximize']);
    expect(rows[3]).toMatchObject(['luma-mean', /^[\d.]+$/, /^[\d.]+$/, 'levels']);
    expect(rows[4]).toMatchObject(['psnr', '140', /^[\d.]+$/, 'dB, maximize']);
    const narrow = cwf(images, ['metric', 'run', 'a.png', 'b.png', '--metric', 'sharpness'], { COLUMNS: '45' }).stdout;
    expect(lines(narrow).filter((line) => line.startsWith('sharpness'))).toHaveLength(2);
    const long = `../${basename(images)}/models/../a.png`;
    mkdirSync(models, { recursive: true });
    expect(lines(run('run', long, '--metric', 'sharpness').stdout)[0]!.trim()).toMatch(/^….{21}\/a\.png$/);
  });

  it('for scripts: lines with tabs, or one document a file', () => {
    const [line, more] = lines(run('run', 'a.png', '--metric', 'sharpness,psnr', '--porcelain').stdout);
    expect(line).toMatch(/^a\.png\tsharpness\t[\d.]+$/);
    expect(more).toBe('a.png\tpsnr\t');
    const documents = lines(run('run', 'a.png', 'b.png', '--jsonl').stdout).map((one) => JSON.parse(one));
    expect(documents).toMatchObject([{ schema: 'cwf.metric.run/1', file: 'a.png' }, { file: 'b.png' }]);
  });

  it('takes what is given into account when nothing is asked for [MT-16]', () => {
    const measured = (...args: string[]) => namesOf(filesOf(run('run', ...args, '--json'))[0]);
    const alone = measured('a.png');
    expect(alone).toContain('noise-sigma');
    for (const name of ['psnr', 'flicker', 'clip-score']) expect(alone).not.toContain(name);
    const compared = measured('a.png', '--compare', 'b.png');
    expect(compared).toEqual(expect.arrayContaining(['psnr', 'ssim', 'mae']));
    expect(compared).not.toContain('clip-image-similarity');
    expect(measured('moving.webp')).toEqual(expect.arrayContaining(['flicker', 'frozen-ratio', 'noise-sigma']));
    expect(measured('a.png', '--prompt', 'a cat')).toEqual([...alone, 'clip-similarity', 'clip-score']);
    expect(measured('a.png', '--set', 'b.png')).toEqual([...alone, 'clip-mmd']);
  });

  it('measures with a model of models.json, and is stopped by a broken manifest where one is needed [MT-15]', () => {
    const args = ['run', 'a.png', '--metric', 'clip-score', '--prompt', 'cat', '--json'];
    const result = withModels(folderOfModels('used'), ...args);
    expect(result.code).toBe(0);
    expect(filesOf(result)[0]!.measurements[0]).toMatchObject({ kind: 'value', provenance: { model: 'tiny' } });
    const broken = folderOfModels('bad', '{"id": "tiny"}');
    expect(withModels(broken, ...args)).toMatchObject({ code: 2, stdout: expect.stringContaining('MODEL_MANIFEST') });
    expect(withModels(broken, 'run', 'a.png').code).toBe(0);
    // Of two folders the first one counts.
    const both = [folderOfModels('first'), folderOfModels('second', '[]')].join(':');
    expect(withModels(both, ...args).code).toBe(0);
  });

  it('tells what cannot be measured with the reason and the next step, and exits with 1 [MT-12, MT-16]', () => {
    const { code, stdout } = run(
      'run',
      'a.png',
      'black.png',
      '--metric',
      'sharpness,psnr,clip-score',
      '--compare',
      'b.png',
    );
    expect(code).toBe(1);
    expect(stdout).toMatch(/^clip-score +- +- /m);
    expect(stdout).toMatch(
      /unavailable: psnr of black\.png: black\.png is 40x30, and the reference is 96x64\. Compare/,
    );
    expect(stdout).toMatch(/unavailable: clip-score: there is no prompt\. Give the text .*--prompt/);
    // A metric that nobody named may be missing.
    expect(run('run', 'a.png', '--prompt', 'cat').code).toBe(0);
    const video = run('run', 'clip.mp4');
    expect(video.code).toBe(1);
    expect(video.stdout).toMatch(/unavailable: .*clip\.mp4 is a video, and no ffmpeg is set\. Install ffmpeg/);
  });

  it('tells the gates that a file fails, also a file that was named before it [MT-8]', () => {
    const result = run('run', 'a.png', 'same.webp', 'black.png', '--json');
    expect(result.code).toBe(0);
    expect(filesOf(result).map(({ gates }) => gates.map(({ gate }) => gate))).toEqual([[], ['duplicate'], ['black']]);
    expect(run('run', 'a.png', 'same.webp').stdout).toContain(
      'gate: same.webp: duplicate: the pixels are those of a.png',
    );
  });

  it('tells a file that cannot be read beside the others, with the exit code of its error [MT-16]', () => {
    const result = run('run', 'a.png', 'broken.png', 'none.png', '--metric', 'sharpness', '--json');
    expect(result.code).toBe(3);
    const files = filesOf(result);
    expect(files.map(({ error }) => error?.code)).toEqual([undefined, 'IMAGE_INVALID', 'FILE_NOT_FOUND']);
    expect(files[0]!.measurements).toHaveLength(1);
    const { code, stderr } = run('run', 'none.png', 'a.png');
    expect(code).toBe(5);
    expect(stderr).toMatch(/^error: none\.png: no such file\nhint: /);
    expect(run('run', 'a.png', '--compare', 'broken.png', '--json')).toMatchObject({ code: 3 });
  });
});

describe('cwf metric run --note', () => {
  it('notes every number under its id and aliases, with its provenance, in one operation [MT-3, MT-17]', () =>
    inRepo((dir) => {
      const operations = () => lines(cwf(dir, ['op', 'log', '--porcelain']).stdout).length;
      const before = operations();
      const out = cwf(dir, ['metric', 'run', image('b.png'), '--compare', image('a.png'), '--note', 'HEAD', '--json']);
      expect(out.code).toBe(0);
      expect(operations()).toBe(before + 1);
      const { noted, files } = JSON.parse(out.stdout);
      const value = (name: string) => files[0].measurements.find((one: { name: string }) => one.name === name).value;
      for (const name of ['sharpness', 'laplacian-variance']) {
        const [commit] = JSON.parse(cwf(dir, ['log', '--metric', name, '--json']).stdout).commits;
        expect(commit.metrics).toEqual({ [name]: value('laplacian-variance') });
      }
      expect(cwf(dir, ['log', '--metric', 'sharpness', '--sort', 'desc']).stdout).toContain('one');
      const { facts } = JSON.parse(cwf(dir, ['note', 'show', '--json']).stdout);
      expect(facts).toHaveLength(noted.facts.length);
      const fact = (name: string) => facts.find(({ metric }: { metric: string }) => metric === name);
      const image64 = expect.stringMatching(/^[0-9a-f]{64}$/);
      expect(fact('sharpness').provenance).toEqual({ metric: 'laplacian-variance', version: 1, image: image64 });
      expect(fact('psnr')).toMatchObject({ actor: 'person', provenance: { reference: image64 } });
      expect(cwf(dir, ['undo']).code).toBe(0);
      expect(JSON.parse(cwf(dir, ['note', 'show', '--json']).stdout).facts).toEqual([]);
    }));

  it('writes nothing in a dry run, and nothing where there is no number', () =>
    inRepo((dir) => {
      const noted = () => JSON.parse(cwf(dir, ['note', 'list', '--json']).stdout).notes;
      const dry = cwf(dir, ['metric', 'run', image('a.png'), '--note', 'HEAD', '--dry-run']);
      expect(dry).toMatchObject({ code: 0, stderr: expect.stringContaining('would be noted on') });
      expect(noted()).toEqual([]);
      const none = cwf(dir, ['metric', 'run', image('a.png'), '--metric', 'psnr', '--note', 'HEAD']);
      expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining('no number to note') });
      expect(noted()).toEqual([]);
    }));
});

describe('metrics in .cwfrc', () => {
  const settings = (dir: string, metrics: object) => writeFileSync(join(dir, '.cwfrc'), JSON.stringify({ metrics }));
  /** A program in place of ffmpeg, which writes two frames. */
  function program(path: string): string {
    const frame = `Buffer.concat([Buffer.from('P6\\n4 4\\n255\\n'), Buffer.alloc(48, 90)])`;
    writeFileSync(path, `#!${process.execPath}\nprocess.stdout.write(Buffer.concat([${frame}, ${frame}]));\n`);
    chmodSync(path, 0o755);
    return path;
  }

  it('ffmpeg decodes videos, by a path or by its name', () =>
    inRepo((dir) => {
      const path = program(join(images, 'ffmpeg'));
      const env = { PATH: `${images}:${process.env['PATH']}` };
      for (const ffmpeg of [path, 'ffmpeg']) {
        settings(dir, { ffmpeg });
        expect(JSON.parse(cwf(dir, ['metric', 'ls', '--json'], env).stdout).videos).toBeUndefined();
        const out = cwf(dir, ['metric', 'run', image('clip.mp4'), '--metric', 'frozen-ratio', '--json'], env);
        expect(out.code).toBe(0);
        expect(filesOf(out)[0]).toMatchObject({ type: 'MP4', frames: 2, measurements: [{ value: 1 }] });
      }
      settings(dir, { ffmpeg: 'no-such-ffmpeg' });
      const { stdout } = cwf(dir, ['metric', 'ls', '--json']);
      expect(JSON.parse(stdout).videos.reason).toBe('there is no program no-such-ffmpeg');
    }));

  it('no program of the repository is run [MT-18]', () =>
    inRepo((dir) => {
      const inside = program(join(dir, 'ffmpeg'));
      for (const ffmpeg of [inside, './ffmpeg', 'sub/ffmpeg', '-i', '']) {
        settings(dir, { ffmpeg });
        const { code, stderr } = cwf(dir, ['metric', 'run', image('clip.mp4')]);
        expect([ffmpeg, code]).toEqual([ffmpeg, 2]);
        expect(stderr).toContain('.cwfrc: metrics.ffmpeg');
      }
    }));

  it('models_dir is a folder beside .cwfrc, and comes first', () =>
    inRepo((dir) => {
      folderOfModels('beside');
      settings(dir, { models_dir: models });
      expect(JSON.parse(cwf(dir, ['metric', 'ls', '--json']).stdout).folders[0]).toBe(models);
      settings(dir, { models_dir: 'weights' });
      const { folders } = JSON.parse(cwf(dir, ['metric', 'ls', '--json'], { CWF_MODELS: models }).stdout);
      expect(folders.slice(0, 2)).toEqual([join(dir, 'weights'), models]);
    }));
});
