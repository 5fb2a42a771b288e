import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CwfError } from '../../../../src/base/errors.ts';
import { EngineThread } from '../../../../src/io/runner/embedded/thread.ts';
import { ROOT } from '../../../cli/cwf.ts';

const WORKER = join(ROOT, 'dist/engine-worker.cjs');
const picture = (side: number, radius = 1) => ({
  '1': { class_type: 'EmptyImage', inputs: { width: side, height: side, batch_size: 1, color: 255 } },
  '2': { class_type: 'ImageBlur', inputs: { image: ['1', 0], blur_radius: radius, sigma: 1 } },
  '3': { class_type: 'ImageBlur', inputs: { image: ['2', 0], blur_radius: radius, sigma: 1 } },
  '4': { class_type: 'PreviewImage', inputs: { images: ['3', 0] } },
});

describe('the engine in a thread', () => {
  let root: string;
  let engine: EngineThread;
  const options = (promptId: string) => ({
    promptId,
    folders: { input: join(root, 'input'), output: join(root, 'output'), temp: join(root, 'temp') },
  });
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'cwf-thread-'));
    mkdirSync(join(root, 'input'));
    engine = new EngineThread(WORKER, 50);
  });
  afterEach(async () => {
    await engine.close();
    rmSync(root, { recursive: true, force: true });
  });

  test('a program that only waits for a run goes on until it is over, and then ends', () => {
    const file = join(root, 'thread.mjs');
    const source = join(ROOT, 'src/io/runner/embedded/thread.ts');
    buildSync({ entryPoints: [source], outfile: file, bundle: true, platform: 'node', format: 'esm' });
    const program = `import { EngineThread } from ${JSON.stringify(pathToFileURL(file).href)};
      const engine = new EngineThread(${JSON.stringify(WORKER)});
      const { status } = await engine.run(${JSON.stringify(picture(16))}, ${JSON.stringify(options('a'))}, () => {});
      console.log(status);`;
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    expect([run.stdout, run.status, run.stderr]).toEqual(['success\n', 0, '']);
  });

  test('runs prompts one after the other and keeps results between them', async () => {
    const types: string[] = [];
    const first = await engine.run(picture(16), options('a'), (one) => one.kind === 'json' && types.push(one.type));
    expect(first.status).toBe('success');
    expect(types[0]).toBe('execution_start');
    expect(types.at(-1)).toBe('execution_success');
    const second = await engine.run(picture(16), options('b'), () => {});
    expect(second.messages[1]).toMatchObject(['execution_cached', { nodes: ['1', '2', '3', '4'] }]);
    engine.free();
    const third = await engine.run(picture(16), options('c'), () => {});
    expect(third.messages[1]).toMatchObject(['execution_cached', { nodes: [] }]);
  });

  test('refuses a class of others, and lives on', async () => {
    const prompt = { '1': { class_type: 'KSampler', inputs: {} }, '2': { class_type: 'VAEDecode', inputs: {} } };
    const refused = engine.run(prompt, options('a'), () => {});
    await expect(refused).rejects.toMatchObject({
      code: 'ENGINE_CLASSES',
      data: { classes: ['KSampler', 'VAEDecode'] },
    });
    expect((await engine.run(picture(8), options('b'), () => {})).status).toBe('success');
  });

  test('an interrupt ends the run at the next node', async () => {
    const { status, messages } = await engine.run(picture(1024, 8), options('a'), (one) => {
      if (one.kind === 'json' && one.type === 'executing') engine.interrupt();
    });
    expect(status).toBe('interrupted');
    expect(messages.at(-1)?.[0]).toBe('execution_interrupted');
  });

  test('a signal that came before stops the run before its first node', async () => {
    const signal = AbortSignal.abort();
    expect((await engine.run(picture(8), options('a'), () => {}, { signal })).status).toBe('interrupted');
  });

  test('the event loop stays free, and a node that takes too long ends with its thread', async () => {
    await engine.run(picture(8), options('a'), () => {});
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    // One node of many seconds: it does not look up.
    const stopped = engine.run(picture(2048, 8), options('b'), () => {}, { deadline: 1_000 });
    await expect(stopped).rejects.toMatchObject({ code: 'ENGINE_STOPPED' });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(100);
    expect((await engine.run(picture(8), options('c'), () => {})).status).toBe('success');
  });

  test('a deadline that has passed ends the run', async () => {
    const stopped = engine.run(picture(1024, 8), options('a'), () => {}, { deadline: 0 });
    const ended = await stopped.then(
      ({ status }) => status,
      (error) => (error as CwfError).code,
    );
    expect(['interrupted', 'ENGINE_STOPPED']).toContain(ended);
  });
});
