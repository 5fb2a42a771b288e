import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { graph, node } from '../core/validate/examples.ts';
import { png, text } from '../io/media/images.ts';
import { cwf, inTemp, ROOT } from './cwf.ts';

const BAD = graph({ '2': node('ImageBlur', { image: ['99', 0], blur_radius: 0, sigma: '1' }) });
const put = (dir: string, name: string, content: JsonObject | string | Buffer): void =>
  writeFileSync(
    join(dir, name),
    typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
  );

describe('cwf validate <file>', () => {
  test('tells all faults by node with code and next step, outside any repository; exit 3', () =>
    inTemp((dir) => {
      put(dir, 'bad.json', BAD);
      const { code, stdout, stderr } = cwf(dir, ['validate', 'bad.json']);
      expect([code, stderr]).toEqual([3, '']);
      expect(stdout).toMatch(/^bad\.json: 2 errors, 2 warnings\n {2}ImageBlur \(2\)\n/);
      expect(stdout).toContain('error blur_radius: 0 is below 1 [VALUE_TOO_SMALL]\n      Write a number within');
      expect(stdout).toContain('[LINK_DANGLING]');
    }));

  test('without an error it exits with 0; --severity tells less, and counts all the same', () =>
    inTemp((dir) => {
      put(dir, 'good.json', graph());
      put(dir, 'warned.json', graph({ '9': node('LoadImage', { image: 'a.png' }) }));
      expect(cwf(dir, ['validate', 'good.json'])).toMatchObject({ code: 0, stdout: 'good.json: ok\n', stderr: '' });
      const { code, stdout } = cwf(dir, ['validate', 'warned.json', '--severity', 'error', '--json']);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ schema: 'cwf.validate/1', warnings: 1, files: [{ diagnostics: [] }] });
    }));

  test('several documents: stdin, an image, one that cannot be read', () =>
    inTemp((dir) => {
      put(dir, 'w.png', png(text('prompt', JSON.stringify(BAD))));
      put(dir, 'broken.json', '{');
      const args = ['validate', '-', 'w.png', 'broken.json', '--json'];
      const { code, stdout } = cwf(dir, args, {}, JSON.stringify(graph()));
      expect(code).toBe(3);
      expect(JSON.parse(stdout)).toMatchObject({
        errors: 2,
        files: [
          { file: 'stdin', format: 'api', diagnostics: [] },
          { file: 'w.png', type: 'PNG', part: 'prompt' },
          { file: 'broken.json', error: { code: 'JSON_SYNTAX' } },
        ],
      });
    }));

  test('an output written as 0.0 is told, though JSON has no such number', () =>
    inTemp((dir) => {
      put(dir, 'a.json', JSON.stringify(graph()).replace('["1",0]', '["1",0.0]'));
      expect(cwf(dir, ['validate', 'a.json']).stdout).toContain('[LINK_MALFORMED]');
    }));

  test('judges by the definitions of a server, and refuses a damaged dump', () =>
    inTemp((dir) => {
      put(dir, 'own.json', { '1': { class_type: 'Mine', inputs: { a: 5 } } });
      put(dir, 'info.json', {
        Mine: { input: { required: { a: ['INT', { max: 3 }] } }, output: [], output_node: true },
      });
      put(dir, 'bad.json', { Mine: { input: { required: { a: [7] } } } });
      put(dir, 'list.json', '[]');
      put(dir, 'deep.json', `{"Mine": ${'['.repeat(2000)}${']'.repeat(2000)}}`);
      const by = (info: string) => cwf(dir, ['validate', 'own.json', '--object-info', info]);
      expect(by('info.json').stdout).toContain('5 is above 3 [VALUE_TOO_BIG]');
      expect(by('bad.json')).toMatchObject({ code: 3, stdout: '' });
      expect(by('bad.json').stderr).toContain('class Mine, input a has no type');
      expect(by('list.json').stderr).toContain('not an object of classes');
      expect(by('deep.json').stderr).toContain('deep');
    }));

  test('with the files that a server has', () =>
    inTemp((dir) => {
      put(dir, 'good.json', graph());
      put(dir, 'files.json', { input: ['b.png'] });
      put(dir, 'odd.json', { input: 'b.png' });
      expect(cwf(dir, ['validate', 'good.json', '--files', 'files.json']).stdout).toContain('[FILE_MISSING]');
      expect(cwf(dir, ['validate', 'good.json', '--files', 'odd.json']).stderr).toContain('folder input');
    }));

  test('an older engine knows other classes', () =>
    inTemp((dir) => {
      const file = 'test/fixtures/validate/cycle-on-path.ui.json';
      put(dir, 'a.json', readFileSync(join(ROOT, file), 'utf8'));
      expect(cwf(dir, ['validate', 'a.json', '--engine', '0.3.64']).stdout).toContain('[CYCLE]');
    }));
});
