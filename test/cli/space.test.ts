import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { node, portrait, turbo } from '../plan/optimize/tunables/workflows.ts';
import { cwf, inTemp } from './cwf.ts';

const put = (dir: string, name: string, content: object | string): void =>
  writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));

describe('cwf space', () => {
  test('shows value, range, where it lives and why, outside of any repository', () =>
    inTemp((dir) => {
      put(dir, 'w.json', portrait());
      const { code, stdout, stderr } = cwf(dir, ['space', 'w.json']);
      expect([code, stderr]).toEqual([0, '5 parameters, 2 held\n']);
      expect(stdout).toBe(
        [
          'Stable Diffusion XL: sd_xl_base_1.0.safetensors',
          '',
          'steps      20       18 to 45',
          '           3.steps; usual for sdxl',
          'cfg        7        3.5 to 9 by 0.5',
          '           3.cfg; usual for sdxl',
          'sampler    euler    euler, dpmpp_2m, dpmpp_2m_sde, dpmpp_3m_sde, euler_ancestra…',
          '           3.sampler_name; usual for sdxl',
          'scheduler  normal   normal, karras, exponential, sgm_uniform, simple',
          '           3.scheduler; usual for sdxl',
          'size       512x512  256x256 to 1024x1024, 7 values',
          '           5.width and 5.height; sdxl: multiples of 8',
          '',
          'held as they are',
          'denoise    1        at 1 nothing of the latent is kept: there is nothing to vary',
          'seed       5        chance, not a choice: repeats change it',
          '',
        ].join('\n'),
      );
    }));

  test('shows what hangs on a switch apart, and where a value that comes by links lives', () =>
    inTemp((dir) => {
      put(dir, 'w.json', turbo());
      const { stdout } = cwf(dir, ['space', 'w.json']);
      expect(stdout).toContain('\nonly with switch = false\n');
      expect(stdout).toContain('26.value, read by 3.steps; usual for sdxl');
      expect(stdout).toContain('few steps by: lightning_8steps.safetensors\n');
    }));

  test('gives JSON and lines for scripts', () =>
    inTemp((dir) => {
      put(dir, 'w.json', portrait());
      const json = JSON.parse(cwf(dir, ['space', 'w.json', '--json', '--for', 'quality']).stdout);
      expect(json).toMatchObject({
        schema: 'cwf.space/1',
        file: 'w.json',
        models: [{ file: 'sd_xl_base_1.0.safetensors', family: 'sdxl', by: 'file' }],
        parameters: [
          { name: 'steps', parameter: { kind: 'int', low: 18, high: 45 }, current: 20, lives: ['3.steps'] },
          {},
          {},
          {},
        ],
      });
      expect(cwf(dir, ['space', 'w.json', '--porcelain', '-q']).stdout).toBe('');
      const [steps] = cwf(dir, ['space', 'w.json', '--porcelain']).stdout.split('\n');
      expect(steps).toBe('steps\tint\t20\t18 to 45\t3.steps\tusual for sdxl');
    }));

  test.each(['s.yaml', 's.json'])('[SP-15] writes %s, which reads back as the same space', (name) =>
    inTemp((dir) => {
      put(dir, 'w.json', turbo());
      const space = (...words: string[]) => JSON.parse(cwf(dir, ['space', 'w.json', '--json', ...words]).stdout);
      const written = space('--write', name);
      expect(written.written).toBe(name);
      const back = space('--space', name);
      const plain = ({ parameters }: { parameters: { parameter: unknown; current: unknown; lives: unknown }[] }) =>
        parameters.map(({ parameter, current, lives }) => ({ parameter, current, lives }));
      expect(plain(back)).toEqual(plain(written));
      if (name.endsWith('.json')) return;
      const text = readFileSync(join(dir, name), 'utf8');
      expect(text).toContain(
        '  # now false; chooses between two settings of the sampling\n  switch:\n    target: 20.value\n',
      );
      expect(text).toContain('    when:\n      switch: [false]\n');
    }),
  );

  test('[SP-16] a fault of a space file is told with its line', () =>
    inTemp((dir) => {
      put(dir, 'w.json', portrait());
      const refused = (text: string): string => {
        put(dir, 's.yaml', text);
        const { code, stderr } = cwf(dir, ['space', 'w.json', '--space', 's.yaml']);
        expect(code).toBe(3);
        return stderr;
      };
      expect(refused('parameters:\n  steps:\n    target: 3.steps\n    low: 0\n    high: 30\n')).toContain(
        'error: s.yaml:4: parameters.steps.low: 3.steps: 0 is below 1\n',
      );
      expect(refused('parameters:\n  steps: [1\n')).toContain('error: s.yaml:');
      expect(refused('parameters:\n  a: 1\n  a: 2\n')).toContain('error: s.yaml:3: Map keys must be unique');
      expect(refused('parameters:\n  __proto__: {target: 3.steps, low: 1, high: 3}\n')).toContain('can have that name');
      expect(refused(`a: &a [x]\nparameters: [${'*a, '.repeat(200)}*a]\n`)).toContain('s.yaml');
      expect(refused(`# ${'x'.repeat(1 << 20)}`)).toContain('over the limit of 1048576');
      expect(refused('')).toContain('s.yaml');
    }));

  test('[SP-14] names the nodes that every run pays for', () =>
    inTemp((dir) => {
      const inputs = { prompt: 'a', prompt_upsampling: false, seed: 1, aspect_ratio: '16:9', raw: false };
      put(dir, 'w.json', {
        '1': node('FluxProUltraImageNode', inputs),
        '2': node('SaveImage', { filename_prefix: 'x', images: ['1', 0] }),
      });
      const { code, stderr } = cwf(dir, ['space', 'w.json']);
      expect(code).toBe(0);
      expect(stderr).toContain('hosted: every run pays for FluxProUltraImageNode (1); a study needs a budget of money');
      expect(cwf(dir, ['space', 'w.json', '--write', 's.yaml'])).toMatchObject({ code: 3 });
    }));
});
