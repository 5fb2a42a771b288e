import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pngChunks } from '../../../../src/io/media/png.ts';
import { encodePng } from '../../../../src/io/media/png-encode.ts';
import { picturesOf, type Ran, withEngine } from './harness.ts';

const empty = (color: number, side = 4) => ({
  class_type: 'EmptyImage',
  inputs: { width: side, height: side, batch_size: 1, color },
});
const node = (class_type: string, inputs: object) => ({ class_type, inputs });
const preview = (from: string, slot = 0) => node('PreviewImage', { images: [from, slot] });

/** The ids of the nodes that ran, in their order. */
const order = ({ said }: Ran) =>
  said.flatMap((one) => (one.kind === 'json' && one.type === 'executing' ? [one.data.node as string] : []));
const cached = ({ messages }: Ran) => messages.find(([type]) => type === 'execution_cached')![1].nodes;
const error = ({ messages }: Ran) => messages.find(([type]) => type === 'execution_error')?.[1];

describe('the order of nodes', () => {
  test('outputs as soon as they can, then what outputs wait for', async () => {
    await withEngine(async (bench) => {
      const ran = await bench.run({
        '1': empty(1),
        '2': node('ImageInvert', { image: ['1', 0] }),
        '3': node('ImageInvert', { image: ['2', 0] }),
        '4': preview('3'),
        '5': preview('1'),
      });
      expect(order(ran)).toEqual(['1', '5', '2', '3', '4']);
    });
  });

  test('only what the outputs need runs', async () => {
    await withEngine(async (bench) => {
      const prompt = { '1': empty(1), '2': empty(2), '3': preview('1'), '4': preview('2') };
      expect(order(await bench.run(prompt, { outputs: ['4'] }))).toEqual(['2', '4']);
    });
  });

  test('of a switch only the side that is wanted', async () => {
    await withEngine(async (bench) => {
      for (const [on, side] of [
        [true, '3'],
        [false, '2'],
      ] as const) {
        const ran = await bench.run({
          '1': node('PrimitiveBoolean', { value: on }),
          '2': empty(1),
          '3': empty(2),
          '4': node('ComfySwitchNode', { switch: ['1', 0], on_false: ['2', 0], on_true: ['3', 0] }),
          '5': preview('4'),
        });
        expect(order(ran)).toEqual(['1', '4', side, '4', '5']);
      }
    });
  });

  test('a circle is told, and ends the run', async () => {
    await withEngine(async (bench) => {
      const ran = await bench.run({
        '1': node('ImageInvert', { image: ['2', 0] }),
        '2': node('ImageInvert', { image: ['1', 0] }),
        '3': preview('1'),
      });
      expect(error(ran)).toMatchObject({ exception_type: 'graph.DependencyCycleError' });
      expect(ran.status).toBe('error');
    });
  });
});

describe('kept results', () => {
  const prompt = (color: number, ids = ['1', '2', '3']) => ({
    [ids[0]!]: empty(color),
    [ids[1]!]: node('ImageInvert', { image: [ids[0]!, 0] }),
    [ids[2]!]: preview(ids[1]!),
  });

  test('are found by content, whatever the ids', async () => {
    await withEngine(async (bench) => {
      await bench.run(prompt(5));
      expect(cached(await bench.run(prompt(5)))).toEqual(['1', '2', '3']);
      expect(cached(await bench.run(prompt(5, ['7', '8', '9'])))).toEqual(['7', '8', '9']);
      expect(cached(await bench.run(prompt(6)))).toEqual([]);
      // Only the last prompt is remembered.
      expect(cached(await bench.run(prompt(5)))).toEqual([]);
    });
  });

  test('of an output are shown again, without running it', async () => {
    await withEngine(async (bench) => {
      const first = await bench.run(prompt(5));
      const second = await bench.run(prompt(5));
      expect(order(second)).toEqual([]);
      expect(second.outputs).toEqual(first.outputs);
    });
  });

  test('of a file hold as long as its bytes', async () => {
    await withEngine(async (bench) => {
      const write = (grey: number) => {
        const bytes = new Uint8Array(12).fill(grey);
        writeFileSync(
          join(bench.folders.input, 'x.png'),
          encodePng({ width: 2, height: 2, channels: 3, bytes }, [], 1),
        );
      };
      const load = { '1': node('LoadImage', { image: 'x.png' }), '2': preview('1') };
      write(9);
      await bench.run(load);
      expect(cached(await bench.run(load))).toEqual(['1', '2']);
      write(10);
      expect(cached(await bench.run(load))).toEqual([]);
    });
  });

  test('of a failed run are kept as far as it came', async () => {
    await withEngine(async (bench) => {
      const failing = (channel: string) => ({
        '1': empty(5),
        '2': node('ImageToMask', { image: ['1', 0], channel }),
        '3': node('MaskToImage', { mask: ['2', 0] }),
        '4': preview('3'),
      });
      expect((await bench.run(failing('alpha'))).status).toBe('error');
      expect(cached(await bench.run(failing('red')))).toEqual(['1']);
    });
  });
});

