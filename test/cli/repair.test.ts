import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { portrait } from '../core/validate/fixes/prompts.ts';
import { cwf, inTemp } from './cwf.ts';

const lines = (...values: unknown[]): string => values.map((one) => `${JSON.stringify(one)}\n`).join('');
const read = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('cwf repair --jsonl', () => {
  test('[RA-24] answers every line in order, without a repository; a bad line stops nothing', () =>
    inTemp((dir) => {
      const broken = portrait();
      broken['5']!.inputs.steps = 'abc';
      const lost = portrait();
      lost['1']!.inputs.ckpt_name = '';
      const input = `${lines({ name: 'a', prompt: portrait() }, { name: 'b', prompt: broken })}not json\n\n${lines({ name: 'c', prompt: lost }, { name: 'd', prompt: [] }, { name: 'e' })}`;
      const { code, stdout, stderr } = cwf(dir, ['repair', '--jsonl'], {}, input);
      expect(code).toBe(3);
      expect(stderr).toContain('3 lines could not be read');
      const out = read(stdout);
      expect(out.map(({ name, status }) => [name, status])).toEqual([
        ['a', 'valid'],
        ['b', 'repaired'],
        [null, 'unreadable'],
        ['c', 'left'],
        ['d', 'unreadable'],
        ['e', 'unreadable'],
      ]);
      expect(out[0].prompt).toEqual(portrait());
      expect(out[1].prompt['5'].inputs.steps).toBe(20);
      expect(out[1].accepted).toMatchObject([{ agent: 'parameter', cures: [{ code: 'VALUE_WRONG_TYPE', node: '5' }] }]);
      expect(out[3].left[0].advice).toBeTruthy();
      expect(out[2].error.code).toBe('JSON_SYNTAX');
    }));

  test('what cannot be cured stays what it was, to the letter', () =>
    inTemp((dir) => {
      const prompt = portrait() as unknown as Record<string, Record<string, unknown>>;
      prompt['1'] = { class_type: { a: 1 }, inputs: {} };
      prompt['5']!.inputs = { ...(prompt['5']!.inputs as object), steps: 'abc' };
      const [out] = read(cwf(dir, ['repair', '--jsonl'], {}, lines({ name: 'a', prompt })).stdout);
      expect(out.prompt['5'].inputs.steps).toBe(20);
      expect(out.prompt['1'].class_type).toEqual({ a: 1 });
    }));
});

describe('cwf repair <file>', () => {
  test('tells its steps on stderr, what is left on stdout, and ends with 3', () =>
    inTemp((dir) => {
      const prompt = portrait();
      prompt['5']!.inputs.steps = 'abc';
      prompt['1']!.inputs.ckpt_name = '';
      writeFileSync(join(dir, 'a.json'), JSON.stringify(prompt));
      cwf(dir, ['init', '-q']);
      const { code, stdout, stderr } = cwf(dir, ['repair', 'a.json']);
      expect(code).toBe(3);
      expect(stderr).toMatch(/validate: 2 errors.*hand-off: link -> parameter.*patch: parameter: set steps to 20/s);
      expect(stdout).toContain('agent/parameter');
      expect(stdout).toMatch(/left CheckpointLoaderSimple \(1\): ckpt_name/);
      const told = JSON.parse(cwf(dir, ['repair', '--json', '--dry-run', 'a.json']).stdout);
      expect(told).toMatchObject({ schema: 'cwf.repair/1', after: { errors: 1 }, accepted: [{ agent: 'parameter' }] });
      const events = read(cwf(dir, ['repair', '--jsonl', '--dry-run', 'a.json']).stdout);
      expect(events[0]).toMatchObject({ schema: 'cwf.repair-step/1', step: 'validate', errors: 2 });
      expect(events.at(-1).schema).toBe('cwf.repair/1');
    }));

  test('nothing to repair is no failure', () =>
    inTemp((dir) => {
      writeFileSync(join(dir, 'a.json'), JSON.stringify(portrait()));
      cwf(dir, ['init', '-q']);
      expect(cwf(dir, ['repair', 'a.json'])).toMatchObject({ code: 0, stdout: 'Nothing to repair\n' });
    }));
});

test('cwf validate --fixes tells what would cure each finding', () =>
  inTemp((dir) => {
    const prompt = portrait();
    prompt['5']!.inputs.steps = 'abc';
    writeFileSync(join(dir, 'a.json'), JSON.stringify(prompt));
    expect(cwf(dir, ['validate', '--fixes', 'a.json']).stdout).toMatch(/fix: set steps to 20.*\(0\.60\)/);
    expect(cwf(dir, ['validate', 'a.json']).stdout).not.toContain('fix:');
    const { files } = JSON.parse(cwf(dir, ['validate', '--fixes', '--json', 'a.json']).stdout);
    expect(files[0].diagnostics[0].fixes[0].edits[0]).toMatchObject({ kind: 'set-input', to: 20 });
  }));

describe('cwf repair --run', () => {
  test('[RA-25] tells its steps, ends with the run and the way back; its flags belong to it', () =>
    inTemp((dir) => {
      const done = (...words: string[]) => expect(cwf(dir, words)).toMatchObject({ code: 0 });
      const batch = (size: number) => ({
        '1': { class_type: 'EmptyImage', inputs: { width: 1024, height: 1024, batch_size: size, color: 3 } },
        '2': { class_type: 'GetImageSize', inputs: { image: ['1', 0] } },
        '3': { class_type: 'PreviewAny', inputs: { source: ['2', 2] } },
      });
      done('init');
      writeFileSync(join(dir, 'a.json'), JSON.stringify(batch(48)));
      done('commit', '-m', 'start');
      const { code, stdout, stderr } = cwf(dir, ['repair', '--run', 'a.json']);
      expect(code).toBe(0);
      expect(stderr).toMatch(/run 1: out-of-memory[\s\S]*patch: parameter: halve batch_size[\s\S]*run 2: finished/);
      expect(stderr).toContain('To go back: cwf restore --source');
      expect(stdout).toContain('On branch repair/a');
      expect(stdout).toContain('batch_size 48 -> 24');
      expect(stdout).toContain('finished on embedded');
      expect(cwf(dir, ['show', 'repair/a']).stdout).toContain('finished on embedded');
      const json = JSON.parse(cwf(dir, ['repair', '--run', '--max-runs', '1', '--json', 'a.json']).stdout);
      expect(json.ran).toMatchObject({ finished: false, error: { code: 'RUN_OUT_OF_MEMORY' } });
      expect(cwf(dir, ['repair', '--on', 'embedded', 'a.json']).code).toBe(2);
      expect(cwf(dir, ['repair', '--run', '--jsonl']).code).toBe(2);
    }));
});
