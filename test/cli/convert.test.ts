import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { drawn } from '../core/convert/page.ts';
import { cwf, inTemp } from './cwf.ts';

const GOOD = drawn([
  { id: 1, type: 'VAELoader', values: ['ae.safetensors'] },
  { id: 2, type: 'PreviewAny', mode: 2 },
]);
const PROMPT = {
  '1': { inputs: { vae_name: 'ae.safetensors' }, class_type: 'VAELoader', _meta: { title: 'VAELoader' } },
};
const BROKEN = drawn([{ id: 3, type: 'SomeCustomNode', values: [1] }]);

function put(dir: string, files: Readonly<Record<string, JsonObject | string>>): void {
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

describe('cwf convert', () => {
  test('prints the prompt of one file, outside any repository, and writes nothing', () =>
    inTemp((dir) => {
      put(dir, { 'a.json': GOOD });
      const { code, stdout, stderr } = cwf(dir, ['convert', 'a.json', '--to', 'api']);
      expect([code, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout)).toEqual(PROMPT);
      expect(readdirSync(dir)).toEqual(['a.json']);
    }));

  test('prints texts so that they read as they are, whatever a terminal would make of them', () =>
    inTemp((dir) => {
      const name = 'a\u200bb\u202ec\u009bd\u007fe\u2028f é 猫.safetensors';
      put(dir, { 'a.json': drawn([{ id: 1, type: 'VAELoader', values: [name] }]) });
      const { stdout } = cwf(dir, ['convert', 'a.json', '-q']);
      expect(JSON.parse(stdout)['1'].inputs).toEqual({ vae_name: name });
      expect(stdout).not.toMatch(/[\u007f-\u009f\u200b\u2028\u202e]/);
    }));

  test('writes many files into a folder, each under its name', () =>
    inTemp((dir) => {
      put(dir, { 'a.json': GOOD, 'b.json': GOOD });
      const { code, stdout, stderr } = cwf(dir, ['convert', 'a.json', 'b.json', '--out', 'prompts/new']);
      expect([code, stdout, stderr]).toEqual([0, 'prompts/new/a.json\nprompts/new/b.json\n', '2 files converted\n']);
      expect(readdirSync(join(dir, 'prompts/new'))).toEqual(['a.json', 'b.json']);
      expect(JSON.parse(readFileSync(join(dir, 'prompts/new/b.json'), 'utf8'))).toEqual(PROMPT);
      // One that says the same already stays as it is.
      expect(cwf(dir, ['convert', 'a.json', '-o', 'prompts/new']).code).toBe(0);
    }));

  test('refuses a file that would lose something, names the place, and writes the others', () =>
    inTemp((dir) => {
      put(dir, { 'a.json': GOOD, 'b.json': BROKEN, 'c.json': '{"nodes": [\n<<<<<<< HEAD\n]}' });
      const { code, stdout, stderr } = cwf(dir, ['convert', 'a.json', 'b.json', 'c.json', '--out', 'out']);
      expect([code, stdout]).toEqual([3, 'out/a.json\n']);
      expect(stderr).toContain(
        'error: b.json: SomeCustomNode (3): the catalog has no such class: 1 of its values have no name [VALUE_UNNAMED]',
      );
      expect(stderr).toContain('error: c.json:2:1: not valid JSON: the file holds an unresolved merge conflict');
      expect(stderr).toContain('1 file converted, 2 refused');
      expect(readdirSync(join(dir, 'out'))).toEqual(['a.json']);
    }));

  test('says why the only file is refused', () =>
    inTemp((dir) => {
      put(dir, { 'b.json': BROKEN });
      const { code, stderr } = cwf(dir, ['convert', 'b.json']);
      expect(code).toBe(3);
      expect(stderr).toContain('error: b.json: cannot be converted to api: SomeCustomNode (3)');
      expect(cwf(dir, ['convert', 'none.json']).code).toBe(5);
    }));

  test('gives prompts, remarks and errors as JSON', () =>
    inTemp((dir) => {
      put(dir, { 'a.json': GOOD, 'b.json': BROKEN });
      const one = JSON.parse(cwf(dir, ['convert', 'a.json', '--json']).stdout);
      expect(one).toMatchObject({
        schema: 'cwf.convert/1',
        to: 'api',
        files: [{ file: 'a.json', nodes: 1, document: PROMPT }],
      });
      const { code, stdout } = cwf(dir, ['convert', 'a.json', 'b.json', '--out', 'out', '--json']);
      expect(code).toBe(3);
      expect(JSON.parse(stdout).files).toMatchObject([
        { file: 'a.json', out: 'out/a.json', diagnostics: [] },
        {
          file: 'b.json',
          diagnostics: [{ code: 'VALUE_UNNAMED', severity: 'error', node: '3' }],
          error: { code: 'CONVERT_REFUSED' },
        },
      ]);
    }));

  test('takes the definitions of a server, and passes an API file on', () =>
    inTemp((dir) => {
      const info = { SomeCustomNode: { input: { required: { size: ['INT', {}] } }, output: [] } };
      put(dir, { 'b.json': BROKEN, 'info.json': info, 'api.json': PROMPT });
      const { code, stdout } = cwf(dir, ['convert', 'b.json', '--catalog', 'info.json']);
      expect([code, JSON.parse(stdout)['3'].inputs]).toEqual([0, { size: 1 }]);
      expect(JSON.parse(cwf(dir, ['convert', 'api.json']).stdout)).toEqual(PROMPT);
    }));

  test('never overwrites what it reads, nor writes two files into one, nor through a link', () =>
    inTemp((dir) => {
      mkdirSync(join(dir, 'x'));
      put(dir, { 'a.json': GOOD, 'x/a.json': GOOD, 'kept.txt': 'kept' });
      expect(cwf(dir, ['convert', 'a.json', 'x/a.json']).code).toBe(2);
      expect(cwf(dir, ['convert', 'a.json', 'x/a.json', '--out', 'out']).code).toBe(2);
      expect(cwf(dir, ['convert', 'a.json', '--out', '.']).code).toBe(2);
      symlinkSync('../x/a.json', join(dir, 'x/link.json'));
      expect(cwf(dir, ['convert', 'x/link.json', '--out', 'x/a.json']).code).toBe(2);
      expect(existsSync(join(dir, 'out'))).toBe(false);
      expect(JSON.parse(readFileSync(join(dir, 'x/a.json'), 'utf8'))).toEqual(GOOD);
      mkdirSync(join(dir, 'to'));
      symlinkSync('../kept.txt', join(dir, 'to/a.json'));
      expect(cwf(dir, ['convert', 'a.json', '--out', 'to']).code).toBe(0);
      expect(readFileSync(join(dir, 'kept.txt'), 'utf8')).toBe('kept');
    }));

  test('makes a workflow of a prompt, with every digit, and puts both into an image', () =>
    inTemp((dir) => {
      const seed = '18446744073709551615';
      put(dir, { 'p.json': `{"12:3":{"class_type":"RandomNoise","inputs":{"noise_seed":${seed}}}}` });
      const { code, stdout, stderr } = cwf(dir, ['convert', 'p.json', '--to', 'ui']);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain(seed);
      expect(JSON.parse(stdout)).toMatchObject({ version: 0.4, nodes: [{ id: '12:3', type: 'RandomNoise' }] });
      expect(cwf(dir, ['convert', 'p.json', '--to', 'ui', '--out', 'ui.json']).stdout).toBe('ui.json\n');
      expect(readFileSync(join(dir, 'ui.json'), 'utf8')).toContain(seed);
      const embedded = cwf(dir, ['convert', 'ui.json', '--embed', 'a.png', '--json']);
      expect(JSON.parse(embedded.stdout)).toMatchObject({
        to: 'png',
        files: [{ file: 'ui.json', out: 'a.png', nodes: 1 }],
      });
      expect(readFileSync(join(dir, 'a.png'), 'latin1')).toContain(`"noise_seed": ${seed}`);
      expect(cwf(dir, ['convert', 'ui.json', '--embed', 'a.jpg']).code).toBe(2);
      const key = `sk-${'a1B2'.repeat(8)}`;
      const prompt = { '1': { class_type: 'CLIPTextEncode', inputs: { text: key } } };
      writeFileSync(join(dir, 'secret.json'), JSON.stringify(prompt));
      const refused = cwf(dir, ['convert', 'secret.json', '--embed', 'secret.png']);
      expect([refused.code, existsSync(join(dir, 'secret.png'))]).toEqual([3, false]);
      expect(refused.stderr).not.toContain(key);
      expect(cwf(dir, ['convert', 'secret.json', '--embed', 'secret.png', '--allow-secrets']).code).toBe(0);
    }));
});