describe('lists', () => {
  test('a node runs once for each member, one that takes lists once', async () => {
    await withEngine(async (bench) => {
      const ran = await bench.run({
        '1': { class_type: 'EmptyImage', inputs: { width: 4, height: 4, batch_size: 5, color: 7 } },
        '2': node('RebatchImages', { images: ['1', 0], batch_size: 2 }),
        '3': node('GetImageSize', { image: ['2', 0] }),
        '4': node('PreviewAny', { source: ['3', 2] }),
        '5': preview('2'),
        '6': node('RebatchImages', { images: ['2', 0], batch_size: 4 }),
        '7': node('GetImageSize', { image: ['6', 0] }),
        '8': node('PreviewAny', { source: ['7', 2] }),
      });
      expect(ran.outputs['4']).toEqual({ text: ['2', '2', '1'] });
      expect(ran.outputs['8']).toEqual({ text: ['4', '1'] });
      expect(await picturesOf(bench, ran, '5')).toHaveLength(5);
    });
  });
});

describe('what is refused before anything runs', () => {
  test.each([
    [{ '1': node('KSampler', {}), '2': node('VAEDecode', {}), '3': preview('2') }, 'ENGINE_CLASSES'],
    [{ '1': preview('9') }, 'ENGINE_PROMPT'],
    [{ '1': { class_type: 'PreviewImage' } }, 'ENGINE_PROMPT'],
    [{ '1': 5 }, 'ENGINE_PROMPT'],
    [{ '1': empty(1) }, 'ENGINE_NO_OUTPUTS'],
    [{}, 'ENGINE_NO_OUTPUTS'],
  ])('%j', async (prompt, code) => {
    await withEngine(async (bench) => {
      await expect(bench.run(prompt)).rejects.toMatchObject({ code });
    });
  });

  test('an output that is asked for and not there', async () => {
    await withEngine(async (bench) => {
      const prompt = { '1': empty(1), '2': preview('1') };
      await expect(bench.run(prompt, { outputs: ['3'] })).rejects.toMatchObject({ code: 'ENGINE_PROMPT' });
    });
  });
});

describe('files', () => {
  const save = (prefix: string, batch = 1) => ({
    '1': { class_type: 'EmptyImage', inputs: { width: 3, height: 2, batch_size: batch, color: 7 } },
    '2': node('SaveImage', { images: ['1', 0], filename_prefix: prefix }),
  });
  const names = (ran: Ran) =>
    (ran.outputs['2'] as { images: { filename: string }[] }).images.map((one) => one.filename);

  test('count on from the highest number of their name', async () => {
    await withEngine(async (bench) => {
      expect(names(await bench.run(save('a', 2)))).toEqual(['a_00001_.png', 'a_00002_.png']);
      expect(names(await bench.run(save('ab')))).toEqual(['ab_00001_.png']);
      writeFileSync(join(bench.folders.output, 'a_00041_.png'), '');
      writeFileSync(join(bench.folders.output, 'a_x.png'), '');
      expect(names(await bench.run(save('a', 1)))).toEqual(['a_00042_.png']);
    });
  });

  test('take sizes, dates and places in the batch into their names, and folders', async () => {
    await withEngine(async (bench) => {
      const now = () => new Date(2026, 2, 4, 5, 6, 7);
      const prompt = save('d/%year%-%month%-%day%_%hour%%minute%%second%_%width%x%height%_%batch_num%', 2);
      const ran = await bench.run(prompt, { now });
      expect(names(ran)).toEqual(['2026-03-04_050607_3x2_0_00001_.png', '2026-03-04_050607_3x2_1_00002_.png']);
      expect((await picturesOf(bench, ran, '2'))[0]).toMatchObject({ width: 3, height: 2, channels: 3 });
    });
  });

  test('carry the prompt as it ran and the workflow, in ASCII', async () => {
    await withEngine(async (bench) => {
      const prompt = {
        '1': { ...empty(7), _meta: { title: 'Lö' } },
        '2': node('ImageBlur', { image: ['1', 0], blur_radius: 1, sigma: 1 }),
        '3': node('SaveImage', { images: ['2', 0], filename_prefix: 'x' }),
      };
      await bench.run(prompt, { extraPnginfo: { workflow: { id: 18446744073709551615n, version: 0.4 } } });
      const bytes = readFileSync(join(bench.folders.output, 'x_00001_.png'));
      const texts = [...pngChunks(bytes, (reason) => new Error(reason))]
        .filter(({ type }) => type === 'tEXt')
        .map(({ data }) => data.toString('latin1').split('\0'));
      expect(texts).toEqual([
        [
          'prompt',
          '{"1": {"class_type": "EmptyImage", "inputs": {"width": 4, "height": 4, "batch_size": 1, "color": 7}, ' +
            '"_meta": {"title": "L\\u00f6"}}, "2": {"class_type": "ImageBlur", "inputs": {"image": ["1", 0], ' +
            '"blur_radius": 1, "sigma": 1.0}}, "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], ' +
            '"filename_prefix": "x"}}}',
        ],
        ['workflow', '{"id": 18446744073709551615, "version": 0.4}'],
      ]);
    });
  });
});
