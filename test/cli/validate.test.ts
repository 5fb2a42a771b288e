import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cleanEnv, cwf, ensureBuilt, inTemp, ROOT } from './cwf.ts';

const PROMPT = { '1': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a' } } };
const GOOD = { ...PROMPT, '2': { class_type: 'PreviewAny', inputs: { source: ['1', 0] } } };
const lines = (...values: unknown[]) =>
  values.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join('');
const read = (stdout: string) =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('cwf validate --jsonl [VE-19]', () => {
  test('answers every line in order, as the version of the engine that is asked for', () =>
    inTemp((dir) => {
      const input = lines({ name: 'a', prompt: GOOD }, { name: 'b', prompt: PROMPT }, { name: 'c', prompt: { x: {} } });
      const { code, stdout, stderr } = cwf(dir, ['validate', '--jsonl', '--engine', '0.3.64'], {}, input);
      expect([code, stderr]).toEqual([0, '']);
      expect(read(stdout)).toMatchObject([
        { name: 'a', status: 200, error: null, node_errors: {} },
        { name: 'b', status: 400, error: { type: 'prompt_no_outputs' } },
        { name: 'c', status: 400, error: { type: 'invalid_prompt' } },
      ]);
    }));

  test('knows targets, floats from integers, and the files of a server', () =>
    inTemp((dir) => {
      writeFileSync(join(dir, 'files.json'), '{"checkpoints": ["b"]}');
      const float = JSON.stringify({ name: 'c', prompt: GOOD }).replace('["1",0]', '["1",0.0]');
      const input = lines(
        { name: 'a', prompt: GOOD },
        { name: 'b', prompt: GOOD, partial_execution_targets: [] },
        float,
      );
      const { stdout } = cwf(dir, ['validate', '--jsonl', '--files', 'files.json'], {}, input);
      expect(read(stdout)).toMatchObject([
        { node_errors: { '1': { errors: [{ type: 'value_not_in_list' }], dependent_outputs: ['2'] } } },
        { error: { type: 'prompt_no_outputs' } },
        { node_errors: { '2': { errors: [{ type: 'exception_during_validation' }] } } },
      ]);
    }));

  test('a line that cannot be read has an answer of its own, and the others are judged', () =>
    inTemp((dir) => {
      const long = `{"name":"${'x'.repeat(9 * 1024 * 1024)}"}`;
      const input = lines('{"prompt"', '', '[1]', long, { name: 'd', prompt: GOOD }).trimEnd();
      const { code, stdout, stderr } = cwf(dir, ['validate', '--jsonl'], {}, input);
      expect([code, stderr]).toEqual([3, '3 lines could not be read\n']);
      expect(read(stdout)).toMatchObject([
        { name: null, line: 1, status: null, error: { type: 'LINE_INVALID' }, node_errors: {} },
        { line: 3, error: { message: 'line 3: no object with a prompt' } },
        { line: 4, error: { message: expect.stringContaining('line 4: longer than') } },
        { name: 'd', status: 200 },
      ]);
    }));

  test.each([
    ['x.json', 2, 'USAGE', 'reads prompts from stdin, not from files'],
    ['--engine 0.1', 5, 'ENGINE_UNKNOWN', 'no node definitions of ComfyUI 0.1'],
    ['--files p.json', 5, 'FILE_NOT_FOUND', 'p.json: no such file'],
    ['--files list.json', 2, 'FILES_INVALID', 'it is no object of folders'],
    ['--files odd.json', 2, 'FILES_INVALID', 'vae is no list of names'],
    ['--files bad.json', 3, 'JSON_SYNTAX', 'bad.json:1:2'],
  ])('%s is refused before anything is read', (words, exit, type, message) =>
    inTemp((dir) => {
      for (const [name, text] of [
        ['list', '[]'],
        ['odd', '{"input":[],"vae":["a",5]}'],
        ['bad', '{'],
      ] as const) {
        writeFileSync(join(dir, `${name}.json`), text);
      }
      const { code, stdout } = cwf(dir, ['validate', '--jsonl', ...words.split(' ')], {}, lines({ prompt: GOOD }));
      const { error } = JSON.parse(stdout);
      expect([code, error.code, error.message]).toEqual([exit, type, expect.stringContaining(message)]);
    }),
  );

  test('answers before it waits for more, so that a program can talk with it', async () => {
    ensureBuilt();
    const child = spawn(process.execPath, [join(ROOT, 'bin/cwf.cjs'), 'validate', '--jsonl'], { env: cleanEnv() });
    const answer = () => new Promise<string>((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
    for (const name of ['first', 'second']) {
      const next = answer();
      child.stdin.write(lines({ name, prompt: GOOD }));
      expect(JSON.parse(await next)).toMatchObject({ name, status: 200 });
    }
    const closed = new Promise((resolve) => child.once('close', resolve));
    child.stdin.end();
    expect(await closed).toBe(0);
  });

  test('holds one line at a time: 60 MB go through a heap of 64 MB', () =>
    inTemp((dir) => {
      const filler = JSON.stringify({
        name: 'x',
        prompt: { ...GOOD, '3': { ...GOOD['2'], note: 'y'.repeat(100_000) } },
      });
      const input = `${filler}\n`.repeat(600);
      const heap = { NODE_OPTIONS: '--max-old-space-size=64' };
      const { code, stdout } = cwf(dir, ['validate', '--jsonl'], heap, input);
      expect([code, stdout.split('\n').length]).toEqual([0, 601]);
    }));
});
